"""Signals in Redis, fed from their topic: order, repeats, outages, an emptied store, several workers."""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import pytest
from confluent_kafka import Producer

from streams.adapters import redis_scripts
from streams.adapters.signal_log import signals
from streams.adapters.signal_stream import RESTORER_LOCK_MS, SignalStream
from streams.errors import ViewError


def test_live_signals_reach_list_stream_and_channels_and_historical_ones_the_list_only(
    bench: Any, run: Any, make_signal: Any
) -> None:
    async def work() -> list[tuple[bytes, str]]:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await view.settled()
            with bench.redis.pubsub() as channels:
                channels.subscribe(bench.key("signals:sales"), bench.key("signals:cs"))
                await bench.publish(
                    make_signal("C1", 1, historical=True),
                    make_signal("C1", 2, audiences=["sales", "cs"]),
                    make_signal("C1", 3),
                )
                await view.settled()
                return _heard(channels, 3)

    heard = run(work())
    assert bench.listed("C1") == ["C1-3", "C1-2", "C1-1"]
    assert bench.streamed() == ["C1-2", "C1-3"]
    channels = [(channel.decode().removeprefix(bench.settings.redis_prefix), which) for channel, which in heard]
    assert sorted(channels) == [("signals:cs", "C1-2"), ("signals:sales", "C1-2"), ("signals:sales", "C1-3")]


