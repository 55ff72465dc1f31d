"""The log as it stands: its facts in log order, copies left out, and each fact as the oracle takes a record.

It must not know how the system reads the log. A copy is a record whose origin has reached the same customer before.
"""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any

from tests.fault.checker.place import Place
from tests.fault.checker.sealed import opened, secrets
from tests.integration.system.topics import Cluster, Entry
from tests.oracle.clock import show_instant

Json = dict[str, Any]
Origin = tuple[str, int, int]
# How the log names instants, and what the sources call them.
INSTANTS = {"occurred_ms": "occurred_at", "order_occurred_ms": "order_occurred_at"}


@dataclass(frozen=True, slots=True)
class Fact:
    """A record of the log that counts; of a history load it has its receipt and when that load went live."""

    partition: int
    offset: int
    customer_id: str
    received_ms: int
    go_live_ms: int | None
    origin: Origin | None
    event: Json

    def record(self) -> Json:
        """As the oracle takes it."""
        event = self.event
        return {
            "customer_id": self.customer_id,
            "topic": event["topic"],
            "received_ms": self.received_ms,
            "value": None if event["type"] == "account_removed" else _value(event),
            "matched_by": event.get("matched_by"),
        }


@dataclass(slots=True)
class Log:
    """Facts in log order, each partition's newest append time, and how many copies intake has made."""

    facts: list[Fact] = field(default_factory=list)
    newest_ms: dict[int, int] = field(default_factory=dict)
    copies: int = 0
    disordered: list[str] = field(default_factory=list)
    loads_open: int = 0

    def by_customer(self) -> dict[str, list[Fact]]:
        found: defaultdict[str, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            found[fact.customer_id].append(fact)
        return dict(found)

    def by_origin(self) -> dict[Origin, list[Fact]]:
        found: defaultdict[Origin, list[Fact]] = defaultdict(list)
        for fact in self.facts:
            if fact.origin is not None:
                found[fact.origin].append(fact)
        return dict(found)


def read_log(cluster: Cluster, place: Place) -> Log:
    """The log as it is now, what is sealed in it opened."""
    entries = cluster.dump(place.topic("events"))
    keys = secrets(cluster.dump(place.topic("customer-keys")))  # after the log: every key is older than its use
    log, counted, last = Log(), set[tuple[Origin, bytes | None]](), dict[tuple[str, int, int], int]()
    for entry in entries:
        newest = log.newest_ms[entry.partition] = max(log.newest_ms.get(entry.partition, 0), entry.at_ms)
        kind = entry.header("kakuhan-kind")
        if kind is not None:
            log.loads_open += {"load_begin": 1, "load_end": -1}.get(kind, 0)
            continue
        origin = _origin(entry)
        if origin is not None and (origin, entry.key) in counted:
            log.copies += 1
            continue
        if origin is not None:
            counted.add((origin, entry.key))
            _note_order(log, last, entry, origin)
        log.facts.append(_fact(entry, newest, origin, keys))
    return log


def _origin(entry: Entry) -> Origin | None:
    text = entry.header("kakuhan-origin")
    if text is None:
        return None
    topic, partition, offset = text.split(" ")
    return topic, int(partition), int(offset)


def _note_order(log: Log, last: dict[tuple[str, int, int], int], entry: Entry, origin: Origin) -> None:
    """First appearances of one source partition must come in its order, else the origin check would drop them."""
    way = (*origin[:2], entry.partition)
    if origin[2] < last.get(way, -1):
        log.disordered.append(f"events[{entry.partition}]@{entry.offset}: {origin} after offset {last[way]}")
    last[way] = max(origin[2], last.get(way, -1))


def _fact(entry: Entry, newest_ms: int, origin: Origin | None, keys: dict[str, bytes]) -> Fact:
    event = opened(json.loads(entry.value or b"{}"), keys)
    assert entry.key is not None
    assert entry.key.decode() == event["customer_id"]
    received_ms, go_live_ms = newest_ms, None
    if loaded := entry.header("kakuhan-loaded"):
        _, received, go_live = loaded.split(" ")
        received_ms, go_live_ms = int(received), int(go_live)
    return Fact(entry.partition, entry.offset, event["customer_id"], received_ms, go_live_ms, origin, event)


def _value(event: Json) -> Json:
    """The event under the names of its source."""
    instants = {INSTANTS[name]: show_instant(event[name]) for name in INSTANTS if name in event}
    return {name: what for name, what in (event | instants | event.get("account", {})).items() if name not in INSTANTS}
