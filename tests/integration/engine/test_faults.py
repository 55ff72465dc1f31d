"""What happens to workers, and what must come of it: nothing lost, nothing counted twice, nothing unexplained."""

from __future__ import annotations

import json
import random
import signal
import time

import pytest
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from streams.engine.envelope import state_of
from tests.integration.engine.kit import Bed, Worker, assert_exact
from tests.integration.engine.topics import java_partition, wait_until

POINTS = ("after-changelog", "before-signals", "after-signals", "after-projection", "before-commit")


def test_a_killed_worker_is_replaced_without_loss_or_double_count(bed: Bed) -> None:
    first = bed.worker(TOY_SLOW_S="0.001", TOY_SESSION_S="6", TOY_CHUNK="500")
    bed.facts(4_000)
    wait_until(lambda: sum(bed.ends("changelog").values()) > 30)
    first.kill()
    assert not bed.caught_up(), "it was to be killed in the middle"
    bed.worker(TOY_SESSION_S="6")
    bed.wait_caught_up()
    assert_exact(bed)


def test_a_worker_killed_in_a_backlog_leaves_no_state_unshown(bed: Bed) -> None:
    bed.facts(30_000, keys=300)
    for at in (4, 1, 2):
        killed = bed.worker(KAKUHAN_FAIL_AT=f"after-changelog:#{at}")
        killed.exit()
        bed.bury()
    bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: len(bed.states()) == 300, 10)
    assert_exact(bed)


@pytest.mark.parametrize("point", POINTS)
def test_a_worker_killed_at_a_named_point_again_and_again_ends_exact(bed: Bed, point: str) -> None:
    bed.facts(600)
    for i in range(3):
        worker = bed.worker(KAKUHAN_FAIL_AT=f"{point}:1")
        assert worker.exit() == -signal.SIGKILL, worker.text()
        bed.bury()
        bed.facts(100, begin=600 + 100 * i)
    bed.worker()
    bed.wait_caught_up()
    assert_exact(bed)


def test_outputs_that_were_not_published_are_published_as_stored_by_the_next_owner(bed: Bed) -> None:
    bed.facts(200)
    worker = bed.worker(KAKUHAN_FAIL_AT="after-changelog:1")
    assert worker.exit() == -signal.SIGKILL
    bed.bury()
    assert bed.dump("signals") == []
    stored = sum(bed.ends("changelog").values())
    assert stored > 2, "states and outboxes are durable"
    bed.worker()
    bed.wait_caught_up()
    assert_exact(bed)


def test_without_the_outbox_such_outputs_are_missing(bed: Bed) -> None:
    bed.facts(200)
    unsafe = {"KAKUHAN_UNSAFE": "no-outbox"}
    worker = bed.worker(KAKUHAN_FAIL_AT="after-changelog:1", **unsafe)
    assert worker.exit() == -signal.SIGKILL
    bed.bury()
    assert "guards are off: no-outbox" in worker.text()
    bed.worker(**unsafe)
    bed.wait_caught_up()
    with pytest.raises(AssertionError, match="never published"):
        assert_exact(bed)


def _copies(bed: Bed) -> None:
    """Copies as a restarted intake makes them: from an offset before the last one acknowledged."""
    for offset in [*range(20), *range(12, 30), 29, *range(25, 40)]:
        key = f"k{offset % 4}"
        origin = [("kakuhan-origin", f"alpha 0 {offset}".encode())]
        bed.send("events", key, {"id": f"a{offset}", "amount": offset}, headers=origin)
        if offset in (7, 29):  # one origin, several keys
            bed.send("events", "k9", {"id": f"a{offset}", "amount": offset}, headers=origin)
    bed.flush()


def _with_source(bed: Bed, records: int) -> None:
    bed.create("alpha", partitions=1)
    for i in range(records):
        bed.send("alpha", "k0", {"id": str(i), "amount": 0}, partition=0)
    bed.flush()


