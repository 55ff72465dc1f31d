"""Redis goes away in every way there is: nothing stops, nothing is lost, and readers can tell."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import Bench, bench
from tests.fault.concluding import assert_exact
from tests.fault.outages import REDIS_FAULTS
from tests.oracle.clock import parse_instant

TEST_S = 600


@pytest.mark.timeout(TEST_S)
def test_stopped_killed_emptied_frozen_read_only_and_full(own_stack: LocalStack, tmp_path: Path) -> None:
    rng = random.Random(5)
    with bench(own_stack, tmp_path, seed=5, workers=1) as run:
        for name, fault in REDIS_FAULTS.items():
            fault(run, rng)
            run.recovered(name)
            run.wait(run.shown, f"the view after {name}")
        assert run.crew.exits == [], "no outage of Redis may end a worker"
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_an_outage_neither_stops_decisions_nor_hides_itself(own_stack: LocalStack, tmp_path: Path) -> None:
    with bench(own_stack, tmp_path, seed=6, workers=1) as run:
        run.decided(50)
        own_stack.redis.freeze()
        try:
            run.decided(100)  # the outage holds nothing up
        finally:
            own_stack.redis.thaw()
        run.wait(lambda: _age_s(run) < 5, "readers to see a fresh view")
        assert_exact(run, cold=False)


def _age_s(run: Bench) -> float:
    """How old readers of the summary see the view to be, by the clock of Redis."""
    seen_at = run.site.redis.hget(run.site.key("summary"), "seen_at")
    return float(run.site.redis.time()[0]) - parse_instant(seen_at) / 1000
