"""How large the stored state of a customer gets, and what one more event then costs.

It must not know Kafka.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from time import thread_time

from benchmarks.decisions import shipped_plan
from benchmarks.events import LOG_MIX, PATHS, customer_name, log_events
from benchmarks.figures import Table
from benchmarks.sizes import Sizes
from schemas.log import LogEvent
from streams.domain.plan import Plan
from streams.domain.record import Record
from streams.domain.state import State, encode_state
from streams.domain.step import step
from streams.domain.zone import DAY_MS

BASE_MS = 1_795_000_000_000  # 2026-11-18T11:06:40Z
YEARS_MS, MONTH_MS = 5 * 365 * DAY_MS, 30 * DAY_MS
LAST_EVENTS = 200  # over which the cost of one more event is measured
COLUMNS = ["customer", "events", "stored state, bytes", "one more event, µs"]
ENOUGH_BYTES = 64 << 10  # a state beyond that is not bounded


@dataclass(frozen=True, slots=True)
class Life:
    """Events of one customer with their receipts, ascending."""

    name: str
    events: Iterator[tuple[int, LogEvent]]
    count: int


def run(sizes: Sizes) -> list[Table]:
    """A row for each kind of customer."""
    table, plan = Table("states.sizes", COLUMNS), shipped_plan()
    for life in (
        Life("forty events of the mix", _mixed(40), 40),
        Life(f"{sizes.long_history:,} purchases in five years", _purchases(sizes.long_history), sizes.long_history),
        Life(f"a bot: {sizes.bot_views:,} page views in a month", _views(sizes.bot_views), sizes.bot_views),
    ):
        table.add(life.name, life.count, *_lived(life, plan))
    return [table]


def _lived(life: Life, plan: Plan) -> tuple[int, float]:
    state, began, seen = State(customer_name(0)), 0.0, 0
    for received_ms, event in life.events:
        seen += 1
        if seen == max(1, life.count - LAST_EVENTS):
            began = thread_time()
        state, _ = step(state, Record(event, received_ms, received_ms), plan)
    last_us = (thread_time() - began) / min(life.count, LAST_EVENTS) * 1e6
    assert seen == life.count, (life.name, seen)
    stored = encode_state(state)
    assert len(stored) < ENOUGH_BYTES, f"{life.name}: {len(stored)} bytes"
    return len(stored), last_us


def _mixed(count: int) -> Iterator[tuple[int, LogEvent]]:
    assert sum(LOG_MIX.values()) == 1_000
    for number, event in enumerate(log_events(8, 1, count, BASE_MS)):
        yield BASE_MS + number, event


def _purchases(count: int) -> Iterator[tuple[int, LogEvent]]:
    for number in range(count):
        at_ms = BASE_MS - YEARS_MS + number * YEARS_MS // count
        yield at_ms, LogEvent(
            topic="purchases", type="purchase", customer_id=customer_name(0), event_id=f"p{number}",
            occurred_ms=at_ms - 1_000, amount=str(100 + number % 900),
        )  # fmt: skip


def _views(count: int) -> Iterator[tuple[int, LogEvent]]:
    for number in range(count):
        at_ms = BASE_MS - MONTH_MS + number * MONTH_MS // count
        yield at_ms, LogEvent(
            topic="web-behaviour", type="page_view", customer_id=customer_name(0), event_id=f"v{number}",
            occurred_ms=at_ms, path=PATHS[number % len(PATHS)],
        )  # fmt: skip
