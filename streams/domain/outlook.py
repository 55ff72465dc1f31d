"""When time alone turns the potential axis next; it must not know the value axis or segments.

Between events the score only falls, but for the instants at which a bad rating expires. So of the many instants at
which something drops out, the first that tells is found by bisection.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from math import exp2, floor

from streams.domain import potential
from streams.domain.decay import falls_to
from streams.domain.numbers import HALF_UNIT, rounded
from streams.domain.plan import Plan
from streams.domain.state import State
from streams.domain.terms import telling_expiries
from streams.domain.zone import CALENDAR_END_MS, NEVER_MS

DECAY, EXPIRY = "decay", "expiry"
NO_TURN = NEVER_MS, DECAY


def look_ahead(state: State, after_ms: int, plan: Plan) -> None:
    """Work out anew when and why time alone next turns the axis after an instant."""
    state.potential_turn_ms, state.potential_turns_by = next_turn(state, after_ms, state.potential_high, plan)


def next_turn(state: State, after_ms: int, high: bool, plan: Plan) -> tuple[int, str]:
    """The first instant after `after_ms` at which time alone turns an axis that stands so, and why; or `NO_TURN`."""
    found = _next_turn(state, after_ms, high, plan)
    return found if found[0] < CALENDAR_END_MS else NO_TURN


def _next_turn(state: State, after_ms: int, high: bool, plan: Plan) -> tuple[int, str]:
    if not high and state.rating is None:
        return NO_TURN
    rises = sorted({at for at, points in potential.rating_ends(state.rating, after_ms, plan) if points < 0})
    if not high:
        return next(((at, EXPIRY) for at in rises if not _is_low(state, at, plan)), NO_TURN)
    begin = after_ms
    drops = _drops(state, after_ms, plan)
    for end in rises:
        found = _fall_before(state, begin, end, [at for at in drops if begin < at < end], plan)
        if found is not None:
            return found
        begin = end
    return _fall_for_good(state, begin, [at for at in drops if at > begin], plan)


def _is_low(state: State, at_ms: int, plan: Plan) -> bool:
    return not plan.potential_axis.turned(False, potential.score(state, at_ms, plan))


def _stays_high(state: State, at_ms: int, plan: Plan) -> bool:
    return plan.potential_axis.turned(True, potential.score(state, at_ms, plan))


def _drops(state: State, after_ms: int, plan: Plan) -> list[int]:
    """Instants after `after_ms` at which something drops out of the score, ascending."""
    found = {at for at, _ in potential.rating_ends(state.rating, after_ms, plan)}
    for position, term in state.terms.items():
        found.update(telling_expiries(plan.points[position], term, after_ms))
    return sorted(found)


def _fall_before(state: State, begin: int, end: int, drops: list[int], plan: Plan) -> tuple[int, str] | None:
    """The turn of a high axis up to and including `end`, at which a bad rating expires; `drops` lie between."""
    found = _fall_at_drops(state, begin, drops, plan)
    if found is not None:
        return found
    if not _stays_high(state, end - 1, plan):
        return _fall(state, drops[-1] if drops else begin, plan), DECAY
    return None if _stays_high(state, end, plan) else (end, EXPIRY)


def _fall_for_good(state: State, begin: int, drops: list[int], plan: Plan) -> tuple[int, str]:
    """The turn of a high axis after `begin`, from where on nothing adds to the score."""
    found = _fall_at_drops(state, begin, drops, plan)
    if found is not None:
        return found
    begin = drops[-1] if drops else begin
    lowest = rounded(min(max(potential.constant(state, begin, plan), 0.0), plan.potential_cap))
    return NO_TURN if lowest >= plan.potential_axis.leave else (_fall(state, begin, plan), DECAY)


def _fall_at_drops(state: State, begin: int, drops: list[int], plan: Plan) -> tuple[int, str] | None:
    """The turn of a high axis at one of the drops or before it; None if the axis is high after all of them."""
    if not drops or _stays_high(state, drops[-1], plan):
        return None
    at = bisect_left(drops, True, key=lambda drop: not _stays_high(state, drop, plan))
    if _stays_high(state, drops[at] - 1, plan):
        return drops[at], EXPIRY
    return _fall(state, drops[at - 1] if at else begin, plan), DECAY


def _fall(state: State, begin: int, plan: Plan) -> int:
    """The first ms after `begin` at which decay has turned a high axis low, which is known to happen."""
    offset_ms, error_ms = _fall_after(state, begin, plan)
    at = max(begin + floor(offset_ms), begin) + 1
    if floor(offset_ms - error_ms) == floor(offset_ms + error_ms):
        return at
    return _first_low(begin, at, lambda ms: not _stays_high(state, ms, plan))


def _first_low(begin: int, guess: int, is_low: Callable[[int], bool]) -> int:
    """The first ms after `begin` that is low, looked for around a guess in steps that double, then by halving."""
    step, high, low = 1, begin, guess
    while not is_low(low):
        high, low, step = low, low + step, step * 2
    while low - step > high and is_low(low - step):
        low, step = low - step, step * 2
    high = max(high, low - step)
    return bisect_left(range(high + 1, low), True, key=is_low) + high + 1


def _fall_after(state: State, begin: int, plan: Plan) -> tuple[float, float]:
    """Ms until decay takes the score below where the axis turns, and how far floats may be off."""
    terms = [
        (term.value * exp2((term.ref_ms - begin) / half_life_ms), half_life_ms, plan.points[i].cap)
        for i, term in state.terms.items()
        if (half_life_ms := plan.points[i].half_life_ms) is not None and term.value > 0
    ]
    level = float(plan.potential_axis.leave) - HALF_UNIT
    return falls_to(terms, potential.constant(state, begin, plan), level)
