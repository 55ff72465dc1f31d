"""Appends of several writers to one partition: joined, in order, and none of them told before it is there."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.errors import KafkaError
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.engine.appends import Appends
from streams.engine.batches import Item

PLACE, ELSEWHERE = ("events", 0), ("events", 1)


def items(*keys: str) -> list[Item]:
    return [(key.encode(), b"", []) for key in keys]


class Batch(BatchBuilder):
    """Notes the keys it was given."""

    def __init__(self) -> None:
        super().__init__(1 << 20, 0, is_transactional=False)
        self.keys: list[str] = []

    def append(self, *, timestamp: Any, key: Any, value: Any, headers: Any = ()) -> Any:
        self.keys.append(key.decode())
        return super().append(timestamp=timestamp, key=key, value=value, headers=headers)


class Broker:
    """Takes batches, and acknowledges each when it is told to."""

    def __init__(self) -> None:
        self.came: list[tuple[int, list[str]]] = []
        self.acks: list[asyncio.Future[Any]] = []

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, batch: Batch, topic: str, *, partition: int) -> asyncio.Future[Any]:
        self.came.append((partition, batch.keys))
        self.acks.append(asyncio.get_running_loop().create_future())
        return self.acks[-1]

    def acknowledge(self, number: int) -> None:
        self.acks[number].set_result(SimpleNamespace(offset=0))


async def settle() -> None:
    """Let everybody go on as far as they can."""
    for _ in range(20):
        await asyncio.sleep(0)


def test_what_comes_while_a_batch_is_on_its_way_goes_into_one_batch_in_order() -> None:
    async def run() -> None:
        appends = Appends(lambda: broker)
        first = appends.append(PLACE, items("a", "b"))
        await settle()
        others = [appends.append(PLACE, items(*keys)) for keys in ("c", "de", "f")]
        apart = appends.append(ELSEWHERE, items("x"))
        await settle()
        assert broker.came == [(0, ["a", "b"]), (1, ["x"])]
        broker.acknowledge(1)
        await settle()
        assert (first.done(), apart.done()) == (False, True), "partitions do not wait for each other"
        broker.acknowledge(0)
        await settle()
        assert broker.came[2:] == [(0, ["c", "d", "e", "f"])]
        assert (first.done(), [other.done() for other in others]) == (True, [False] * 3)
        broker.acknowledge(2)
        await asyncio.gather(first, *others)

    broker = Broker()
    asyncio.run(run())


def test_all_whose_records_were_in_a_batch_that_failed_are_told_and_others_go_on() -> None:
    async def run() -> None:
        appends = Appends(lambda: broker)
        begun = [appends.append(PLACE, items("a"))]
        await settle()
        begun += [appends.append(PLACE, items(key)) for key in "bc"]
        await settle()
        broker.acknowledge(0)
        await settle()
        later = appends.append(PLACE, items("d"))
        await settle()
        broker.acks[1].set_exception(KafkaError("no"))
        await settle()
        broker.acknowledge(2)
        await later
        assert await begun[0] is None
        for failed in begun[1:]:
            with pytest.raises(KafkaError, match="no"):
                await failed

    broker = Broker()
    asyncio.run(run())
    assert broker.came == [(0, ["a"]), (0, ["b", "c"]), (0, ["d"])]


def test_one_who_is_called_off_does_not_take_the_others_with_him() -> None:
    async def run() -> None:
        appends = Appends(lambda: broker)
        gone, stays = (appends.append(PLACE, items(key)) for key in "ab")
        await settle()
        gone.cancel()
        await settle()
        broker.acknowledge(0)
        await stays
        assert gone.cancelled()

    broker = Broker()
    asyncio.run(run())
