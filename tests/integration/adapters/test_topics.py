"""Topics on a real broker: how they are made, what is found wrong with those that exist."""

from __future__ import annotations

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka.admin import AdminClient, ConfigResource, ResourceType

from streams.adapters.topics import Difference, ensure_topics
from streams.errors import BrokerError
from streams.settings import Settings

DAY_MS = 86_400_000


@pytest.fixture
def settings(stack: Any, names: Any, create_topics: Callable[..., None]) -> Settings:
    """Fresh names; `create_topics` deletes what has them afterwards."""
    return Settings(brokers=stack.brokers, app=names.app, topic_prefix=names.prefix, partitions=3)


def test_everything_missing_is_made_as_the_documents_say(settings: Settings) -> None:
    report = ensure_topics(settings)
    assert report.ok
    assert report.differences == ()
    assert report.present == ()
    assert len(report.created) == 14
    made = _configs(settings, report.created)
    events = made[settings.events]
    assert events["message.timestamp.type"] == "LogAppendTime"
    assert {made[topic]["message.timestamp.type"] for topic in settings.sources} == {"LogAppendTime"}
    assert made[settings.changelog]["message.timestamp.type"] == "LogAppendTime"
    assert made[settings.dead_letters]["message.timestamp.type"] == "CreateTime"
    assert (events["cleanup.policy"], events["retention.ms"]) == ("delete", "-1")
    assert made[settings.changelog]["cleanup.policy"] == "compact"
    assert made[settings.changelog]["min.compaction.lag.ms"] == "3600000"
    assert made[settings.signals]["retention.ms"] == str(90 * DAY_MS)
    assert made[settings.dead_letters]["retention.ms"] == str(30 * DAY_MS)
    assert made[settings.unmatched_companies]["retention.ms"] == str(30 * DAY_MS)
    for topic in (settings.customer_states, settings.accounts, settings.loads):
        assert made[topic]["cleanup.policy"] == "compact"
    assert int(made[settings.dead_letters]["max.message.bytes"]) > int(made[settings.purchases]["max.message.bytes"])
    assert _partitions(settings, report.created) == dict.fromkeys(report.created, 3)


def test_a_second_time_nothing_is_made_and_nothing_differs(settings: Settings) -> None:
    created = ensure_topics(settings).created
    again = ensure_topics(replace(settings, partitions=5))  # what exists decides, not the setting
    assert (again.created, again.differences) == ((), ())
    assert set(again.present) == set(created)
    assert again.partitions == 3
    assert again.lines()[0].endswith("as it should be")


def test_what_exists_with_other_settings_is_reported_and_left_alone(
    settings: Settings, create_topics: Callable[..., None]
) -> None:
    create_topics("events", partitions=4, config={"message.timestamp.type": "CreateTime", "retention.ms": "1000"})
    create_topics("signals", partitions=2, config={"retention.ms": str(90 * DAY_MS), "max.message.bytes": "9000000"})
    create_topics("accounts", "purchases", partitions=1)
    report = ensure_topics(settings)
    assert not report.ok
    assert report.partitions == 4
    assert set(report.differences) == {
        Difference(settings.events, "message.timestamp.type", "CreateTime", "LogAppendTime", True),
        Difference(settings.events, "retention.ms", "1000", "-1", False),
        Difference(settings.events, "max.message.bytes", "1048588", "4194304", False),
        Difference(settings.signals, "partitions", "2", "4", True),
        *(
            Difference(topic, "message.timestamp.type", "CreateTime", "LogAppendTime", False)
            for topic in (settings.signals, settings.accounts, settings.purchases)
        ),
        Difference(settings.accounts, "cleanup.policy", "delete", "compact", True),
        Difference(settings.accounts, "max.compaction.lag.ms", "9223372036854775807", str(DAY_MS), False),
    }
    assert _partitions(settings, (settings.changelog, settings.customer_states)) == {
        settings.changelog: 4,
        settings.customer_states: 4,
    }
    told = json.loads(report.to_json())
    assert told["ok"] is False
    assert told["differences"][0].keys() == {"topic", "setting", "found", "expected", "serious"}
    assert f"{settings.signals}: partitions is 2, 4 expected (wrong)" in report.lines()


def test_without_creating_missing_topics_are_what_is_wrong(settings: Settings) -> None:
    report = ensure_topics(settings, create=False)
    assert not report.ok
    assert report.created == ()
    assert len(report.differences) == 14


def test_a_refusal_names_the_topic_and_the_brokers_reason(settings: Settings) -> None:
    with pytest.raises(BrokerError, match=r"events.*replication factor") as caught:
        ensure_topics(replace(settings, replication=3))
    assert len(str(caught.value)) < 300


def test_two_at_once_make_each_topic_once(settings: Settings) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: ensure_topics(settings), range(2))
    assert sorted((*first.created, *second.created)) == sorted(_partitions_all(settings))
    assert first.ok
    assert second.ok


def test_a_broker_that_is_away_is_said_in_our_words() -> None:
    with pytest.raises(BrokerError, match=r"127\.0\.0\.1:1"):
        ensure_topics(Settings(brokers="127.0.0.1:1"))


def _admin(settings: Settings) -> AdminClient:
    return AdminClient({"bootstrap.servers": settings.brokers, "log_level": 0})


def _configs(settings: Settings, topics: tuple[str, ...]) -> dict[str, dict[str, str]]:
    """Asked with another client than the one that made them."""
    client = _admin(settings)
    asked = client.describe_configs([ConfigResource(ResourceType.TOPIC, topic) for topic in topics])
    return {resource.name: {k: e.value for k, e in answer.result(30).items()} for resource, answer in asked.items()}


def _partitions_all(settings: Settings) -> list[str]:
    topics = _admin(settings).list_topics(timeout=30).topics
    return [topic for topic in topics if topic.startswith(settings.topic_prefix)]


def _partitions(settings: Settings, topics: tuple[str, ...]) -> dict[str, int]:
    client = _admin(settings)
    found = client.list_topics(timeout=30).topics
    return {topic: len(found[topic].partitions) for topic in topics}
