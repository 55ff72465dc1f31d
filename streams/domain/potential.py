"""The potential axis: what a customer may become, as a sum of terms that decay, expire or stay.

It must not know the value axis, segments or signals. Scores are points; instants are epoch ms.

score(t) = clamp(sum over point rules of min(cap, sum of points x 2^(-(t - occurred) / half_life)) + facts, 0, cap)
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from math import exp2, floor

from streams.domain.decay import Decaying, falls_to
from streams.domain.numbers import HALF_UNIT, rounded
from streams.domain.plan import PER_DAY_LOOKS_BACK_DAYS, AccountPoints, Plan, Points, RatingPoints
from streams.domain.precision import near_tie, rounded_exactly
from streams.domain.state import MOST_INSTANTS, AccountFacts, Rating, State, Term


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the score's ledger: points as they are and to 4 decimals, and the newest event behind them."""

    rule: str
    label: str
    points: float
    shown: float
    events: int
    event_id: str | None
    occurred_ms: int | None


def add_event(state: State, rule: Points, occurred_ms: int, event_id: str, plan: Plan) -> bool:
    """Let an event count for a point rule; False when the rule's limit per day or its age shuts it out."""
    term = state.terms.get(rule.position) or Term(ref_ms=occurred_ms)
    if rule.per_day is not None and not _within_day_limit(term, rule.per_day, occurred_ms, state.as_of_ms, plan):
        return False
    if rule.expires_ms is not None:
        _forget_expired(term, rule.expires_ms, state.as_of_ms)
        if state.as_of_ms - occurred_ms >= rule.expires_ms:
            return False
        insort(term.instants, occurred_ms)
        del term.instants[:-MOST_INSTANTS]
    elif rule.half_life_ms is not None:
        _add_decaying(term, rule.points, rule.half_life_ms, occurred_ms)
    term.events += 1
    if occurred_ms >= term.newest_ms or term.events == 1:
        term.newest_ms, term.newest_id = occurred_ms, event_id
    state.terms[rule.position] = term
    return True


def take_rating(state: State, rating: str, occurred_ms: int, event_id: str) -> None:
    """The rating with the largest instant stands; of equal ones the later applied."""
    if state.rating is None or occurred_ms >= state.rating.occurred_ms:
        state.rating = Rating(rating, occurred_ms, event_id)


def account_points(account: AccountFacts | None, plan: Plan) -> float:
    """The sum of all account facts."""
    if account is None:
        return 0.0
    return sum((fact.points for fact in plan.account_points if _fact_holds(account, fact, plan)), 0.0)


def score(state: State, at_ms: int, plan: Plan) -> float:
    """The score at an instant not before the state's clock, to 4 decimals."""
    total = min(max(_total(state, at_ms, plan), 0.0), plan.potential_cap)
    if not near_tie(total):
        return rounded(total)
    terms = [
        (term.value, at_ms - term.ref_ms, half_life_ms, plan.points[i].cap)
        for i, term in state.terms.items()
        if (half_life_ms := plan.points[i].half_life_ms) is not None
    ]
    return rounded_exactly(terms, _constant(state, at_ms, plan), 0.0, plan.potential_cap)


def rows(state: State, at_ms: int, plan: Plan) -> list[Row]:
    """The terms of the score in the policy's order, and `limit` where the clamp acts; they add up to it."""
    found = [_term_row(plan.points[i], term, at_ms) for i, term in sorted(state.terms.items())]
    found += _fact_rows(state, at_ms, plan)
    total = sum(row.points for row in found)
    clamped = min(max(total, 0.0), plan.potential_cap)
    if clamped != total:
        limit = clamped - total
        found.append(Row("limit", "上限" if limit < 0 else "下限", limit, rounded(limit), 0, None, None))
    return [row for row in found if row.shown]


def next_flip(state: State, after_ms: int, high: bool, plan: Plan) -> tuple[int, str] | None:
    """When time alone turns the axis next, and why: `decay` or `expiry`."""
    begin = after_ms
    for end in sorted(_expiries(state, after_ms, high, plan)):
        if high and not _stays_high(state, end - 1, plan):
            return _fall(state, begin, plan), "decay"
        if plan.potential_axis.turned(high, score(state, end, plan)) != high:
            return end, "expiry"
        begin = end
    if not high or _floor(state, begin, plan) >= plan.potential_axis.leave:
        return None
    return _fall(state, begin, plan), "decay"


# ---------------------------------------------------------------- terms


def _within_day_limit(term: Term, per_day: int, occurred_ms: int, as_of_ms: int, plan: Plan) -> bool:
    day, today = plan.zone.day(occurred_ms), plan.zone.day(as_of_ms)
    if today - day > PER_DAY_LOOKS_BACK_DAYS or term.by_day.get(day, 0) >= per_day:
        return False
    term.by_day = {d: n for d, n in term.by_day.items() if today - d <= PER_DAY_LOOKS_BACK_DAYS}
    term.by_day[day] = term.by_day.get(day, 0) + 1
    return True


def _add_decaying(term: Term, points: float, half_life_ms: float, occurred_ms: int) -> None:
    if occurred_ms > term.ref_ms:
        term.value *= exp2((term.ref_ms - occurred_ms) / half_life_ms)
        term.ref_ms = occurred_ms
    term.value += points * exp2((occurred_ms - term.ref_ms) / half_life_ms)


def _forget_expired(term: Term, expires_ms: int, at_ms: int) -> None:
    del term.instants[: bisect_right(term.instants, at_ms - expires_ms)]


