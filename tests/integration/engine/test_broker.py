"""The broker goes away and comes back, while workers run."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.local import LocalStack
from tests.integration.engine.kit import OWN, Bed, assert_exact
from tests.integration.engine.topics import wait_until


@pytest.fixture
def own_bed(own_stack: LocalStack, names: Any, tmp_path: Path) -> Iterator[Bed]:
    made = Bed(own_stack.brokers, names.prefix, names.app, tmp_path)
    made.create(*OWN)
    made.create("alpha", partitions=3)
    made.env = {"TOY_SOURCES": "alpha"}
    yield made
    made.close()


def _feed(bed: Bed, count: int, stop: threading.Event) -> None:
    for i in range(count):
        bed.send("alpha", f"k{i % 40}", {"id": f"a{i}", "amount": 1}, partition=i % 3)
        if i % 50 == 0 and stop.wait(0.05):
            return


@pytest.mark.parametrize("how", ["stop", "kill"])
@pytest.mark.timeout(240)
def test_a_broker_that_restarts_under_load_costs_neither_loss_nor_double_count(
    own_stack: LocalStack, own_bed: Bed, how: str
) -> None:
    bed, stop = own_bed, threading.Event()
    bed.worker()
    feeder = threading.Thread(target=_feed, args=(bed, 6_000, stop))
    feeder.start()
    try:
        wait_until(lambda: sum(bed.ends("states").values()) > 200)
        getattr(own_stack.kafka, how)()
        time.sleep(2)
        own_stack.kafka.start()
        feeder.join(60)
    finally:
        stop.set()
        feeder.join()
    bed.flush()
    if not bed.workers[0].alive():  # it may stop when an append is not acknowledged in time; a supervisor restarts it
        assert bed.workers[0].process.returncode == 70
        bed.worker()
    bed.wait_caught_up("alpha")
    bed.wait_caught_up()
    assert_exact(bed)
    assert sum(s["n"] for s in bed.states().values()) == 6_000
