"""Plain reading of partitions outside the consumer group; it must not know what the records are for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition

READ_RECORDS = 5_000  # most records in one step, so that the event loop is free again after some 10 ms
FETCH_BYTES = 1 << 20  # what was read is copied out of it: larger ones leave holes in a process's memory
POLL_MS = 200


@asynccontextmanager
async def reader(servers: Sequence[str], **options: Any) -> AsyncIterator[Any]:
    """A consumer without a group; options as of `AIOKafkaConsumer`."""
    consumer = AIOKafkaConsumer(
        bootstrap_servers=list(servers),
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        fetch_max_wait_ms=50,
        max_partition_fetch_bytes=FETCH_BYTES,
        **options,
    )
    await consumer.start()
    try:
        yield consumer
    finally:
        await consumer.stop()


async def read(consumer: Any, tp: TopicPartition, begin: int, end: int) -> AsyncIterator[list[Any]]:
    """Runs of records with begin ≤ offset < end, in order; the partition has to be assigned to the consumer."""
    consumer.seek(tp, begin)
    while await consumer.position(tp) < end:
        batch = await consumer.getmany(tp, timeout_ms=POLL_MS, max_records=READ_RECORDS)
        if records := [r for r in batch.get(tp, []) if r.offset < end]:
            yield records


async def ends_of(servers: Sequence[str], topics: Sequence[str], partition: int) -> list[int]:
    """The next offset of one partition of each topic."""
    tps = [TopicPartition(topic, partition) for topic in topics]
    async with reader(servers) as consumer:
        consumer.assign(tps)
        ends = await consumer.end_offsets(tps)
    return [ends[tp] for tp in tps]


async def keys_between(servers: Sequence[str], topic: str, partition: int, begin: int, end: int) -> list[bytes]:
    """The distinct keys of a range of offsets (end not included), in order."""
    tp, keys = TopicPartition(topic, partition), dict[bytes, None]()
    if begin >= end:
        return []
    async with reader(servers) as consumer:
        consumer.assign([tp])
        async for records in read(consumer, tp, begin, end):
            keys.update((r.key, None) for r in records if r.key is not None)
    return list(keys)
