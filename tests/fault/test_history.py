"""A history load is killed half way and run again, while workers die."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from streams.local import LocalStack
from tests.fault.bench import bench
from tests.fault.concluding import assert_exact
from tests.fault.history import CUSTOMERS, load_twice

TEST_S = 600


@pytest.mark.timeout(TEST_S)
def test_a_load_killed_half_way_and_run_again(stack: LocalStack, tmp_path: Path) -> None:
    with bench(stack, tmp_path, seed=12, workers=1, per_s=10) as run:
        load_twice(run, random.Random(12))
        run.recovered("a history load")
        verdict = assert_exact(run)
        assert verdict.counts["customers"] == CUSTOMERS + run.sender.maker.customers
