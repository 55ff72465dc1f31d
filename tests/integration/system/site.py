"""One installation for a test: names of its own on the shared Kafka and Redis, and what a user does with it.

It must not know what the worker decides.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaError, Producer
from redis import Redis

from streams.settings import SOURCES
from tests.integration.system import processes
from tests.integration.system.processes import Worker, wait_until
from tests.integration.system.topics import Cluster, Entry

CAUGHT_UP_S = 90.0  # a busy machine; a test that needs them is about to fail
JAVA, LIBRDKAFKA = "murmur2_random", "consistent_random"  # how clients choose partitions by default

Line = Mapping[str, Any]


@dataclass
class Site:
    """Settings, files and processes of one installation; `close` ends and removes all of it."""

    brokers: str
    redis_url: str
    name: str
    folder: Path
    policy: Path
    partitions: int = 2
    app: str = "kakuhan"
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.kafka = Cluster(self.brokers)
        self.redis: Any = Redis.from_url(self.redis_url, decode_responses=True)  # its types leave bytes or text open
        self._producers: dict[str, Producer] = {}
        self._others: list[subprocess.Popen[bytes]] = []
        self._undelivered: list[str] = []
        self._closed = False

    # -- names

    @property
    def prefix(self) -> str:
        return f"{self.name}."

    @property
    def group(self) -> str:
        """The app's name is also that of its consumer group."""
        return f"{self.name}-{self.app}"

    def topic(self, name: str) -> str:
        return self.prefix + name

    def key(self, name: str) -> str:
        """A key in Redis."""
        return f"{self.name}:{name}"

    @property
    def env(self) -> dict[str, str]:
        return {
            "KAKUHAN_BROKERS": self.brokers,
            "KAKUHAN_REDIS_URL": self.redis_url,
            "KAKUHAN_APP": self.group,
            "KAKUHAN_TOPIC_PREFIX": self.prefix,
            "KAKUHAN_REDIS_PREFIX": f"{self.name}:",
            "KAKUHAN_POLICY": str(self.policy),
            "KAKUHAN_PARTITIONS": str(self.partitions),
        }

    # -- what a user does

    def command(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """A command with this installation's settings, ended."""
        return processes.run(*arguments, env=self.env)

    def ok(self, *arguments: str | Path) -> str:
        """The output of a command that must succeed."""
        done = self.command(*arguments)
        assert done.returncode == 0, f"{arguments} ended with {done.returncode}\n{done.stdout}{done.stderr}"
        return done.stdout

    def begin(self, *arguments: str | Path) -> subprocess.Popen[bytes]:
        """A command that goes on."""
        self._others.append(processes.start(*arguments, env=self.env, log=self.folder / "others.log"))
        return self._others[-1]

    def worker(self, *options: str, **env: str) -> Worker:
        log = self.folder / f"worker-{len(self.workers)}.log"
        self.workers.append(Worker(*options, env=self.env | env, log=log))
        return self.workers[-1]

    def bury(self) -> None:
        """Let the broker forget killed workers at once."""
        assert not any(worker.alive() for worker in self.workers)
        self.kafka.bury(self.group, f"{self.group}-unmatched")

    def write(self, lines: Iterable[Line], name: str = "events.jsonl") -> Path:
        """The lines as a file."""
        path = self.folder / name
        path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines))
        return path

    # -- records

    def send(self, lines: Iterable[Line], partitioner: str = JAVA) -> None:
        """Lines into their source topics, as any producer would."""
        for line in lines:
            value = line["value"]
            key = line.get("key", value and value.get("customer_id"))
            self.produce(line["topic"], key, None if value is None else json.dumps(value).encode(), partitioner)
        self.flush()

    def produce(
        self,
        topic: str,
        key: str | None,
        value: bytes | None,
        partitioner: str = JAVA,
        headers: dict[str, str] | None = None,
    ) -> None:
        """One record, not flushed."""
        producer = self._producer(partitioner)
        raw = None if key is None else key.encode()
        sent = list((headers or {}).items())
        while True:
            try:
                producer.produce(self.topic(topic), value, raw, headers=sent, on_delivery=self._delivered)
                return
            except BufferError:
                producer.poll(0.05)

    def _delivered(self, error: KafkaError | None, _: object) -> None:
        if error is not None:
            self._undelivered.append(str(error))

    def flush(self) -> None:
        """Return once Kafka has taken everything that was produced."""
        for producer in self._producers.values():
            assert producer.flush(30) == 0
        assert not self._undelivered

    def _producer(self, partitioner: str) -> Producer:
        if partitioner not in self._producers:
            config = {"bootstrap.servers": self.brokers, "linger.ms": 2, "acks": "all", "log_level": 0}
            self._producers[partitioner] = Producer(config | {"partitioner": partitioner})
        return self._producers[partitioner]

    def dump(self, name: str, isolation: str = "read_committed") -> list[Entry]:
        return self.kafka.dump(self.topic(name), isolation)

    # -- waiting

    def wait_caught_up(self) -> None:
        """Everything sent so far is in the log, decided, and shown."""
        caught_up = wait_until(lambda: self.failed() or self._is_caught_up(), CAUGHT_UP_S, 0.15)
        assert caught_up, f"not caught up within {CAUGHT_UP_S} s\n{self.told()}"
        assert not self.failed(), self.told()

    def _is_caught_up(self) -> bool:
        return self.is_taken_in() and self.redis.hget(self.key("summary"), "lag") == "0" and self.is_fed()

    def is_taken_in(self) -> bool:
        """Whether everything sent so far is in the log and decided."""
        for name in (*SOURCES, "events"):
            ends = self.kafka.ends(self.topic(name))
            committed = self.kafka.committed(self.group, self.topic(name))
            if any(committed[partition] < end for partition, end in ends.items()):
                return False
        return True

    def is_fed(self) -> bool:
        """Whether Redis shows every signal published so far."""
        ends = self.kafka.ends(self.topic("signals"))
        fed = {p: self.redis.hget(self.key(f"view:partition:{p}"), "signals_next") for p in ends}
        return all(int(fed[p] or 0) >= end for p, end in ends.items())

    def failed(self) -> bool:
        """Whether a worker that was started has ended, and none is left."""
        return bool(self.workers) and not any(worker.alive() for worker in self.workers)

    def told(self) -> str:
        """What the workers said last."""
        return "\n".join(worker.told() for worker in self.workers)

    def stop(self) -> None:
        """End the workers in order."""
        codes = [worker.stop() for worker in self.workers if worker.alive()]
        assert set(codes) <= {0}, self.told()

    def close(self) -> None:
        """End and remove everything; a second time does nothing."""
        if self._closed:
            return
        self._closed = True
        for process in (*(worker.process for worker in self.workers), *self._others):
            if process.poll() is None:
                process.kill()
                process.wait()
        self.kafka.delete(self.prefix)
        self.kafka.close()
        for names in _batches(self.redis.scan_iter(match=self.key("*"), count=1_000)):
            self.redis.unlink(*names)
        self.redis.close()


def _batches(names: Iterable[str], size: int = 500) -> Iterable[list[str]]:
    batch: list[str] = []
    for name in names:
        batch.append(name)
        if len(batch) == size:
            yield batch
            batch = []
    if batch:
        yield batch
