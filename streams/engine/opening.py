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
from streams.engine.display import Display
from streams.engine.envelope import EPOCH_HEADER, outbox_of, restamp
from streams.engine.failpoints import switched_off
from streams.engine.fold import Output
from streams.engine.fold_task import Opened
from streams.engine.mirror import Mirror
from streams.engine.outlet import Outlet
from streams.engine.position import POSITION_KEY, Position, check_position, encode_position
from streams.engine.publisher import Publisher
from streams.engine.reading import ends_of, keys_between, read, reader
from streams.engine.replay import Replay
from streams.engine.shard import Shard
from streams.engine.spec import FoldSpec
from streams.engine.stats import PartitionStats
from streams.errors import FencedError, TopicsError

EXPECTED_KEYS = (
    1_000_000  # most for which room is made in advance, 8 MB: no record of the changelog may be of a new key
)

logger = logging.getLogger(__name__)


class Opening:
    """One takeover of one partition.

    `owned_epoch` is the epoch this worker already has there, 0 if none. `kept` is the partition as this worker
    closed it; it is used if nobody has written to the changelog since.
    """

    def __init__(
        self,
        spec: FoldSpec,
        partition: int,
        generation: int,
        outlet: Outlet,
        stats: PartitionStats,
        owned_epoch: int = 0,
        kept: Opened | None = None,
    ) -> None:
        self._spec, self._partition, self._outlet, self._stats = spec, partition, outlet, stats
        self._generation, self._owned_epoch, self._kept = generation, owned_epoch, kept
        self._replay = Replay()

    async def open(self) -> Opened:
        """Everything a task needs to go on where the last owner stopped.

        Raises:
            TopicsError: The changelog does not go with this worker or this log.
            FencedError: A newer owner has claimed the partition, or it is not given to this worker any more.
            KafkaError: The broker did not do what was asked.
        """
        began_s = monotonic()
        claimed = await self._claim()
        opened = self._go_on(claimed) if self._kept else await self._restore(claimed)
        logger.info(
            "%s[%d]: %d keys %s at offset %d in %.2f s, epoch %d, %d stale records, %d outboxes published again",
            self._spec.topic, self._partition, len(opened.shard), "kept" if self._kept else "restored",
            claimed.next_offset, monotonic() - began_s, claimed.epoch, self._replay.stale,
            len(self._replay.unpublished()),
        )  # fmt: skip
        return opened

    # -- reading and claiming

    async def _claim(self) -> Position:
        """Read to the end and append the claim right there: nobody has written in between."""
        tp = TopicPartition(self._spec.changelog, self._partition)
        log = TopicPartition(self._spec.topic, self._partition)
        async with reader(self._outlet.servers()) as consumer:
            consumer.assign([tp, log])
            consumer.pause(log)
            # The changelog is read in between: whoever still writes it while we wait (or are frozen) may have folded
            # what came to the log, and deleted what it has folded, since the one and before the other was asked.
            log_begin = (await consumer.beginning_offsets([log]))[log]
            while True:
                end = await self._read(consumer, tp)
                position = self._next_position(log_begin, (await consumer.end_offsets([log]))[log])
                offset = await self._append_claim(position, end)
                if offset == end or "no-epoch" in switched_off():
                    self._replay.end = offset + 1
                    return position
                self._owned_epoch = self._owned_epoch and position.epoch

    async def _read(self, consumer: Any, tp: TopicPartition) -> int:
        replay, kept = self._replay, self._kept
        begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        if kept and kept.changelog_next == end:
            replay.position, replay.epoch = kept.position, kept.shard.epoch
            return int(end)
        if kept or not replay.end:
            self._kept, self._replay = None, (replay := Replay(min(end - begin, EXPECTED_KEYS)))
        async for records in read(consumer, tp, max(begin, replay.end), end):
            replay.feed(records)
        replay.end = end
        if self._owned_epoch and replay.epoch > self._owned_epoch:
            raise FencedError(f"{tp.topic}[{tp.partition}] was claimed by epoch {replay.epoch}")
        return int(end)

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

    async def _append_claim(self, position: Position, end: int) -> int:
        await self._outlet.fence(self._generation)
        producer = self._outlet.kafka_producer()
        (batch,) = pack(producer, [], [(POSITION_KEY, encode_position(position), [])])
        return await send(producer, self._spec.changelog, self._partition, batch, end)

    # -- going on

    def _go_on(self, claimed: Position) -> Opened:
        assert self._kept is not None
        kept = self._kept
        kept.shard.take_over(claimed.epoch, self._stats)
        if kept.display.mirror:
            kept.display.mirror.take_over(claimed.epoch, self._stats)
        return Opened(kept.shard, claimed, self._replay.end, kept.display)

    async def _restore(self, claimed: Position) -> Opened:
        replay = self._replay
        outboxes = {key: outbox_of(replay.rows[key]) for key in replay.unpublished()}
        changelog_next = await self._write_survivors(claimed)
        replay.drop_outboxes()
        shard = Shard(self._spec.fold, replay.rows, claimed, self._stats)
        publisher, foreign = await self._publish(shard, claimed, outboxes)
        display = Display(self._spec.fold, shard, publisher, self._mirror(shard, claimed))
        display.put_off([*replay.unshown(), *foreign], outboxes)
        return Opened(shard, claimed, changelog_next, display)

    async def _write_survivors(self, claimed: Position) -> int:
        """Write again what stale records would replace when the changelog is compacted; returns its end."""
        rows, items = self._replay.rows, list[Item]()
        for key in self._replay.losers:
            if key in rows:
                items.append((key, restamp(rows[key], claimed.epoch), []))
            else:
                items.append((key, None, [(EPOCH_HEADER, b"%d" % claimed.epoch)]))
        if items:
            await self._outlet.fence(self._generation)
            await send_all(self._outlet.kafka_producer(), self._spec.changelog, self._partition, items)
        return self._replay.end + len(items)

    async def _publish(
        self, shard: Shard[Any], claimed: Position, outboxes: dict[bytes, list[Output]]
    ) -> tuple[Publisher, list[bytes]]:
        """Publish stored outputs; returns the publisher, and keys whose public states may not be ours."""
        spec, partition, servers = self._spec, self._partition, self._outlet.servers()
        (states_end,) = await ends_of(servers, [spec.states_topic], partition)
        publisher = Publisher(self._outlet, partition, spec.outputs_topic, spec.states_topic, states_end)
        if outputs := [output for outbox in outboxes.values() for output in outbox]:
            await self._outlet.fence(self._generation)
            await publisher.outputs(outputs)
        if claimed.states_next > states_end:  # the topic was recreated: readers lack everything
            return publisher, shard.keys()
        since = claimed.states_next if claimed.states_next >= 0 else states_end
        return publisher, await keys_between(servers, spec.states_topic, partition, since, states_end)

    def _mirror(self, shard: Shard[Any], claimed: Position) -> Mirror | None:
        if self._spec.projection is None:
            return None
        last, expected = self._replay.position, set[tuple[int, int]]()
        if last is not None and not last.view_behind:
            expected = {(last.epoch, last.next_offset)} | ({last.projected} if last.projected else set())
        return Mirror(self._spec.projection, self._partition, claimed.epoch, expected, {}, shard.keys, self._stats)
