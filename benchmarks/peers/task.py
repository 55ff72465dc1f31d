"""What a peer is told and what it answers; it must not know which peer it serves."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter, process_time

from benchmarks.decisions import digest, shipped_plan
from streams.domain.plan import Plan
from streams.domain.signals import Signal

SIGNALS_SUFFIX = "-peer-signals"
STDOUT = 1


@dataclass
class PeerTask:
    """Fold `count` records of `topic`; the clock starts with the first record.

    `until_ms` is the instant to which all states are moved before they are compared.
    """

    brokers: str
    topic: str
    group: str
    count: int
    until_ms: int
    plan: Plan
    seen: int = 0
    signals: int = 0
    began_s: float = 0.0
    took_s: float = 0.0
    cpu_s: float = 0.0

    @property
    def signals_topic(self) -> str:
        return self.topic + SIGNALS_SUFFIX

    def note(self, found: list[Signal]) -> bool:
        """Count one record and its signals; whether it was the last."""
        if not self.seen:
            self.began_s, self.cpu_s = perf_counter(), process_time()
        self.seen += 1
        self.signals += len(found)
        return self.seen == self.count

    def end(self) -> None:
        """Everything is done that this system does for these records."""
        self.took_s, self.cpu_s = perf_counter() - self.began_s, process_time() - self.cpu_s

    def answer(self, states: Iterable[tuple[bytes, bytes]]) -> None:
        """Print what came of it, then end this process."""
        took = {"seconds": self.took_s, "cpu_s": self.cpu_s, "records": self.seen, "signals": self.signals}
        came = took | {"digest": digest(states, self.until_ms, self.plan)}
        os.write(STDOUT, json.dumps(came).encode() + b"\n")  # whatever the system has done with sys.stdout
        os._exit(0)


def told() -> PeerTask:
    """The task of this process, from its arguments."""
    brokers, topic, group, count, until_ms = sys.argv[1:6]
    return PeerTask(brokers, topic, group, int(count), int(until_ms), shipped_plan())
