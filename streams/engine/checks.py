"""What must be true of the topics before a worker may start; it must not change anything."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError

from streams.engine.position import POSITION_KEY, Position, check_position, decode_position
from streams.engine.reading import read, reader
from streams.engine.spec import FoldSpec
from streams.errors import BrokerError, TopicsError

Seen = tuple[str, int, int, list[bytes]]  # as in Position.seen
TAIL_RECORDS = 2_000  # the position is the last record of a flush, so it lies near the end


async def partition_counts(servers: Sequence[str]) -> dict[str, int]:
    """Partition counts of all topics.

    Raises:
        BrokerError: No broker answers.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=list(servers))
    try:
        await admin.start()
        return {t["topic"]: len(t["partitions"]) for t in await admin.describe_topics()}
    except KafkaError as error:
        raise BrokerError(f"Kafka at {', '.join(servers)} does not answer: {error}") from error
    finally:
        await admin.close()


async def check_topics(
    servers: Sequence[str], counts: Mapping[str, int], spec: FoldSpec | None, forwards: Iterable[str]
) -> FoldSpec | None:
    """The fold with its partition count.

    Raises:
        TopicsError: A topic is missing, counts differ, or the state was not made from these topics.
    """
    own = [spec.topic, spec.changelog, spec.outputs_topic, spec.states_topic] if spec else []
    if missing := sorted({t for t in [*own, *forwards] if t not in counts}):
        raise TopicsError(f"topics are missing: {', '.join(missing)}: create them with `kakuhan topics`")
    if spec is None:
        return None
    if len({counts[t] for t in own}) > 1:
        found = ", ".join(f"{t} {counts[t]}" for t in own)
        raise TopicsError(f"these topics must have one partition count: {found}")
    spec = replace(spec, partitions=counts[spec.topic])
    await _check_positions(servers, counts, spec)
    return spec


async def _check_positions(servers: Sequence[str], counts: Mapping[str, int], spec: FoldSpec) -> None:
    """Look at the last position of every partition, so that a refusal comes before the group is joined."""
    changelog = [TopicPartition(spec.changelog, p) for p in range(spec.partitions)]
    log = [TopicPartition(spec.topic, p) for p in range(spec.partitions)]
    found: dict[TopicPartition, Position] = {}
    async with reader(servers) as consumer:
        consumer.assign([*changelog, *log])
        consumer.pause(*changelog, *log)
        begins = await consumer.beginning_offsets([*changelog, *log])
        ends = await consumer.end_offsets(changelog)
        for tp, log_tp in zip(changelog, log, strict=True):
            consumer.resume(tp)
            if (position := await _last_position(consumer, tp, begins[tp], ends[tp])) is not None:
                found[log_tp] = position
            consumer.pause(tp)
        ends = await consumer.end_offsets(log)  # asked last: others may go on meanwhile, and write how far they are
    for log_tp, position in found.items():
        check_position(position, spec.decided_by, spec.partitions, begins[log_tp], ends[log_tp])
    await check_sources(servers, spec.prefix, counts, [seen for position in found.values() for seen in position.seen])


async def _last_position(consumer: Any, tp: TopicPartition, begin: int, end: int) -> Position | None:
    """The last position of a changelog partition; stale ones of the same app say the same about topics."""
    span = TAIL_RECORDS
    while True:
        found, first = None, max(begin, end - span)
        async for records in read(consumer, tp, first, end):
            found = next((r.value for r in reversed(records) if r.key == POSITION_KEY), found)
        if found is not None or first == begin:
            return None if found is None else decode_position(found)
        span *= 8


async def check_sources(servers: Sequence[str], prefix: str, counts: Mapping[str, int], seen: Sequence[Seen]) -> None:
    """Refuse a source that ends before what was seen of it.

    Raises:
        TopicsError: A source partition is missing or was recreated.
    """
    last: dict[TopicPartition, int] = {}
    for topic, partition, offset, _ in seen:
        tp = TopicPartition(prefix + topic, partition)
        last[tp] = max(offset, last.get(tp, -1))
    if missing := sorted({tp for tp in last if tp.partition >= counts.get(tp.topic, 0)}):
        raise TopicsError(f"source partitions are missing that were read before: {_names(missing)}; restore the topics")
    if not last:
        return
    async with reader(servers) as consumer:
        consumer.assign(list(last))
        consumer.pause(*last)
        ends = await consumer.end_offsets(list(last))
    if short := sorted(tp for tp, offset in last.items() if ends[tp] <= offset):
        raise TopicsError(
            f"source partitions end before what was read of them: {_names(short)}: they were recreated, and new "
            "records would be taken for copies; start under a new app name and topic prefix, or restore the topics"
        )


def _names(tps: Iterable[TopicPartition]) -> str:
    return ", ".join(f"{tp.topic}[{tp.partition}]" for tp in tps)
