"""The broker ends, dies, freezes, refuses what is too large, and has no disk left, while workers work."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import bench
from tests.fault.concluding import assert_exact, wrong_in
from tests.fault.faults import BROKER_FAULTS
from tests.fault.limits import LIMIT_FAULTS, TINY_BYTES, USUAL_BYTES, limit, small_disk

TEST_S = 600  # a limit against hanging, on a machine that has other things to do


@pytest.mark.timeout(TEST_S)
def test_stopped_killed_frozen_refusing_and_full(tmp_path: Path) -> None:
    rng = random.Random(4)
    with (
        small_disk(tmp_path / "stack") as folder,
        LocalStack(folder, kafka_port=0, redis_port=0) as stack,
        bench(stack, tmp_path, seed=4, workers=2) as run,
    ):
        for name, fault in (BROKER_FAULTS | LIMIT_FAULTS).items():
            run.decided(20)
            fault(run, rng)
            run.recovered(name)
        assert 70 in run.crew.exits, "no worker has met a refusal: the run proves nothing"
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_going_on_without_acknowledgements_loses_what_is_refused(stack: LocalStack, tmp_path: Path) -> None:
    unsafe = {"KAKUHAN_UNSAFE": "no-ack-wait"}
    with bench(stack, tmp_path, seed=9, workers=1, env=unsafe) as run:
        run.decided(20)
        events = run.site.topic("events")
        limit(run, events, TINY_BYTES)
        produced = run.sender.sent
        run.wait(lambda: run.sender.sent > produced + 200, "records that are rejected")
        limit(run, events, USUAL_BYTES)
        assert run.crew.exits == [], "it was to go on"
        wrong = wrong_in(run)
    assert "records" in wrong, wrong
