"""How far an application has folded the log, seen from outside by its changelog; it must not know what it decides.

The log may grow while one looks, for a running system never rests: the goal is what it held when first looked at.
"""

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
    """Records folded of those up to the goal, states for which time had something to do there, and views not shown."""

    folded: int
    records: int
    overdue: int
    unshown: int

    @property
    def is_up_to_date(self) -> bool:
        """Whether everything that the log held is decided and shown."""
        return self.folded >= self.records and not self.overdue and not self.unshown


@dataclass(slots=True)
class _Partition:
    """What one partition of the changelog says; `data_end` is the offset after the last record of a state.

    `goal` is a log's end. `reached` says how the changelog stood when that was first seen to be folded: the end of its
    states, and the time (epoch ms).
    """

    next_offset: int = 0
    data_end: int = 0
    position: Position | None = None
    goal: int = -1
    reached: tuple[int, int] | None = None
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

    def standing(self, begin: int) -> Standing:
        """Between an offset of the log and the goal."""
        at, records = self.position, self.goal - begin
        if at is None:
            return Standing(0, max(records, 1), 0, 0)
        if self.reached is None and at.next_offset >= self.goal:
            self.reached = self.data_end, at.newest_ms
        if self.reached is None:
            return Standing(max(at.next_offset - begin, 0), records, 0, 0)
        data_end, newest_ms = self.reached
        overdue = sum(due_ms <= newest_ms for due_ms in self.due_ms.values())
        return Standing(records, records, overdue, max(data_end - min(at.shown, at.published), 0))

    def overdue(self) -> dict[bytes, int]:
        """Keys for which time had something to do by the last position, and from which instant on (epoch ms)."""
        newest_ms = self.position.newest_ms if self.position else 0
        return {key: due_ms for key, due_ms in self.due_ms.items() if due_ms <= newest_ms}


class FoldProgress:
    """Looks again and again; what was read of the changelog once is remembered, 200 bytes a customer."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._partitions: dict[int, _Partition] = {}
        self._count = 0

    def positions(self) -> dict[int, Position]:
        """The last position of each partition, as of the last look."""
        return {p: known.position for p, known in self._partitions.items() if known.position is not None}

    def overdue(self) -> dict[int, dict[bytes, int]]:
        """Of each partition, the keys that time had left something to do for, and from which instant on (epoch ms)."""
        return {p: known.overdue() for p, known in self._partitions.items()}

    def aim_anew(self) -> None:
        """Let the goal be what the log holds at the next look."""
        for known in self._partitions.values():
            known.goal, known.reached = -1, None

    async def look(self) -> Standing:
        """How far the fold is from the goal.

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
        known.goal = end if known.goal < 0 else known.goal
        tp = TopicPartition(self._settings.changelog, log.partition)
        consumer.assign([tp])
        first, last = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        async for records in read(consumer, tp, max(first, known.next_offset), last):
            known.take(records)
        return known.standing(begin)
