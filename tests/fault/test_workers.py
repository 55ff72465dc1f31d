"""Workers are killed, frozen, told to stop, joined and left under load, by a seeded schedule."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import bench
from tests.fault.concluding import assert_exact
from tests.fault.faults import POINTS, freeze_worker, join_and_leave, kill_all, kill_at, kill_some, term_some

TEST_S = 600  # a limit against hanging, on a machine that has other things to do


@pytest.mark.timeout(TEST_S)
def test_killed_at_every_named_point(stack: LocalStack, tmp_path: Path) -> None:
    with bench(stack, tmp_path, seed=1, workers=1) as run:
        kill_at(*POINTS)(run, random.Random(1))
        run.recovered("kills")
        assert run.crew.exits.count(-9) == 1 + len(POINTS)
        verdict = assert_exact(run)
        assert verdict.counts["copies"] > 0, "nothing was delivered twice: the run proves nothing"
        assert verdict.counts["signals repeated"] > 0
        assert verdict.counts["poison"] > 0


@pytest.mark.timeout(TEST_S)
def test_killed_told_to_stop_joined_left_and_frozen(stack: LocalStack, tmp_path: Path) -> None:
    rng = random.Random(2)
    with bench(stack, tmp_path, seed=2, workers=2) as run:
        for fault in (kill_some, join_and_leave, term_some, kill_all, freeze_worker):
            before = run.openings()
            fault(run, rng)
            run.wait(lambda before=before: run.openings() > before, "a partition that changes hands")  # type: ignore[misc]
            run.recovered(fault.__name__)
        assert_exact(run)
