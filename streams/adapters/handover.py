"""Handing a log's readers over from one application to another, while neither of them runs.

It must not know what was decided. What comes first is published first, and every step can be done again:

1. signals the old one had made durable and not yet published
2. signals of the new one that records caused which the old one has not read, or time after the old one's newest, or
   from the instant on up to which the old one had come with that customer: the seam is an offset of the log, so nothing
   is left out and nothing that the old one has decided is told again
3. public states, each as the new one shows it; customers that only the old one knew are taken back
4. how far intake has read the sources, so that the new one's intake goes on there
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer, TopicPartition

from streams.adapters.facets import instant_text
from streams.adapters.kafka_admin import GroupIdNotFoundError, admin
from streams.adapters.kafka_admin import broker_errors as admin_errors
from streams.adapters.kafka_read import broker_errors, start
from streams.engine.batches import Item, send_all
from streams.engine.checks import partition_counts
from streams.engine.envelope import outbox_of
from streams.engine.position import POSITION_KEY, Position
from streams.engine.reading import read, reader
from streams.errors import BrokerError
from streams.settings import Settings

# The header in which a rebuild's signals name the record that brought them to light.
LOG_OFFSET = "kakuhan-log-offset"


class _Signal(msgspec.Struct, frozen=True):
    signal_id: str
    effective_at: str


_signal = msgspec.json.Decoder(_Signal).decode


@dataclass(frozen=True, slots=True)
class HandedOver:
    """How many signals and public states were published."""

    signals: int
    states: int


async def hand_over(
    old: Settings, new: Settings, stopped: Mapping[int, Position], overdue: Mapping[int, Mapping[bytes, int]]
) -> HandedOver:
    """Publish what readers lack after the old application has stopped and the new one has caught up.

    Args:
        old: Settings of the old application.
        new: Those of the new one, over the same topics.
        stopped: Where the old one stopped, by partition.
        overdue: Of each partition the customers for whom time had something to do that the old one has not come to, and
            from which instant on (epoch ms).

    Raises:
        BrokerError: Kafka is away or refused; hand over again.
    """
    servers = new.brokers.split(",")
    signals = states = 0
    with broker_errors("handing over"):
        counts = await partition_counts(servers)
        async with _producing(new.brokers) as producer:
            for partition in range(counts[new.events]):
                at = stopped.get(partition)
                left = await _unpublished(servers, old.changelog, partition, at)
                late = overdue.get(partition, {})
                found = [*left, *await _signals_since(servers, new.rebuild_signals, partition, at, late)]
                await send_all(producer, new.signals, partition, found)
                shown = await _states(servers, new, partition)
                await send_all(producer, new.customer_states, partition, shown)
                signals, states = signals + len(found), states + len(shown)
    return HandedOver(signals, states)


def move_offsets(old: Settings, new: Settings) -> None:
    """Let the new application's intake go on where the old one's has stopped; both groups must be empty.

    Raises:
        BrokerError: Kafka is away or refused.
    """
    with admin(new.brokers) as client, admin_errors("moving offsets of the sources"):
        held = client.list_group_offsets({old.app: None})[old.app]
        ours = {tp: at for tp, at in held.items() if tp.topic in new.sources and at.offset >= 0}
        refused = [error for error in client.alter_group_offsets(new.app, ours).values() if error.errno] if ours else []
    if refused:
        raise BrokerError(
            f"Kafka does not take the offsets of {new.app}: {refused[0].__name__}; are all workers ended?"
        )


def members_of(settings: Settings) -> int:
    """How many workers the application has just now.

    Raises:
        BrokerError: Kafka is away.
    """
    with admin(settings.brokers) as client, admin_errors("asking for workers"):
        try:
            return len(client.describe_groups([settings.app])[settings.app]["members"])
        except GroupIdNotFoundError:  # it never had one, or long ago
            return 0


async def _unpublished(servers: list[str], changelog: str, partition: int, at: Position | None) -> list[Item]:
    """Signals in states that were written last; none when the old one has ended in order."""
    if at is None:
        return []
    found: list[Item] = []
    async for record in _records(servers, changelog, partition, at.published):
        if record.key != POSITION_KEY and record.value is not None:
            found += [(output.key, output.value, list(output.headers)) for output in outbox_of(record.value)]
    return found


async def _signals_since(
    servers: list[str], topic: str, partition: int, at: Position | None, overdue: Mapping[bytes, int]
) -> list[Item]:
    found: dict[str, Item] = {}  # one that was published twice counts once
    async for record in _records(servers, topic, partition, 0):
        signal = _signal(record.value)
        if at is None or _comes_after(record, signal, at, overdue):
            headers = [header for header in record.headers if header[0] != LOG_OFFSET]
            found[signal.signal_id] = record.key, record.value, headers
    return list(found.values())


def _comes_after(record: Any, signal: _Signal, at: Position, overdue: Mapping[bytes, int]) -> bool:
    """Whether the signal is of a record that had not been read, or of time alone that had not been worked off."""
    offset = next((int(text) for name, text in record.headers if name == LOG_OFFSET), None)
    if offset is not None:
        return offset >= at.next_offset
    return signal.effective_at >= instant_text(overdue.get(record.key, at.newest_ms + 1))


async def _states(servers: list[str], new: Settings, partition: int) -> list[Item]:
    """The new states, and the end of those that only the old one has."""
    shown: dict[bytes, Item] = {}
    async for record in _records(servers, new.rebuild_states, partition, 0):
        shown[record.key] = record.key, record.value, list(record.headers)
    held: dict[bytes, bool] = {}
    async for record in _records(servers, new.customer_states, partition, 0):
        held[record.key] = record.value is not None
    gone: list[Item] = [(key, None, []) for key, is_held in held.items() if is_held and key not in shown]
    return [*(item for item in shown.values() if item[1] is not None or held.get(item[0] or b"")), *gone]


async def _records(servers: list[str], topic: str, partition: int, first: int) -> AsyncIterator[Any]:
    """What a partition holds now from an offset on."""
    tp = TopicPartition(topic, partition)
    async with reader(servers) as consumer:
        consumer.assign([tp])
        begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        async for records in read(consumer, tp, max(begin, first), end):
            for record in records:
                yield record


@asynccontextmanager
async def _producing(brokers: str) -> AsyncIterator[Any]:
    producer = AIOKafkaProducer(
        bootstrap_servers=brokers, acks="all", max_batch_size=512 << 10, max_request_size=4 << 20
    )
    try:
        await start(producer)
        yield producer
    finally:
        await producer.stop()
