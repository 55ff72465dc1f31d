"""One partition this worker has been given: its fetched records, cut into chunks, one in work at a time.

It must not know what is done with a chunk.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from functools import partial
from time import monotonic
from typing import Any

from streams.engine.stats import PartitionStats
from streams.errors import EngineError

CHUNK_RECORDS = 2_000  # at 50 µs a record the event loop is held up for 0.1 s at most
CHUNK_BYTES = 4 << 20
BUFFER_RECORDS = 24_000  # a partition with that many fetched records waiting is not fetched further
BUFFER_BYTES = 16 << 20
ROUND_S = 0.25  # how long a round may keep partitions waiting that work in step
MANY_RECORDS = 100  # a partition with that many records neither waits for a round nor keeps others waiting


@dataclass(eq=False, slots=True)
class Chunk:
    """Records of one partition in offset order, perhaps none, and the offset after them."""

    task: Task
    records: list[Any]
    next_offset: int
    started: bool = False
    done: asyncio.Future[None] = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Task:
    """Records wait here between fetching and work; subclasses do the work.

    `generation` is that of the consumer group in which the partition was given to this worker. `idle_s` is how often a
    partition without records looks whether anything else is to be done; None: only when it is fed, as nothing else can
    bring that about. `chunk_records` is the
    most that a chunk may hold. `together`: the chunks of a round are processed in one call, as one costs what all do.
    `in_step`: no round begins before the last one has ended, so that partitions make their requests at the same time.
    """

    idle_s: float | None = None
    chunk_records = CHUNK_RECORDS
    together = False
    in_step = False

    def __init__(self, topic: str, partition: int, generation: int, stats: PartitionStats) -> None:
        self.topic, self.partition, self.generation, self.stats = topic, partition, generation, stats
        self.changed = asyncio.Event()
        self.closed = False
        self.at_end = False  # read to the last record that can be read, as of the last look
        self.seek_to: int | None = None  # where fetching is to go on from, before anything more is taken
        self._records: deque[Any] = deque()
        self._bytes = 0
        self._read_next = -1  # the next offset to be fetched

    def feed(self, records: Sequence[Any], position: int, readable: int) -> None:
        """Take fetched records; `position` is the next offset to fetch, `readable` the end of what can be read.

        Raises:
            EngineError: The records do not come after those before, so the topic was recreated or cut off.
        """
        if self.seek_to is not None:
            return
        if records and records[0].offset < self._read_next:
            raise EngineError(
                f"{self.topic}[{self.partition}] went back from offset {self._read_next} to {records[0].offset}: "
                "the topic was recreated or its records deleted while they were read"
            )
        if self.stats.next_offset < 0:  # what lies before the first fetch was committed by somebody
            self.stats.next_offset = records[0].offset if records else position
        self._records.extend(records)
        self._bytes += sum(len(r.value or b"") for r in records)
        is_news = bool(records) or (position, position >= readable) != (self._read_next, self.at_end)
        self._read_next, self.at_end = position, position >= readable
        self.stats.end = max(position, readable)
        self.stats.lag = max(0, readable - position) + len(self._records)
        if is_news:
            self.changed.set()

    def wants_more(self) -> bool:
        """Whether there is room for more fetched records."""
        return self.seek_to is None and len(self._records) < BUFFER_RECORDS and self._bytes < BUFFER_BYTES

    def rewind(self, offset: int) -> None:
        """Forget what was fetched and go on from an offset."""
        self._records.clear()
        self._bytes, self.at_end, self.seek_to, self._read_next = 0, False, offset, offset

    def sought(self, offset: int) -> None:
        """Fetching goes on from an offset that `rewind` has asked for."""
        if self.seek_to == offset:
            self.seek_to = None

    @property
    def waiting(self) -> int:
        """Fetched records not yet in a chunk."""
        return len(self._records)

    def caught_up(self) -> bool:
        """Whether all that can be read is in a chunk already."""
        return self.at_end and not self._records

    def cut(self, most: int) -> Chunk | None:
        """The next chunk, of up to that many records; without any when only other work is due, None when nothing is."""
        if not (self._records or (self.seek_to is None and self.has_idle_work())):
            return None
        records: list[Any] = []
        size = 0
        while self._records and len(records) < most and size < CHUNK_BYTES:
            record = self._records.popleft()
            size += len(record.value or b"")
            records.append(record)
        self._bytes -= size
        next_offset = records[-1].offset + 1 if self._records else self._read_next
        return Chunk(self, records, next_offset)

    def has_idle_work(self) -> bool:
        """Whether there is something to do without records."""
        return False

    @classmethod
    async def process(cls, chunks: Sequence[Chunk]) -> None:
        """Make the effects of chunks of this kind durable; whatever it raises ends the process without a commit.

        There are those of several partitions only where they are worked on `together`.
        """
        raise NotImplementedError  # abstract: FoldTask and ForwardTask do the work

    def cancellable(self) -> bool:
        """Whether the chunk in work has changed nothing outside yet, so that it may be dropped."""
        return False

    async def close(self) -> None:
        """Last chance to write something before the partition is given up."""


class Lane:
    """Partitions of one kind, whose next chunks are cut together: a round.

    A partition has one chunk in work at a time. Of those that work in step the others wait for it with the next round,
    as a round costs what a turn of one partition does; but not for long, and neither do they wait for one that has much
    to do, nor that one for them. Whether there is something to do without records is asked after a chunk and every
    `idle_s`, as for many partitions that takes longer than a chunk of one.
    """

    def __init__(self, tasks: Sequence[Task], now_s: Callable[[], float] = monotonic) -> None:
        self._tasks, self._changed, self._now_s = list(tasks), asyncio.Event(), now_s
        self._busy: set[Task] = set()
        self._round: set[Task] = set()  # those for which the next round waits
        self._began_s = now_s()  # this round
        self._freed: set[Task] = set()  # whose chunk has ended since they were looked at
        self._looked_s = 0.0  # at all
        self._idle_s, self._most, self._in_step = tasks[0].idle_s, tasks[0].chunk_records, tasks[0].in_step
        for task in tasks:
            task.changed = self._changed

    async def next_chunks(self) -> list[Chunk]:
        """A chunk of each partition that has work and none in work; none when the partitions are given up."""
        while not self._tasks[0].closed:
            self._changed.clear()
            if chunks := self._cut():
                return chunks
            with suppress(TimeoutError):
                async with asyncio.timeout(self._idle_s):
                    await self._changed.wait()
        return []

    def _cut(self) -> list[Chunk]:
        chunks: list[Chunk] = []
        left = self._most  # what does not fit goes with the next chunks, at once
        now_s = self._now_s()
        is_round = not self._round or now_s - self._began_s > ROUND_S
        looks_at_all = self._idle_s is None or now_s - self._looked_s >= self._idle_s
        for task in self._tasks:
            may_begin = left and task not in self._busy and (is_round or task.waiting >= MANY_RECORDS)
            if may_begin and (task.waiting or looks_at_all or task in self._freed):
                self._freed.discard(task)
                if chunk := task.cut(left):
                    self._busy.add(task)
                    chunk.done.add_done_callback(partial(self._free, task))
                    chunks.append(chunk)
                    left -= len(chunk.records)
        if looks_at_all and is_round and left:
            self._looked_s = now_s
        if chunks and is_round and self._in_step:  # one that hangs in the last round is waited for no longer
            self._round = {chunk.task for chunk in chunks if len(chunk.records) < MANY_RECORDS}
            self._began_s = now_s
        return chunks

    def _free(self, task: Task, _: object) -> None:
        self._busy.discard(task)
        self._freed.add(task)
        self._round.discard(task)
        self._changed.set()

    def __str__(self) -> str:
        return ", ".join(f"{task.topic}[{task.partition}]" for task in self._tasks)
