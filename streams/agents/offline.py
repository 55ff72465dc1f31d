"""The stream's decisions without Kafka: the same step over records that are already in order.

It must not know files or topics.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.log import LogEvent
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.public import public_state
from streams.domain.record import History, Record
from streams.domain.signals import Signal
from streams.domain.state import State
from streams.domain.step import step

LOAD_ID = "replay"


@dataclass(slots=True)
class Decisions:
    """What a replay came to: signals as (effective, customer, order of emission) and the customers' states."""

    plan: Plan
    go_live_ms: int | None = None
    newest_ms: int = 0
    signals: list[Signal] = field(default_factory=list)
    states: dict[str, State] = field(default_factory=dict)

    def apply(self, event: LogEvent, received_ms: int) -> None:
        """Apply one record; records come in the order of their receipt."""
        history = None
        if self.go_live_ms is not None and received_ms < self.go_live_ms:
            history = History(LOAD_ID, self.go_live_ms)
        state = self.states.get(event.customer_id) or State(event.customer_id)
        state, found = step(state, Record(event, received_ms, received_ms, history), self.plan)
        self.states[event.customer_id] = state
        self.newest_ms = max(self.newest_ms, received_ms)
        self.signals += found

    def finish(self, until_ms: int | None) -> None:
        """Let time pass for every customer, up to the newest receipt or to `until_ms`."""
        end_ms = self.newest_ms if until_ms is None else until_ms
        for state in self.states.values():
            self.signals += advance(state, end_ms, self.plan)
        # ISO instants of one width sort as time does; the sort is stable, so order of emission stays
        self.signals.sort(key=lambda signal: (signal["effective_at"], signal["customer_id"]))

    def public_states(self, until_ms: int | None) -> Iterable[dict[str, Any]]:
        """The public state of every customer, by id, at its own clock or at `until_ms`."""
        for customer_id in sorted(self.states):
            state = self.states[customer_id]
            if state.started:
                yield public_state(state, self.plan, until_ms)


def decide(
    plan: Plan, records: Iterable[tuple[LogEvent, int]], until_ms: int | None = None, go_live_ms: int | None = None
) -> Decisions:
    """Everything that the records (event, received_ms), in order of receipt, come to.

    Args:
        plan: The policy.
        records: Facts and when each was received, ascending.
        until_ms: Records after that instant are not applied, then every clock moves to it.
        go_live_ms: What was received earlier is history: its signals are marked so.
    """
    decisions = Decisions(plan, go_live_ms)
    for event, received_ms in records:
        if until_ms is None or received_ms <= until_ms:
            decisions.apply(event, received_ms)
    decisions.finish(until_ms)
    return decisions
