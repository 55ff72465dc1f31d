"""The records of one customer, found again in topics; it must not know what they say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from streams.adapters.kafka_admin import POLL_MS, KafkaConsumer, TopicPartition, broker_errors, partitions_of
from streams.engine.partitioner import partition_of
from streams.engine.position import POSITION_KEY, Position, decode_position

# The position is the last record of a flush, so it lies near the end; else eight times as much is looked at.
TAIL_RECORDS = 2_000

Progress = Callable[[int], None]


def own_partition(client: KafkaConsumer, topic: str, customer_id: str) -> int:
    """Where a customer's records lie in one of the topics that Kakuhan itself writes by customer.

    Raises:
        BrokerError: There is no such topic.
    """
    return partition_of(customer_id.encode(), len(partitions_of(client, topic)))


def records_of(
    client: KafkaConsumer, topic: str, customer_id: str, partition: int | None = None, progress: Progress | None = None
) -> Iterator[Any]:
    """The records under a customer's id, of one partition or of all; `progress` hears of every record looked at.

    Raises:
        BrokerError: Kafka went away, or does not know the topic.
    """
    key = customer_id.encode()
    tps = [tp for tp in partitions_of(client, topic) if partition in (None, tp.partition)]
    for record in _until_end(client, topic, tps, progress):
        if record.key == key:
            yield record


def last_record_of(client: KafkaConsumer, topic: str, customer_id: str, partition: int | None = None) -> Any | None:
    """What a compacted topic holds of a customer now, of several partitions the newest; None when that is nothing.

    A partition whose last record has no value holds nothing; it does not speak for the others, since producers of a
    source choose partitions each in its own way.
    """
    last = {record.partition: record for record in records_of(client, topic, customer_id, partition)}
    held = (record for record in last.values() if record.value is not None)
    return max(held, key=lambda record: record.timestamp, default=None)


def position_of(client: KafkaConsumer, changelog: str, partition: int) -> Position | None:
    """How far a partition of the log has been folded durably; None where nobody has begun.

    Raises:
        BrokerError: Kafka went away, or does not know the topic.
        TopicsError: The changelog was written by another version.
    """
    tp, span = TopicPartition(changelog, partition), TAIL_RECORDS
    with broker_errors(f"reading {changelog}"):
        partitions_of(client, changelog)
        client.assign([tp])
        begin, end = client.beginning_offsets([tp])[tp], client.end_offsets([tp])[tp]
    while True:
        first, found = max(begin, end - span), None
        for record in _until_end(client, changelog, [tp], None, first):
            if record.key == POSITION_KEY and record.value is not None:
                found = record.value
        if found is not None or first == begin:
            return None if found is None else decode_position(found)
        span *= 8


def _until_end(
    client: KafkaConsumer, topic: str, tps: list[TopicPartition], progress: Progress | None, first: int | None = None
) -> Iterator[Any]:
    """The records that these partitions hold now, from an offset or from their beginning on."""
    with broker_errors(f"reading {topic}"):
        client.assign(tps)
        if first is None:
            client.seek_to_beginning(*tps)
        else:
            for tp in tps:
                client.seek(tp, first)
        ends = client.end_offsets(tps)
        while any(client.position(tp) < end for tp, end in ends.items()):
            for tp, records in client.poll(timeout_ms=POLL_MS).items():
                yield from (record for record in records if record.offset < ends[tp])
                if progress is not None:
                    progress(len(records))
