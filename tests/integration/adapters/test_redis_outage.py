"""A Redis that goes away, hangs, refuses, forgets: the caller is told, and afterwards the view is whole again."""

from __future__ import annotations

import asyncio
import time
from decimal import Decimal
from typing import Any

import pytest

from streams.adapters import redis_client
from streams.adapters.redis_view import RedisView
from streams.errors import ViewError


async def _eventually(write: Any, within_s: float = 15.0) -> None:
    """Try again as the engine does: ask how far the store is, then write."""
    until = time.monotonic() + within_s
    while True:
        try:
            await write()
            return
        except ViewError:
            assert time.monotonic() < until
            await asyncio.sleep(0.1)


def test_a_killed_redis_is_said_at_once_and_what_was_published_meanwhile_is_fed(
    own_redis: Any, away: Any, run: Any, make_signal: Any
) -> None:
    async def work() -> None:
        async with away.view() as view:
            await view.write(0, 1, 1, [away.update("C1", 0, revenue=Decimal(5))])
            await away.publish(make_signal("C1", 1))
            await view.settled()
            await asyncio.sleep(1.2)  # Redis writes its file once a second
            own_redis.program.kill()
            with pytest.raises(ViewError):
                await view.write(0, 1, 2, [away.update("C1", 1, revenue=Decimal(6))])
            await away.publish(make_signal("C1", 2))
            own_redis.program.start()
            assert await _asked(view) == (1, 1)
            await view.write(0, 1, 2, [away.update("C1", 1, revenue=Decimal(6))])
            await view.settled()

    run(work(), 60.0)
    assert away.summary()["revenue:streamline"] == "6"
    assert away.listed("C1") == ["C1-2", "C1-1"]
    assert away.streamed() == ["C1-1", "C1-2"]


def test_a_frozen_redis_counts_as_away_after_the_time_out(
    own_redis: Any, away: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_client, "ANSWER_TIMEOUT_S", 0.5)

    async def work() -> None:
        async with away.view() as view:
            await view.write(0, 1, 1, [])
            own_redis.program.freeze()
            try:
                with pytest.raises(ViewError):
                    await view.write(0, 1, 2, [away.update("C1", 1)])
            finally:
                own_redis.program.thaw()
            await _asked(view)
            await view.write(0, 1, 2, [away.update("C1", 1)])

    run(work())
    assert away.zset("segment:streamline") == {"C1": 0.0}
    assert away.summary()["customers:streamline"] == "1"


@pytest.mark.parametrize(
    ("breaking", "mending"),
    [
        (("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
        (("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    ],
    ids=["out of memory", "read-only"],
)
def test_a_redis_that_refuses_to_write_has_written_nothing_of_the_batch(
    away: Any, run: Any, breaking: tuple[str, ...], mending: tuple[str, ...]
) -> None:
    async def work() -> None:
        async with away.view() as view:
            await view.write(0, 1, 1, [away.update("C1", 0, segment="nurture", revenue=Decimal(5))])
            away.redis.execute_command(*breaking)
            try:
                with pytest.raises(ViewError):
                    await view.write(0, 1, 2, [away.update("C1", 1, segment="retain", revenue=Decimal(7))])
                assert away.zset("segment:nurture") == {"C1": 0.0}
                assert away.summary()["revenue:nurture"] == "5"
            finally:
                away.redis.execute_command(*mending)
            await _asked(view)
            await view.write(0, 1, 2, [away.update("C1", 1, segment="retain", revenue=Decimal(7))])

    run(work())
    assert (away.zset("segment:nurture"), away.zset("segment:retain")) == ({}, {"C1": 0.0})
    assert (away.summary()["revenue:nurture"], away.summary()["revenue:retain"]) == ("0", "7")


def test_a_redis_emptied_between_two_commands_is_noticed_and_filled_again(
    away: Any, run: Any, make_signal: Any
) -> None:
    async def work() -> None:
        async with away.view() as view:
            for partition in (0, 1):
                await view.write(partition, 1, 1, [away.update(f"C{partition}", 0)])
            await away.publish(*(make_signal("C0", n) for n in range(30)))
            await away.publish(make_signal("C1", 3), partition=1)
            await view.settled()
            away.redis.flushall()
            for partition in (0, 1):

                async def anew(partition: int = partition) -> None:
                    await view.reached(partition)
                    await view.write(partition, 1, 2, [away.update(f"C{partition}", 1)])

                with pytest.raises(ViewError):
                    await view.write(partition, 1, 2, [])
                await _eventually(anew)
            await view.settled()

    run(work())
    assert len(away.streamed()) == 31
    assert away.listed("C0") == [f"C0-{n}" for n in range(29, 9, -1)]
    assert away.listed("C1") == ["C1-3"]
    assert away.summary()["customers:streamline"] == "2"


def test_a_redis_that_came_back_older_gets_the_signals_it_lost(away: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with away.view() as view:
            await view.write(0, 1, 1, [away.update("C1", 0)])
            await away.publish(make_signal("C1", 1))
            await view.settled()
            partition, listed = away.key("view:partition:0"), away.key("customer-signals:C1")
            position, before = away.redis.hget(partition, "signals_next"), away.redis.lrange(listed, 0, -1)
            await away.publish(make_signal("C1", 2))
            await view.settled()
            away.redis.hset(partition, "signals_next", position)  # as if the last second had not been saved
            away.redis.delete(listed)
            away.redis.rpush(listed, *before)
            assert await view.reached(0) == (1, 1)
            await view.settled()

    run(work())
    assert away.listed("C1") == ["C1-2", "C1-1"]


def test_a_worker_may_start_and_end_while_redis_is_away(own_redis: Any, away: Any, run: Any) -> None:
    own_redis.program.stop()

    async def work() -> None:
        async with away.view() as view:
            with pytest.raises(ViewError):
                await view.reached(0)
            with pytest.raises(ViewError):
                await view.write(0, 1, 1, [])

    run(work())
    own_redis.program.start()


async def _asked(view: RedisView) -> tuple[int, int] | None:
    """Ask until Redis answers."""
    found: list[tuple[int, int] | None] = []

    async def ask() -> None:
        found.append(await view.reached(0))

    await _eventually(ask)
    return found[-1]
