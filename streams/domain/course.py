"""What time alone will do to a customer: when it next does anything, and its turns in order, each at its exact instant.

It must not know signals, and changes nothing but the instants that a state keeps of it: the fold acts on the turns
whose instant has come, the public state shows the first that changes segment or lifecycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from streams.domain import lifecycle, outlook, value
from streams.domain.plan import SEGMENT_OF, Plan
from streams.domain.state import State
from streams.domain.zone import NEVER_MS


class Standing(NamedTuple):
    """How a customer stands on both axes, in its lifecycle and segment, and since when the segment is held."""

    value_high: bool
    potential_high: bool
    lifecycle: str
    segment: str
    changed_ms: int | None

    @property
    def is_held(self) -> bool:
        """Does the segment differ from where the axes are, and is to follow them?"""
        return self.lifecycle != lifecycle.FORMER and self.segment != SEGMENT_OF[self.value_high, self.potential_high]


class Ahead(NamedTuple):
    """When value axis, potential axis and lifecycle turn next, why or to what; `NEVER_MS` where they do not.

    The value axis may turn later than it says where it is not exact, the potential axis where it says no reason.
    """

    value_ms: int
    potential: tuple[int, str]
    lifecycle: tuple[int, str]
    is_value_exact: bool = True


class Turn(NamedTuple):
    """How a customer stands from an instant on, and why the segment changed if it did: dwell, window, expiry, decay."""

    at_ms: int
    standing: Standing
    because: str


def dwelling_until(changed_ms: int | None, plan: Plan) -> int:
    """Until when the segment stays after its last change; the start is no change."""
    return 0 if changed_ms is None else changed_ms + plan.dwell_ms


def standing_of(state: State) -> Standing:
    """How the customer stands now."""
    return Standing(state.value_high, state.potential_high, state.lifecycle, state.segment, state.changed_ms)


def turned_at(at_ms: int, now: Standing, ahead: Ahead, plan: Plan) -> Turn:
    """What the customer comes to at the next instant at which something turns."""
    because = "dwell" if now.is_held else ""
    value_high, potential_high, life, segment, changed_ms = now
    if ahead.value_ms == at_ms:
        value_high, because = not value_high, because or "window"
    if ahead.potential[0] == at_ms:
        potential_high, because = not potential_high, because or ahead.potential[1]
    if ahead.lifecycle[0] == at_ms:
        life = ahead.lifecycle[1]
    target = SEGMENT_OF[value_high, potential_high]
    if life != lifecycle.FORMER and target != segment and at_ms >= dwelling_until(changed_ms, plan):
        segment, changed_ms = target, at_ms
    return Turn(at_ms, Standing(value_high, potential_high, life, segment, changed_ms), because)


def turns(state: State, plan: Plan) -> Iterator[Turn]:
    """Every instant after the state's clock at which an axis, the segment or the lifecycle turns."""
    clock_ms, now = state.clock_ms, standing_of(state)
    ahead = Ahead(
        state.value_turn_ms,
        (state.potential_turn_ms, state.potential_turns_by),
        lifecycle.next_turn(state, now.lifecycle, clock_ms, plan) if state.lifecycle_turn_ms < NEVER_MS else _NEVER,
        state.is_value_turn_exact,
    )
    while True:
        dwell_ms = max(dwelling_until(now.changed_ms, plan), clock_ms + 1) if now.is_held else NEVER_MS
        at_ms = min(ahead.value_ms, ahead.potential[0], ahead.lifecycle[0], dwell_ms)
        if at_ms >= NEVER_MS:
            return
        if at_ms == ahead.value_ms and not ahead.is_value_exact:
            ahead = ahead._replace(
                value_ms=value_turn_ms(state, at_ms - 1, now.value_high, plan), is_value_exact=True
            )
            continue
        if at_ms == ahead.potential[0] and not ahead.potential[1]:
            ahead = ahead._replace(potential=outlook.next_turn(state, at_ms - 1, now.potential_high, plan))
            continue
        turn = turned_at(at_ms, now, ahead, plan)
        yield turn
        ahead, now, clock_ms = _further(state, ahead, turn, plan), turn.standing, at_ms


def next_transition(state: State, plan: Plan) -> dict[str, Any] | None:
    """The next change of segment or lifecycle if nothing more happens: `at` in epoch ms, `to`, `because`."""
    if state.lifecycle == lifecycle.FORMER or _nothing_ahead(state):
        return None
    life, segment = state.lifecycle, state.segment
    for turn in turns(state, plan):
        if turn.standing.lifecycle != life:
            return {"at": turn.at_ms, "to": turn.standing.lifecycle, "because": "lifecycle"}
        if turn.standing.segment != segment:
            return {"at": turn.at_ms, "to": turn.standing.segment, "because": turn.because}
    return None


def _nothing_ahead(state: State) -> bool:
    if min(state.value_turn_ms, state.potential_turn_ms, state.lifecycle_turn_ms) < NEVER_MS:
        return False
    return not standing_of(state).is_held


def look_ahead(state: State, plan: Plan) -> None:
    """Work out when time alone next turns the value axis, the potential axis and the lifecycle."""
    look_at_value(state, state.clock_ms, plan)
    outlook.look_ahead(state, state.clock_ms, plan)
    state.lifecycle_turn_ms = lifecycle.next_turn(state, state.lifecycle, state.clock_ms, plan)[0]


def look_at_value(state: State, after_ms: int, plan: Plan) -> None:
    """Work out anew when time alone next turns the value axis after an instant."""
    state.value_turn_ms = value_turn_ms(state, after_ms, state.value_high, plan)
    state.is_value_turn_exact = True


def value_turn_ms(state: State, after_ms: int, high: bool, plan: Plan) -> int:
    """The midnight at which time alone turns a value axis that stands so."""
    day = value.next_turn_day(state, plan.zone.day(after_ms), high, plan)
    return NEVER_MS if day is None else plan.zone.midnight_ms(day)


def soonest(state: State, plan: Plan) -> int:
    """The first instant after the clock at which time alone may do anything."""
    at_ms = state.silence_ms
    if state.value_turn_ms < at_ms:
        at_ms = state.value_turn_ms
    if state.potential_turn_ms < at_ms:
        at_ms = state.potential_turn_ms
    if state.lifecycle_turn_ms < at_ms:
        at_ms = state.lifecycle_turn_ms
    if state.segment != SEGMENT_OF[state.value_high, state.potential_high] and state.lifecycle != lifecycle.FORMER:
        return min(at_ms, max(dwelling_until(state.changed_ms, plan), state.clock_ms + 1))
    return at_ms


_NEVER = (NEVER_MS, "")


def _further(state: State, ahead: Ahead, turn: Turn, plan: Plan) -> Ahead:
    """What comes after a turn, where it has used up what was ahead."""
    at_ms, now = turn.at_ms, turn.standing
    return Ahead(
        value_turn_ms(state, at_ms, now.value_high, plan) if ahead.value_ms == at_ms else ahead.value_ms,
        outlook.next_turn(state, at_ms, now.potential_high, plan) if ahead.potential[0] == at_ms else ahead.potential,
        lifecycle.next_turn(state, now.lifecycle, at_ms, plan) if now.lifecycle != lifecycle.FORMER else _NEVER,
        ahead.is_value_exact,
    )