def test_copies_of_one_origin_count_once_also_across_a_restart(bed: Bed) -> None:
    _with_source(bed, 40)
    bed.worker()
    _copies(bed)
    bed.wait_caught_up()
    assert bed.workers[0].stop() == 0
    _copies(bed)
    bed.worker()
    bed.wait_caught_up()
    assert_exact(bed)
    totals = {k: s["total"] for k, s in bed.states().items()}
    assert totals == {**{f"k{i}": sum(range(i, 40, 4)) for i in range(4)}, "k9": 7 + 29}


def test_without_the_origins_copies_count_twice(bed: Bed) -> None:
    _with_source(bed, 40)
    _copies(bed)
    bed.worker(KAKUHAN_UNSAFE="no-seen")
    bed.wait_caught_up()
    with pytest.raises(AssertionError):
        assert_exact(bed)


@pytest.mark.parametrize("point", ["before-events", "after-events", "before-commit"])
def test_intake_killed_around_its_appends_repeats_them_and_the_fold_counts_them_once(bed: Bed, point: str) -> None:
    bed.create("alpha", partitions=3)
    for i in range(500):
        bed.send("alpha", f"k{i % 11}", {"id": f"a{i}", "amount": 3}, partition=i % 3)
    bed.flush()
    for _ in range(2):
        worker = bed.worker(TOY_SOURCES="alpha", TOY_FOLD="0", KAKUHAN_FAIL_AT=f"{point}:1")
        assert worker.exit() == -signal.SIGKILL
    bed.bury()
    bed.worker(TOY_SOURCES="alpha")
    bed.wait_caught_up("alpha")
    bed.wait_caught_up()
    copies = len(bed.dump("events")) - 500
    assert copies == 0 if point == "before-events" else copies > 0
    assert_exact(bed)
    assert sum(s["n"] for s in bed.states().values()) == 500


def _limit(bed: Bed, topic: str, size: int) -> None:
    entry = ConfigEntry("max.message.bytes", str(size), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, bed.prefix + topic, incremental_configs=[entry])
    for done in bed.admin.incremental_alter_configs([resource]).values():
        done.result(10)


def test_a_rejected_changelog_record_ends_the_worker_without_a_commit(bed: Bed) -> None:
    bed.facts(300)
    worker = bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: len(bed.dump("signals")) >= 60 - 20)
    at = bed.committed("events")
    signals = len(bed.dump("signals"))
    _limit(bed, "changelog", 300)
    bed.facts(300, begin=300)
    assert worker.exit() == 70
    assert worker.text().count("kakuhan: worker") == 1, "one clear line"
    assert bed.committed("events") == at
    assert len(bed.dump("signals")) == signals, "no output before its state is durable"
    _limit(bed, "changelog", 1_000_000)
    bed.worker()
    bed.wait_caught_up()
    assert_exact(bed)


def _freeze_in_the_middle(bed: Bed) -> Worker:
    frozen = bed.worker(TOY_SLOW_S="0.0005", TOY_SESSION_S="6", TOY_CHUNK="500")
    bed.facts(8_000, keys=300)
    wait_until(lambda: sum(bed.ends("changelog").values()) > 500)
    frozen.signal(signal.SIGSTOP)
    return frozen


def test_a_frozen_worker_that_wakes_after_its_successor_writes_nothing(bed: Bed) -> None:
    frozen = _freeze_in_the_middle(bed)
    successor = bed.worker(TOY_SESSION_S="6")
    bed.wait_caught_up()
    time.sleep(1.5)  # the successor saves its position
    before = bed.ends("changelog", "states", "signals")
    frozen.signal(signal.SIGCONT)
    assert frozen.exit(20) == 70
    time.sleep(1)
    written = {tp: end - before[tp] for tp, end in bed.ends("changelog", "states", "signals").items()}
    assert sum(written.values()) <= 4, written  # at most what lay in its sockets when it froze
    bed.facts(200, keys=300, begin=8_000)
    bed.wait_caught_up()
    assert_exact(bed)
    assert successor.alive()


def overwrite(bed: Bed, key: str) -> None:
    """Append to changelog and states what a worker of the first epoch would, as if it had been late by minutes."""
    partition = java_partition(key.encode(), bed.partitions)
    old = next(r for r in bed.dump("changelog") if r.key == key.encode())
    bed.send("changelog", key, old.value, partition)
    shown = next(r for r in bed.dump("states") if r.key == key.encode())
    bed.send("states", key, shown.value, partition)
    bed.flush()


