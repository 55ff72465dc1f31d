"""What time alone will do to a customer: its turns, in order, each at its exact instant.

It must not know signals, and changes nothing: the fold acts on the turns whose instant has come, the public state
shows the first that changes segment or lifecycle.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from streams.domain import lifecycle, potential, value
from streams.domain.plan import SEGMENT_OF, Plan
from streams.domain.state import State
from streams.domain.zone import NEVER_MS


@dataclass(frozen=True, slots=True)
class Turn:
    """How a customer stands from an instant on, and what changed at it."""

    at_ms: int
    value_high: bool
    potential_high: bool
    lifecycle: str
    segment: str
    because: str  # of a change of segment: dwell, window, expiry or decay
    lifecycle_changed: bool
    segment_changed: bool


def dwelling_until(changed_ms: int | None, plan: Plan) -> int:
    """Until when the segment stays after its last change; the start is no change."""
    return 0 if changed_ms is None else changed_ms + plan.dwell_ms


def turns(state: State, plan: Plan) -> Iterator[Turn]:
    """Every instant after the state's clock at which an axis, the segment or the lifecycle turns."""
    now, value_high, potential_high = state.clock_ms, state.value_high, state.potential_high
    life, segment, changed_ms = state.lifecycle, state.segment, state.changed_ms
    flips = _ValueFlips(state, plan)
    value_at = flips.following(value_high)
    potential_next = potential.next_flip(state, now, potential_high, plan)
    while True:
        held = life != lifecycle.FORMER and segment != SEGMENT_OF[value_high, potential_high]
        life_next = lifecycle.next_change(state, life, now, plan)
        now = min(
            value_at,
            potential_next[0] if potential_next else NEVER_MS,
            life_next[0] if life_next else NEVER_MS,
            max(dwelling_until(changed_ms, plan), now + 1) if held else NEVER_MS,
        )
        if now >= NEVER_MS:
            return
        because = "dwell" if held else ""
        if value_at == now:
            value_high = not value_high
            value_at = flips.following(value_high)
            because = because or "window"
        if potential_next and potential_next[0] == now:
            because = because or potential_next[1]
            potential_high = not potential_high
            potential_next = potential.next_flip(state, now, potential_high, plan)
        before = life, segment
        if life_next and life_next[0] == now:
            life = life_next[1]
        target = SEGMENT_OF[value_high, potential_high]
        if life != lifecycle.FORMER and target != segment and now >= dwelling_until(changed_ms, plan):
            segment, changed_ms = target, now
        yield Turn(now, value_high, potential_high, life, segment, because, life != before[0], segment != before[1])


def next_transition(state: State, plan: Plan) -> dict[str, object] | None:
    """The next change of segment or lifecycle if nothing more happens: `at` in epoch ms, `to`, `because`."""
    for turn in turns(state, plan):
        if turn.lifecycle_changed:
            return {"at": turn.at_ms, "to": turn.lifecycle, "because": "lifecycle"}
        if turn.segment_changed:
            return {"at": turn.at_ms, "to": turn.segment, "because": turn.because}
    return None


def soonest(state: State, plan: Plan) -> int:
    """A bound, never late, of the first instant after the clock at which time alone might do anything."""
    now = state.clock_ms
    change_day = value.next_change_day(state, plan.zone.day(now), plan)
    flip = potential.next_flip(state, now, state.potential_high, plan)
    change = lifecycle.next_change(state, state.lifecycle, now, plan)
    found = [
        NEVER_MS if change_day is None else plan.zone.midnight_ms(change_day),
        NEVER_MS if flip is None else flip[0],
        NEVER_MS if change is None else change[0],
    ]
    if state.lifecycle != lifecycle.FORMER and state.segment != SEGMENT_OF[state.value_high, state.potential_high]:
        found.append(max(dwelling_until(state.changed_ms, plan), now + 1))
    found += [rule.deadline_ms for rule in state.rules.values() if rule.deadline_ms is not None]
    return min(found)


class _ValueFlips:
    """The midnights at which the value axis turns."""

    def __init__(self, state: State, plan: Plan) -> None:
        self._plan = plan
        self._changes = value.changes(state, plan.zone.day(state.clock_ms), plan)

    def following(self, high: bool) -> int:
        for day, amount in self._changes:
            if self._plan.value_axis.turned(high, amount) != high:
                return self._plan.zone.midnight_ms(day)
        return NEVER_MS
