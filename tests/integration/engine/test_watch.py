"""What a worker notices by itself: a standstill, a foreign hand on an idle partition, a wish that it ends."""

from __future__ import annotations

import signal
import time

from tests.integration.engine.kit import Bed, assert_exact
from tests.integration.engine.test_faults import overwrite
from tests.integration.engine.topics import wait_until


def test_a_worker_that_has_records_and_does_not_get_on_ends(bed: Bed) -> None:
    bed.create("alpha", partitions=1)
    worker = bed.worker(TOY_SOURCES="alpha", TOY_STALL_S="4")
    bed.send("alpha", "k1", {"id": "a", "amount": 1}, partition=0)
    bed.flush()
    bed.wait_caught_up("alpha")
    time.sleep(6)
    assert worker.alive(), "nothing to do is no standstill"
    bed.send("alpha", "k1", b"hang", partition=0)
    bed.flush()
    assert worker.exit(30) == 70
    assert "alpha[0] stands at offset 1 of 2 for 4 s" in worker.text()


def test_a_foreign_record_in_an_idle_partition_is_found_and_overwritten(bed: Bed) -> None:
    bed.facts(40, keys=4)
    bed.worker()
    bed.wait_caught_up()
    bed.workers[0].stop()
    second = bed.worker(TOY_LOOK_S="2")
    bed.facts(40, keys=4, begin=40)
    bed.wait_caught_up()
    overwrite(bed, "k1")
    wait_until(lambda: "the partition is restored" in second.text())
    assert_exact_soon(bed)


def assert_exact_soon(bed: Bed) -> None:
    """Although no fact arrives, the right state is shown again."""
    right = {f"k{i}": 20 for i in range(4)}
    wait_until(lambda: {k: s["n"] for k, s in bed.states().items()} == right, 15)
    assert_exact(bed)


def test_a_worker_told_to_end_while_it_starts_ends_well(bed: Bed) -> None:
    bed.facts(2_000)
    for marker in ("Starting", "BulkRecovery", "Worker ready"):
        worker = bed.worker()
        wait_until(lambda marker=marker, worker=worker: marker in worker.text(), every_s=0.01)  # type: ignore[misc]
        worker.signal(signal.SIGINT if marker == "Starting" else signal.SIGTERM)
        assert worker.exit() == 0, marker
    bed.worker()
    bed.wait_caught_up()
    assert_exact(bed)


def test_a_worker_told_to_end_while_it_joins_leaves_the_group(bed: Bed) -> None:
    bed.facts(20)
    assert bed.worker(TOY_END_AT="join").exit() == 0
    assert bed.members() == [], "others would wait for it for a session timeout"
    bed.worker()
    bed.wait_caught_up()
    assert_exact(bed)


def test_a_worker_told_to_end_while_it_connects_ends_well(bed: Bed) -> None:
    assert bed.worker(TOY_END_AT="connect").exit() == 0