def test_records_of_a_lower_epoch_are_noticed_ignored_and_overwritten(bed: Bed) -> None:
    bed.facts(100, keys=4)
    bed.worker()
    bed.wait_caught_up()
    bed.workers[0].stop()
    second = bed.worker()
    bed.facts(100, keys=4, begin=100)
    bed.wait_caught_up()
    time.sleep(1.5)
    overwrite(bed, "k1")
    bed.facts(40, keys=4, begin=200)
    bed.wait_caught_up()
    wait_until(lambda: bed.states() == {}, 1.5)
    assert "the partition is restored" in second.text()
    assert_exact(bed)
    second.stop()
    last = {r.key: r for r in bed.dump("changelog")}
    kept = json.loads(state_of(last[b"k1"].value))
    assert kept["n"] == bed.states()["k1"]["n"], "compaction keeps the right one"


def test_records_of_a_lower_epoch_are_found_by_the_next_owner(bed: Bed) -> None:
    bed.facts(100, keys=4)
    bed.worker()
    bed.wait_caught_up()
    bed.workers[0].stop()
    bed.worker()
    bed.facts(100, keys=4, begin=100)
    bed.wait_caught_up()
    bed.workers[1].stop()
    overwrite(bed, "k1")
    third = bed.worker()
    wait_until(lambda: "Worker ready" in third.text())
    assert " 1 stale records" in third.text()
    wait_until(lambda: bed.caught_up())
    assert_exact(bed)


def test_without_the_epoch_an_old_record_wins(bed: Bed) -> None:
    bed.facts(100, keys=4)
    unsafe = {"KAKUHAN_UNSAFE": "no-epoch"}
    bed.worker(**unsafe)
    bed.wait_caught_up()
    bed.workers[0].stop()
    bed.worker(**unsafe)
    bed.facts(100, keys=4, begin=100)
    bed.wait_caught_up()
    bed.workers[1].stop()
    overwrite(bed, "k1")
    bed.worker(**unsafe)
    bed.facts(40, keys=4, begin=200)
    bed.wait_caught_up()
    with pytest.raises(AssertionError):
        assert_exact(bed)


@pytest.mark.timeout(240)
def test_workers_killed_frozen_and_restarted_at_random_end_exact(bed: Bed) -> None:
    rng = random.Random(20_261_121)
    bed.create("alpha", partitions=3)
    bed.env = {"TOY_SOURCES": "alpha", "TOY_SESSION_S": "6"}
    bed.worker()
    bed.worker()
    sent, began = 0, time.monotonic()
    thaw: dict[Worker, float] = {}
    while (now := time.monotonic() - began) < 40:
        for _ in range(100):
            bed.send("alpha", f"k{rng.randrange(200)}", {"id": f"a{sent}", "amount": 1}, partition=rng.randrange(3))
            sent += 1
        bed.flush()
        for worker in [w for w, at in thaw.items() if now >= at]:
            worker.signal(signal.SIGCONT)
            del thaw[worker]
        alive = [w for w in bed.workers if w.alive() and w not in thaw]
        if len(alive) < 2:
            points = rng.choice(
                ["", "", "after-changelog:0.02,after-signals:0.02,after-events:0.02,before-commit:0.05"]
            )
            bed.worker(KAKUHAN_FAIL_AT=points)
        elif rng.random() < 0.1:
            victim, how = rng.choice(alive), rng.choice([signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP])
            victim.signal(how)
            if how == signal.SIGSTOP:
                thaw[victim] = now + rng.uniform(1, 9)
        time.sleep(0.3)
    for worker in thaw:
        worker.signal(signal.SIGCONT)
    bed.worker()
    bed.wait_caught_up("alpha")
    bed.wait_caught_up()
    assert_exact(bed)
    assert sum(s["n"] for s in bed.states().values()) == sent
    assert {w.process.returncode for w in bed.workers if not w.alive()} <= {0, 70, -9}
