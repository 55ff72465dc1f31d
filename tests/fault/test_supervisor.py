"""`kakuhan worker --processes` outlives a broker that is away for longer than its workers do."""

from __future__ import annotations

from pathlib import Path

import psutil
import pytest

from streams.local import LocalStack
from tests.fault.bench import bench
from tests.integration.system.processes import wait_until

TEST_S = 600
REFUSED_S = 120.0


@pytest.mark.timeout(TEST_S)
def test_workers_that_find_no_broker_are_started_again(own_stack: LocalStack, tmp_path: Path) -> None:
    with bench(own_stack, tmp_path, seed=13, workers=1) as run:
        run.crew.stop()
        own_stack.kafka.stop()
        supervisor = run.site.worker("--processes", "2")  # as where machines start together
        assert wait_until(lambda: "trying again" in supervisor.text(), REFUSED_S), supervisor.told()
        own_stack.kafka.start()
        run.decided(20)
        own_stack.kafka.stop()
        _kill_children(supervisor.process.pid)
        assert wait_until(lambda: supervisor.text().count("again in") >= 4, REFUSED_S), supervisor.told()
        own_stack.kafka.start()
        run.recovered("a broker that was away")
        assert supervisor.alive(), supervisor.told()
        verdict = run.settle()
        assert verdict.ok, verdict.text()
        assert supervisor.stop() == 0


def _kill_children(pid: int) -> None:
    for child in psutil.Process(pid).children():
        child.kill()
