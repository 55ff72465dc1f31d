"""One installation of Kakuhan on the broker of the benchmarks: its topics, its worker processes, what they have done.

It must not know what is measured.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic
from redis import Redis

from benchmarks.decisions import POLICY, ROOT
from benchmarks.peers.topic_states import last_values
from streams.adapters.topics import ensure_topics
from streams.engine.envelope import state_of
from streams.engine.fatal import EXIT_FATAL
from streams.engine.position import POSITION_KEY
from streams.settings import Settings

PARTITIONS = 4
ANSWER_S = 60.0
LOOK_EVERY_S = 0.02
FAR_ENOUGH_S = 900.0  # no measurement takes that long


@dataclass(frozen=True, slots=True)
class Site:
    """The Kafka and Redis that all measurements share, and a folder for files."""

    brokers: str
    redis_url: str
    folder: Path
    kafka_pid: int
    redis_pid: int


@dataclass
class Installation:
    """Names of its own on the shared Kafka and Redis; `more_env` is added to its processes' environment."""

    site: Site
    name: str
    more_env: dict[str, str] = field(default_factory=dict)
    workers: list[Worker] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.settings = Settings.from_env(self.env)
        report = ensure_topics(self.settings)
        assert report.ok, report.lines()

    @property
    def brokers(self) -> str:
        return self.site.brokers

    @property
    def env(self) -> dict[str, str]:
        return {
            "KAKUHAN_BROKERS": self.brokers,
            "KAKUHAN_REDIS_URL": self.site.redis_url,
            "KAKUHAN_APP": f"{self.name}-app",
            "KAKUHAN_TOPIC_PREFIX": f"{self.name}.",
            "KAKUHAN_REDIS_PREFIX": f"{self.name}:",
            "KAKUHAN_POLICY": str(POLICY),
            "KAKUHAN_PARTITIONS": str(PARTITIONS),
        } | self.more_env

    def policy_version(self) -> str:
        """The version under which its workers decide."""
        script = "import sys, streams.policy_file as p; print(p.load_policy(sys.argv[1]).policy_version)"
        command, env = [sys.executable, "-c", script, str(self.settings.policy)], os.environ | self.env
        return subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=True).stdout.strip()

    def start(self, half: str = "all", look_every_s: float = 0.005) -> Worker:
        """One more worker process; how often it notes how far it is."""
        notes = self.site.folder / f"{self.name}-{len(self.workers)}.jsonl"
        self.workers.append(Worker(self, notes, half, look_every_s))
        return self.workers[-1]

    def revive(self) -> None:
        """Start again what has ended by itself, as a supervisor does; said aloud, as it costs time.

        Raises:
            AssertionError: A worker ended in another way than one that a restart mends.
        """
        for worker in list(self.workers):
            if not worker.alive() and not worker.over:
                assert worker.process.returncode == EXIT_FATAL, worker.told()
                print(f"  a worker is started again: {worker.told()}", file=sys.stderr, flush=True)
                worker.over = True
                self.start(worker.half)

    def stop(self) -> None:
        """End all workers in order."""
        for worker in self.workers:
            worker.stop()

    def close(self) -> None:
        """End and remove everything."""
        for worker in self.workers:
            worker.kill()
        admin = AdminClient({"bootstrap.servers": self.brokers})
        mine = [topic for topic in admin.list_topics(timeout=ANSWER_S).topics if self.name in topic]
        for done in admin.delete_topics(mine, operation_timeout=ANSWER_S).values():
            done.result(ANSWER_S)
        redis: Any = Redis.from_url(self.site.redis_url)
        keys = list(redis.scan_iter(match=f"{self.name}:*", count=10_000))
        for begin in range(0, len(keys), 5_000):
            redis.unlink(*keys[begin : begin + 5_000])
        redis.close()

    def redis(self) -> Any:
        """A client of its Redis."""
        return Redis.from_url(self.site.redis_url, decode_responses=True)

    # -- how far

    def ends(self, topic: str) -> dict[int, int]:
        """The ends of a topic's partitions."""
        client = Consumer({"bootstrap.servers": self.brokers, "group.id": "looking", "log_level": 0})
        partitions = client.list_topics(topic, ANSWER_S).topics[topic].partitions
        found = {p: client.get_watermark_offsets(TopicPartition(topic, p), ANSWER_S)[1] for p in partitions}
        client.close()
        return found

    def begun_s(self) -> float:
        """When the first worker had its partitions (epoch s)."""
        return min(lines[0].at_s for worker in self.workers if (lines := worker.lines()))

    def cpu_s(self, until_s: float) -> float:
        """CPU time that the workers spent from getting their partitions to an instant (epoch s)."""
        return sum(worker.cpu_between_s(until_s) for worker in self.workers)

    def reached_s(self, ends: dict[int, int], shown: bool = False) -> float:
        """When everything before `ends` was durable, or also shown (epoch s); waits for it.

        Raises:
            AssertionError: A worker ended, or it took too long.
        """
        until = time.monotonic() + FAR_ENOUGH_S
        while True:
            came = self._reached(ends, int(shown))
            if came is not None:
                return came
            self.revive()
            assert time.monotonic() < until, f"{self.name} did not reach {ends}"
            time.sleep(LOOK_EVERY_S)

    def _reached(self, ends: dict[int, int], which: int) -> float | None:
        first = dict[int, float]()
        for line in sorted(line for worker in self.workers for line in worker.lines()):
            for partition, places in line.partitions:
                if places[which] >= ends.get(partition, 0):
                    first.setdefault(partition, line.at_s)
        wanted = [partition for partition, end in ends.items() if end]
        return max(first[p] for p in wanted) if all(p in first for p in wanted) else None

    def states(self) -> dict[bytes, bytes]:
        """What the changelog says of every customer."""
        values = last_values(self.brokers, self.settings.changelog)
        return {key: state_of(value) for key, value in values.items() if key != POSITION_KEY}


