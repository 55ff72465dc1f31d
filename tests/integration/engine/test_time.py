"""Time comes from the log: alarms, clock records, loads, and views that do not grow old."""

from __future__ import annotations

import json
import time

from confluent_kafka import Producer

from tests.integration.engine.kit import Bed, assert_exact
from tests.integration.engine.topics import java_partition, wait_until

SLOT_MS = 600_000


def _alarm(bed: Bed, name: str, at_ms: int, key: str = "k1") -> None:
    bed.send("events", key, {"id": name, "amount": 1, "alarm_ms": at_ms})
    bed.flush()


def _rung(bed: Bed) -> dict[str, int]:
    said = [json.loads(r.value or b"") for r in bed.dump("signals")]
    return {s["id"]: s["at"] for s in said if ":alarm:" in s["id"]}


def _clocks(bed: Bed) -> list[int]:
    """Append times of clock records, but for those that begin a refresh slot."""
    at_ms = [r.appended_ms for r in bed.dump("events") if r.headers.get("kakuhan-kind") == b"clock"]
    return [ms for ms in at_ms if ms % SLOT_MS > 3_000]


def test_an_alarm_rings_at_its_instant_although_nothing_more_happens(bed: Bed) -> None:
    bed.worker()
    bed.facts(5)
    bed.wait_caught_up()
    at_ms = int(time.time() * 1000) + 2_000
    if (at_ms + 5_000) % SLOT_MS < 12_000:
        at_ms += 12_000  # not where a slot begins
    _alarm(bed, "a1", at_ms)
    wait_until(lambda: bool(_rung(bed)))
    assert _rung(bed) == {"k1:alarm:a1": at_ms}
    (clock_ms,) = _clocks(bed)
    assert at_ms <= clock_ms < at_ms + 3_000
    bed.wait_caught_up()
    time.sleep(2)
    assert len(_clocks(bed)) == 1, "nothing is due, so nobody asks for the time"
    assert_exact(bed)


def test_an_alarm_that_went_by_while_no_worker_ran_rings_at_its_own_instant(bed: Bed) -> None:
    bed.worker()
    bed.facts(5)
    bed.wait_caught_up()
    at_ms = int(time.time() * 1000) + 6_000
    _alarm(bed, "a1", at_ms)
    bed.wait_caught_up()
    bed.workers[0].kill()
    bed.bury()
    assert _rung(bed) == {}, "the test was too slow for its own alarm"
    time.sleep(max(0.0, at_ms / 1000 - time.time()))
    bed.worker()
    wait_until(lambda: bool(_rung(bed)))
    assert _rung(bed) == {"k1:alarm:a1": at_ms}
    bed.wait_caught_up()
    assert_exact(bed)


def test_thousands_of_alarms_at_once_do_not_hold_up_live_facts(bed: Bed) -> None:
    at_ms = int(time.time() * 1000) + 6_000
    for i in range(6_000):
        bed.send("events", f"c{i}", {"id": f"e{i}", "amount": 1, "alarm_ms": at_ms})
    bed.flush()
    bed.worker()
    bed.wait_caught_up()
    time.sleep(max(0.0, at_ms / 1000 - time.time()))
    bed.facts(20, begin=9_000)
    wait_until(lambda: len(_rung(bed)) == 6_000)
    bed.wait_caught_up()
    assert_exact(bed)
    assert set(_rung(bed).values()) == {at_ms}


def _load(bed: Bed, facts: list[tuple[str, dict[str, object], int]], load_id: str, commit: bool = True) -> None:
    """A history load: one transaction, ended in each of its partitions."""
    go_live_ms = int(time.time() * 1000)
    producer = Producer(
        {"bootstrap.servers": bed.brokers, "transactional.id": bed.app + load_id, "linger.ms": 5, "log_level": 0}
    )
    producer.init_transactions(20)
    producer.begin_transaction()
    topic, homes = bed.prefix + "events", set()
    for key, fact, received_ms in facts:
        home = java_partition(key.encode(), bed.partitions)
        homes.add(home)
        loaded = [("kakuhan-loaded", f"{load_id} {received_ms} {go_live_ms}".encode())]
        producer.produce(topic, json.dumps(fact).encode(), key.encode(), home, headers=loaded)
        producer.poll(0)
    for home in homes:
        end = [("kakuhan-kind", b"load_end"), ("kakuhan-loaded", f"{load_id} 0 {go_live_ms}".encode())]
        producer.produce(topic, b"", None, home, headers=end)
    producer.flush(20)
    if commit:
        producer.commit_transaction(20)
    else:
        producer.abort_transaction(20)


DAY_MS = 86_400_000


def test_a_load_is_lived_through_in_its_own_time(bed: Bed) -> None:
    bed.worker()
    now_ms = int(time.time() * 1000)
    past = now_ms - 30 * DAY_MS
    facts = [
        ("h1", {"id": "f1", "amount": 5, "alarm_ms": past + 2 * DAY_MS}, past),
        ("h2", {"id": "f2", "amount": 1, "alarm_ms": past + DAY_MS}, past),
        ("h1", {"id": "f3", "amount": 7}, past + DAY_MS),
        ("h1", {"id": "f4", "amount": 11}, past + 3 * DAY_MS),
    ]
    _load(bed, facts, "load1")
    bed.wait_caught_up()
    wait_until(lambda: len(_rung(bed)) == 2)
    assert _rung(bed) == {"h1:alarm:f1": past + 2 * DAY_MS, "h2:alarm:f2": past + DAY_MS}
    assert bed.signals()["h1:alarm:f1"] == {("f1", 12)}, "it rang before the fact of the third day"
    assert_exact(bed)


def test_no_due_work_is_done_between_the_beginning_and_the_end_of_a_load(bed: Bed) -> None:
    past = int(time.time() * 1000) - 30 * DAY_MS
    keys = [f"h{i}" for i in range(3_000)]  # more than one chunk
    facts = [(k, {"id": f"{k}a", "amount": 5, "alarm_ms": past + 2 * DAY_MS}, past) for k in keys]
    facts += [(k, {"id": f"{k}b", "amount": 7}, past + DAY_MS) for k in keys]
    _load(bed, facts, "load1")
    first = bed.worker(KAKUHAN_FAIL_AT="after-changelog:#2")  # also across a restart in the middle
    first.exit()
    bed.bury()
    bed.worker()
    bed.wait_caught_up()
    wait_until(lambda: len(_rung(bed)) == 3_000)
    signals = bed.signals()
    assert all(signals[f"{k}:alarm:{k}a"] == {(f"{k}a", 12)} for k in keys), "else 5: before the second fact"
    assert_exact(bed)


def test_an_aborted_load_leaves_no_trace_and_a_worker_gets_over_its_gap(bed: Bed) -> None:
    bed.worker()
    bed.facts(20)
    _load(bed, [("k1", {"id": "never", "amount": 1_000}, 1)], "load1", commit=False)
    bed.facts(20, begin=20)
    bed.wait_caught_up()
    assert_exact(bed)
    assert len(bed.dump("events")) == 40


def test_after_a_load_at_the_end_of_the_log_the_committed_offset_covers_its_end_marker(bed: Bed) -> None:
    bed.worker()
    _load(bed, [("k1", {"id": "f1", "amount": 1}, 1_000)], "load1")
    bed.wait_caught_up()
    assert bed.workers[0].stop() == 0
    ends, home = bed.ends("events"), java_partition(b"k1", 2)
    assert ends["events", home] == 3, "fact, end, marker"
    bed.worker()
    bed.facts(10)
    bed.wait_caught_up()
    assert_exact(bed)
