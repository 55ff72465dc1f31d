"""Dead letters on a real broker: listed as they are, replayed once, as they were."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition

from schemas.dead_letters import DeadLetter
from streams.adapters.dead_letters import Letter, Selection, dead_letters, replay
from streams.errors import BrokerError, SettingsError
from streams.settings import Settings


@pytest.fixture
def settings(stack: Any, names: Any, create_topics: Callable[..., None]) -> Settings:
    create_topics("dead-letters", "purchases", "accounts", partitions=2)
    return Settings(brokers=stack.brokers, app=names.app, topic_prefix=names.prefix)


@pytest.fixture
def refuse(settings: Settings) -> Callable[..., None]:
    """Put a refused record among the dead letters as intake does, with a producer of another make."""

    def put(offset: int, reason: str, topic: str = "purchases", partition: int = 0, **record: Any) -> None:
        source = DeadLetter(settings.topic(topic), 0, offset, reason, f"amount: found {offset}, expected more")
        headers = source.headers(record.pop("headers", []))
        producer = Producer({"bootstrap.servers": settings.brokers})
        given = {"key": b"C1", "value": b'{"event_id": "p%d"}' % offset} | record
        producer.produce(settings.dead_letters, partition=partition, headers=headers, **given)
        producer.flush(30)

    return put


def test_a_letter_is_listed_with_where_it_came_from_and_why(settings: Settings, refuse: Any) -> None:
    refuse(7, "invalid_event", headers=[("ce_id", b"p7")])
    (letter,) = dead_letters(settings)
    assert letter.source == DeadLetter(settings.purchases, 0, 7, "invalid_event", "amount: found 7, expected more")
    assert (letter.name, letter.key, letter.value) == ("0:0", b"C1", b'{"event_id": "p7"}')
    assert letter.headers == [("ce_id", b"p7")]
    assert not letter.replayed


def test_letters_are_chosen_by_topic_reason_name_and_time(settings: Settings, refuse: Any) -> None:
    refuse(1, "invalid_json")
    refuse(2, "unknown_currency")
    refuse(3, "unknown_currency", topic="accounts", partition=1)

    def offsets(**narrowed: Any) -> list[int]:
        return sorted(letter.source.offset for letter in dead_letters(settings, Selection(**narrowed)))

    assert offsets() == [1, 2, 3]
    assert offsets(reasons={"unknown_currency"}) == [2, 3]
    assert offsets(topics={"accounts"}) == [3]
    assert offsets(names={"0:1", "1:0"}) == [2, 3]
    assert offsets(reasons={"unknown_currency"}, topics={"purchases"}) == [2]
    newest = max(letter.at_ms for letter in dead_letters(settings))
    assert offsets(since_ms=newest + 1) == []


def test_replay_sends_the_record_as_it_was_and_only_once(settings: Settings, refuse: Any) -> None:
    refuse(1, "unknown_currency", headers=[("ce_id", b"p1"), ("ce_source", b"shop")])
    refuse(2, "invalid_json", partition=1)
    assert replay(settings, Selection(reasons={"unknown_currency"})) == 1
    assert replay(settings, Selection(reasons={"unknown_currency"})) == 0
    assert _records(settings, settings.purchases) == [
        (b"C1", b'{"event_id": "p1"}', [("ce_id", b"p1"), ("ce_source", b"shop")])
    ]
    assert [letter.source.offset for letter in dead_letters(settings)] == [2]
    everything = list(dead_letters(settings, Selection(replayed=True)))
    assert sorted((letter.source.offset, letter.replayed) for letter in everything) == [(1, True), (2, False)]
    assert replay(settings, Selection(replayed=True)) == 2  # asked for: once more
    assert len(_records(settings, settings.purchases)) == 3
    assert replay(settings) == 0


def test_a_header_without_a_value_keeps_no_letter_from_being_sent_again(settings: Settings, refuse: Any) -> None:
    refuse(1, "unknown_currency", headers=[("trace", None), ("ce_id", b"p1")])
    assert replay(settings) == 1
    assert _records(settings, settings.purchases) == [
        (b"C1", b'{"event_id": "p1"}', [("trace", b""), ("ce_id", b"p1")])
    ]


def test_many_letters_of_one_customer_keep_their_order(settings: Settings, refuse: Any) -> None:
    source = DeadLetter(settings.purchases, 0, 0, "future_event", "later")
    producer = Producer({"bootstrap.servers": settings.brokers})
    for n in range(450):
        producer.produce(settings.dead_letters, b"%d" % n, b"C9", partition=0, headers=source.headers([]))
    producer.flush(30)
    assert replay(settings) == 450
    assert [int(value) for _, value, _ in _records(settings, settings.purchases)] == list(range(450))


def test_a_letter_from_elsewhere_stops_its_batch_before_anything_is_sent(settings: Settings, refuse: Any) -> None:
    refuse(1, "invalid_json")
    refuse(2, "invalid_json", topic="customer-states")
    with pytest.raises(SettingsError, match="customer-states"):
        replay(settings)
    assert _records(settings, settings.purchases) == []


def test_records_that_are_no_letters_are_passed_over(settings: Settings, refuse: Any) -> None:
    producer = Producer({"bootstrap.servers": settings.brokers})
    producer.produce(settings.dead_letters, b"hello", b"C1", partition=0)
    producer.flush(30)
    refuse(1, "missing_key", key=None, value=b"{}")
    letters = list(dead_letters(settings))
    assert [letter.key for letter in letters] == [None]
    assert replay(settings) == 1


def test_a_missing_topic_is_said(settings: Settings) -> None:
    with pytest.raises(BrokerError, match="there is no topic"):
        list(dead_letters(Settings(brokers=settings.brokers, topic_prefix="nowhere.")))


def test_progress_reaches_the_total(settings: Settings, refuse: Any) -> None:
    refuse(1, "invalid_json")
    refuse(2, "invalid_json", partition=1)
    told: list[tuple[int, int]] = []
    letters: list[Letter] = list(dead_letters(settings, progress=lambda done, total: told.append((done, total))))
    assert len(letters) == 2
    assert told[-1] == (2, 2)


def _records(settings: Settings, topic: str) -> list[tuple[Any, Any, Any]]:
    """Everything in a topic, read with a client of another make."""
    client = Consumer({"bootstrap.servers": settings.brokers, "group.id": "looking", "enable.auto.commit": "false"})
    try:
        parts = [TopicPartition(topic, p, 0) for p in client.list_topics(topic, 30).topics[topic].partitions]
        left = sum(client.get_watermark_offsets(part, 30)[1] for part in parts)
        client.assign(parts)
        found = [m for m in (client.poll(30) for _ in range(left)) if m is not None]
        return [(m.key(), m.value(), m.headers() or []) for m in found]
    finally:
        client.close()
