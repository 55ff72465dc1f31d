"""The Redis view on a real Redis: what readers find, who may write, what an erased customer leaves."""

from __future__ import annotations

import asyncio
import json
from decimal import Decimal
from typing import Any

import pytest

from streams.adapters.redis_view import PartitionProgress
from streams.errors import FencedError, ViewError

MIDNIGHT_MS = 1_794_182_400_000  # 2026-11-09T00:00:00Z


def test_a_customer_is_found_under_every_key_that_readers_use(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            update = bench.update(
                "C1",
                7,
                segment="nurture",
                priority=32.1,
                next_at_ms=1_796_000_000_000,
                account=b'{"name":"Example"}',
                revenue=Decimal("450000"),
            )
            await view.write(0, 1, 8, [update])
            assert await view.reached(0) == (1, 8)

    run(work())
    assert json.loads(bench.redis.get(bench.key("customer:C1"))) == {"customer_id": "C1", "at": 7}
    assert bench.redis.get(bench.key("account:C1")) == b'{"name":"Example"}'
    assert bench.zset("segment:nurture") == {"C1": 32.1}
    assert bench.zset("next") == {"C1": 1_796_000_000_000.0}
    summary = bench.summary()
    assert summary["customers:nurture"] == "1"
    assert summary["revenue:nurture"] == "450000"
    assert summary["policy_version"] == "2026-11-test@00000000"
    assert summary["applied:0"] == "8"
    assert json.loads(bench.redis.hget(bench.key("playbooks"), "nurture"))["title"] == "育成"


def test_a_customer_is_never_in_two_lists(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0, segment="nurture", priority=20.0, next_at_ms=5)])
            await view.write(0, 1, 2, [bench.update("C1", 1, segment="retain", priority=9e5)])
            assert (bench.zset("segment:nurture"), bench.zset("segment:retain")) == ({}, {"C1": 9e5})
            assert bench.zset("next") == {}
            await view.write(0, 1, 3, [bench.update("C1", 2, segment="retain", former=True, priority=1.0)])
            assert (bench.zset("segment:retain"), bench.zset("lifecycle:former")) == ({}, {"C1": 1.0})
            await view.write(0, 1, 4, [bench.update("C1", 3, segment="expand", priority=2.0)])
            assert (bench.zset("segment:expand"), bench.zset("lifecycle:former")) == ({"C1": 2.0}, {})

    run(work())
    counts = {k: v for k, v in bench.summary().items() if k.startswith("customers:")}
    assert counts == {
        "customers:nurture": "0",
        "customers:retain": "0",
        "customers:former": "0",
        "customers:expand": "1",
    }


def test_sums_stay_exact_where_doubles_would_not(bench: Any, run: Any) -> None:
    amounts = [Decimal("999999999999999.999999"), Decimal("0.000001"), Decimal("0.1"), Decimal("0.2"), Decimal("-3.5")]

    async def work() -> None:
        async with bench.view() as view:
            updates = [bench.update(f"C{n}", n, segment="expand", revenue=a) for n, a in enumerate(amounts)]
            await view.write(0, 1, 5, updates[:2])
            await view.write(1, 1, 5, updates[2:])
            assert bench.summary()["revenue:expand"] == "999999999999996.8"  # 1e15 + 0.3 - 3.5
            await view.write(0, 1, 6, [bench.update("C0", 5, segment="expand", revenue=Decimal(0))])
            assert bench.summary()["revenue:expand"] == "-3.199999"  # 0.000001 + 0.3 - 3.5
            await view.write(1, 1, 7, [bench.update("C4", 6, segment="nurture", revenue=Decimal("-0.25"))])
            assert bench.summary()["revenue:expand"] == "0.300001"
            assert bench.summary()["revenue:nurture"] == "-0.25"

    run(work())