@dataclass(frozen=True, order=True, slots=True)
class Line:
    """What a worker has noted: when (epoch s), its CPU time so far, and (partition, [durable, shown])."""

    at_s: float
    cpu_s: float
    partitions: list[tuple[int, list[int]]]


class Worker:
    """A worker process and the lines it has noted."""

    def __init__(self, installation: Installation, notes: Path, half: str, look_every_s: float) -> None:
        self._notes, self._log, self.half, self.over = notes, notes.with_suffix(".log"), half, False
        self._read, self._lines = 0, list[Line]()
        command = [sys.executable, "-m", "benchmarks.kakuhan_worker", str(notes), half, str(look_every_s)]
        with self._log.open("wb") as log:
            env = os.environ | installation.env
            self.process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=log, stderr=log)

    def lines(self) -> list[Line]:
        """Every change so far."""
        if self._notes.exists():
            with self._notes.open("rb") as file:
                file.seek(self._read)
                whole = file.read().rpartition(b"\n")[0]
            self._read += len(whole) + 1 if whole else 0
            self._lines += map(_line, whole.splitlines())
        return self._lines

    def cpu_between_s(self, until_s: float) -> float:
        """CPU time between its first line and the last one not later than an instant (epoch s)."""
        lines = self.lines()
        spent = [line.cpu_s for line in lines if line.at_s <= until_s]
        return max(spent) - spent[0] if spent else 0.0

    def alive(self) -> bool:
        return self.process.poll() is None

    def cpu_s(self) -> float:
        """CPU time of the process so far."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self) -> int:
        """Its memory in RAM."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * 4096

    def stop(self) -> None:
        self.over = True
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
            code = self.process.wait(ANSWER_S)
            assert code == 0, self.told()

    def kill(self) -> None:
        if self.alive():
            self.process.kill()
            self.process.wait()

    def told(self) -> str:
        return f"{self._log.name}, exit code {self.process.poll()}\n{self._log.read_text(errors='replace')[-3_000:]}"


def _line(text: bytes) -> Line:
    said = json.loads(text)
    places = [(int(partition), place) for partition, place in said["partitions"].items()]
    return Line(said["ns"] / 1e9, said["cpu_ns"] / 1e9, places)


def producer(brokers: str) -> Producer:
    """A quick producer that loses nothing."""
    return Producer(
        {"bootstrap.servers": brokers, "linger.ms": 20, "batch.size": 500_000, "log_level": 0,
         "queue.buffering.max.messages": 500_000, "partitioner": "murmur2_random"}
    )  # fmt: skip


def make_topic(brokers: str, topic: str, partitions: int = PARTITIONS) -> None:
    """A plain topic."""
    admin = AdminClient({"bootstrap.servers": brokers})
    admin.create_topics([NewTopic(topic, partitions, 1)])[topic].result(ANSWER_S)
