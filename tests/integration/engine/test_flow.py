"""The way of facts through a worker on a real broker, with nothing going wrong."""

from __future__ import annotations

import json
import time

from confluent_kafka import Producer

from tests.integration.engine.kit import Bed, assert_exact
from tests.integration.engine.topics import java_partition, wait_until


def test_facts_become_states_and_outputs_as_a_batch_recomputation_says(bed: Bed) -> None:
    bed.facts(3_000, keys=50)
    worker = bed.worker()
    bed.wait_caught_up()
    bed.facts(500, keys=60, begin=3_000)
    bed.wait_caught_up()
    assert_exact(bed)
    assert worker.stop() == 0


def test_a_restarted_worker_goes_on_and_publishes_nothing_twice(bed: Bed) -> None:
    bed.facts(600)
    bed.worker()
    bed.wait_caught_up()
    assert bed.workers[0].stop() == 0
    before = bed.ends("signals", "states")
    bed.worker()
    wait_until(lambda: "Worker ready" in bed.workers[1].text())
    time.sleep(1.5)
    assert bed.ends("signals", "states") == before, bed._logs()
    bed.facts(600, begin=600)
    bed.wait_caught_up()
    assert_exact(bed)
    assert len(bed.dump("signals")) == len(bed.signals()), "every output once"


def test_two_workers_share_the_partitions_and_take_over_from_each_other(bed: Bed) -> None:
    first = bed.worker()
    bed.facts(500)
    bed.wait_caught_up()
    second = bed.worker()
    wait_until(lambda: "keys restored" in second.text())
    bed.facts(500, begin=500)
    bed.wait_caught_up()
    assert first.text().count("keys kept") == 1, "the partition that stayed was not read again"
    assert first.stop() == 0
    bed.facts(500, begin=1_000)
    bed.wait_caught_up()
    assert_exact(bed)
    assert second.stop() == 0


def test_every_record_of_the_changelog_tells_its_epoch_and_public_states_tell_epoch_and_offset(bed: Bed) -> None:
    bed.facts(20, keys=3)
    bed.worker()
    bed.wait_caught_up()
    bed.workers[0].stop()
    bed.worker()
    bed.facts(20, keys=3, begin=20)
    bed.wait_caught_up()
    last = {r.key: r.headers for r in bed.dump("states")}
    events = bed.dump("events")
    for key, headers in last.items():
        newest = max(r.offset for r in events if r.key == key)
        assert headers == {"kakuhan-epoch": b"2", "kakuhan-offset": b"%d" % newest}


def test_sources_with_other_partition_counts_and_another_partitioner_reach_the_log_in_their_order(bed: Bed) -> None:
    bed.create("alpha", partitions=3)
    bed.create("beta", partitions=1)
    bed.create("dead", partitions=1)
    bed.worker(TOY_SOURCES="alpha,beta")
    foreign = Producer({"bootstrap.servers": bed.brokers, "log_level": 0})  # another partitioner
    for i in range(600):
        value = json.dumps({"id": f"a{i}", "amount": 1}).encode()
        foreign.produce(bed.prefix + "alpha", value, f"k{i % 20}".encode())
    foreign.flush(20)
    for i in range(50):
        bed.send("beta", "firm", {"id": f"b{i}", "amount": 2, "to": ["k1", "k2", "k3", "k4"]}, partition=0)
    bed.send("beta", "k1", b"refuse", partition=0)
    bed.flush()
    bed.wait_caught_up("alpha", "beta")
    bed.wait_caught_up()
    events = bed.dump("events")
    assert len(events) == 600 + 50 * 4
    assert all(r.partition == java_partition(r.key or b"", 2) for r in events)
    by_origin: dict[tuple[int, str], list[int]] = {}
    for record in events:
        topic, partition, offset = record.headers["kakuhan-origin"].decode().split()
        by_origin.setdefault((record.partition, f"{topic} {partition}"), []).append(int(offset))
    assert all(offsets == sorted(offsets) for offsets in by_origin.values())
    assert [r.value for r in bed.dump("dead")] == [b"refuse"]
    assert_exact(bed)


def test_intake_and_fold_in_processes_of_their_own(bed: Bed) -> None:
    bed.create("alpha", partitions=2)
    intake = bed.worker(TOY_SOURCES="alpha", TOY_FOLD="0")
    fold = bed.worker()
    for i in range(300):
        bed.send("alpha", f"k{i % 9}", {"id": f"a{i}", "amount": 1})
    bed.flush()
    bed.wait_caught_up("alpha")
    bed.wait_caught_up()
    assert_exact(bed)
    assert len(bed.dump("events")) == 300
    assert intake.stop() == 0
    assert fold.stop() == 0


def test_a_backlog_shows_each_state_once_for_many_changes_and_ends_exact(bed: Bed) -> None:
    bed.facts(40_000, keys=300)
    bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: bed.states().keys() == {f"k{i}" for i in range(300)}, 10)
    assert_exact(bed)
    assert len(bed.dump("states")) < 2_500, "in chunks of 2,000 it would be some 6,000"


def test_a_trickle_is_decided_within_a_fraction_of_a_second(bed: Bed) -> None:
    bed.worker()
    bed.facts(1)
    bed.wait_caught_up()
    for i in range(1, 11):
        bed.facts(1, keys=1, begin=i)
        time.sleep(0.05)
    wait_until(lambda: len(bed.dump("states")) >= 11)
    states, events = bed.dump("states"), {r.offset: r for r in bed.dump("events") if r.key == b"k0"}
    waits = [
        s.appended_ms - events[int(s.headers["kakuhan-offset"])].appended_ms for s in states if s.key == b"k0"
    ]  # the states topic has create time: when the worker made the batch
    assert sorted(waits)[len(waits) // 2] < 500, waits
