"""Calls of a script that share a round trip to a real Redis: each gets its own answer, and none waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from typing import Any

import pytest
from redis.exceptions import RedisError, ResponseError

from streams.adapters.redis_calls import ScriptCalls
from streams.adapters.redis_client import connect

# adds to a counter, or to what is none
SCRIPT = "return {redis.call('INCRBY', ARGV[1], ARGV[2])}"
BOTH = 2


def with_calls(bench: Any, work: Any) -> Coroutine[Any, Any, Any]:
    async def opened() -> Any:
        redis = connect(bench.settings.redis_url)
        calls = ScriptCalls(redis, SCRIPT)
        try:
            return await work(calls, redis)
        finally:
            await calls.close()
            await redis.aclose()

    return opened()


def test_calls_made_while_one_is_on_its_way_go_together_in_order(bench: Any, run: Any) -> None:
    round_trips: list[int] = []

    async def work(calls: ScriptCalls, redis: Any) -> list[Any]:
        send = calls._run

        async def noted(given: Any) -> Any:
            round_trips.append(len(given))
            return await send(given)

        calls._run = noted  # type: ignore[method-assign]
        await calls.call([bench.key("n"), 0])  # the script is known from now on
        first = calls.call([bench.key("n"), 1])
        await asyncio.sleep(0)
        rest = [calls.call([bench.key("n"), number]) for number in (10, 100, 1_000)]
        return await asyncio.gather(first, *rest)

    assert run(with_calls(bench, work)) == [[1], [11], [111], [1_111]]
    assert round_trips[-BOTH:] == [1, 3]


def test_a_refused_call_takes_no_other_with_it(bench: Any, run: Any) -> None:
    bench.redis.set(bench.key("text"), "none")

    async def work(calls: ScriptCalls, redis: Any) -> list[Any]:
        given = [calls.call([bench.key(name), 1]) for name in ("n", "text", "m")]
        return await asyncio.gather(*given, return_exceptions=True)

    well, refused, well_too = run(with_calls(bench, work))
    assert (well, well_too) == ([1], [1])
    assert isinstance(refused, ResponseError)
    assert "not an integer" in str(refused)


def test_a_redis_that_has_forgotten_the_script_is_given_it_again_and_runs_each_call_once(bench: Any, run: Any) -> None:
    async def work(calls: ScriptCalls, redis: Any) -> list[Any]:
        await calls.call([bench.key("n"), 1])
        await redis.script_flush()
        return await asyncio.gather(*(calls.call([bench.key("n"), 1]) for _ in range(BOTH)))

    assert run(with_calls(bench, work)) == [[2], [3]]


def test_calls_to_a_redis_that_is_away_fail_at_once_and_later_ones_are_tried(
    own_redis: Any, away: Any, run: Any
) -> None:
    async def work(calls: ScriptCalls, redis: Any) -> list[Any]:
        await calls.call([away.key("n"), 1])
        own_redis.program.kill()
        failed = await asyncio.gather(*(calls.call([away.key("m"), 1]) for _ in range(BOTH)), return_exceptions=True)
        own_redis.program.start()
        return [*failed, await calls.call([away.key("m"), 5])]

    *failed, well = run(with_calls(away, work))
    assert all(isinstance(found, RedisError | OSError) for found in failed), failed
    assert well == [5], "nothing of the failed calls was done"


def test_one_who_does_not_wait_any_more_holds_up_nobody(bench: Any, run: Any) -> None:
    async def work(calls: ScriptCalls, redis: Any) -> Any:
        gone, stays = calls.call([bench.key("n"), 1]), calls.call([bench.key("n"), 1])
        gone.cancel()
        found = await stays
        with pytest.raises(asyncio.CancelledError):
            await gone
        return found

    assert run(with_calls(bench, work)) == [2]
