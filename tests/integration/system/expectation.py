"""What the log says should be known: recomputed from `events` in one go, by the domain and by the oracle.

It must not know how the worker got its results.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from schemas.log import LogEvent, decode_event
from streams.adapters.customer_keys import take_record
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.public import public_state
from streams.domain.record import History, Record
from streams.domain.state import State
from streams.domain.step import step
from streams.policy_file import load_policy
from streams.privacy.keys import KeyRing
from streams.privacy.sealing import open_
from tests.integration.system.site import Site
from tests.integration.system.topics import Entry
from tests.oracle import oracle
from tests.oracle.book import Book
from tests.oracle.clock import parse_instant, show_instant
from tests.oracle.customer import Customer

Json = dict[str, Any]
Signals = list[Json]


@dataclass(frozen=True, slots=True)
class Logged:
    """A fact of the log that counts: not a copy of one before it."""

    entry: Entry
    event: LogEvent
    received_ms: int
    appended_ms: int
    history: History | None
    origin: tuple[str, int, int] | None

    @property
    def customer_id(self) -> str:
        return self.event.customer_id


@dataclass(frozen=True, slots=True)
class Log:
    """The facts of `events` in log order, and each partition's newest append time."""

    facts: list[Logged]
    newest_ms: dict[int, int]

    def by_customer(self) -> dict[str, list[Logged]]:
        found: defaultdict[str, list[Logged]] = defaultdict(list)
        for fact in self.facts:
            found[fact.customer_id].append(fact)
        return dict(found)


def read_log(site: Site) -> Log:
    """The log as it is now."""
    newest_ms: dict[int, int] = {}
    counted: set[tuple[str, bytes | None]] = set()
    facts, keys = [], _keys(site)
    for entry in site.dump("events"):
        newest = newest_ms[entry.partition] = max(newest_ms.get(entry.partition, 0), entry.at_ms)
        origin = entry.header("kakuhan-origin")
        if entry.header("kakuhan-kind") is None and (origin is None or (origin, entry.key) not in counted):
            counted.add((origin or "", entry.key))
            facts.append(_logged(entry, newest, keys))
    return Log(facts, newest_ms)


def _keys(site: Site) -> KeyRing:
    """The keys under which what is personal is sealed."""
    ring = KeyRing()
    for entry in site.dump("customer-keys"):
        place = {"timestamp": entry.at_ms, "partition": entry.partition, "offset": entry.offset}
        take_record(ring, SimpleNamespace(key=entry.key, value=entry.value, **place), 0.0)
    return ring


def _logged(entry: Entry, newest_ms: int, keys: KeyRing) -> Logged:
    loaded, origin = entry.header("kakuhan-loaded"), entry.header("kakuhan-origin")
    history, received_ms, place = None, newest_ms, None
    if loaded:
        load_id, received, go_live = loaded.split(" ")
        history, received_ms = History(load_id, int(go_live)), int(received)
    if origin:
        topic, partition, offset = origin.split(" ")
        place = topic, int(partition), int(offset)
    event = open_(decode_event(entry.value or b""), keys.find)
    return Logged(entry, event, received_ms, newest_ms, history, place)


# ---------------------------------------------------------------- by the domain


@dataclass(frozen=True, slots=True)
class ByDomain:
    """Signals by (effective_at, customer_id, order of emission), and the states they come with."""

    plan: Plan
    signals: Signals
    states: dict[str, State]

    def state(self, customer_id: str, as_of: str) -> Json:
        """The public state at the customer's own clock, or as refreshed at a later instant that is shown."""
        state = self.states[customer_id]
        own = public_state(state, self.plan)
        return own if as_of <= own["as_of"] else public_state(state, self.plan, parse_instant(as_of))


def by_domain(log: Log, policy: Path) -> ByDomain:
    """The domain's step over each customer's part of the log, then time up to its partition's newest record."""
    plan, signals, states = Plan(load_policy(policy)), Signals(), dict[str, State]()
    for customer_id, facts in log.by_customer().items():
        state = State(customer_id)
        for fact in facts:
            state, found = step(state, Record(fact.event, fact.received_ms, fact.appended_ms, fact.history), plan)
            signals += found
        signals += advance(state, log.newest_ms[facts[0].entry.partition], plan)
        if state.started:
            states[customer_id] = state
    return ByDomain(plan, in_order(signals), states)


# ---------------------------------------------------------------- by the oracle


@dataclass(frozen=True, slots=True)
class ByOracle:
    """The same, by another implementation, from the source records as they were sent."""

    signals: Signals
    customers: dict[str, Customer]

    def state(self, customer_id: str, as_of: str) -> Json:
        """As `ByDomain.state`."""
        customer = self.customers[customer_id]
        if as_of > show_instant(customer.as_of_ms):
            customer.as_of_ms, customer.shown = parse_instant(as_of), customer.standing
        return oracle.public_state(customer)


def by_oracle(site: Site, log: Log) -> ByOracle:
    """The oracle's decisions on what the sources hold, in the order of the log."""
    policy = parsed_policy(site.policy)
    values = dict(_source_values(site, {fact.origin[0] for fact in log.facts if fact.origin}))
    customers = {}
    for customer_id, facts in log.by_customer().items():
        customer = Customer(customer_id, Book(policy, ZoneInfo(policy["timezone"])))
        for fact in facts:
            customer.apply(_record(fact, values))
        customer.move(log.newest_ms[facts[0].entry.partition])
        customers[customer_id] = customer
    return ByOracle(in_order([signal for one in customers.values() for signal in one.signals]), customers)


def parsed_policy(path: Path) -> Json:
    policy: Json = YAML(typ="safe", pure=True).load(path)
    return policy


def _source_values(site: Site, topics: Iterable[str]) -> Iterator[tuple[tuple[str, int, int], Json | None]]:
    for topic in topics:
        for entry in site.dump(topic):
            value = None if entry.value is None else _decoded(entry.value)
            stand_in = {"event_id": entry.header("ce_id"), "occurred_at": entry.header("ce_time")}
            given = {name: text for name, text in stand_in.items() if text}
            yield (topic, entry.partition, entry.offset), value and given | value


def _decoded(value: bytes) -> Json | None:
    try:
        found: Json = json.loads(value)
    except ValueError:  # refused, so nothing in the log asks for it
        return None
    return found


def _record(fact: Logged, values: dict[tuple[str, int, int], Json | None]) -> Json:
    assert fact.origin is not None
    return {
        "customer_id": fact.customer_id,
        "topic": fact.origin[0],
        "received_ms": fact.received_ms,
        "value": values[fact.origin],
        "matched_by": fact.event.matched_by,
    }


# ---------------------------------------------------------------- as lines for `kakuhan replay`


def lines_of(site: Site, log: Log) -> list[Json]:
    """The log as the lines of a file: what the sources held, with the receipt and customer that the log says."""
    values = dict(_source_values(site, {fact.origin[0] for fact in log.facts if fact.origin}))
    lines = []
    for fact in log.facts:
        record = _record(fact, values)
        line = {"topic": record["topic"], "key": fact.customer_id, "received_at": show_instant(fact.received_ms)}
        matched = {"matched_by": fact.event.matched_by} if fact.event.matched_by else {}
        lines.append({**line, **matched, "value": record["value"]})
    return lines


def in_order(signals: Signals) -> Signals:
    """By effective_at and customer_id; those of one customer and instant as they come."""
    return sorted(signals, key=lambda signal: (signal["effective_at"], signal["customer_id"]))
