"""The four segments: where the axes put a customer, how long it stays, and how a change is told.

It must not know what made the axes turn.
"""

from __future__ import annotations

from streams.domain import lifecycle, potential
from streams.domain.course import dwelling_until
from streams.domain.plan import SEGMENT_OF, Plan
from streams.domain.signals import Cause, Signal, ledger, signal
from streams.domain.state import Change, State

CHANGES_KEPT = 12


def wanted(state: State, returned: bool, plan: Plan) -> str:
    """The segment that a customer belongs to now: kept while former or dwelling, else as the axes say.

    `returned`: it was former until now, so its segment is decided afresh.
    """
    target = SEGMENT_OF[state.value_high, state.potential_high]
    if state.lifecycle == lifecycle.FORMER:
        return state.segment
    if returned or state.as_of_ms >= dwelling_until(state.changed_ms, plan):
        return target
    return state.segment


def move(state: State, segment: str, at_ms: int, kind: str) -> None:
    """Put the customer into another segment."""
    state.history.append(Change(at_ms, state.segment, segment, kind))
    del state.history[:-CHANGES_KEPT]
    state.segment, state.segment_since_ms, state.changed_ms = segment, at_ms, at_ms


def lifecycle_changed(state: State, before: str, cause: Cause, plan: Plan) -> Signal:
    """The signal of a change of lifecycle, on the state after it."""
    by_time = state.lifecycles_by_time
    state.lifecycles_by_time += cause.event is None
    voice = plan.lifecycles[state.lifecycle]
    found = signal(state, plan, cause, type_="lifecycle.changed", rule="lifecycle", voice=voice, count=by_time)
    return found | {"change": {"from": before, "to": state.lifecycle}}


def segment_changed(state: State, before: str, cause: Cause, plan: Plan) -> Signal:
    """The signal of a change of segment, on the state after it, with the whole ledger of the score."""
    by_time = state.segments_by_time
    state.segments_by_time += cause.event is None
    voice = plan.segments[state.segment]
    found = signal(state, plan, cause, type_="segment.changed", rule="segment", voice=voice, count=by_time)
    _, rows = potential.ledger(state, cause.at_ms, plan)
    return found | {"change": {"from": before, "to": state.segment}, "evidence": ledger(rows, cause)}
