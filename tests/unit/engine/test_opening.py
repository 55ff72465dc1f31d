"""What a worker makes of a partition that somebody else still works on while it is taken over."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.engine import opening as module
from streams.engine.opening import Opening
from streams.engine.position import POSITION_KEY, Position, decode_position, encode_position
from streams.engine.spec import FoldSpec
from streams.engine.stats import PartitionStats
from streams.errors import TopicsError

LOG, CHANGELOG = TopicPartition("events", 0), TopicPartition("changelog", 0)
SPEC = FoldSpec(LOG.topic, CHANGELOG.topic, "signals", "states", SimpleNamespace(), None, "p1", "", 1)


def _position(next_offset: int, epoch: int = 1) -> bytes:
    return encode_position(Position(decided_by="p1", partitions=1, epoch=epoch, next_offset=next_offset, newest_ms=1))


@dataclass
class Broker:
    """One partition of each topic; `meanwhile` is what another worker does before the changelog is looked at."""

    log: range  # offsets that are there
    meanwhile: list[range] = field(default_factory=list)
    changelog: list[bytes] = field(default_factory=list)

    async def beginning_offsets(self, tps: Iterable[TopicPartition]) -> dict[TopicPartition, int]:
        return {tp: self.log.start if tp == LOG else 0 for tp in tps}

    async def end_offsets(self, tps: Sequence[TopicPartition]) -> dict[TopicPartition, int]:
        if CHANGELOG in tps and self.meanwhile:
            self.log = self.meanwhile.pop(0)
            self.changelog.append(_position(self.log.stop))
        return {tp: self.log.stop if tp == LOG else len(self.changelog) for tp in tps}

    async def read(self, consumer: Any, tp: TopicPartition, begin: int, end: int) -> AsyncIterator[list[Any]]:
        yield [
            SimpleNamespace(offset=n, key=POSITION_KEY, value=value, headers=())
            for n, value in enumerate(self.changelog[begin:end], begin)
        ]

    def assign(self, tps: Iterable[TopicPartition]) -> None:
        pass

    def pause(self, *tps: TopicPartition) -> None:
        pass

    # -- the producer and the outlet of the worker that takes over

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1 << 20, 0, is_transactional=False)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[Any]:
        acked = asyncio.get_running_loop().create_future()
        acked.set_result(SimpleNamespace(offset=len(self.changelog)))
        self.changelog.append(b"claimed")
        return acked

    async def fence(self, generation: int) -> None:
        pass

    def kafka_producer(self) -> Broker:
        return self

    def servers(self) -> list[str]:
        return []


def _claimed(broker: Broker, monkeypatch: pytest.MonkeyPatch) -> Position:
    @asynccontextmanager
    async def reader(servers: Sequence[str]) -> AsyncIterator[Broker]:
        yield broker

    monkeypatch.setattr(module, "reader", reader)
    monkeypatch.setattr(module, "read", broker.read)
    opening = Opening(SPEC, 0, 1, broker, PartitionStats())  # type: ignore[arg-type]
    return asyncio.run(opening._claim())


def test_who_takes_over_while_another_goes_on_sees_a_log_that_is_long_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(range(302), meanwhile=[range(323)])
    claimed = _claimed(broker, monkeypatch)
    assert (claimed.next_offset, claimed.epoch) == (323, 2)


def test_what_another_has_folded_may_be_deleted_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(range(302), changelog=[_position(302)], meanwhile=[range(310, 323)])
    assert _claimed(broker, monkeypatch).next_offset == 323


def test_a_log_that_ends_before_what_was_seen_of_it_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    broker = Broker(range(302), changelog=[_position(303)])
    with pytest.raises(TopicsError, match="recreated"):
        _claimed(broker, monkeypatch)
    assert [decode_position(value).epoch for value in broker.changelog] == [1], "nothing was claimed"
