"""How a consumer finishes what has begun when its partitions are to be given up."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

from streams.engine.app import EngineApp
from streams.engine.consumer import Consumer
from streams.engine.forward import ForwardTask, SourceRecord
from streams.engine.stats import PartitionStats
from streams.engine.task import Chunk

SESSION_S = 5.0  # a chunk that never ends would end the process after that time
PROMPTLY_S = 1.0


class _App(EngineApp):
    """The part of the app that works on chunks, without Kafka."""

    def __init__(self, consumer: Consumer) -> None:
        self._fold, self._consumer = None, consumer

    @property
    def consumer(self) -> Consumer:
        return self._consumer

    @consumer.setter
    def consumer(self, consumer: Consumer) -> None:
        self._consumer = consumer


def _consumer() -> Consumer:
    consumer = Consumer.__new__(Consumer)
    consumer.app = SimpleNamespace(conf=SimpleNamespace(broker_session_timeout=SESSION_S))
    consumer._in_flight, consumer._durable = {}, {}
    return consumer


def _task(handled: list[int]) -> ForwardTask:
    async def handler(topic: str, partition: int, records: list[SourceRecord]) -> list[object]:
        handled.append(len(records))
        await asyncio.Event().wait()
        return []

    return ForwardTask("purchases", 0, 1, PartitionStats(), handler, SimpleNamespace())  # type: ignore[arg-type]


async def _give_up(steps: int) -> tuple[list[int], Consumer, Chunk]:
    """Submit a chunk, let it take some steps, and give its partition up."""
    consumer, handled = _consumer(), list[int]()
    app, task = _App(consumer), _task(handled)
    chunk = Chunk(task, [object()], 1)
    consumer._in_flight[chunk] = None
    app.submit([chunk])
    for _ in range(steps):
        await asyncio.sleep(0)
    task.closed = True
    async with asyncio.timeout(PROMPTLY_S):
        await consumer._finish_begun()
        await chunk.done
    return handled, consumer, chunk


def test_work_that_waits_is_dropped() -> None:
    handled, consumer, _ = asyncio.run(_give_up(steps=2))
    assert handled == [1]
    assert consumer._in_flight == {}
    assert consumer._durable == {}, "nothing of it may be committed"


def test_work_that_has_not_taken_its_first_step_is_dropped() -> None:
    handled, consumer, _ = asyncio.run(_give_up(steps=0))
    assert handled == []
    assert consumer._in_flight == {}
    assert consumer._durable == {}, "nothing of it may be committed"
