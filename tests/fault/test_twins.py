"""Without one of its guards the system is wrong, and the checker says so; else the other tests would prove nothing."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import POLICY, bench
from tests.fault.concluding import wrong_in
from tests.fault.faults import kill_at

TEST_S = 600


@pytest.mark.timeout(TEST_S)
def test_without_the_origins_seen_records_count_twice(stack: LocalStack, tmp_path: Path) -> None:
    policy = tmp_path / "policy.yaml"  # so few ids are known that a copy is not taken for a repeat of its sender
    policy.write_text(POLICY.read_text().replace("policy_format: 1", "policy_format: 1\ndedup_events: 1"))
    unsafe = {"KAKUHAN_UNSAFE": "no-seen"}
    with bench(stack, tmp_path, seed=1, workers=1, policy=policy, repeats=False, env=unsafe) as run:
        kill_at("after-events", "after-events")(run, random.Random(1))
        wrong = wrong_in(run)
    assert wrong >= {"states", "changelog"}, wrong


@pytest.mark.timeout(TEST_S)
def test_without_the_outbox_signals_are_missing(stack: LocalStack, tmp_path: Path) -> None:
    with bench(stack, tmp_path, seed=1, workers=1, env={"KAKUHAN_UNSAFE": "no-outbox"}) as run:
        kill_at("before-signals", "before-signals")(run, random.Random(1))
        wrong = wrong_in(run)
    assert "missing signals" in wrong, wrong