def test_a_list_keeps_the_last_twenty_and_repeats_change_nothing(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await view.settled()
            signals = [make_signal("C1", n) for n in range(25)]
            await bench.publish(*signals)
            await bench.publish(*(s | {"detected_at": "2026-11-10T00:00:00.000Z"} for s in signals))
            await view.settled()

    run(work())
    assert bench.listed("C1") == [f"C1-{n}" for n in range(24, 4, -1)]
    assert bench.streamed() == [f"C1-{n}" for n in range(25)]


def test_signals_of_one_instant_keep_their_order(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await bench.publish(*(make_signal("C1", 5, signal_id=f"s{n}") for n in range(3)))
            await view.settled()

    run(work())
    assert bench.listed("C1") == ["s2", "s1", "s0"]


def test_an_emptied_store_gets_lists_and_stream_back_and_followers_get_no_old_news(
    bench: Any, run: Any, make_signal: Any
) -> None:
    async def work() -> None:
        async with bench.view() as view:
            for partition in (0, 1):
                await view.write(partition, 1, 1, [])
            await view.settled()
            for n in range(6):  # alternately on both partitions, a millisecond apart
                await bench.publish(make_signal(f"C{n % 2}", n), partition=n % 2, timestamp_ms=1_794_182_400_000 + n)
            await bench.publish(make_signal("C0", 7, historical=True), timestamp_ms=1_794_182_400_100)
            await view.settled()
            last_seen = bench.redis.xrevrange(bench.key("signals"), count=1)[0][0]
            bench.redis.delete(*bench.redis.scan_iter(match=bench.key("*")))
            for partition in (0, 1):
                assert await view.reached(partition) is None
                await view.write(partition, 1, 1, [bench.update(f"C{partition}", 0)])
            await view.settled()
            assert bench.redis.xrange(bench.key("signals"), f"({last_seen.decode()}") == []
            await bench.publish(make_signal("C1", 9), partition=1)
            await view.settled()
            assert len(bench.redis.xrange(bench.key("signals"), f"({last_seen.decode()}")) == 1

    run(work())
    assert bench.streamed() == ["C0-0", "C1-1", "C0-2", "C1-3", "C0-4", "C1-5", "C1-9"]
    assert bench.listed("C0") == ["C0-7", "C0-4", "C0-2", "C0-0"]
    assert bench.listed("C1") == ["C1-9", "C1-5", "C1-3", "C1-1"]
    assert bench.redis.ttl(bench.key("customer-signals:C1")) == -1


def test_what_was_published_while_no_worker_ran_is_fed_by_the_next_one(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with bench.view() as first:
            await first.write(0, 1, 1, [bench.update("C1", 0)])
            await bench.publish(make_signal("C1", 1))
            await first.settled()
        await bench.publish(make_signal("C1", 2))
        async with bench.view() as second:
            assert await second.reached(0) == (1, 1)
            await second.settled()

    run(work())
    assert bench.listed("C1") == ["C1-2", "C1-1"]
    assert bench.streamed() == ["C1-1", "C1-2"]


def test_two_workers_that_both_think_they_own_a_partition_feed_each_signal_once(
    bench: Any, run: Any, make_signal: Any
) -> None:
    async def work() -> None:
        async with bench.view() as old, bench.view() as new:
            await old.write(0, 1, 1, [bench.update("C1", 0)])
            assert await new.reached(0) == (1, 1)
            for n in range(40):
                await bench.publish(make_signal("C1", n))
            await old.settled()
            await new.write(0, 2, 1, [])
            await bench.publish(make_signal("C1", 40))
            await new.settled()

    run(work())
    assert bench.streamed() == [f"C1-{n}" for n in range(41)]
    assert bench.listed("C1") == [f"C1-{n}" for n in range(40, 20, -1)]


def test_a_feed_that_another_one_has_overtaken_changes_nothing(bench: Any, run: Any, make_signal: Any) -> None:
    same_instant = [make_signal("C1", 5, signal_id=f"s{n}") for n in range(25)]

    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await bench.publish(*same_instant)
            await view.settled()

    run(work())
    before = (bench.listed("C1"), bench.streamed())
    head = [bench.settings.redis_prefix, bench.settings.app, 0, 1, "", 1, 20, 100_000, 60]
    late = ["C1", 0, "s0", same_instant[0]["effective_at"], "1", json.dumps(same_instant[0]), 0]
    said = bench.redis.register_script(redis_scripts.FEED)(args=[*head, *late])
    assert said == [b"moved", b"25"]
    assert (bench.listed("C1"), bench.streamed()) == before
    assert bench.redis.hget(bench.key("view:partition:0"), "signals_next") == b"25"


def test_a_list_without_its_customer_goes_by_itself(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [])
            await bench.publish(make_signal("C1", 1))
            await view.settled()
            assert 0 < bench.redis.ttl(bench.key("customer-signals:C1")) <= 6 * 3600
            await view.write(0, 1, 2, [bench.update("C1", 1)])

    run(work())
    assert bench.redis.ttl(bench.key("customer-signals:C1")) == -1


def test_the_stream_is_restored_by_one_of_several_workers(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        await bench.publish(*(make_signal("C0", n) for n in range(50)))
        await bench.publish(*(make_signal("C1", n) for n in range(50)), partition=1)
        async with bench.view() as one, bench.view() as two:
            await asyncio.gather(one.write(0, 1, 1, []), two.write(1, 1, 1, []))
            await asyncio.gather(one.settled(), two.settled())

    run(work())
    assert sorted(bench.streamed()) == sorted([f"C{p}-{n}" for p in (0, 1) for n in range(50)])


def test_who_was_cut_off_while_restoring_the_stream_begins_again_at_once(
    bench: Any, run: Any, make_signal: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(stream: SignalStream, token: bytes) -> None:
        raise ViewError("Redis went away; it keeps who is restoring")

    async def unheard(stream: SignalStream, token: bytes) -> None:
        monkeypatch.undo()

    async def work() -> None:
        await bench.publish(make_signal("C0", 1))
        monkeypatch.setattr(SignalStream, "_restore", away)
        monkeypatch.setattr(SignalStream, "_let_go", unheard)
        async with bench.view() as view:
            await view.write(0, 1, 1, [])
            async with asyncio.timeout(RESTORER_LOCK_MS / 1000 / 2):
                await view.settled()

    run(work())
    assert bench.streamed() == ["C0-1"]


def test_a_stream_that_another_restores_is_left_to_it(bench: Any, run: Any) -> None:
    lock = bench.key("view:stream-restorer")

    async def work() -> None:
        async with bench.view() as view:
            await view._owner.claim()
            bench.redis.set(lock, b"another")
            with pytest.raises(ViewError, match="another worker"):
                await SignalStream(view._redis, bench.settings).ensure()

    run(work())
    assert bench.redis.get(lock) == b"another"


def test_what_is_no_signal_is_passed_over_and_stops_nothing(bench: Any, run: Any, make_signal: Any) -> None:
    producer = Producer({"bootstrap.servers": bench.settings.brokers})
    for value in (b"hello", b"{}", None, b'{"signal_id": 5, "customer_id": "C1"}'):
        producer.produce(bench.settings.signals, value, b"C1", 0)
    producer.flush(30)

    async def work() -> None:
        await bench.publish(make_signal("C1", 1))
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await view.settled()
            await bench.publish(make_signal("C1", 2))
            await view.settled()

    run(work())
    assert bench.streamed() == ["C1-1", "C1-2"]
    assert bench.listed("C1") == ["C1-2", "C1-1"]
    assert [s["signal_id"] for s in signals(bench.settings)] == ["C1-1", "C1-2"]


@pytest.mark.parametrize("spaces", [True, False])
def test_repeats_are_known_in_either_way_of_writing_json(bench: Any, run: Any, make_signal: Any, spaces: bool) -> None:
    separators = (", ", ": ") if spaces else (",", ":")

    async def work() -> None:
        async with bench.view() as view:
            await view.write(0, 1, 1, [bench.update("C1", 0)])
            await view.settled()
            bench.redis.lpush(bench.key("customer-signals:C1"), json.dumps(make_signal("C1", 1), separators=separators))
            await bench.publish(make_signal("C1", 1))
            await view.settled()

    run(work())
    assert bench.listed("C1") == ["C1-1"]


def _heard(channels: Any, how_many: int) -> list[tuple[bytes, str]]:
    heard: list[tuple[bytes, str]] = []
    until = time.monotonic() + 5
    while len(heard) < how_many and time.monotonic() < until:
        message = channels.get_message(ignore_subscribe_messages=True, timeout=0.1)
        if message:
            heard.append((message["channel"], json.loads(message["data"])["signal_id"]))
    return heard
