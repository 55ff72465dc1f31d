"""A worker whose clock is a day off takes in, refuses and decides what the others do."""

from __future__ import annotations

from pathlib import Path

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from streams.local import LocalStack
from tests.fault.bench import Bench, bench
from tests.fault.checker.place import SOURCES
from tests.fault.concluding import assert_exact
from tests.fault.limits import ANSWER_S
from tests.integration.system.processes import ROOT

TEST_S = 600
DAY_S = 86_400
B2B = ROOT / "policies" / "b2b.yaml"  # nothing is due within minutes but the daily refresh
SHIFTED = str(Path(__file__).with_name("shifted"))


def _off_by(seconds: int) -> dict[str, str]:
    return {"PYTHONPATH": SHIFTED, "FAULT_CLOCK_SHIFT_S": str(seconds)}


def _let_senders_date(run: Bench) -> None:
    """As in an installation whose source topics are somebody else's."""
    entry = ConfigEntry("message.timestamp.type", "CreateTime", incremental_operation=AlterConfigOpType.SET)
    topics = [run.site.topic(source) for source in SOURCES]
    resources = [ConfigResource(ConfigResource.Type.TOPIC, name, incremental_configs=[entry]) for name in topics]
    for done in run.site.kafka.admin.incremental_alter_configs(resources).values():
        done.result(ANSWER_S)


@pytest.mark.timeout(TEST_S)
def test_one_worker_is_a_day_ahead_and_one_a_day_behind(stack: LocalStack, tmp_path: Path) -> None:
    with bench(stack, tmp_path, seed=11, workers=2) as run:
        run.crew.coming = [_off_by(DAY_S), _off_by(-DAY_S)]
        for worker in run.crew.alive():
            run.crew.kill(worker)
        run.decided(100)
        _let_senders_date(run)
        run.decided(100)
        assert run.crew.exits == [-9, -9]
        assert_exact(run, cold=False)


@pytest.mark.timeout(TEST_S)
def test_a_clock_ahead_does_not_fill_the_log_with_questions(stack: LocalStack, tmp_path: Path) -> None:
    ahead = _off_by(DAY_S)
    with bench(stack, tmp_path, seed=14, workers=1, per_s=20, policy=B2B, env=ahead) as run:
        run.decided(200)  # ten seconds or more, in which a clock that is ahead would ask every second
        asked = _clock_records(run)
        assert_exact(run, cold=False)
    assert asked <= 2 * run.site.partitions


def _clock_records(run: Bench) -> int:
    return sum(entry.header("kakuhan-kind") == "clock" for entry in run.site.dump("events"))
