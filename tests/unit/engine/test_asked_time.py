"""Whom a worker asks what time it is: the broker, once, with a record that the log allows."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder

from streams.engine.app import EngineApp
from streams.engine.broker_clock import BrokerClock, DatedProducer
from streams.errors import EngineError

APPENDED, CREATED = 1, 0
TOLD_MS = 1_794_182_400_000


class Broker:
    """Acknowledges batches with a date, as a producer of aiokafka tells it."""

    def __init__(self, kind: int) -> None:
        self._kind = kind
        self.asked: list[tuple[str, int, int]] = []  # topic, partition, records

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(1 << 20, 0, is_transactional=False)

    async def send_batch(self, batch: BatchBuilder, topic: str, *, partition: int) -> asyncio.Future[Any]:
        self.asked.append((topic, partition, batch.record_count()))
        ack = asyncio.get_running_loop().create_future()
        asyncio.get_running_loop().call_soon(
            ack.set_result, SimpleNamespace(offset=7, timestamp=TOLD_MS, timestamp_type=self._kind)
        )
        return ack


class Still:
    """A machine on which no time passes."""

    def __call__(self) -> float:
        return 50.0


class App(EngineApp):
    """The part of the app that asks."""

    def __init__(self, broker: Broker) -> None:
        self._broker, self._clock = broker, BrokerClock(Still())

    def kafka_producer(self) -> Any:
        return DatedProducer({"": self._broker}, self._clock)


def test_the_broker_is_asked_once_with_one_clock_record_in_the_log() -> None:
    async def ask() -> list[int]:
        return [await app.ask_broker_ms("kakuhan.events") for _ in range(3)]

    app = App(broker := Broker(APPENDED))
    assert asyncio.run(ask()) == [TOLD_MS] * 3
    assert broker.asked == [("kakuhan.events", 0, 1)]


def test_who_has_been_told_asks_nobody() -> None:
    app = App(broker := Broker(APPENDED))
    app._clock.note(SimpleNamespace(timestamp=TOLD_MS, timestamp_type=APPENDED))
    assert asyncio.run(app.ask_broker_ms("kakuhan.events")) == TOLD_MS
    assert broker.asked == []


def test_a_log_dated_by_its_senders_says_nothing_and_is_named() -> None:
    with pytest.raises(EngineError, match=r"kakuhan\.events has no append time"):
        asyncio.run(App(Broker(CREATED)).ask_broker_ms("kakuhan.events"))