def test_an_erased_customer_leaves_nothing(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            keep = bench.update("C2", 1, segment="nurture", revenue=Decimal("2.5"))
            gone = bench.update("C1", 0, segment="nurture", next_at_ms=9, account=b"{}", revenue=Decimal("1.25"))
            await view.write(0, 1, 2, [gone, keep])
            await bench.publish(make_signal("C1", 10), make_signal("C2", 11))
            await view.settled()
            assert bench.listed("C1") == ["C1-10"]
            assert bench.streamed() == ["C1-10", "C2-11"]
            strangers = [bench.redis.xadd(bench.key("signals"), {name: "hello"}) for name in ("data", "other")]
            await view.write(0, 1, 3, [bench.update("C1", 2, public=None, erased_at_ms=MIDNIGHT_MS + 60_000)])
            await bench.publish(
                make_signal("C1", 12, effective_at="2026-11-09T00:00:12.000Z")
            )  # caused before, fed after
            await view.settled()
            await swept(bench)
            bench.redis.xdel(bench.key("signals"), *strangers)

    run(work())
    left = [key for key in bench.redis.scan_iter(match=bench.key("*")) if b"C1" in key]
    assert left == []
    everything = b"".join(_contents(bench))
    assert b"C1" not in everything
    assert bench.summary()["customers:nurture"] == "1"
    assert bench.summary()["revenue:nurture"] == "2.5"
    assert bench.streamed() == ["C2-11"]


def test_a_customer_who_comes_back_after_an_erasure_is_not_reminded_of_the_time_before(
    bench: Any, run: Any, make_signal: Any
) -> None:
    erased_at_ms = MIDNIGHT_MS + 60_000

    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await bench.publish(make_signal("C1", 30))
            await view.settled()
            await view.write(0, 1, 2, [bench.update("C1", 1, public=None, erased_at_ms=erased_at_ms)])
            await view.write(0, 1, 3, [bench.update("C1", 2, erased_at_ms=erased_at_ms)])
            await bench.publish(make_signal("C1", 31), make_signal("C1", 60), make_signal("C1", 90))
            await view.settled()
            await swept(bench)

    run(work())
    assert bench.listed("C1") == ["C1-90"]
    assert bench.streamed() == ["C1-90"]


def test_a_customer_never_shown_is_not_taken_for_an_erased_one(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0, public=None)])
            await bench.publish(make_signal("C1", 1))
            await view.settled()
            await view.write(0, 1, 2, [bench.update("C1", 1)])

    run(work())
    assert bench.listed("C1") == ["C1-1"]


