"""Keys on a real broker: durable before use, seen by others, destroyed; and a reader that waits for them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from confluent_kafka import Producer

from schemas.log import LogEvent
from streams.adapters.customer_keys import CustomerKeys, key_record
from streams.errors import BrokerError
from streams.privacy.sealing import KeyPlace, strip
from streams.settings import Settings

LIMIT_S = 60.0


def note(customer_id: str, text: str = "相談", **fields: Any) -> LogEvent:
    return LogEvent(topic="crm-activities", type="inquiry", customer_id=customer_id, text=text, **fields)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def limited() -> Any:
        return await asyncio.wait_for(work(), LIMIT_S)

    return asyncio.run(limited())


async def until(holds: Callable[[], bool]) -> None:
    while not holds():
        await asyncio.sleep(0.02)


def produce(settings: Settings, key: bytes, value: bytes | None, partition: int = 0) -> None:
    producer = Producer({"bootstrap.servers": settings.brokers})
    producer.produce(settings.customer_keys, value, key, partition=partition)
    assert producer.flush(30) == 0


def test_what_one_worker_seals_another_opens(settings: Settings) -> None:
    async def work() -> None:
        async with CustomerKeys(settings) as one, CustomerKeys(settings) as other:
            events = [
                note("C1"),
                note("C2"),
                LogEvent(topic="purchases", type="purchase", customer_id="C1", amount="1"),
            ]
            sealed = await one.seal(events)
            assert [event.text for event in sealed] == [None, None, None]
            assert sealed[2] == events[2]
            await other.wait_for(filter(None, (KeyPlace.of(event.sealed or "") for event in sealed)))
            assert [other.open(event) for event in sealed] == events
        async with CustomerKeys(settings) as later:
            assert [later.open(event) for event in sealed] == events
            again = await later.seal([note("C1")])
            assert KeyPlace.of(again[0].sealed or "") == KeyPlace.of(sealed[0].sealed or "")  # no second key

    run(work)


def test_a_reader_waits_for_a_key_that_it_has_not_seen_yet(settings: Settings) -> None:
    async def work() -> None:
        async with CustomerKeys(settings) as keys:
            waiting = asyncio.create_task(keys.wait_for([KeyPlace("aa" * 8, 1, 0)]))
            await asyncio.sleep(0.3)
            assert not waiting.done()
            await asyncio.to_thread(produce, settings, key_record("aa" * 8, "C1"), b"s" * 32, 1)
            await waiting
            assert keys.ring.find("C1", "aa" * 8) is not None

    run(work)


def test_a_key_of_a_topic_that_was_recreated_is_not_waited_for_for_ever(settings: Settings) -> None:
    async def work() -> None:
        async with CustomerKeys(settings) as keys:
            await keys.wait_for([KeyPlace("aa" * 8, 0, 1_000)])

    run(work)


def test_after_an_erasure_another_key_seals_and_the_past_is_dropped(settings: Settings) -> None:
    async def work() -> None:
        async with CustomerKeys(settings) as keys:
            (old,) = await keys.seal([note("C1")])
            (made,) = keys.ring.of("C1")
            await asyncio.to_thread(produce, settings, b"erased C1", b"%d" % made.made_ms)
            await asyncio.to_thread(produce, settings, key_record(made.id, "C1"), None, made.partition)
            await until(lambda: not list(keys.ring.of("C1")))
            before, after = await keys.seal(
                [note("C1", occurred_ms=made.made_ms - 1), note("C1", occurred_ms=made.made_ms)]
            )
            assert before == strip(note("C1", occurred_ms=made.made_ms - 1))
            assert KeyPlace.of(after.sealed or "") != KeyPlace.of(old.sealed or "")
            assert keys.open(after, made.made_ms).text == "相談"
            assert keys.open(old, made.made_ms).text is None  # although it opens for a while for who lags
            assert keys.open(old).text == "相談"

    run(work)


def test_a_missing_topic_is_said(settings: Settings) -> None:
    async def work() -> None:
        async with CustomerKeys(Settings(brokers=settings.brokers, topic_prefix="nowhere.")):
            pass

    with pytest.raises(BrokerError, match=r"there is no topic nowhere\.customer-keys"):
        run(work)
