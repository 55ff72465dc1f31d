"""Whoever reads Redis ends when told to, at whatever step of an exchange it is told."""

from __future__ import annotations

import asyncio
from typing import Any

from streams.dashboard.follower import Follower
from streams.dashboard.hub import Hub
from streams.dashboard.store import Store
from streams.local import LocalStack
from tests.integration.dashboard.kit import POLICY, WITHIN_S, Shelf, now_ms

STEPS = 60  # turns of the loop; an exchange takes fewer than ten


async def ended(task: asyncio.Task[Any]) -> bool:
    """Whether the task is over soon after it was told to end."""
    task.cancel()
    done, _ = await asyncio.wait([task], timeout=WITHIN_S)
    return bool(done) and task.cancelled()


def test_a_reader_ends_at_any_step_of_an_exchange(stack: LocalStack, names: Any, shelf: Shelf) -> None:
    shelf.report()

    async def work() -> list[int]:
        store = Store(stack.redis_url, names.redis_prefix)

        async def read_for_ever() -> None:
            while True:
                assert await store.texts("summary")

        stayed = []
        try:
            for steps in range(STEPS):
                task = asyncio.create_task(read_for_ever())
                for _ in range(steps):
                    await asyncio.sleep(0)
                if not await ended(task):
                    stayed.append(steps)
                    break
        finally:
            await store.close()
        return stayed

    assert asyncio.run(work()) == []


def test_the_follower_ends_at_any_step(stack: LocalStack, names: Any, shelf: Shelf) -> None:
    for number in range(20):
        shelf.put(f"C{number}")
    shelf.report()

    async def work() -> list[int]:
        store, hub = Store(stack.redis_url, names.redis_prefix), Hub()
        stayed = []
        try:
            for steps in range(0, 5 * STEPS, 3):
                task = asyncio.create_task(Follower(store, POLICY, hub, now_ms).run())
                for _ in range(steps):
                    await asyncio.sleep(0)
                if not await ended(task):
                    stayed.append(steps)
                    break
        finally:
            await store.close()
        return stayed

    assert asyncio.run(work()) == []
