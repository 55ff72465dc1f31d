"""What readers of one partition see: outputs, public states and the projection, and which of them are still to come.

It must not know how states come about, nor the changelog that makes them durable before anything is shown.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from streams.engine.failpoints import failpoint
from streams.engine.fold import Fold, Output, View
from streams.engine.mirror import Mirror
from streams.engine.outlet import Outlet
from streams.engine.projection import Update
from streams.engine.publisher import Publisher
from streams.engine.reading import keys_between
from streams.engine.shard import Shard, Touch
from streams.engine.stats import PartitionStats

LATE_KEYS = 400  # views that were put off, shown between live chunks: some 30 ms
LATE_OUTPUTS = 50_000  # outputs kept for put-off views, some 50 MB at worst; the outputs topic has all of them


@dataclass(slots=True)
class Late:
    """Keys whose views are to be shown later, with outputs the projection has not been given."""

    keys: dict[bytes, Sequence[Output]]
    outputs: int = 0

    def add(self, key: bytes, outputs: Sequence[Output] = ()) -> None:
        """Put a key off; outputs beyond the limit are left to the outputs topic."""
        kept = self.keys.setdefault(key, ())  # most have none, and there may be a million of them
        if outputs and self.outputs < LATE_OUTPUTS:
            self.keys[key] = (*kept, *outputs)
            self.outputs += len(outputs)

    def pop(self, key: bytes) -> Sequence[Output]:
        """The outputs that were put off with a key, which is shown now."""
        outputs = self.keys.pop(key, ())
        self.outputs -= len(outputs)
        return outputs

    def first(self, most: int) -> list[bytes]:
        """Keys that have waited longest."""
        return [key for key, _ in zip(self.keys, range(most), strict=False)]


class Display:
    """Shows a turn: outputs always, views at once or, while the partition lags, once for many turns."""

    def __init__(self, fold: Fold[Any], shard: Shard[Any], publisher: Publisher, mirror: Mirror | None) -> None:
        self._fold, self._shard, self.publisher, self.mirror = fold, shard, publisher, mirror
        self.late = Late({})

    def put_off(self, keys: Iterable[bytes], outboxes: dict[bytes, list[Output]]) -> None:
        """Let keys be shown again whose views readers may lack."""
        for key in keys:
            self.late.add(key, outboxes.get(key, []))

    def has_work(self, lagging: bool, saved: int) -> bool:
        """Whether readers lack something that may be given to them now; `saved` as for `tell`."""
        if self.late.keys and not lagging:
            return True
        return self.mirror is not None and (self.mirror.has_work() or self._untold(saved))

    def _untold(self, saved: int) -> bool:
        return not self.late.keys and self.mirror is not None and self.mirror.lacks_offset(saved)

    async def tell(self, saved: int) -> None:
        """Let readers know how far the partition is although the last records have changed no view.

        `saved` is the log's offset that is durable in the changelog: of a later one, whoever takes the partition over
        would not know that the projection goes with it.
        """
        if self.mirror is not None and self._untold(saved):
            await self.mirror.write(saved, [])

    async def show(
        self, outlet: Outlet, generation: int, ended_ms: int, refresh: list[bytes], lagging: bool, stats: PartitionStats
    ) -> None:
        """Publish what the turn has caused, then bring the projection up to date.

        Raises:
            FencedError: The partition is not ours any more.
            KafkaError: Something was not appended.
        """
        touched = dict(self._shard.touched())
        outputs = [output for touch in touched.values() for output in touch.outputs]
        updates = [self._update(key, ended_ms) for key in refresh]
        if lagging:
            self._put_off_touched(touched)
        else:
            late = [key for key in self.late.first(LATE_KEYS) if key not in touched]
            updates += [self._touched(key, touch) for key, touch in touched.items()]
            updates += [self._update(key, self._shard.shown_ms(key)) for key in late]
        if outputs:
            await outlet.fence(generation)
            failpoint("before-signals")
            await self.publisher.outputs(outputs)
        failpoint("after-signals")
        if updates:
            await outlet.fence(generation)
        # neither tells of anything that is not durable, so that none has to wait for the other
        await asyncio.gather(self.publisher.states(self._shard.epoch, updates), self._project(updates))
        await self.find_foreign(outlet)
        stats.outputs += len(outputs)
        stats.views += len(updates)
        failpoint("after-projection")

    def _put_off_touched(self, touched: dict[bytes, Touch[Any]]) -> None:
        for key, touch in touched.items():
            missed = self.mirror.hand_over(key) if self.mirror else []
            self.late.add(key, [*missed, *touch.outputs] if missed else touch.outputs)

    def _touched(self, key: bytes, touch: Touch[Any]) -> Update:
        outputs = [*self.late.pop(key), *touch.outputs]
        at_ms = None if touch.changed else self._shard.shown_ms(key)
        return Update(key, self._shard.applied(key), self._fold.view(self._shard.peek(key), at_ms), outputs)

    def _update(self, key: bytes, at_ms: int | None) -> Update:
        outputs = list(self.late.pop(key))
        if key not in self._shard:  # somebody else has shown a key that is not in the log
            return Update(key, -1, View(None, None), outputs)
        view = self._fold.view(self._shard.peek(key), at_ms)
        return Update(key, self._shard.applied(key), view, outputs)

    async def find_foreign(self, outlet: Outlet) -> None:
        """Let keys be shown again that somebody else has written to the states topic."""
        ranges, self.publisher.foreign = self.publisher.foreign, []
        for begin, end in ranges:
            topic, partition = self.publisher.states_topic, self.publisher.partition
            self.put_off(await keys_between(outlet.servers(), topic, partition, begin, end), {})

    async def _project(self, updates: list[Update]) -> None:
        if self.mirror is None:
            return
        lacking: list[Update] = []
        if keys := self.mirror.take(self.late.keys):
            shown = {update.key for update in updates}
            lacking = [self._lacking(key) for key in keys if key not in shown]
        if updates or lacking:
            await self.mirror.write(self._shard.next_offset, lacking + updates)

    def _lacking(self, key: bytes) -> Update:
        view = self._fold.view(self._shard.peek(key), self._shard.shown_ms(key))
        return Update(key, self._shard.applied(key), view, [])
