"""Records of topics as any Kafka client sees them; it must not know our own readers and writers."""

from __future__ import annotations

import contextlib
import json
import logging
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaError, KafkaException, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

with warnings.catch_warnings():  # kafka-python 3.0 reads its own files in a way that Python 3.11 and 3.12 deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.admin import KafkaAdminClient, MemberToRemove
    from kafka.errors import KafkaError as AdminError

ANSWER_S = 30.0
NOT_YET = (KafkaError.NOT_COORDINATOR, KafkaError.NOT_LEADER_FOR_PARTITION, KafkaError.UNKNOWN_TOPIC_OR_PART)


@dataclass(frozen=True, slots=True)
class Entry:
    """A record; `at_ms` is its Kafka timestamp."""

    topic: str
    partition: int
    offset: int
    at_ms: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]

    def header(self, name: str) -> str | None:
        """The text of a header; of several the last."""
        return next((text.decode() for found, text in reversed(self.headers) if found == name), None)

    def json(self) -> Any:
        """What the value says."""
        return json.loads(self.value or b"")


class Cluster:
    """One broker, asked from outside."""

    def __init__(self, brokers: str) -> None:
        self.brokers = brokers
        self.admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
        self._consumers: dict[tuple[str, str], Consumer] = {}
        self._counts: dict[str, int] = {}

    def create(self, partitions: dict[str, int], **config: str) -> None:
        new = [NewTopic(topic, count, 1, config=config) for topic, count in partitions.items()]
        for done in self.admin.create_topics(new, operation_timeout=ANSWER_S).values():
            done.result(ANSWER_S)

    def topics(self, prefix: str) -> dict[str, int]:
        """Topics with that prefix and their partition counts."""
        found = self.admin.list_topics(timeout=ANSWER_S).topics
        return {name: len(topic.partitions) for name, topic in found.items() if name.startswith(prefix)}

    def _partitions(self, topic: str) -> int:
        """How many partitions the topic has; asked once, as it never changes here."""
        if topic not in self._counts:
            self._counts[topic] = self.topics(topic)[topic]
        return self._counts[topic]

    def delete(self, prefix: str) -> None:
        mine = list(self.topics(prefix))
        for done in (self.admin.delete_topics(mine, operation_timeout=ANSWER_S) if mine else {}).values():
            done.result(ANSWER_S)

    def dump(self, topic: str, isolation: str = "read_committed") -> list[Entry]:
        """All records of a topic by partition and offset."""
        found: list[Entry] = []
        consumer = self._consumer(isolation=isolation)
        left = set(range(self._partitions(topic)))
        consumer.list_topics(topic, timeout=ANSWER_S)  # else a client takes a second to find the leaders of a new topic
        consumer.assign([TopicPartition(topic, partition, 0) for partition in left])
        while left:
            message = consumer.poll(ANSWER_S)
            assert message is not None, f"{topic} cannot be read to its end"
            if message.error() is not None:  # the end of a partition
                left.discard(message.partition())
            else:
                found.append(_entry(message))
        consumer.unassign()
        return sorted(found, key=lambda entry: (entry.partition, entry.offset))

    def ends(self, topic: str, isolation: str = "read_committed") -> dict[int, int]:
        """The offset up to which each partition can be read."""
        consumer = self._consumer(isolation=isolation)
        return {p: _end_of(consumer, TopicPartition(topic, p)) for p in range(self._partitions(topic))}

    def committed(self, group: str, topic: str) -> dict[int, int]:
        """What the group has committed, 0 where nothing."""
        partitions = range(self._partitions(topic))
        asked = [TopicPartition(topic, p) for p in partitions]
        found = _patiently(lambda: self._consumer(group).committed(asked, timeout=ANSWER_S))
        return {tp.partition: max(tp.offset, 0) for tp in found}

    def bury(self, *groups: str) -> None:
        """Let groups forget members that were killed, instead of waiting for their session timeout."""
        logging.getLogger("kafka").setLevel(logging.ERROR)  # it cannot read what members say about themselves
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            for group in groups:
                with contextlib.suppress(AdminError):  # a group that never came to be has nobody to bury
                    members = admin.describe_groups([group])[group]["members"]
                    gone = [MemberToRemove(member_id=member["member_id"]) for member in members]
                    admin.remove_group_members(group, gone) if gone else None
        finally:
            admin.close()

    def close(self) -> None:
        for consumer in self._consumers.values():
            consumer.close()
        self._consumers = {}

    def _consumer(self, group: str = "looking", isolation: str = "read_committed") -> Consumer:
        """One that is never a member of the group."""
        if (group, isolation) not in self._consumers:
            self._consumers[group, isolation] = Consumer(
                {
                    "bootstrap.servers": self.brokers,
                    "group.id": group,
                    "log_level": 0,
                    "enable.auto.commit": False,
                    "auto.offset.reset": "earliest",
                    "isolation.level": isolation,
                    "enable.partition.eof": True,
                    "fetch.wait.max.ms": 5,  # the end of a partition is told at once
                }
            )
        return self._consumers[group, isolation]


def _end_of(consumer: Consumer, partition: TopicPartition) -> int:
    end: int = _patiently(lambda: consumer.get_watermark_offsets(partition, timeout=ANSWER_S))[1]
    return end


def _patiently(ask: Callable[[], Any]) -> Any:
    """Ask a broker that may not have found a leader or coordinator yet."""
    until = time.monotonic() + ANSWER_S
    while True:
        try:
            return ask()
        except KafkaException as error:
            told = error.args[0]
            if time.monotonic() > until or not (told.retriable() or told.code() in NOT_YET):
                raise
            time.sleep(0.1)


def _entry(message: Any) -> Entry:
    headers = tuple(message.headers() or [])
    place = message.topic(), message.partition(), message.offset()
    return Entry(*place, message.timestamp()[1], message.key(), message.value(), headers)
