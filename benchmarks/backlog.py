"""A log full of events, and what its fold must come to; it must not know who folds it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from confluent_kafka import Consumer, TopicPartition

from benchmarks.decisions import digest
from benchmarks.events import log_events
from benchmarks.installation import ANSWER_S, producer
from schemas.log import LogEvent, decode_event, encode_event
from streams.domain.plan import Plan
from streams.domain.record import Record
from streams.domain.state import State, encode_state
from streams.domain.step import step
from streams.engine.fold import Origin
from streams.engine.headers import log_headers

OpenEvent = Callable[[LogEvent, int | None], LogEvent]


@dataclass(frozen=True, slots=True)
class Expected:
    """What everybody must come to."""

    ends: dict[int, int]
    until_ms: int
    digest: str
    signals: int
    purchases: int
    micros: int  # money of all purchases, in millionths


def fill(brokers: str, topic: str, seed: int, customers: int, count: int, *, from_sources: bool = True) -> None:
    """Append that many events, as intake would; those from nowhere do not get into the way of later ones of sources."""
    client, offsets = producer(brokers), Counter[str]()
    for event in log_events(seed, customers, count, time.time_ns() // 1_000_000):
        headers = log_headers(origin=Origin(event.topic, 0, offsets[event.topic]) if from_sources else None)
        offsets[event.topic] += 1
        client.produce(topic, encode_event(event), event.customer_id.encode(), headers=headers)
        client.poll(0)
    assert client.flush(ANSWER_S) == 0


def expected(brokers: str, topic: str, plan: Plan, open_event: OpenEvent | None = None) -> Expected:
    """Decide the whole topic one record after the other; `open_event` makes sealed events readable."""
    states, ends, until_ms = dict[bytes, State](), dict[int, int](), 0
    signals = purchases = micros = 0
    for message in _read(brokers, topic):
        key, appended_ms = message.key(), message.timestamp()[1]
        until_ms, ends[message.partition()] = max(until_ms, appended_ms), message.offset() + 1
        if key is None:  # a clock record
            continue
        event = decode_event(message.value())
        event = event if event.sealed is None or open_event is None else open_event(event, None)
        if event.type == "purchase":
            purchases, micros = purchases + 1, micros + int(Decimal(event.amount or 0) * 1_000_000)
        states[key], found = step(states.get(key) or State(key.decode()), Record(event, appended_ms, appended_ms), plan)
        signals += len(found)
    stored = ((key, encode_state(state)) for key, state in states.items())
    return Expected(ends, until_ms, digest(stored, until_ms, plan), signals, purchases, micros)


def _read(brokers: str, topic: str) -> Iterator[Any]:
    client = Consumer({"bootstrap.servers": brokers, "group.id": "looking", "enable.partition.eof": True})
    partitions = client.list_topics(topic, ANSWER_S).topics[topic].partitions
    client.assign([TopicPartition(topic, partition, 0) for partition in partitions])
    left = len(partitions)
    while left:
        for message in client.consume(10_000, 0.05):
            if message.error() is not None:
                left -= 1
            else:
                yield message
    client.close()
