"""When a worker counts as one that does not get on: it must have partitions open, and stand still in them."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka import TopicPartition
from mode import Service

from streams.engine import watchdog as module
from streams.engine.app import EngineApp
from streams.engine.stats import Stats
from streams.engine.watchdog import Watchdog

PLACE, STALL_S = TopicPartition("events", 0), 120.0


class Worker:
    """A worker with one partition, which stands at offset 100 of 150; time is what a test says."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now_s, self.deaths = 1000.0, list[str]()
        monkeypatch.setattr(module, "monotonic", lambda: self.now_s)
        monkeypatch.setattr(module, "die", self.deaths.append)
        thread = SimpleNamespace(ends=self._ends, generation=lambda: 1)
        self.consumer = SimpleNamespace(tasks={}, session=0, _thread=thread, assignment=lambda: {PLACE})
        self.app = SimpleNamespace(consumer=self.consumer, is_restoring=False)
        self.dog = Watchdog(self.app, STALL_S)
        self.open()

    async def _ends(self, places: Any) -> dict[TopicPartition, int]:
        return {PLACE: 150}

    def open(self) -> None:
        self.consumer.tasks = {PLACE: SimpleNamespace(stats=SimpleNamespace(next_offset=100))}
        self.app.is_restoring = False

    def close(self) -> None:
        """As at a rebalance, after which a partition takes its time."""
        self.consumer.tasks, self.app.is_restoring = {}, True
        self.consumer.session += 1

    async def look(self, after_s: float) -> None:
        self.now_s += after_s
        self.dog._expect_tasks()
        if self.consumer.tasks:
            await self.dog._look()


def test_a_partition_that_stands_still_for_too_long_ends_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(monkeypatch)

    async def story() -> None:
        await worker.look(0)
        await worker.look(STALL_S - 1)
        assert not worker.deaths
        await worker.look(1)

    asyncio.run(story())
    assert worker.deaths == ["events[0] stands at offset 100 of 150 for 120 s"]


def test_the_time_in_which_a_partition_was_closed_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    worker = Worker(monkeypatch)

    async def story() -> None:
        await worker.look(0)
        worker.close()
        for _ in range(6):
            await worker.look(STALL_S / 6)
        worker.open()
        await worker.look(1)

    asyncio.run(story())
    assert worker.deaths == []


def test_a_restore_cut_short_by_a_rebalance_does_not_end_the_next_one() -> None:
    async def story() -> list[bool]:
        async def opening(*_: Any) -> None:
            try:
                await asyncio.Event().wait()
            finally:
                await asyncio.sleep(0.01)  # a reader is closed

        app: Any = SimpleNamespace(_opened=[], _restores=0, stats=Stats(), _fold=None, _kept={}, _open=opening)
        app.consumer = SimpleNamespace(assignment=lambda: [PLACE])
        rebalance, runner = asyncio.Event(), Service()
        first = asyncio.ensure_future(runner.wait_first(EngineApp.restore(app, 1), rebalance))
        await asyncio.sleep(0)
        rebalance.set()
        await first  # it was cancelled, and may not have ended
        rebalance.clear()
        second = asyncio.ensure_future(runner.wait_first(EngineApp.restore(app, 2), rebalance))
        await asyncio.sleep(0.05)
        meanwhile = EngineApp.is_restoring.fget(app)  # type: ignore[attr-defined]
        rebalance.set()
        await second
        await asyncio.sleep(0.05)
        return [meanwhile, EngineApp.is_restoring.fget(app)]  # type: ignore[attr-defined]

    assert asyncio.run(story()) == [True, False]