def test_a_lower_epoch_is_refused_and_changes_nothing(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as old, bench.view() as new:
            await old.write(0, 1, 1, [bench.update("C1", 0, segment="nurture")])
            await new.write(0, 2, 1, [])
            with pytest.raises(FencedError, match="epoch 2"):
                await old.write(0, 1, 2, [bench.update("C1", 1, segment="retain")])
            assert await new.reached(0) == (2, 1)
            await old.write(1, 1, 5, [])  # another partition is another matter

    run(work())
    assert bench.zset("segment:nurture") == {"C1": 0.0}


def test_an_older_update_of_the_same_epoch_is_ignored_but_a_newer_epoch_may_step_back(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 3, 10, [bench.update("C1", 9, segment="nurture")])
            await view.write(0, 3, 11, [bench.update("C1", 8, segment="retain")])
            assert bench.zset("segment:nurture") == {"C1": 0.0}
            await view.write(
                0, 3, 12, [bench.update("C1", 9, segment="nurture", priority=4.0)]
            )  # the same again: refreshed
            assert bench.zset("segment:nurture") == {"C1": 4.0}
            await view.write(0, 4, 12, [bench.update("C1", 8, segment="retain")])  # what a stale owner had written
            assert (bench.zset("segment:nurture"), bench.zset("segment:retain")) == ({}, {"C1": 0.0})

    run(work())


def test_a_batch_larger_than_one_call_is_written_whole(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            updates = [bench.update(f"C{n}", n, segment="expand", revenue=Decimal("1.1")) for n in range(1_001)]
            await view.write(0, 1, 1_001, updates)
            assert await view.reached(0) == (1, 1_001)

    run(work())
    assert len(bench.zset("segment:expand")) == 1_001
    assert bench.summary()["revenue:expand"] == "1101.1"


def test_a_store_that_lost_what_was_written_says_so_until_it_is_asked(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 5, [bench.update("C1", 4, revenue=Decimal(3))])
            bench.redis.delete(*bench.redis.scan_iter(match=bench.key("*")))
            for _ in range(2):
                with pytest.raises(ViewError):
                    await view.write(0, 1, 6, [])
            assert await view.reached(0) is None
            await view.write(0, 1, 6, [bench.update("C1", 5, revenue=Decimal(4))])
            assert await view.reached(0) == (1, 6)

    run(work())
    assert bench.summary()["revenue:streamline"] == "4"
    assert bench.redis.hget(bench.key("playbooks"), "nurture") is not None


@pytest.mark.parametrize("then", [4, 5])
def test_a_store_that_came_back_older_is_noticed(bench: Any, run: Any, then: int) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 4, [])
            before = bench.redis.dump(key := bench.key("view:partition:0"))
            await view.write(0, 1, then, [])  # of an equal offset: what time alone has caused
            bench.redis.restore(key, 0, before, replace=True)
            with pytest.raises(ViewError):
                await view.write(0, 1, 6, [])
            assert await view.reached(0) is None
            await view.write(0, 1, 6, [])
            assert await view.reached(0) == (1, 6)

    run(work())


def test_what_another_worker_has_written_meanwhile_is_not_taken_for_an_older_store(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view, bench.view() as other:
            await view.write(0, 1, 4, [])
            assert await other.reached(0) == (1, 4)
            await other.write(0, 2, 7, [])
            assert await view.reached(0) == (2, 7)
            await view.write(0, 3, 7, [])
            assert await view.reached(0) == (3, 7)

    run(work())


def test_another_application_clears_the_view_and_the_one_before_stops(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as first, bench.view(app="second") as second:
            await first.write(0, 7, 5, [bench.update("C1", 4, revenue=Decimal(3))])
            bench.redis.set(bench.key("notifier:position"), "kept")
            assert await second.reached(0) is None
            await second.write(0, 1, 1, [bench.update("C2", 0, revenue=Decimal(1))])
            with pytest.raises(FencedError, match="second"):
                await first.write(0, 7, 6, [])

    run(work())
    assert bench.redis.get(bench.key("customer:C1")) is None
    assert bench.redis.get(bench.key("notifier:position")) == b"kept"
    assert bench.zset("segment:streamline") == {"C2": 0.0}
    assert bench.summary()["customers:streamline"] == "1"


def test_readers_see_how_far_behind_the_view_is(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 2, 5, [])
            await view.write(1, 1, 9, [])
            await view.report([PartitionProgress(0, 2, 40, 1_794_182_400_000, 45)], 1_794_182_401_500)
            await view.report([PartitionProgress(1, 1, 2, 1_794_182_400_250)], 1_794_182_402_000)
            await view.report([PartitionProgress(0, 1, 999, None)], 1_794_182_409_000)  # an owner of the past

    run(work())
    summary = bench.summary()
    assert (summary["lag"], summary["lag:0"], summary["lag:1"]) == ("42", "40", "2")
    assert summary["newest_event"] == "2026-11-09T00:00:00.250Z"
    assert summary["seen_at"] == "2026-11-09T00:00:01.500Z"  # the partition heard of longest ago
    assert (summary["applied:0"], summary["applied:1"]) == ("5", "9")
    assert (summary["end:0"], summary["end:1"]) == ("45", "0")


async def swept(bench: Any) -> None:
    """Wait until nothing is left to be swept; the view does it between two reads."""
    while bench.redis.exists(bench.key("view:sweep")):
        await asyncio.sleep(0.02)


def _contents(bench: Any) -> list[bytes]:
    """Everything that can be read below the prefix."""
    read = {
        b"string": bench.redis.get,
        b"hash": bench.redis.hgetall,
        b"list": lambda key: bench.redis.lrange(key, 0, -1),
        b"zset": lambda key: bench.redis.zrange(key, 0, -1),
        b"set": bench.redis.smembers,
        b"stream": bench.redis.xrange,
    }
    keys = bench.redis.scan_iter(match=bench.key("*"))
    return [repr(read[bench.redis.type(key)](key)).encode() for key in keys]
