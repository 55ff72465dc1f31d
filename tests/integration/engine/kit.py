"""A bed for engine tests: topics, worker processes, facts, and what a batch recomputation says of the log."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
import zlib
from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, KafkaException, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

with warnings.catch_warnings():  # kafka-python 3.0 reads its own files in a way that Python 3.11 and 3.12 deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.admin import KafkaAdminClient, MemberToRemove

ROOT = Path(__file__).parents[3]
TOY = Path(__file__).with_name("toy.py")
OWN = ("events", "changelog", "signals", "states")
READY_S, CAUGHT_UP_S = 40.0, 60.0  # a busy machine; a test that needs them is about to fail
EVERY = 5


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


class Worker:
    """A process that runs the toy worker; its output goes to a file."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(TOY)], cwd=ROOT, stdout=out, stderr=out, env=os.environ | env
            )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, within_s: float = 40.0) -> int:
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        return self.exit(within_s)

    def exit(self, within_s: float = 40.0) -> int:
        try:
            code = self.process.wait(within_s)
            print(f"--- {self.log.name} ended with {code}\n{self.text()[-3_000:]}")  # shown when the test fails
            return code
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)  # it tells where its threads and tasks are
            time.sleep(1)
            self.kill()
            raise AssertionError(f"the worker did not end within {within_s} s:\n{self.text()}") from None


@dataclass
class Bed:
    """Topics with one prefix on one broker, and the workers on them."""

    brokers: str
    prefix: str
    app: str
    folder: Path
    partitions: int = 2
    env: dict[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.admin = AdminClient({"bootstrap.servers": self.brokers, "log_level": 0})
        self._producer = Producer(
            {"bootstrap.servers": self.brokers, "linger.ms": 5, "log_level": 0, "enable.idempotence": True}
        )
        self._counts: dict[str, int] = {}

    # -- topics and workers

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

    def worker(self, **env: str) -> Worker:
        mine = {
            "TOY_BROKERS": self.brokers, "TOY_PREFIX": self.prefix, "TOY_APP": self.app, "PYTHONPATH": str(ROOT),
            "TOY_LOG": "INFO",
        }  # fmt: skip
        worker = Worker(mine | self.env | env, self.folder / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self.workers:
            if worker.alive():
                worker.signal(signal.SIGCONT)
                worker.kill()
        self._producer.flush(10)
        mine = [t for t in self.admin.list_topics(timeout=10).topics if t.startswith(self.prefix)]
        for done in (self.admin.delete_topics(mine) if mine else {}).values():
            done.result(30)

    def members(self) -> list[str]:
        """Ids of all that the broker holds for members of the group."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            return [m["member_id"] for m in admin.describe_groups([self.app])[self.app]["members"]]
        finally:
            admin.close()

    def bury(self) -> None:
        """Let the group forget its killed members at once instead of after their session timeout."""
        assert not any(worker.alive() for worker in self.workers)
        if members := self.members():
            admin = KafkaAdminClient(bootstrap_servers=self.brokers)
            try:
                admin.remove_group_members(self.app, [MemberToRemove(member_id=member) for member in members])
            finally:
                admin.close()

    # -- records

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
        consumer = self._consumer(self.app)
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

    def wait_caught_up(self, *names: str) -> None:
        # seen once is enough: the worker may append a clock record at any moment
        caught_up = wait_until(lambda: self.caught_up(*names) or self._dead(), CAUGHT_UP_S, 0.2)
        assert not self._dead(), self._logs()
        assert caught_up, self._logs()

    def _dead(self) -> bool:
        return bool(self.workers) and not any(w.alive() for w in self.workers)

    def _logs(self) -> str:
        return "\n".join(f"--- {w.log.name} exit {w.process.poll()}\n{w.text()[-3000:]}" for w in self.workers)

    def states(self) -> dict[str, dict[str, Any]]:
        """The last public state of each key."""
        rows = {r.key.decode(): json.loads(r.value) for r in self.dump("states") if r.key and r.value}
        return {k: {f: v[f] for f in ("n", "total", "digest")} for k, v in rows.items()}

    def signals(self) -> dict[str, set[tuple[str, int]]]:
        """Every content with which each output was published."""
        found: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for record in self.dump("signals"):
            said = json.loads(record.value or b"")
            found[said["id"]].add((said["cause"], said["total"]))
        return dict(found)


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


def recompute(events: list[Record]) -> tuple[dict[str, dict[str, Any]], dict[str, set[tuple[str, int]]]]:
    """Public states and outputs of a log, in one batch and written another way than the worker."""
    rows: dict[str, dict[str, Any]] = {}
    outputs: dict[str, set[tuple[str, int]]] = {}
    alarms: dict[str, list[tuple[int, str]]] = defaultdict(list)
    now: dict[int, int] = defaultdict(int)
    counted: set[tuple[bytes, bytes | None]] = set()
    homes: dict[str, int] = {}

    def ring(key: str, until_ms: int) -> None:
        for _, cause in sorted(a for a in alarms[key] if a[0] <= until_ms):
            outputs[f"{key}:alarm:{cause}"] = {(cause, rows[key]["total"])}
        alarms[key] = [a for a in alarms[key] if a[0] > until_ms]

    for record in events:
        now[record.partition] = max(now[record.partition], record.appended_ms)
        if record.headers.get("kakuhan-kind", b"fact") != b"fact":
            continue
        copy = (record.headers.get("kakuhan-origin"), record.key)
        if copy[0] is not None and copy in counted:
            continue
        counted.add(copy)  # type: ignore[arg-type]
        key = (record.key or b"").decode()
        homes[key] = record.partition
        row = rows.setdefault(key, {"n": 0, "total": 0, "digest": 0})
        loaded = record.headers.get("kakuhan-loaded")
        ring(key, int(loaded.split()[1]) if loaded else now[record.partition])
        fact = json.loads(record.value or b"")
        row["n"] += 1
        row["total"] += fact["amount"]
        row["digest"] = zlib.crc32(fact["id"].encode(), row["digest"])
        if fact.get("alarm_ms"):
            alarms[key].append((fact["alarm_ms"], fact["id"]))
        if row["n"] % EVERY == 0:
            outputs[f"{key}:{row['n']}"] = {(fact["id"], row["total"])}
    for key in list(alarms):
        ring(key, now[homes[key]])
    return rows, outputs


def assert_exact(bed: Bed) -> None:
    """States and outputs are those of a recomputation: none missing, none unexplained, repeats identical."""
    rows, outputs = recompute(bed.dump("events"))
    states, signals = bed.states(), bed.signals()
    wrong = {k: (states.get(k), rows.get(k)) for k in states.keys() | rows.keys() if states.get(k) != rows.get(k)}
    assert not wrong, dict(list(wrong.items())[:3])
    assert signals.keys() - outputs.keys() == set(), "outputs the log does not explain"
    assert outputs.keys() - signals.keys() == set(), "outputs that were never published"
    assert signals == outputs