def _worth(rule: Points, term: Term, at_ms: int) -> float:
    if rule.half_life_ms is not None:
        return min(rule.cap, term.value * exp2((term.ref_ms - at_ms) / rule.half_life_ms))
    return min(rule.cap, rule.points * _living(rule, term, at_ms))


def _living(rule: Points, term: Term, at_ms: int) -> int:
    if rule.expires_ms is None:
        return term.events
    return len(term.instants) - bisect_right(term.instants, at_ms - rule.expires_ms)


def _term_row(rule: Points, term: Term, at_ms: int) -> Row:
    worth, events = _worth(rule, term, at_ms), _living(rule, term, at_ms)
    shown = rounded(worth)
    if rule.half_life_ms is not None and near_tie(worth):
        shown = rounded_exactly([(term.value, at_ms - term.ref_ms, rule.half_life_ms, rule.cap)], 0.0, 0.0, rule.cap)
    return Row(rule.id, rule.label, worth, shown, events, term.newest_id, term.newest_ms)


# ---------------------------------------------------------------- facts


def _fact_holds(account: AccountFacts, fact: AccountPoints, plan: Plan) -> bool:
    if fact.field == "industry_growth":
        number = account.industry_growth
        if number is None and account.industry is not None:
            number = plan.industry_growth.get(account.industry)
    else:
        employees: int | None = getattr(account, fact.field)
        number = None if employees is None else str(employees)
    return number is not None and Fraction(number) >= fact.at_least


def _rating_worth(rating: Rating, fact: RatingPoints, at_ms: int) -> float:
    if fact.expires_ms is not None and at_ms - rating.occurred_ms >= fact.expires_ms:
        return 0.0
    return fact.points[rating.rating]


def _fact_rows(state: State, at_ms: int, plan: Plan) -> Iterator[Row]:
    account, rating = state.account, state.rating
    if account is not None:
        for fact in plan.account_points:
            if _fact_holds(account, fact, plan):
                yield Row(
                    fact.id, fact.label, fact.points, rounded(fact.points), 1, account.event_id, account.occurred_ms
                )
    if rating is not None:
        for rated in plan.rating_points:
            worth = _rating_worth(rating, rated, at_ms)
            yield Row(rated.id, rated.label, worth, rounded(worth), 1, rating.event_id, rating.occurred_ms)


def _total(state: State, at_ms: int, plan: Plan) -> float:
    total = state.account_points
    for position, term in state.terms.items():
        total += _worth(plan.points[position], term, at_ms)
    if state.rating is not None:
        for fact in plan.rating_points:
            total += _rating_worth(state.rating, fact, at_ms)
    return total


# ---------------------------------------------------------------- time


def _expiries(state: State, after_ms: int, high: bool, plan: Plan) -> set[int]:
    """Instants after `after_ms` at which something drops out of the score and may turn an axis that stands so."""
    found: set[int] = set()
    if high:
        for position, term in state.terms.items():
            found.update(_telling_expiries(plan.points[position], term))
    if state.rating is not None:
        for fact in plan.rating_points:
            if fact.expires_ms is not None and (high or fact.points[state.rating.rating] < 0):
                found.add(state.rating.occurred_ms + fact.expires_ms)
    return {instant for instant in found if instant > after_ms}


def _telling_expiries(rule: Points, term: Term) -> list[int]:
    """When living events drop out; of capped ones only the newest few ever show in the score."""
    if rule.expires_ms is None:
        return []
    telling = term.instants if rule.enough is None else term.instants[-rule.enough :]
    return [instant + rule.expires_ms for instant in telling]


def _floor(state: State, after_ms: int, plan: Plan) -> float:
    """What the score falls towards when nothing expires any more."""
    constant = _constant(state, after_ms, plan)
    return rounded(min(max(constant, 0.0), plan.potential_cap))


def _fall(state: State, begin: int, plan: Plan) -> int:
    """The first ms after `begin` at which decay has turned a high axis low, which is known to happen."""
    offset_ms, error_ms = _fall_after(state, begin, plan)
    at = max(begin + floor(offset_ms), begin) + 1
    if floor(offset_ms - error_ms) == floor(offset_ms + error_ms):
        return at
    while _stays_high(state, at, plan):
        at += 1
    while at - 1 > begin and not _stays_high(state, at - 1, plan):
        at -= 1
    return at


def _fall_after(state: State, begin: int, plan: Plan) -> tuple[float, float]:
    """Ms until decay takes the score below where the axis turns, and how far floats may be off."""
    terms = [
        Decaying(term.value * exp2((term.ref_ms - begin) / half_life_ms), half_life_ms, plan.points[i].cap)
        for i, term in state.terms.items()
        if (half_life_ms := plan.points[i].half_life_ms) is not None and term.value > 0
    ]
    level = float(plan.potential_axis.leave) - HALF_UNIT
    return falls_to(terms, _constant(state, begin, plan), level)


def _stays_high(state: State, at_ms: int, plan: Plan) -> bool:
    return plan.potential_axis.turned(True, score(state, at_ms, plan))


def _constant(state: State, after_ms: int, plan: Plan) -> float:
    """The part of the score that does not decay, just after an instant."""
    total = state.account_points
    for position, term in state.terms.items():
        if plan.points[position].half_life_ms is None:
            total += _worth(plan.points[position], term, after_ms)
    if state.rating is not None:
        total += sum(_rating_worth(state.rating, fact, after_ms) for fact in plan.rating_points)
    return total
