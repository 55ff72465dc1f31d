"""Moving a customer's clock: everything that time alone causes, in order, each at its exact instant.

It must not know a real clock: instants come from the log.
"""

from __future__ import annotations

from math import inf

from streams.domain import course, lifecycle, outlook, rules, segments
from streams.domain.course import Ahead, Turn
from streams.domain.plan import Plan
from streams.domain.signals import Cause, Signal, standing
from streams.domain.speech import speak
from streams.domain.state import State


def advance(state: State, until_ms: int, plan: Plan) -> list[Signal]:
    """Work off the time up to and including `until_ms`; the signals it caused, in order of emission."""
    if until_ms < state.due_ms:
        return []
    found: list[Signal] = []
    while (at_ms := course.soonest(state, plan)) <= until_ms:
        found += _work_off(state, at_ms, plan)
    state.clock_ms = max(state.clock_ms, until_ms)
    state.due_ms = at_ms
    return found


def _work_off(state: State, at_ms: int, plan: Plan) -> list[Signal]:
    """Do what is due at an instant before which nothing is."""
    ahead = _ahead(state, at_ms, plan)
    if at_ms < min(course.soonest(state, plan), ahead.potential[0]):
        return []  # an axis turns later than was thought
    turn = course.turned_at(at_ms, course.standing_of(state), ahead, plan)
    state.clock_ms = max(state.clock_ms, at_ms)
    return _take_turn(state, turn, ahead, plan) + _silences(state, at_ms, plan)


def _ahead(state: State, at_ms: int, plan: Plan) -> Ahead:
    """What turns next, exact as far as it might be now."""
    life = state.lifecycle_turn_ms, ""
    if state.value_turn_ms <= at_ms and not state.is_value_turn_exact:
        course.look_at_value(state, at_ms - 1, plan)
    if state.potential_turn_ms <= at_ms and not state.potential_turns_by:
        outlook.look_ahead(state, at_ms - 1, plan)
    if life[0] <= at_ms:
        life = lifecycle.next_turn(state, state.lifecycle, at_ms - 1, plan)
    return Ahead(state.value_turn_ms, (state.potential_turn_ms, state.potential_turns_by), life)


def _take_turn(state: State, turn: Turn, ahead: Ahead, plan: Plan) -> list[Signal]:
    """Stand as the turn says, and tell of what it changed."""
    life_before, segment_before = state.lifecycle, state.segment
    now, at_ms = turn.standing, turn.at_ms
    state.value_high, state.potential_high, state.lifecycle = now.value_high, now.potential_high, now.lifecycle
    _look_further(state, at_ms, ahead, plan)
    life_changed, segment_changed = now.lifecycle != life_before, now.segment != segment_before
    if segment_changed:
        segments.move(state, now.segment, at_ms, turn.because)
    if life_changed or segment_changed:
        state.as_of_ms = max(state.as_of_ms, at_ms)
        state.shown_high = state.value_high, state.potential_high
    found = []
    if life_changed:
        found.append(segments.lifecycle_changed(state, life_before, _cause(state, "lifecycle", at_ms, plan), plan))
    if segment_changed:
        found.append(segments.segment_changed(state, segment_before, _cause(state, turn.because, at_ms, plan), plan))
    return found


def _look_further(state: State, at_ms: int, ahead: Ahead, plan: Plan) -> None:
    """Work out again what has just happened."""
    if ahead.value_ms == at_ms:
        course.look_at_value(state, at_ms, plan)
    if ahead.potential[0] == at_ms:
        outlook.look_ahead(state, at_ms, plan)
        state.most_points = inf
    if ahead.lifecycle[0] == at_ms:
        state.lifecycle_turn_ms = lifecycle.next_turn(state, state.lifecycle, at_ms, plan)[0]


def _silences(state: State, at_ms: int, plan: Plan) -> list[Signal]:
    """The silence rules whose deadline is this instant, in the policy's order."""
    if at_ms < state.silence_ms:
        return []
    found = []
    for position in sorted(state.rules):
        kept, rule = state.rules[position], plan.rules[position]
        if kept.deadline_ms != at_ms:
            continue
        kept.deadline_ms = None
        if kept.newest is not None and rules.speaks(state, rule, at_ms):
            found.append(speak(state, rule, kept.newest, _cause(state, "silence", at_ms, plan), plan))
    state.silence_ms = rules.next_deadline(state)
    return found


def _cause(state: State, kind: str, at_ms: int, plan: Plan) -> Cause:
    before, after = standing(state, at_ms - 1, plan), standing(state, at_ms, plan)
    historical = at_ms < max(state.go_live_ms, plan.go_live_ms)
    return Cause(kind, at_ms, before, after, historical, course.next_transition(state, plan))
