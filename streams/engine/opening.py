"""How a partition of the log is taken over: read its changelog, claim it, publish what may not be out.

It must not know the consumer group; whoever calls it has been given the partition.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

import msgspec
from aiokafka import TopicPartition

from streams.engine.batches import Item, pack, send, send_all
from streams.engine.envelope import EPOCH_HEADER, outbox_of, restamp, without_outbox
from streams.engine.failpoints import switched_off
from streams.engine.fold import Output, View
from streams.engine.fold_task import Opened
from streams.engine.mirror import Mirror
from streams.engine.outlet import Outlet
from streams.engine.position import POSITION_KEY, Position, check_position, encode_position
from streams.engine.projection import Update
from streams.engine.publisher import Publisher
from streams.engine.reading import ends_of, keys_between, read, reader
from streams.engine.replay import Replay
from streams.engine.shard import Shard
from streams.engine.spec import FoldSpec
from streams.engine.stats import PartitionStats
from streams.errors import FencedError, TopicsError

logger = logging.getLogger(__name__)


class Opening:
    """One takeover of one partition; `owned_epoch` is the epoch this worker already has there, 0 if none."""

    def __init__(
        self,
        spec: FoldSpec,
        partition: int,
        generation: int,
        outlet: Outlet,
        stats: PartitionStats,
        owned_epoch: int = 0,
    ) -> None:
        self._spec, self._partition, self._outlet, self._stats = spec, partition, outlet, stats
        self._generation, self._owned_epoch = generation, owned_epoch
        self._replay = Replay()
        self._restate: list[bytes] = []

    async def open(self) -> Opened:
        """Everything a task needs to go on where the last owner stopped.

        Raises:
            TopicsError: The changelog does not go with this worker or this log.
            FencedError: A newer owner has claimed the partition.
            KafkaError: The broker did not do what was asked.
        """
        began = monotonic()
        claimed = await self._claim()
        replay = self._replay
        unpublished = replay.unpublished()
        outboxes = {key: outbox_of(replay.rows[key]) for key in unpublished}
        changelog_next = await self._write_survivors(claimed)
        for key in unpublished:
            replay.rows[key] = without_outbox(replay.rows[key])
        shard = Shard(self._spec.fold, replay.rows, claimed, self._stats)
        publisher = await self._publish(shard, claimed, unpublished, outboxes)
        logger.info(
            "%s[%d]: %d keys restored to offset %d in %.2f s, epoch %d, %d stale records, %d published again",
            self._spec.topic, self._partition, len(replay.rows), claimed.next_offset, monotonic() - began,
            claimed.epoch, replay.stale, len(unpublished),
        )  # fmt: skip
        mirror = self._mirror(shard, claimed, outboxes)
        return Opened(shard, claimed, changelog_next, publisher, mirror, self._restate)

    # -- reading and claiming

    async def _claim(self) -> Position:
        """Read to the end and append the claim right there: nobody has written in between."""
        tp = TopicPartition(self._spec.changelog, self._partition)
        log = TopicPartition(self._spec.topic, self._partition)
        async with reader(self._outlet.servers()) as consumer:
            consumer.assign([tp, log])
            consumer.pause(log)
            bounds = (await consumer.beginning_offsets([log]))[log], (await consumer.end_offsets([log]))[log]
            while True:
                await self._read(consumer, tp)
                position = self._next_position(*bounds)
                offset = await self._append([(POSITION_KEY, encode_position(position), [])])
                expected, self._replay.end = self._replay.end, offset + 1
                if offset == expected or "no-epoch" in switched_off():
                    return position
                self._replay.end = expected
                self._owned_epoch = self._owned_epoch and position.epoch

    async def _read(self, consumer: Any, tp: TopicPartition) -> None:
        replay = self._replay
        begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        async for records in read(consumer, tp, max(begin, replay.end), end):
            replay.feed(records)
        replay.end = end
        if self._owned_epoch and replay.epoch > self._owned_epoch:
            raise FencedError(f"{tp.topic}[{tp.partition}] was claimed by epoch {replay.epoch}")

    def _next_position(self, log_begin: int, log_end: int) -> Position:
        last, epoch = self._replay.position, self._replay.epoch + 1
        if last is None:
            self._refuse_headless()
            return Position(
                decided_by=self._spec.decided_by, partitions=self._spec.partitions, epoch=epoch,
                next_offset=log_begin, newest_ms=0,
            )  # fmt: skip
        check_position(last, self._spec.decided_by, self._spec.partitions, log_begin, log_end)
        return msgspec.structs.replace(last, epoch=epoch)

    def _refuse_headless(self) -> None:
        if self._replay.rows:
            raise TopicsError(
                f"{self._spec.changelog}[{self._partition}] holds states but no position: it was not written by this "
                "engine or is damaged; use a new app name"
            )

    async def _append(self, items: list[Item]) -> int:
        await self._outlet.fence(self._generation)
        producer = self._outlet.kafka_producer()
        (batch,) = pack(producer, [], items)
        return await send(producer, self._spec.changelog, self._partition, batch)

    # -- writing once more

    async def _write_survivors(self, claimed: Position) -> int:
        """Write again what stale records would replace when the changelog is compacted; returns its end."""
        rows, items = self._replay.rows, list[Item]()
        await self._outlet.fence(self._generation)
        for key in self._replay.losers:
            if key in rows:
                items.append((key, restamp(rows[key], claimed.epoch), []))
            else:
                items.append((key, None, [(EPOCH_HEADER, b"%d" % claimed.epoch)]))
        await send_all(self._outlet.kafka_producer(), self._spec.changelog, self._partition, items)
        return self._replay.end + len(items)

    async def _publish(
        self, shard: Shard[Any], claimed: Position, unpublished: list[bytes], outboxes: dict[bytes, list[Output]]
    ) -> Publisher:
        spec, partition = self._spec, self._partition
        (states_end,) = await ends_of(self._outlet.servers(), [spec.states_topic], partition)
        publisher = Publisher(self._outlet, partition, spec.outputs_topic, spec.states_topic, states_end)
        since = min(claimed.states_next, states_end) if claimed.states_next >= 0 else states_end
        if claimed.states_next > states_end:  # recreated: readers lack everything
            self._restate = shard.keys()
        foreign = await keys_between(self._outlet.servers(), spec.states_topic, partition, since, states_end)
        updates = [
            Update(key, shard.applied(key), self._view(shard, key), outboxes.get(key, []))
            for key in dict.fromkeys([*unpublished, *foreign])
        ]
        await self._outlet.fence(self._generation)
        await publisher.publish(claimed.epoch, [o for key in unpublished for o in outboxes[key]], updates)
        return publisher

    def _view(self, shard: Shard[Any], key: bytes) -> View:
        return self._spec.fold.view(shard.peek(key), shard.shown_ms(key)) if key in shard else View(None, None)

    def _mirror(self, shard: Shard[Any], claimed: Position, missed: dict[bytes, list[Output]]) -> Mirror | None:
        if self._spec.projection is None:
            return None
        last = self._replay.position
        expected = set() if last is None or last.view_behind else {last.projected, (last.epoch, last.next_offset)}
        return Mirror(
            self._spec.projection, self._partition, claimed.epoch, expected - {None}, missed, shard.keys, self._stats
        )
