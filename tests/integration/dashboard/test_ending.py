"""Whoever reads Redis ends when told to, at whatever step of an exchange it is told."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterable
from typing import Any

from streams.dashboard.follower import Follower
from streams.dashboard.hub import Hub
from streams.dashboard.store import Store
from streams.local import LocalStack
from tests.integration.dashboard.kit import POLICY, WITHIN_S, Shelf, now_ms

STEPS = 60  # turns of the loop; an exchange takes fewer than ten


async def stays_at(work: Callable[[], Coroutine[Any, Any, None]], steps: Iterable[int]) -> int | None:
    """After how many turns of the loop the work was told to end and did not; None when it ended after any of them."""
    for turns in steps:
        task = asyncio.create_task(work())
        for _ in range(turns):
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.wait([task], timeout=WITHIN_S)
        if not (task.done() and task.cancelled()):
            return turns
    return None


def test_a_reader_ends_at_any_step_of_an_exchange(stack: LocalStack, names: Any, shelf: Shelf) -> None:
    shelf.report()

    async def work() -> int | None:
        store = Store(stack.redis_url, names.redis_prefix)

        async def read_for_ever() -> None:
            while True:
                assert await store.texts("summary")

        try:
            return await stays_at(read_for_ever, range(STEPS))
        finally:
            await store.close()

    assert asyncio.run(work()) is None


def test_the_follower_ends_at_any_step(stack: LocalStack, names: Any, shelf: Shelf) -> None:
    for number in range(20):
        shelf.put(f"C{number}")
    shelf.report()

    async def work() -> int | None:
        store, hub = Store(stack.redis_url, names.redis_prefix), Hub()
        try:
            return await stays_at(lambda: Follower(store, POLICY, hub, now_ms).run(), range(0, 5 * STEPS, 3))
        finally:
            await store.close()

    assert asyncio.run(work()) is None
