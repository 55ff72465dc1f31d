"""A partition of the log in work: each turn folds, and makes what came of it durable in one fixed order.

It must not know what is folded. The order of a turn:

1. changelog: states with the outputs they caused, and in the last batch the position
2. outputs and views, from what step 1 made durable
3. the projection
4. the log's offset becomes committable

A failure anywhere ends the process; what was not durable is read again, what was durable is published again.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from time import monotonic
from typing import Any

from streams.engine.batches import Item, pack, send
from streams.engine.display import Display
from streams.engine.failpoints import failpoint, switched_off
from streams.engine.fold import CLOCK
from streams.engine.headers import log_headers
from streams.engine.outlet import Outlet
from streams.engine.position import POSITION_KEY, Position, encode_position
from streams.engine.reading import ends_of
from streams.engine.shard import Shard
from streams.engine.spec import FoldSpec
from streams.engine.stats import PartitionStats
from streams.engine.task import Chunk, Task
from streams.errors import EngineError

logger = logging.getLogger(__name__)

IDLE_S = 0.1  # how late due work may be found without records; each look costs some 30 µs a partition
# Keys whose due work is done in a turn: some 3 ms. A live event waits for those of all partitions, perhaps twice.
DUE_KEYS = 20
REFRESH_KEYS = 200  # views refreshed between live chunks: some 5 ms
LAG_RECORDS = 1_000  # records left to fold, beyond which views are put off: readers get one for many changes
# A chunk of the fold when a partition lags: the larger it is, the fewer states are encoded more than once. It is folded
# in slices, so that the event loop is free again after some 25 ms.
FOLD_RECORDS, SLICE_RECORDS = 12_000, 500
CLOCK_EVERY_S = 1.0  # a clock record is appended at most that often
POSITION_EVERY_S = 1.0  # an idle partition makes its position durable at most that often
LOOK_EVERY_S = 600.0  # an idle partition looks that often whether somebody else has written


NOWHERE = -1  # an end no changelog has


class OvertakenError(EngineError):
    """Somebody else has appended to this partition's changelog."""


@dataclass(slots=True)
class Opened:
    """A restored partition: its states, its position, the end of its changelog, and what readers see of it."""

    shard: Shard[Any]
    position: Position
    changelog_next: int
    display: Display


