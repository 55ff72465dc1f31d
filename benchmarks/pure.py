"""What one event costs in intake and in the decision, by its type, without Kafka: CPU time of one thread.

It must not know how records travel.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from time import thread_time
from typing import Any

from benchmarks.decisions import shipped_plan
from benchmarks.events import (
    KINDS,
    LOG_MIX,
    Maker,
    customer_name,
    directory_of,
    intake_for,
    raw_of,
    through_intake,
)
from benchmarks.figures import Table, figure
from benchmarks.sizes import Sizes
from schemas.log import LogEvent, decode_event, encode_event
from streams.domain.plan import Plan
from streams.domain.public import public_state
from streams.domain.record import Record
from streams.domain.state import State, decode_state, encode_state
from streams.domain.step import step
from streams.intake.intake import Raw

CUSTOMERS = 50
PAST_EVENTS = 60  # of each customer before the measurement
BASE_MS = 1_795_000_000_000  # 2026-11-18T11:06:40Z
APART_MS = 1_000


@dataclass(slots=True)
class Kind:
    """The events of one type, in every form that is measured."""

    name: str
    raws: list[Raw]
    events: list[LogEvent]
    values: list[bytes]


def run(sizes: Sizes) -> list[Table]:
    """A row for each event type: µs for each stage."""
    plan = shipped_plan()
    stored = _past(plan)
    table = Table("pure.events", ["type", "intake", "decode", "step", "store", "cold, all three", "public state"])
    for name in KINDS:
        kind = _kind(name, sizes.pure_events)
        found = [_measure(kind, stored, plan) for _ in range(sizes.rounds)]
        table.add(name, *(figure([each[stage] for each in found]) for stage in found[0]))
    weights = [LOG_MIX.get(row[0], 0) for row in table.rows]
    table.rows.sort(key=lambda row: -LOG_MIX.get(row[0], 0))
    weights.sort(reverse=True)
    table.rows.insert(0, ["mix of the log", *_weighted(table.rows, weights)])
    return [table]


def _weighted(rows: list[list[Any]], weights: list[int]) -> list[Any]:
    """The mean over the mix, round by round."""

    def mean(column: int, turn: int) -> float:
        parts = (weight * row[column]["values"][turn] for row, weight in zip(rows, weights, strict=True))
        return float(sum(parts) / sum(weights))

    turns = range(len(rows[0][1]["values"]))
    return [figure([mean(column, turn) for turn in turns]) for column in range(1, len(rows[0]))]


def _past(plan: Plan) -> list[bytes]:
    """The stored states of customers with a past."""
    states = []
    maker, intake = Maker(1, CUSTOMERS, BASE_MS), intake_for(directory_of(CUSTOMERS))
    for number in range(CUSTOMERS):
        state = State(customer_name(number))
        for kind in maker_kinds(PAST_EVENTS):
            topic, value = maker.value(kind, number)
            for event in through_intake(intake, raw_of(topic, value, BASE_MS)):
                state, _ = step(state, Record(event, BASE_MS, BASE_MS), plan)
        states.append(encode_state(state))
    return states


def maker_kinds(count: int) -> list[str]:
    """Types in the proportions of the mix, evenly interleaved."""
    kinds = [kind for kind, weight in LOG_MIX.items() for _ in range(round(weight * count / 1000) or 1)]
    return [kinds[i * 37 % len(kinds)] for i in range(count)]  # 37 is coprime to the lengths that occur


def _kind(name: str, count: int) -> Kind:
    maker, intake = Maker(2, CUSTOMERS, BASE_MS), intake_for(directory_of(CUSTOMERS))
    raws = [raw_of(*maker.value(name, i % CUSTOMERS), BASE_MS + i * APART_MS) for i in range(count)]
    events = [event for raw in raws for event in through_intake(intake, raw)]
    return Kind(name, raws, events, [encode_event(event) for event in events])


def _measure(kind: Kind, stored: list[bytes], plan: Plan) -> dict[str, float]:
    """µs an event of each stage; that the way of computing does not matter is asserted."""
    intake, count = intake_for(directory_of(CUSTOMERS)), len(kind.events)
    found = {"intake": _timed(count, _take, intake, kind.raws), "decode": _timed(count, _decode, kind.values)}
    records = [Record(e, BASE_MS + i * APART_MS, BASE_MS + i * APART_MS) for i, e in enumerate(kind.events)]
    hot = {customer_name(i): decode_state(state) for i, state in enumerate(stored)}
    found["step"] = _timed(count, _step, hot, records, plan)
    found["store"] = _timed(len(hot), _store, hot)
    cold = {customer_name(i): state for i, state in enumerate(stored)}
    found["cold"] = _timed(count, _cold, cold, kind.values, plan)
    found["public"] = _timed(len(hot), _show, hot, plan)
    assert {key: encode_state(state) for key, state in hot.items()} == cold, f"{kind.name}: stored states differ"
    return found


def _timed(count: int, work: Callable[..., None], *arguments: Any) -> float:
    gc.disable()  # a worker lets it run so seldom that it does not show
    began = thread_time()
    work(*arguments)
    took_s = thread_time() - began
    gc.enable()
    return took_s / count * 1e6


def _take(intake: Any, raws: Iterable[Raw]) -> None:
    for raw in raws:
        for event in intake.take(raw).events:
            encode_event(event)


def _decode(values: Iterable[bytes]) -> None:
    for value in values:
        decode_event(value)


def _step(states: dict[str, State], records: Iterable[Record], plan: Plan) -> None:
    for record in records:
        key = record.event.customer_id
        states[key], _ = step(states[key], record, plan)


def _store(states: dict[str, State]) -> None:
    for state in states.values():
        encode_state(state)


def _show(states: dict[str, State], plan: Plan) -> None:
    for state in states.values():
        public_state(state, plan, None)


def _cold(states: dict[str, bytes], values: Iterable[bytes], plan: Plan) -> None:
    for i, value in enumerate(values):
        event, received_ms = decode_event(value), BASE_MS + i * APART_MS
        key = event.customer_id
        state, _ = step(decode_state(states[key]), Record(event, received_ms, received_ms), plan)
        states[key] = encode_state(state)
