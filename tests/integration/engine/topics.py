"""Topics of one test on a real broker: made, filled, read and removed. It must not know who works on them."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

READY_S = 40.0  # a busy machine; a test that needs it is about to fail


@dataclass(frozen=True)
class Record:
    topic: str
    partition: int
    offset: int
    appended_ms: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]


def java_partition(key: bytes, partitions: int) -> int:
    """Murmur2 as in Kafka's Java client, written out here so that the engine's own is not its own judge."""
    seed, m, mask = 0x9747B28C, 0x5BD1E995, 0xFFFFFFFF
    h = (seed ^ len(key)) & mask
    whole = len(key) // 4 * 4
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i : i + 4], "little") * m & mask
        k = (k ^ (k >> 24)) * m & mask
        h = (h * m & mask) ^ k
    if rest := key[whole:]:
        h = (h ^ int.from_bytes(rest, "little")) * m & mask
    h = (h ^ (h >> 13)) * m & mask
    h ^= h >> 15
    return (h & 0x7FFFFFFF) % partitions


class Topics:
    """Topics with one prefix on one broker; `group` is whose committed offsets are asked for."""

    def __init__(self, brokers: str, prefix: str, group: str, partitions: int) -> None:
        self.brokers, self.prefix, self.group, self.partitions = brokers, prefix, group, partitions
        self.admin = AdminClient({"bootstrap.servers": brokers, "log_level": 0})
        self._producer = Producer(
            {"bootstrap.servers": brokers, "linger.ms": 5, "log_level": 0, "enable.idempotence": True}
        )
        self._counts: dict[str, int] = {}

    def create(self, *names: str, partitions: int | None = None, **config: str) -> None:
        append_time = {"message.timestamp.type": "LogAppendTime"}
        new = [
            NewTopic(
                self.prefix + name, partitions or self.partitions, 1,
                config=config | (append_time if name == "events" else {})
                | ({"cleanup.policy": "compact"} if name in ("changelog", "states") else {}),
            )
            for name in names
        ]  # fmt: skip
        for done in self.admin.create_topics(new, operation_timeout=30).values():
            done.result(30)

    def delete(self, *names: str) -> None:
        for done in self.admin.delete_topics([self.prefix + n for n in names], operation_timeout=30).values():
            done.result(30)
        wait_until(lambda: not {self.prefix + n for n in names} & set(self.admin.list_topics(timeout=10).topics))

    def remove(self) -> None:
        """Delete all of them."""
        self._producer.flush(10)
        mine = [t for t in self.admin.list_topics(timeout=10).topics if t.startswith(self.prefix)]
        for done in (self.admin.delete_topics(mine) if mine else {}).values():
            done.result(30)

    def send(self, topic: str, key: str | None, value: Any, partition: int | None = None, headers: Any = None) -> None:
        raw = None if key is None else key.encode()
        if partition is None:
            partition = java_partition(raw or b"", self.partitions)
        body = value if isinstance(value, bytes) else json.dumps(value).encode()
        while True:
            try:
                self._producer.produce(self.prefix + topic, body, raw, partition, headers=headers)
                return
            except BufferError:
                self._producer.poll(0.05)

    def flush(self) -> None:
        assert self._producer.flush(30) == 0

    def facts(self, count: int, keys: int = 20, begin: int = 0, headers: Any = None) -> None:
        """Append facts e<begin> … to the log, spread over keys k0 …"""
        for i in range(begin, begin + count):
            self.send("events", f"k{i * 7 % keys}", {"id": f"e{i}", "amount": i % 13}, headers=headers)
        self.flush()

    def ends(self, *names: str) -> dict[tuple[str, int], int]:
        consumer = self._consumer("ends")
        try:
            return {
                (name, p): self._end(consumer, TopicPartition(self.prefix + name, p))
                for name in names
                for p in self._partitions(name)
            }
        finally:
            consumer.close()

    def _end(self, consumer: Consumer, tp: TopicPartition) -> int:
        return int(_patiently(lambda: consumer.get_watermark_offsets(tp, timeout=10))[1])

    def committed(self, *names: str) -> dict[tuple[str, int], int]:
        consumer = self._consumer(self.group)
        try:
            tps = [TopicPartition(self.prefix + name, p) for name in names for p in self._partitions(name)]
            found = _patiently(lambda: consumer.committed(tps, timeout=10))
            return {(tp.topic.removeprefix(self.prefix), tp.partition): max(tp.offset, 0) for tp in found}
        finally:
            consumer.close()

    def _partitions(self, name: str) -> Iterable[int]:
        if name not in self._counts:
            topic = self.prefix + name
            self._counts[name] = len(self.admin.list_topics(topic, timeout=10).topics[topic].partitions)
        return range(self._counts[name])

    def _consumer(self, group: str, **options: Any) -> Consumer:
        return Consumer({"bootstrap.servers": self.brokers, "group.id": group, "log_level": 0} | options)

    def dump(self, name: str, isolation: str = "read_committed") -> list[Record]:
        """All records of a topic, by partition and offset."""
        options = {"enable.auto.commit": False, "auto.offset.reset": "earliest", "isolation.level": isolation,
                   "enable.partition.eof": True, "fetch.wait.max.ms": 5}  # fmt: skip
        consumer = self._consumer("dump", **options)
        found: list[Record] = []
        try:
            left = set(self._partitions(name))
            consumer.list_topics(self.prefix + name, timeout=10)  # else the leaders are found a second later
            consumer.assign([TopicPartition(self.prefix + name, p, 0) for p in left])
            while left:
                for message in consumer.consume(5_000, 0.05):
                    if message.error() is not None:
                        left.discard(message.partition())
                        continue
                    found.append(
                        Record(name, message.partition(), message.offset(), message.timestamp()[1], message.key(),
                               message.value(), dict(message.headers() or []))
                    )  # fmt: skip
        finally:
            consumer.close()
        return sorted(found, key=lambda r: (r.partition, r.offset))

    def caught_up(self, *names: str) -> bool:
        names = names or ("events",)
        ends, committed = self.ends(*names), self.committed(*names)
        return all(committed[tp] >= end for tp, end in ends.items())


def _patiently(ask: Callable[[], Any]) -> Any:
    """Ask a broker that has just started, or is just starting again."""
    until = time.monotonic() + READY_S
    while True:
        try:
            return ask()
        except KafkaException:
            if time.monotonic() > until:
                raise
            time.sleep(0.1)


def wait_until(condition: Callable[[], bool], within_s: float = READY_S, every_s: float = 0.1) -> bool:
    """Wait for a condition, and whether it came; the caller asserts what it wants to know."""
    until = time.monotonic() + within_s
    while not (holds := condition()) and time.monotonic() < until:
        time.sleep(every_s)
    return holds
