"""What one point rule gathers of a customer's events, and what that is worth; it must not know of other rules.

Points decay, expire or stay; instants are epoch ms.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from math import exp2

from streams.domain.plan import PER_DAY_LOOKS_BACK_DAYS, Plan, Points
from streams.domain.state import MOST_INSTANTS, State, Term


def add_event(state: State, rule: Points, occurred_ms: int, event_id: str, plan: Plan) -> bool:
    """Let an event count for a point rule; False when the rule's limit per day or its age shuts it out."""
    term = state.terms.get(rule.position)
    if term is None:
        term = Term(ref_ms=occurred_ms)
    if rule.per_day is not None and not _within_day_limit(term, rule.per_day, occurred_ms, state.as_of_ms, plan):
        return False
    if rule.expires_ms is not None:
        if not _add_expiring(term, rule.expires_ms, occurred_ms, state.as_of_ms):
            if rule.per_day is not None:  # it was among the first of its day all the same
                state.terms[rule.position] = term
            return False
    elif rule.half_life_ms is not None:
        _add_decaying(term, rule.points, rule.half_life_ms, occurred_ms)
    term.events += 1
    if occurred_ms >= term.newest_ms or term.events == 1:
        term.newest_ms, term.newest_id = occurred_ms, event_id
    state.terms[rule.position] = term
    return True


def worth(rule: Points, term: Term, at_ms: int) -> float:
    """The points of a rule at an instant."""
    half_life_ms = rule.half_life_ms
    if half_life_ms is not None:
        points = term.value * exp2((term.ref_ms - at_ms) / half_life_ms)
    else:
        points = rule.points * living(rule, term, at_ms)
    return points if points < rule.cap else rule.cap


def living(rule: Points, term: Term, at_ms: int) -> int:
    """How many events make up a rule's points at an instant."""
    if rule.expires_ms is None:
        return term.events
    return len(term.instants) - bisect_right(term.instants, at_ms - rule.expires_ms)


def telling_expiries(rule: Points, term: Term, after_ms: int) -> list[int]:
    """When living events drop out, ascending; of capped ones only the newest few ever show in the score."""
    if rule.expires_ms is None:
        return []
    first = bisect_right(term.instants, after_ms - rule.expires_ms)
    if rule.enough is not None:
        first = max(first, len(term.instants) - rule.enough)
    return [instant + rule.expires_ms for instant in term.instants[first:]]


def _within_day_limit(term: Term, per_day: int, occurred_ms: int, as_of_ms: int, plan: Plan) -> bool:
    """Count the event on its local day, if that is not too long ago and the limit not reached."""
    day, today = plan.zone.day(occurred_ms), plan.zone.day(as_of_ms)
    if today - day > PER_DAY_LOOKS_BACK_DAYS:
        return False
    bits = per_day.bit_length()  # of a digit
    newest, counts = term.counted_day, term.day_counts
    if not counts:
        newest = day
    elif day > newest:
        newest, counts = day, counts << bits * (day - newest)
    at = bits * (newest - day)
    if (counts >> at) & ((1 << bits) - 1) >= per_day:
        return False
    digits = newest - today + PER_DAY_LOOKS_BACK_DAYS + 1
    term.counted_day, term.day_counts = newest, (counts + (1 << at)) & ((1 << bits * digits) - 1)
    return True


def _add_expiring(term: Term, expires_ms: int, occurred_ms: int, as_of_ms: int) -> bool:
    del term.instants[: bisect_right(term.instants, as_of_ms - expires_ms)]
    if as_of_ms - occurred_ms >= expires_ms:
        return False
    insort(term.instants, occurred_ms)
    del term.instants[:-MOST_INSTANTS]
    return True


def _add_decaying(term: Term, points: float, half_life_ms: float, occurred_ms: int) -> None:
    if occurred_ms > term.ref_ms:
        term.value *= exp2((term.ref_ms - occurred_ms) / half_life_ms)
        term.ref_ms = occurred_ms
    term.value += points * exp2((occurred_ms - term.ref_ms) / half_life_ms)
