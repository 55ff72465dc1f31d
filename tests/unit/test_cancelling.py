"""A task that is told to end ends, whatever a library makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

import pytest

from streams.cancelling import heed_cancel


async def passed_over() -> None:
    """As `asyncio.wait_for` of Python 3.11 may do: give a result although the task was told to end."""
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        return


async def failed() -> None:
    """The same, where what was waited for had failed."""
    try:
        await asyncio.sleep(10)
    except asyncio.CancelledError:
        raise OSError("broken pipe") from None


@pytest.mark.parametrize("call", [passed_over, failed])
def test_a_cancellation_that_a_call_passed_over_ends_the_task(call: Callable[[], Awaitable[None]]) -> None:
    async def work() -> list[str]:
        did: list[str] = []

        async def heeding() -> None:
            with heed_cancel():
                await call()
            did.append("went on")

        task = asyncio.create_task(heeding())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return did

    assert asyncio.run(work()) == []


def test_results_errors_and_time_outs_are_as_ever() -> None:
    async def work() -> None:
        with heed_cancel():
            await asyncio.sleep(0)
        with pytest.raises(OSError, match="away"), heed_cancel():
            raise OSError("away")
        with pytest.raises(TimeoutError), heed_cancel():
            async with asyncio.timeout(0.01):
                await asyncio.sleep(10)

    asyncio.run(work())


def test_what_is_done_after_a_cancellation_is_not_cancelled_by_it_again() -> None:
    async def work() -> list[str]:
        did: list[str] = []

        async def tidying() -> None:
            try:
                await asyncio.sleep(10)
            finally:
                with heed_cancel():
                    await asyncio.sleep(0)
                did.append("tidied")

        task = asyncio.create_task(tidying())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        return did

    assert asyncio.run(work()) == ["tidied"]


def test_a_time_out_around_a_call_that_passes_it_over_is_one() -> None:
    async def work() -> None:
        async with asyncio.timeout(0.01):
            with heed_cancel():
                await passed_over()

    with pytest.raises(TimeoutError):
        asyncio.run(work())
