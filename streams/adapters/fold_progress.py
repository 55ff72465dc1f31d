"""How far an application has folded the log, seen from outside by its changelog; it must not know what it decides."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from aiokafka import TopicPartition

from streams.adapters.kafka_read import broker_errors
from streams.engine.checks import partition_counts
from streams.engine.envelope import unseal
from streams.engine.position import POSITION_KEY, Position, decode_position
from streams.engine.reading import read, reader
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Standing:
    """Records folded and records there are, states for which time has something to do, and views not yet shown."""

    folded: int
    records: int
    overdue: int
    unshown: int

    @property
    def is_up_to_date(self) -> bool:
        """Whether everything that the log holds is decided and shown."""
        return self.folded >= self.records and not self.overdue and not self.unshown


@dataclass(slots=True)
class _Partition:
    """What one partition of the changelog says; `data_end` is the offset after the last record of a state."""

    next_offset: int = 0
    data_end: int = 0
    position: Position | None = None
    due_ms: dict[bytes, int] = field(default_factory=dict)

    def take(self, records: Iterable[Any]) -> None:
        """Take the next records."""
        for record in records:
            self.next_offset = record.offset + 1
            if record.key == POSITION_KEY:
                self.position = decode_position(record.value) if record.value else self.position
                continue
            self.data_end = record.offset + 1
            if record.value is None:
                self.due_ms.pop(record.key, None)
            else:
                self.due_ms[record.key] = unseal(record.value).due_ms

    def standing(self, begin: int, end: int) -> Standing:
        """Compared with the log between two offsets."""
        at = self.position
        if at is None:
            return Standing(0, max(end - begin, 1), 0, 0)
        folded, newest_ms = min(max(at.next_offset - begin, 0), end - begin), at.newest_ms
        overdue = sum(due_ms <= newest_ms for due_ms in self.due_ms.values()) if folded == end - begin else 0
        return Standing(folded, end - begin, overdue, max(self.data_end - min(at.shown, at.published), 0))


class FoldProgress:
    """Looks again and again; what was read of the changelog once is remembered, 200 bytes a customer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._partitions: dict[int, _Partition] = {}
        self._count = 0

    def positions(self) -> dict[int, Position]:
        """The last position of each partition, as of the last look."""
        return {p: known.position for p, known in self._partitions.items() if known.position is not None}

    async def look(self) -> Standing:
        """Where the fold stands now.

        Raises:
            BrokerError: Kafka is away.
            TopicsError: The changelog was written by another version.
        """
        settings = self._settings
        servers = settings.brokers.split(",")
        with broker_errors(f"reading {settings.changelog}"):
            async with reader(servers, isolation_level="read_committed") as consumer:
                count = self._count = self._count or (await partition_counts(servers))[settings.changelog]
                log = [TopicPartition(settings.events, p) for p in range(count)]
                consumer.assign(log)
                consumer.pause(*log)
                begins, ends = await consumer.beginning_offsets(log), await consumer.end_offsets(log)
                standings = [await self._look_at(consumer, tp, begins[tp], ends[tp]) for tp in log]
        return Standing(
            sum(s.folded for s in standings),
            sum(s.records for s in standings),
            sum(s.overdue for s in standings),
            sum(s.unshown for s in standings),
        )

    async def _look_at(self, consumer: Any, log: TopicPartition, begin: int, end: int) -> Standing:
        known = self._partitions.setdefault(log.partition, _Partition())
        tp = TopicPartition(self._settings.changelog, log.partition)
        consumer.assign([tp])
        first, last = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        async for records in read(consumer, tp, max(first, known.next_offset), last):
            known.take(records)
        return known.standing(begin, end)
