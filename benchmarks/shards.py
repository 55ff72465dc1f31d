"""A partition of the log in memory with as many customers as wanted, fed with records as a worker feeds it.

It must not know Kafka: records are made here, in the shape in which aiokafka gives them.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from random import Random
from time import thread_time

import msgspec

from benchmarks.events import (
    Maker,
    customer_name,
    directory_of,
    intake_for,
    log_events,
    raw_of,
    through_intake,
)
from schemas.log import LogEvent, decode_event, encode_event
from streams.agents.fold import CustomerFold
from streams.app import make_facets
from streams.domain.plan import Plan
from streams.domain.record import Record
from streams.domain.state import State, decode_state, encode_state
from streams.domain.step import step
from streams.engine.envelope import seal, state_of
from streams.engine.fold import Origin
from streams.engine.headers import log_headers
from streams.engine.position import Position
from streams.engine.rows import Rows
from streams.engine.run import set_up_collector
from streams.engine.shard import LOG_APPEND_TIME, Shard
from streams.engine.stats import PartitionStats

BASE_MS = 1_795_000_000_000  # 2026-11-18T11:06:40Z
PATTERNS = 200  # customers whose pasts all the others share
PAST_EVENTS = 40


@dataclass(slots=True)
class LogRecord:
    """A consumed record of the log."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


def states_of(plan: Plan, base_ms: int = BASE_MS) -> list[State]:
    """States of some customers with a past of the usual mix up to an instant."""
    states = {customer_name(i): State(customer_name(i)) for i in range(PATTERNS)}
    for number, event in enumerate(_pasts(base_ms)):
        received_ms = base_ms - 1_000_000 + number
        key = event.customer_id
        states[key], _ = step(states[key], Record(event, received_ms, received_ms), plan)
    return list(states.values())


def _pasts(base_ms: int) -> Iterator[LogEvent]:
    maker, intake = Maker(6, PATTERNS, base_ms), intake_for(directory_of(PATTERNS))
    for number in range(PATTERNS):
        yield from through_intake(intake, raw_of(*maker.value("account", number, base_ms - 2_000_000), base_ms))
    yield from log_events(5, PATTERNS, PATTERNS * PAST_EVENTS, base_ms)


def rows_of(states: list[State], customers: int, base_ms: int = BASE_MS) -> dict[bytes, bytes]:
    """Changelog values of that many customers, whose pasts are those of the given states."""
    return dict(_made_rows(states, customers, base_ms))


def _made_rows(states: list[State], customers: int, base_ms: int) -> Iterator[tuple[bytes, bytes]]:
    patterns = [decode_state(encode_state(state)) for state in states]
    for number in range(customers):
        state = patterns[number % len(patterns)]
        state.customer_id = customer_name(number)
        yield state.customer_id.encode(), seal(1, 0, state.due_ms, base_ms, encode_state(state))


def resident_bytes() -> int:
    """Memory of this process that is in RAM."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


class Measured:
    """One partition with that many customers."""

    def __init__(self, plan: Plan, states: list[State], customers: int) -> None:
        self._plan, self._customers, self._offset, self._now_ms = plan, customers, 1, BASE_MS
        fold = CustomerFold(plan, lambda: BASE_MS, make_facets)
        gc.collect()
        before = resident_bytes()
        rows, stored_bytes = Rows(expected=customers), 0
        for key, value in _made_rows(states, customers, BASE_MS):
            rows[key] = value
            stored_bytes += len(value)
        self.stored_bytes = round(stored_bytes / customers)
        position = Position(decided_by="", partitions=1, epoch=1, next_offset=1, newest_ms=BASE_MS)
        self._shard = Shard(fold, rows, position, PartitionStats())
        self.bytes_each = round((resident_bytes() - before) / customers)
        sampled = [customer_name(number).encode() for number in range(0, customers, max(1, customers // 100))]
        self._sample = {key: decode_state(state_of(rows[key])) for key in sampled}

    def fold(self, events: int, chunk_records: int, seed: int) -> float:
        """µs of CPU an event to fold them in chunks of that many records, up to the sealed changelog values."""
        made = [encode_event(event) for event in _for(self._customers, events, seed)]
        spent_s = 0.0
        set_up_collector()
        for begin in range(0, events, chunk_records):
            chunk = [self._record(value) for value in made[begin : begin + chunk_records]]
            self._follow(chunk)
            began = thread_time()
            self._shard.apply(chunk)
            self._shard.work_off(500)
            self._shard.seal()
            self._shard.end_turn()
            spent_s += thread_time() - began
        return spent_s / events * 1e6

    def _record(self, value: bytes) -> LogRecord:
        self._offset += 1
        self._now_ms += 1
        key = decode_event(value).customer_id.encode()
        headers = log_headers(origin=Origin("purchases", 0, self._offset))
        return LogRecord("events", 0, self._offset, self._now_ms, LOG_APPEND_TIME, key, value, headers)

    def _follow(self, chunk: list[LogRecord]) -> None:
        """Decide the same for some customers one by one."""
        for record in chunk:
            state = self._sample.get(record.key)
            if state is not None:
                fact = Record(decode_event(record.value), record.timestamp, record.timestamp)
                self._sample[record.key], _ = step(state, fact, self._plan)

    def check(self) -> None:
        """The partition has come to what its records, one by one, come to."""
        for key, state in self._sample.items():
            assert encode_state(self._shard.peek(key).state) == encode_state(state), key


def _for(customers: int, events: int, seed: int) -> list[LogEvent]:
    """Events of the mix, each given to one of all customers by lot."""
    rng, few = Random(seed), min(customers, 1_000)
    return [
        msgspec.structs.replace(event, customer_id=customer_name(rng.randrange(customers)), event_id=f"{seed}-{i}")
        for i, event in enumerate(log_events(seed + 7, few, events, BASE_MS))
    ]
