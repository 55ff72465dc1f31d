"""The potential axis: what a customer may become, as a sum of terms that decay, expire or stay.

It must not know the value axis, segments or signals. Scores are points; instants are epoch ms.

score(t) = clamp(sum over point rules of min(cap, sum of points x 2^(-(t - occurred) / half_life)) + facts, 0, cap)
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from fractions import Fraction

import msgspec

from schemas.log import LogAccount
from streams.domain.plan import AccountPoints, Plan, Points, RatingPoints
from streams.domain.precision import adding_up, decimal_of, rounded_exactly, rounded_surely
from streams.domain.state import Rating, State, Term
from streams.domain.terms import living, worth

LIMIT = "limit"  # the row of what the clamp does; no rule may have this id


class Row(msgspec.Struct, gc=False):
    """One line of the score's ledger: points as they are, the newest event behind them, points to 4 decimals."""

    rule: str
    label: str
    points: float
    events: int
    event_id: str | None
    occurred_ms: int | None
    shown: float = 0.0


def score(state: State, at_ms: int, plan: Plan) -> float:
    """The score at an instant not before the state's clock, to 4 decimals."""
    return _score_of(_decaying(state, at_ms, plan) + constant(state, at_ms, plan), state, at_ms, plan)


def _score_of(total: float, state: State, at_ms: int, plan: Plan) -> float:
    """The score to 4 decimals, given what its terms come to."""
    shown = rounded_surely(min(max(total, 0.0), plan.potential_cap))
    if shown is not None:
        return shown
    terms = [
        (term.value, at_ms - term.ref_ms, half_life_ms, plan.points[i].cap)
        for i, term in state.terms.items()
        if (half_life_ms := plan.points[i].half_life_ms) is not None
    ]
    return rounded_exactly(terms, _exact_constant(state, at_ms, plan), 0.0, plan.potential_cap)


def constant(state: State, at_ms: int, plan: Plan) -> float:
    """The part of the score that does not decay, just after an instant."""
    total = state.account_points
    for position, term in state.terms.items():
        rule = plan.points[position]
        if rule.half_life_ms is None:
            total += worth(rule, term, at_ms)
    if state.rating is not None:
        for fact in plan.rating_points:
            total += _rating_worth(state.rating, fact, at_ms)
    return total


def _exact_constant(state: State, at_ms: int, plan: Plan) -> Decimal:
    """The same without the rounding of floats, for where it tells."""
    account, total = state.account, Decimal(0)
    for position in account.held if account is not None else ():
        total += decimal_of(plan.account_points[position].points)
    for position, term in state.terms.items():
        rule = plan.points[position]
        if rule.half_life_ms is None:
            total += min(decimal_of(rule.points) * living(rule, term, at_ms), decimal_of(rule.cap))
    for fact in plan.rating_points if state.rating is not None else ():
        assert state.rating is not None
        total += decimal_of(_rating_worth(state.rating, fact, at_ms))
    return total


def most_points(state: State, at_ms: int, plan: Plan) -> float:
    """A bound of the unclamped score from an instant on, until an event adds to it: a bad rating may expire."""
    total = _decaying(state, at_ms, plan) + constant(state, at_ms, plan)
    if state.rating is not None:
        total -= sum(min(0.0, _rating_worth(state.rating, fact, at_ms)) for fact in plan.rating_points)
    return total


def take_rating(state: State, rating: str, occurred_ms: int, event_id: str) -> None:
    """The rating with the largest instant stands; of equal ones the later applied."""
    if state.rating is None or occurred_ms >= state.rating.occurred_ms:
        state.rating = Rating(rating, occurred_ms, event_id)


def rating_ends(rating: Rating | None, after_ms: int, plan: Plan) -> Iterator[tuple[int, float]]:
    """When facts of the rating expire after an instant, and with how many points."""
    for fact in plan.rating_points if rating is not None else ():
        if fact.expires_ms is not None and rating is not None and rating.occurred_ms + fact.expires_ms > after_ms:
            yield rating.occurred_ms + fact.expires_ms, fact.points[rating.rating]


def facts_held(account: LogAccount, plan: Plan) -> list[int]:
    """The positions of the account facts that hold."""
    return [at for at, fact in enumerate(plan.account_points) if _fact_holds(account, fact, plan)]


def ledger(state: State, at_ms: int, plan: Plan) -> tuple[float, list[Row]]:
    """The score, and its terms in the policy's order, with `limit` where the clamp acts; to 4 decimals they add up."""
    found = [_term_row(plan.points[i], term, at_ms) for i, term in sorted(state.terms.items())]
    found += _fact_rows(state, at_ms, plan)
    total = sum([row.points for row in found])
    score = _score_of(total, state, at_ms, plan)
    clamped = min(max(total, 0.0), plan.potential_cap)
    if clamped != total:
        limit = clamped - total
        found.append(Row(LIMIT, "上限" if limit < 0 else "下限", limit, 0, None, None))
    for row, shown in zip(found, adding_up([row.points for row in found], score), strict=True):
        row.shown = shown
    return score, [row for row in found if row.shown]


def _decaying(state: State, at_ms: int, plan: Plan) -> float:
    total, points = 0.0, plan.points
    for position, term in state.terms.items():
        rule = points[position]
        if rule.half_life_ms is not None:
            total += worth(rule, term, at_ms)
    return total


def _term_row(rule: Points, term: Term, at_ms: int) -> Row:
    points = worth(rule, term, at_ms)
    events = term.events if rule.expires_ms is None else living(rule, term, at_ms)
    return Row(rule.id, rule.label, points, events, term.newest_id, term.newest_ms)


def _fact_holds(account: LogAccount, fact: AccountPoints, plan: Plan) -> bool:
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
    for position in account.held if account is not None else ():
        fact = plan.account_points[position]
        assert account is not None
        yield Row(fact.id, fact.label, fact.points, 1, account.event_id, account.occurred_ms)
    for rated in plan.rating_points if rating is not None else ():
        assert rating is not None
        points = _rating_worth(rating, rated, at_ms)
        yield Row(rated.id, rated.label, points, 1, rating.event_id, rating.occurred_ms)