class FoldTask(Task):
    """Folds one partition of the log; opened again in place when somebody else wrote into its changelog."""

    idle_s = IDLE_S
    in_step = True
    chunk_records = FOLD_RECORDS

    def __init__(
        self,
        spec: FoldSpec,
        partition: int,
        generation: int,
        stats: PartitionStats,
        outlet: Outlet,
        opened: Opened,
        reopen: Callable[[FoldTask], Awaitable[Opened]],
    ) -> None:
        super().__init__(spec.topic, partition, generation, stats)
        self._spec, self._outlet, self._reopen = spec, outlet, reopen
        self._clock_offset, self._clock_at = -1, 0.0  # of the last clock record appended here
        self._newest_ms, self._newest_at = 0, 0.0  # newest append time, and the monotonic time at which it was read
        self._open(opened)

    def _open(self, opened: Opened) -> None:
        self.shard, self._display = opened.shard, opened.display
        self._position, self._changelog_next = opened.position, opened.changelog_next
        self._data_end = self._published = opened.changelog_next  # the opening has published what was not out
        self._shown, self._states_next = opened.position.shown, opened.position.states_next
        self._note_shown()
        self._saved_at = self._looked_at = monotonic()
        self.stats.next_offset = self._committable = opened.shard.next_offset
        self.rewind(opened.shard.next_offset)

    # -- one turn

    @classmethod
    async def process(cls, chunks: Sequence[Chunk]) -> None:
        """Fold the chunk's records, do what is due, and make all of it durable and public."""
        (chunk,) = chunks
        assert isinstance(chunk.task, FoldTask)
        await chunk.task.work_on(chunk)

    async def work_on(self, chunk: Chunk) -> None:
        """One turn; if somebody else wrote into the changelog, the partition is opened again."""
        try:
            await self._turn(chunk)
        except OvertakenError as error:
            logger.warning("%s; the partition is restored from it", error)
            await self._outlet.fence(self.generation)
            self._open(await self._reopen(self))
        self.stats.next_offset = self.shard.next_offset
        if self._lagging() or not self._display.late.keys:  # once caught up, committed means shown, too
            self._committable = self.shard.next_offset
        chunk.next_offset = self._committable

    async def _turn(self, chunk: Chunk) -> None:
        shard = self.shard
        if self._display.mirror:
            await self._display.mirror.connect()
        await self._look()
        await self._apply(chunk)
        refreshed = shard.refreshed
        shard.work_off(DUE_KEYS)
        ended_ms, refresh = shard.refresh(REFRESH_KEYS)
        await self._save(shard.seal(), refreshed)
        failpoint("after-changelog")
        await self._display.show(self._outlet, self.generation, ended_ms, refresh, self._lagging(), self.stats)
        await self._display.tell(self._position.next_offset)
        shard.end_turn()
        self._published = self._data_end
        self._note_shown()
        await self._append_clock()

    async def _apply(self, chunk: Chunk) -> None:
        shard, records = self.shard, chunk.records
        for _ in shard.applying(records, SLICE_RECORDS):
            await asyncio.sleep(0)
        shard.next_offset = max(shard.next_offset, chunk.next_offset)  # transactions end with offsets nobody reads
        if shard.newest_ms > self._newest_ms:
            self._newest_ms, self._newest_at = shard.newest_ms, monotonic()
        self.stats.newest_ms = shard.newest_ms

    def _lagging(self) -> bool:
        """Whether much is left to fold after what has been read into the shard."""
        return self.stats.end - self.shard.next_offset > LAG_RECORDS

    def _note_shown(self) -> None:
        if not self._display.late.keys:
            self._shown, self._states_next = self._published, self._display.publisher.states_next

    async def _save(self, sealed: list[tuple[bytes, bytes]], refreshed: int) -> None:
        position = self._next_position(refreshed)
        if not sealed and not self._position_due(position):
            return
        tail: Item = (POSITION_KEY, encode_position(position), [])
        batches = pack(self._outlet.kafka_producer(), [(key, value, []) for key, value in sealed], [tail])
        for batch in batches:
            await self._append(batch)
        if sealed:
            self._data_end = self._changelog_next - 1
        self._position, self._saved_at = position, monotonic()

    async def _append(self, batch: Any) -> None:
        await self._outlet.fence(self.generation)
        count = batch.record_count()
        offset = await send(
            self._outlet.kafka_producer(), self._spec.changelog, self.partition, batch, self._changelog_next
        )
        self._expect(offset)
        self._changelog_next = offset + count

    def _expect(self, offset: int) -> None:
        if offset != self._changelog_next and "no-epoch" not in switched_off():
            raise OvertakenError(
                f"{self._spec.changelog}[{self.partition}] is at offset {offset} instead of {self._changelog_next}"
            )

    def _next_position(self, refreshed: int) -> Position:
        shard, mirror = self.shard, self._display.mirror
        return Position(
            decided_by=self._spec.decided_by,
            partitions=self._spec.partitions,
            epoch=shard.epoch,
            next_offset=shard.next_offset,
            newest_ms=shard.newest_ms,
            loads=sorted(shard.loads),
            seen=shard.dump_origins(),
            published=self._published,
            shown=self._shown,
            states_next=self._states_next,
            refreshed=refreshed,
            projected=mirror.projected if mirror else None,
            view_behind=bool(mirror and mirror.behind),
        )

    def _position_due(self, position: Position) -> bool:
        if position == self._position:
            return False
        # before anything is written to a projection that lacks views: by its offset alone it would look complete
        falls_behind = position.view_behind and not self._position.view_behind
        return falls_behind or monotonic() - self._saved_at >= POSITION_EVERY_S

    # -- work without records

    def has_idle_work(self) -> bool:
        """Whether time, the projection, or something unsaved wants a turn without records."""
        shard, now_s = self.shard, monotonic()
        return (
            shard.has_work()
            or self._display.has_work(self._lagging(), self._position.next_offset)
            or self._read_next > shard.next_offset
            or self._clock_wanted()
            or now_s - self._looked_at >= LOOK_EVERY_S
            or (now_s - self._saved_at >= POSITION_EVERY_S and self._unsaved())
        )

    def _unsaved(self) -> bool:
        if self._next_position(self.shard.refreshed) != self._position:
            return True
        self._saved_at = monotonic()
        return False

    def _clock_wanted(self) -> bool:
        shard, next_ms = self.shard, self.shard.next_ms()
        if next_ms is None or shard.loads or not self.caught_up() or self._clock_offset >= shard.next_offset:
            return False
        now_ms = self._outlet.broker_ms() or self._guessed_ms()
        return shard.newest_ms < next_ms <= now_ms and monotonic() - self._clock_at >= CLOCK_EVERY_S

    def _guessed_ms(self) -> float:
        """The broker's time while it has not told: whichever is later, as our own clock may be behind."""
        passed_s = monotonic() - self._newest_at
        return max(time.time() * 1000, self._newest_ms + passed_s * 1000 if self._newest_ms else 0)

    async def _append_clock(self) -> None:
        """Let time pass in the log: when to ask is only guessed here, the broker says what time it is."""
        if not self._clock_wanted():
            return
        await self._outlet.fence(self.generation)
        producer = self._outlet.kafka_producer()
        (batch,) = pack(producer, [(None, b"", log_headers(CLOCK))])
        self._clock_offset = await send(producer, self.topic, self.partition, batch)
        self._clock_at = monotonic()

    async def _look(self) -> None:
        """Compare the ends of the topics only we may write to, in case nothing of ours has met a foreign record."""
        if monotonic() - self._looked_at < LOOK_EVERY_S:
            return
        self._looked_at = monotonic()
        topics = (self._spec.changelog, self._spec.states_topic)
        changelog_end, states_end = await ends_of(self._outlet.servers(), topics, self.partition)
        self._expect(changelog_end)
        self._display.publisher.expect(states_end)
        await self._display.find_foreign(self._outlet)

    async def close(self) -> None:
        """Save the position, so that nothing has to be published again by whoever comes next."""
        if self._display.mirror:
            await self._display.mirror.close()
        position = self._next_position(self.shard.refreshed)
        if position != self._position and self._outlet.owns(self.generation):
            (batch,) = pack(self._outlet.kafka_producer(), [], [(POSITION_KEY, encode_position(position), [])])
            offset = await send(
                self._outlet.kafka_producer(), self._spec.changelog, self.partition, batch, self._changelog_next
            )
            self._changelog_next = offset + 1 if offset == self._changelog_next else NOWHERE
        self._position = position

    def kept(self) -> Opened:
        """All of the closed partition, in case it is given to this worker again and nobody wrote meanwhile."""
        return Opened(self.shard, self._position, self._changelog_next, self._display)
