"""A history load is killed half way and run again, while workers come and go."""

from __future__ import annotations

import random
import signal
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import Bench, bench
from tests.fault.concluding import assert_exact
from tests.fault.faults import kill_all
from tests.integration.system.lines import DAY_S, Line, account, ago, buy, crm, see

TEST_S = 400
CUSTOMERS, MONTHS = 400, 6
BEFORE_RECORDS = 200


def _history() -> list[Line]:
    """The past of customers who have no present yet."""
    lines = []
    for n in range(CUSTOMERS):
        who = f"H{n}"
        lines += [_past(account(who, f"旧商店{n}"), 200)]
        lines += [_past(buy(who, str(90_000 + 1_000 * n)), 30.0 * month + 5) for month in range(MONTHS)]
        lines += [_past(see(who, "/pricing"), 40), _past(crm(who, "nps_response", score=n % 11), 30)]
    return lines


def _past(line: Line, days: float) -> Line:
    return line | {"received_at": ago(days * DAY_S), "value": line["value"] | {"occurred_at": ago(days * DAY_S + 1)}}


def _written(run: Bench) -> int:
    """Records in the log, committed or not."""
    return sum(run.site.kafka.ends(run.site.topic("events"), "read_uncommitted").values())


@pytest.mark.timeout(TEST_S)
def test_a_load_killed_half_way_and_run_again(own_stack: LocalStack, tmp_path: Path) -> None:
    with bench(own_stack, tmp_path, seed=12, workers=1, per_s=10) as run:
        file = run.site.write(_history(), "history.jsonl")
        run.sender.pause()  # so that what is written is the load's
        run.recovered("a pause")
        before = _written(run)
        loading = run.site.begin("send", "--history", file)
        run.wait(lambda: _written(run) > before + BEFORE_RECORDS or loading.poll() is not None, "records of the load")
        loading.send_signal(signal.SIGKILL)
        assert loading.wait() == -signal.SIGKILL, "the load was over before it could be killed"
        run.sender.go_on()
        again = run.site.begin("send", "--history", file)
        kill_all(run, random.Random(12))
        run.wait(lambda: again.poll() is not None, "the end of the second load")
        assert again.returncode == 0
        run.recovered("a history load")
        verdict = assert_exact(run)
        assert verdict.counts["customers"] == CUSTOMERS + run.sender.maker.customers
