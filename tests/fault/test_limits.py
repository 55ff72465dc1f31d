"""The broker refuses a record, or can take no record at all: nothing goes on as if it were there."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import bench
from tests.fault.concluding import assert_exact, wrong_in
from tests.fault.limits import TINY_BYTES, USUAL_BYTES, fill_disk, limit, reject, small_disk

TEST_S = 600


@pytest.mark.timeout(TEST_S)
def test_a_record_rejected_as_too_large(own_stack: LocalStack, tmp_path: Path) -> None:
    with bench(own_stack, tmp_path, seed=9, workers=1) as run:
        for topic in ("events", "changelog"):
            run.decided(20)
            reject(topic)(run, random.Random(9))
            run.recovered(f"a rejected record of {topic}")
        assert set(run.crew.exits) == {70}
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_going_on_without_acknowledgements_loses_such_records(own_stack: LocalStack, tmp_path: Path) -> None:
    unsafe = {"KAKUHAN_UNSAFE": "no-ack-wait"}
    with bench(own_stack, tmp_path, seed=9, workers=1, env=unsafe) as run:
        run.decided(20)
        events = run.site.topic("events")
        limit(run, events, TINY_BYTES)
        produced = run.sender.sent
        run.wait(lambda: run.sender.sent > produced + 200, "records that are rejected")
        limit(run, events, USUAL_BYTES)
        assert run.crew.exits == [], "it was to go on"
        wrong = wrong_in(run)
    assert "records" in wrong, wrong


@pytest.mark.timeout(TEST_S)
def test_the_disk_full_and_freed(tmp_path: Path) -> None:
    with (
        small_disk(tmp_path / "stack") as folder,
        LocalStack(folder, kafka_port=0, redis_port=0) as stack,
        bench(stack, tmp_path, seed=10, workers=1) as run,
    ):
        run.decided(50)
        fill_disk(run, random.Random(10))
        run.recovered("a full disk")
        assert_exact(run)
