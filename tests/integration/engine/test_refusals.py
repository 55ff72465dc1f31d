"""When a worker must not start, and what it says then."""

from __future__ import annotations

from confluent_kafka.admin import NewPartitions

from tests.integration.engine.kit import Bed


def _refused(bed: Bed, **env: str) -> str:
    worker = bed.worker(TOY_LOG="ERROR", **env)
    assert worker.exit() == 1, worker.text()
    lines = worker.text().strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def _after_a_run(bed: Bed, facts: int = 50, **env: str) -> None:
    bed.facts(facts)
    worker = bed.worker(**env)
    bed.wait_caught_up()
    assert worker.stop() == 0


def test_missing_topics_are_named(bed: Bed) -> None:
    bed.delete("signals")
    assert f"topics are missing: {bed.prefix}signals" in _refused(bed)
    assert f"{bed.prefix}alpha, {bed.prefix}signals" in _refused(bed, TOY_SOURCES="alpha")


def test_partition_counts_that_differ_are_refused(bed: Bed) -> None:
    (done,) = bed.admin.create_partitions([NewPartitions(bed.prefix + "changelog", 3)]).values()
    done.result(10)
    said = _refused(bed)
    assert "one partition count" in said
    assert f"{bed.prefix}events 2" in said
    assert f"{bed.prefix}changelog 3" in said


def test_a_partition_count_that_changed_since_the_state_was_written_is_refused(bed: Bed) -> None:
    _after_a_run(bed)
    more = [NewPartitions(bed.prefix + name, 4) for name in ("events", "changelog", "signals", "states")]
    for done in bed.admin.create_partitions(more).values():
        done.result(10)
    assert "had 2 partitions when its state was written and has 4 now" in _refused(bed)


def test_a_recreated_log_is_refused(bed: Bed) -> None:
    _after_a_run(bed)
    bed.delete("events")
    bed.create("events")
    bed.facts(5)
    assert "recreated" in _refused(bed)


def test_a_log_that_lost_records_not_yet_folded_is_refused(bed: Bed) -> None:
    from confluent_kafka import TopicPartition

    _after_a_run(bed)
    bed.facts(50, begin=50)
    tps = [TopicPartition(bed.prefix + "events", p, end) for (_, p), end in bed.ends("events").items()]
    for done in bed.admin.delete_records(tps).values():
        done.result(10)
    assert "deleted before they were folded" in _refused(bed)


def test_a_recreated_source_is_refused_by_intake_and_fold(bed: Bed) -> None:
    bed.create("alpha", partitions=1)
    for i in range(30):
        bed.send("alpha", f"k{i}", {"id": str(i), "amount": 1}, partition=0)
    bed.flush()
    worker = bed.worker(TOY_SOURCES="alpha")
    bed.wait_caught_up("alpha")
    bed.wait_caught_up()
    assert worker.stop() == 0
    bed.delete("alpha")
    assert "missing that were read before" in _refused(bed)
    bed.create("alpha", partitions=1)
    for env in ({"TOY_SOURCES": "alpha"}, {}):
        assert f"{bed.prefix}alpha[0]" in _refused(bed, **env)


def test_a_changelog_of_other_decisions_is_refused_and_the_way_named(bed: Bed) -> None:
    _after_a_run(bed, TOY_POLICY="toy@1")
    said = _refused(bed, TOY_POLICY="toy@2")
    assert "'toy@1'" in said
    assert "'toy@2'" in said
    assert "new app name" in said


def test_a_log_without_append_time_ends_the_worker(bed: Bed) -> None:
    bed.delete("events")
    from confluent_kafka.admin import NewTopic

    (done,) = bed.admin.create_topics([NewTopic(bed.prefix + "events", 2, 1)]).values()
    done.result(10)
    bed.facts(5)
    worker = bed.worker()
    assert worker.exit() == 70
    assert "LogAppendTime" in worker.text()


def test_a_broker_that_does_not_answer_is_named(bed: Bed) -> None:
    assert "127.0.0.1:1 does not answer" in _refused(bed, TOY_BROKERS="127.0.0.1:1")


def test_a_misspelt_failpoint_is_refused(bed: Bed) -> None:
    bed.facts(5)
    worker = bed.worker(KAKUHAN_FAIL_AT="after-breakfast:1")
    assert worker.exit() != 0
    assert "after-breakfast" in worker.text()
