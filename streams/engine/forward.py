"""Source partitions: a handler turns their records into appends elsewhere; it must not know what it makes of them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from streams.engine.batches import Item
from streams.engine.failpoints import failpoint
from streams.engine.outlet import Outlet
from streams.engine.partitioner import partition_of
from streams.engine.stats import PartitionStats
from streams.engine.task import Chunk, Task
from streams.errors import EngineError


class SourceRecord(Protocol):
    """A consumed record; `timestamp` is epoch ms, `timestamp_type` 1 where that is the broker's append time."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class Append:
    """One record to be appended; without a partition its key decides, as a Java producer would."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    partition: int | None = None


Handler = Callable[[str, int, Sequence[SourceRecord]], Awaitable[Sequence[Append]]]


class ForwardTask(Task):
    """Appends per target partition go in source order, one unacknowledged batch at a time."""

    together = True

    def __init__(
        self, topic: str, partition: int, generation: int, stats: PartitionStats, handler: Handler, outlet: Outlet
    ) -> None:
        super().__init__(topic, partition, generation, stats)
        self._handler, self._outlet, self._sending = handler, outlet, False

    def has_idle_work(self) -> bool:
        """Control records alone move the offset, too."""
        return self.caught_up() and self._read_next > self.stats.next_offset >= 0

    @classmethod
    async def process(cls, chunks: Sequence[Chunk]) -> None:
        """Hand the records to the handler, and append what it gives, all acknowledged."""
        tasks = [chunk.task for chunk in chunks if isinstance(chunk.task, ForwardTask)]
        made = [await task._handle(chunk) for task, chunk in zip(tasks, chunks, strict=True)]
        await tasks[0]._outlet.fence(tasks[0].generation)
        for task in tasks:
            task._sending = True
        failpoint("before-events")
        await tasks[0]._append([append for appends in made for append in appends])
        failpoint("after-events")
        for task, chunk, appends in zip(tasks, chunks, made, strict=True):
            task._finish(chunk, len(appends))

    async def _handle(self, chunk: Chunk) -> Sequence[Append]:
        return await self._handler(self.topic, self.partition, chunk.records) if chunk.records else []

    async def _append(self, appends: Sequence[Append]) -> None:
        groups = await self._by_target(appends)
        await asyncio.gather(*(self._outlet.append(place, items) for place, items in groups.items()))

    def _finish(self, chunk: Chunk, appended: int) -> None:
        self.stats.records += len(chunk.records)
        self.stats.outputs += appended
        self.stats.next_offset = chunk.next_offset
        self._sending = False

    async def _by_target(self, appends: Sequence[Append]) -> dict[tuple[str, int], list[Item]]:
        groups: dict[tuple[str, int], list[Item]] = {}
        for append in appends:
            partition = append.partition
            if partition is None:
                if append.key is None:
                    raise EngineError(f"a record for {append.topic} has neither key nor partition")
                partition = partition_of(append.key, await self._outlet.partitions_of(append.topic))
            groups.setdefault((append.topic, partition), []).append((append.key, append.value, append.headers))
        return groups

    def cancellable(self) -> bool:
        """A handler that still waits for something has sent nothing."""
        return not self._sending
