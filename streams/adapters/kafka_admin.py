"""kafka-python for commands that a person runs: clients that are closed, errors in our words.

It must not know what the records say.
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from streams.adapters.kafka_address import away, require_answer
from streams.errors import BrokerError

with warnings.catch_warnings():  # kafka-python 3.0 reads its own files in a way that Python 3.11 and 3.12 deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka import KafkaConsumer, KafkaProducer, TopicPartition
    from kafka.admin import ConfigResource, ConfigResourceType, KafkaAdminClient
    from kafka.errors import GroupIdNotFoundError, KafkaError, KafkaTimeoutError, TopicAlreadyExistsError

__all__ = [
    "ConfigResource",
    "ConfigResourceType",
    "GroupIdNotFoundError",
    "KafkaAdminClient",
    "KafkaConsumer",
    "KafkaProducer",
    "TopicAlreadyExistsError",
    "TopicPartition",
    "admin",
    "broker_errors",
    "consumer",
    "partitions_of",
    "producer",
    "read_all",
    "require_topics",
]

# A person waits: a broker that does not answer within that time is said to be away.
FIRST_ANSWER_MS = 10_000
ANSWER_MS = 30_000
# How long one read waits for records before it is asked whether to go on.
POLL_MS = 250


@contextmanager
def broker_errors(doing: str) -> Iterator[None]:
    """Translate what kafka-python says.

    Raises:
        BrokerError: Kafka is away or refused; the message says what was being done.
    """
    try:
        yield
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Kafka, {doing}: {error or type(error).__name__}") from error


@contextmanager
def _connecting(brokers: str) -> Iterator[None]:
    require_answer(brokers)
    try:
        yield
    except KafkaTimeoutError as error:
        raise away(brokers, "something accepts connections there, but it is no Kafka that is ready") from error
    except (KafkaError, OSError) as error:
        raise away(brokers, error) from error


@contextmanager
def admin(brokers: str) -> Iterator[KafkaAdminClient]:
    """An admin client, closed at the end.

    Raises:
        BrokerError: No broker answers.
    """
    with _connecting(brokers):
        client = KafkaAdminClient(
            bootstrap_servers=brokers.split(","), bootstrap_timeout_ms=FIRST_ANSWER_MS, request_timeout_ms=ANSWER_MS
        )
    try:
        yield client
    finally:
        client.close()


@contextmanager
def consumer(brokers: str, **options: Any) -> Iterator[KafkaConsumer]:
    """A consumer without a group that reads from the beginning, unless told otherwise committed records only.

    It is closed at the end.

    Raises:
        BrokerError: No broker answers.
    """
    with _connecting(brokers):
        client = KafkaConsumer(
            bootstrap_servers=brokers.split(","),
            bootstrap_timeout_ms=FIRST_ANSWER_MS,
            group_id=None,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            **{"isolation_level": "read_committed"} | options,
        )
    try:
        yield client
    finally:
        client.close()


@contextmanager
def producer(brokers: str) -> Iterator[KafkaProducer]:
    """A producer whose records are acknowledged by all copies, closed at the end.

    Raises:
        BrokerError: No broker answers.
    """
    with _connecting(brokers):
        client = KafkaProducer(
            bootstrap_servers=brokers.split(","),
            bootstrap_timeout_ms=FIRST_ANSWER_MS,
            acks="all",
            enable_idempotence=True,
            max_request_size=4 << 20,
        )
    try:
        yield client
    finally:
        client.close()


def read_all(client: KafkaConsumer, topic: str, on_read: Callable[[int, int], None] | None = None) -> Iterator[Any]:
    """The records that a topic holds now, each partition in its order; `on_read` is told (read, total) offsets.

    Raises:
        BrokerError: Kafka went away, or does not know the topic.
    """
    with broker_errors(f"reading {topic}"):
        tps = partitions_of(client, topic)
        client.assign(tps)
        client.seek_to_beginning(*tps)
        firsts, ends = client.beginning_offsets(tps), client.end_offsets(tps)
        total = sum(ends[tp] - firsts[tp] for tp in tps)
        while left := [tp for tp in tps if client.position(tp) < ends[tp]]:
            for records in client.poll(timeout_ms=POLL_MS).values():
                yield from (record for record in records if record.offset < ends[_of(record)])
            if on_read is not None:
                on_read(total - sum(max(ends[tp] - client.position(tp), 0) for tp in left), total)


def require_topics(brokers: str, *topics: str) -> None:
    """Refuse to go on without these topics; a producer would look for a missing one for a minute.

    Raises:
        BrokerError: Kafka is away, or a topic is missing.
    """
    with consumer(brokers) as client, broker_errors("listing topics"):
        known = client.topics()
    for topic in topics:
        if topic not in known:
            raise _no_topic(topic)


def partitions_of(client: KafkaConsumer, topic: str) -> list[TopicPartition]:
    """All partitions of a topic.

    Raises:
        BrokerError: There is no such topic.
    """
    found = client.partitions_for_topic(topic)
    if not found:
        raise _no_topic(topic)
    return [TopicPartition(topic, partition) for partition in sorted(found)]


def _no_topic(topic: str) -> BrokerError:
    return BrokerError(f"there is no topic {topic}; `kakuhan topics` makes it")


def _of(record: Any) -> TopicPartition:
    return TopicPartition(record.topic, record.partition)
