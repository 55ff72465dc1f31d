"""Moving a customer's clock: everything that time alone causes, in order, each at its exact instant.

It must not know a real clock: instants come from the log.
"""

from __future__ import annotations

from streams.domain import course, rules, segments
from streams.domain.course import Turn
from streams.domain.plan import Plan
from streams.domain.signals import Cause, Signal, standing
from streams.domain.speech import speak
from streams.domain.state import State
from streams.domain.zone import NEVER_MS


def advance(state: State, until_ms: int, plan: Plan) -> list[Signal]:
    """Work off the time up to and including `until_ms`; the signals it caused, in order of emission."""
    if until_ms < state.due_ms:
        return []
    found: list[Signal] = []
    turns = course.turns(state, plan)
    turn = next(turns, None)
    while (at := min(turn.at_ms if turn else NEVER_MS, _next_deadline(state))) <= until_ms:
        state.clock_ms = max(state.clock_ms, at)
        if turn is not None and turn.at_ms == at:
            found += _take_turn(state, turn, plan)
            turn = next(turns, None)
        found += _silences(state, at, plan)
    state.clock_ms = max(state.clock_ms, until_ms)
    state.due_ms = course.soonest(state, plan)
    return found


def _next_deadline(state: State) -> int:
    return min((kept.deadline_ms for kept in state.rules.values() if kept.deadline_ms is not None), default=NEVER_MS)


def _take_turn(state: State, turn: Turn, plan: Plan) -> list[Signal]:
    """Stand as the turn says, and tell of what it changed."""
    lifecycle_before, segment_before = state.lifecycle, state.segment
    state.value_high, state.potential_high = turn.value_high, turn.potential_high
    state.lifecycle = turn.lifecycle
    if turn.segment_changed:
        segments.move(state, turn.segment, turn.at_ms, turn.because)
    if turn.lifecycle_changed or turn.segment_changed:
        state.as_of_ms = max(state.as_of_ms, turn.at_ms)
        state.shown_high = state.value_high, state.potential_high
    found = []
    if turn.lifecycle_changed:
        cause = _cause(state, "lifecycle", turn.at_ms, plan)
        found.append(segments.lifecycle_changed(state, lifecycle_before, cause, plan))
    if turn.segment_changed:
        cause = _cause(state, turn.because, turn.at_ms, plan)
        found.append(segments.segment_changed(state, segment_before, cause, plan))
    return found


def _silences(state: State, at_ms: int, plan: Plan) -> list[Signal]:
    """The silence rules whose deadline is this instant, in the policy's order."""
    found = []
    for position in sorted(state.rules):
        kept, rule = state.rules[position], plan.rules[position]
        if kept.deadline_ms != at_ms:
            continue
        kept.deadline_ms = None
        if kept.newest is not None and rules.speaks(state, rule, at_ms):
            found.append(speak(state, rule, kept.newest, _cause(state, "silence", at_ms, plan), plan))
    return found


def _cause(state: State, kind: str, at_ms: int, plan: Plan) -> Cause:
    before, after = standing(state, at_ms - 1, plan), standing(state, at_ms, plan)
    return Cause(kind, at_ms, before, after, historical=at_ms < max(state.go_live_ms, plan.go_live_ms))
