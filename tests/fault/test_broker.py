"""The broker ends, dies and freezes while workers work."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import bench
from tests.fault.concluding import assert_exact
from tests.fault.faults import freeze_broker, kill_broker, stop_broker

TEST_S = 600


@pytest.mark.timeout(TEST_S)
def test_told_to_stop_killed_and_frozen(own_stack: LocalStack, tmp_path: Path) -> None:
    rng = random.Random(4)
    with bench(own_stack, tmp_path, seed=4, workers=2) as run:
        for fault in (stop_broker, kill_broker, freeze_broker):
            run.decided(50)
            fault(run, rng)
            run.recovered(fault.__name__)
        assert_exact(run)
