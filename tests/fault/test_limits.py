"""The broker refuses a record, or can take no record at all: nothing goes on as if it were there."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import Bench, bench
from tests.fault.concluding import assert_exact, wrong_in
from tests.fault.limits import full_disk, limit, on_a_small_disk

TEST_S = 400
TINY_BYTES = 450  # one event alone passes, a few together do not
USUAL_BYTES = 4 << 20


def _topics(run: Bench) -> list[str]:
    return [run.site.topic("events"), run.site.topic(f"{run.site.group}-customers-changelog")]


@pytest.mark.timeout(TEST_S)
def test_a_record_rejected_as_too_large(own_stack: LocalStack, tmp_path: Path) -> None:
    with bench(own_stack, tmp_path, seed=9, workers=1) as run:
        for topic in _topics(run):
            run.decided(20)
            before = len(run.crew.exits)
            limit(run, topic, TINY_BYTES)
            run.wait(lambda before=before: len(run.crew.exits) > before, "the end of a worker")
            limit(run, topic, USUAL_BYTES)
            run.recovered(f"a rejected record of {topic}")
        assert set(run.crew.exits) == {70}
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_going_on_without_acknowledgements_loses_such_records(own_stack: LocalStack, tmp_path: Path) -> None:
    unsafe = {"KAKUHAN_UNSAFE": "no-ack-wait"}
    with bench(own_stack, tmp_path, seed=9, workers=1, env=unsafe) as run:
        run.decided(20)
        for topic in _topics(run):
            limit(run, topic, TINY_BYTES)
        produced = run.sender.sent
        run.wait(lambda: run.sender.sent > produced + 200, "records that are rejected")
        for topic in _topics(run):
            limit(run, topic, USUAL_BYTES)
        assert run.crew.exits == [], "it was to go on"
        wrong = wrong_in(run)
    assert "records" in wrong, wrong


@pytest.mark.timeout(TEST_S)
def test_the_disk_full_and_freed(tmp_path: Path) -> None:
    with (
        on_a_small_disk(tmp_path / "stack") as stack,
        bench(stack, tmp_path, seed=10, workers=1) as run,
    ):
        run.decided(50)
        with full_disk(stack):
            run.wait(lambda: stack.kafka.failed, "the broker to give up")
        stack.kafka.stop()
        stack.kafka.start()
        run.recovered("a full disk")
        assert_exact(run)
