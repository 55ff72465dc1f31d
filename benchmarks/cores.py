"""Who takes the machine's cores while something is measured: the workers, the broker, Redis, and the measuring itself.

It must not know what is measured.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable

import psutil

from benchmarks.installation import Installation

WHO = ("workers", "Kafka", "Redis", "sender and observers", "all of the machine")


class CoreMeter:
    """As a context: how many cores each of `WHO` took meanwhile, in `taken` afterwards (0 to the machine's cores)."""

    def __init__(self, installation: Installation) -> None:
        site = installation.site
        workers = [psutil.Process(worker.process.pid) for worker in installation.workers if worker.alive()]
        kafka, redis = psutil.Process(site.kafka_pid), psutil.Process(site.redis_pid)
        reads: tuple[Callable[[], float], ...] = (
            lambda: sum(map(_spent_s, workers)),
            lambda: _spent_s(kafka),
            lambda: _spent_s(redis),
            _spent_here_s,
            _busy_s,
        )
        self._reads = reads
        self.taken: dict[str, float] = {}

    def __enter__(self) -> None:
        self._began_s, self._before = time.monotonic(), [read() for read in self._reads]

    def __exit__(self, *_: object) -> None:
        passed_s = time.monotonic() - self._began_s
        spent = [read() - before for read, before in zip(self._reads, self._before, strict=True)]
        self.taken = {who: seconds / passed_s for who, seconds in zip(WHO, spent, strict=True)}


def _spent_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _spent_here_s() -> float:
    """CPU time of this process and of its children that have ended."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def _busy_s() -> float:
    """What all cores together were not idle, others' programs included."""
    times = psutil.cpu_times()
    return float(sum(times) - times.idle - times.iowait - times.guest - times.guest_nice)  # guests are in user
