"""Two ways to decide one log, compared by what they show: public states and recent signals.

It must not know why they differ.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import msgspec
from aiokafka import TopicPartition

from streams.adapters.kafka_read import broker_errors
from streams.engine.checks import partition_counts
from streams.engine.reading import read, reader

FORMER = "former"


class _Value(msgspec.Struct, frozen=True):
    amount: str
    high: bool


class _Potential(msgspec.Struct, frozen=True):
    score: float
    high: bool


class _Public(msgspec.Struct, frozen=True):
    segment: str
    lifecycle: str
    value: _Value
    potential: _Potential


class _Signal(msgspec.Struct, frozen=True):
    signal_id: str
    type: str
    rule: str
    effective_at: str


_public = msgspec.json.Decoder(_Public).decode
_signal = msgspec.json.Decoder(_Signal).decode


class Shown(msgspec.Struct, frozen=True):
    """Where a customer stands: its segment, or `former`; value and potential are told beside it."""

    place: str
    lifecycle: str
    value: str
    potential: float


class Difference(msgspec.Struct, frozen=True):
    """A customer that stands elsewhere; None where one side does not know it."""

    customer_id: str
    before: Shown | None
    after: Shown | None


@dataclass(slots=True)
class Comparison:
    """Customers by place under the old and the new, moves between places, and signals by type and rule."""

    customers_before: Counter[str] = field(default_factory=Counter)
    customers_after: Counter[str] = field(default_factory=Counter)
    moves: Counter[tuple[str, str]] = field(default_factory=Counter)
    differences: list[Difference] = field(default_factory=list)
    signals_before: Counter[tuple[str, str]] = field(default_factory=Counter)
    signals_after: Counter[tuple[str, str]] = field(default_factory=Counter)

    @property
    def changed(self) -> int:
        """Customers that stand elsewhere."""
        return sum(self.moves.values())

    def add(self, customer_id: str, before: Shown | None, after: Shown | None, most: int) -> None:
        """Take one customer; the first `most` differences are kept."""
        places = before.place if before else "", after.place if after else ""
        if before:
            self.customers_before[places[0]] += 1
        if after:
            self.customers_after[places[1]] += 1
        if places[0] != places[1]:
            self.moves[places] += 1
            if len(self.differences) < most:
                self.differences.append(Difference(customer_id, before, after))

    def as_dict(self) -> dict[str, Any]:
        """For a program: plain values, as JSON has them."""
        return {
            "customers": {"before": dict(self.customers_before), "after": dict(self.customers_after)},
            "changed": self.changed,
            "moves": [{"from": a, "to": b, "customers": n} for (a, b), n in self.moves.most_common()],
            "differences": msgspec.to_builtins(self.differences),
            "signals": {
                when: [{"type": t, "rule": r, "signals": n} for (t, r), n in found.most_common()]
                for when, found in (("before", self.signals_before), ("after", self.signals_after))
            },
        }


@dataclass(frozen=True, slots=True)
class Sides:
    """Full names of the topics in which the old and the new are shown."""

    states_before: str
    states_after: str
    signals_before: str
    signals_after: str


async def compare(brokers: str, sides: Sides, since: str, most: int) -> Comparison:
    """What readers see under the old and the new.

    Args:
        brokers: Kafka's addresses.
        sides: Where to read.
        since: Signals effective from this instant on (as signals write it) are counted.
        most: How many differing customers to name.

    Raises:
        BrokerError: Kafka is away.
    """
    found, servers = Comparison(), brokers.split(",")
    with broker_errors("comparing states"):
        counts = await partition_counts(servers)
        for partition in range(counts[sides.states_before]):
            before = await _states(servers, sides.states_before, partition)
            after = await _states(servers, sides.states_after, partition)
            for customer_id in sorted(before.keys() | after.keys()):
                found.add(customer_id.decode(), before.get(customer_id), after.get(customer_id), most)
        found.signals_before = await _signals(servers, sides.signals_before, counts, since)
        found.signals_after = await _signals(servers, sides.signals_after, counts, since)
    return found


async def _states(servers: list[str], topic: str, partition: int) -> dict[bytes, Shown]:
    found: dict[bytes, Shown] = {}
    async for record in _records(servers, topic, partition):
        if record.value is None:
            found.pop(record.key, None)
        else:
            found[record.key] = _shown(_public(record.value))
    return found


def shown_of(state: dict[str, Any]) -> Shown:
    """Where a public state says that its customer stands."""
    return _shown(msgspec.convert(state, _Public))


def _shown(state: _Public) -> Shown:
    place = FORMER if state.lifecycle == FORMER else state.segment
    return Shown(place, state.lifecycle, state.value.amount, state.potential.score)


async def _signals(servers: list[str], topic: str, counts: dict[str, int], since: str) -> Counter[tuple[str, str]]:
    """Signals by (type, rule), repeats counted once."""
    found, seen = Counter[tuple[str, str]](), set[bytes]()
    for partition in range(counts[topic]):
        async for record in _records(servers, topic, partition):
            try:
                signal = _signal(record.value or b"")
            except msgspec.MsgspecError:  # somebody else wrote there
                continue
            identity = signal.signal_id.encode()
            if signal.effective_at >= since and identity not in seen:
                seen.add(identity)
                found[signal.type, signal.rule] += 1
    return found


async def _records(servers: list[str], topic: str, partition: int) -> AsyncIterator[Any]:
    """What a partition holds now."""
    tp = TopicPartition(topic, partition)
    async with reader(servers) as consumer:
        consumer.assign([tp])
        begin, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        async for records in read(consumer, tp, begin, end):
            for record in records:
                yield record
