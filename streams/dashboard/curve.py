"""How a customer's potential falls if nothing more happens, computed by the domain's own score.

It must not know Redis or how a curve is drawn.

The public state holds each term's worth at its clock. From that the domain's state is put together again: a term that
decays has that worth there; one that expires has its newest event's instant. Where a rule's cap hides part of a term
(`full` says how much it is without the cap), or several events of an expiring rule are alive (`drops` says when the
others go), a state that lacks these keys leaves the curve a bound only; `exact` then says so.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from streams.dashboard.instants import epoch_ms
from streams.domain import potential
from streams.domain.plan import Plan, Points
from streams.domain.state import MOST_INSTANTS, Rating, State, Term

DAY_MS = 86_400_000
LEAST_DAYS, MOST_DAYS = 60, 365
BEYOND = 1.25  # how far past the next transition the curve goes on
STEPS = 120


@dataclass(frozen=True, slots=True)
class Curve:
    """Points (epoch ms, score), ascending; `exact` False where the public state allows a bound only."""

    points: list[tuple[int, float]]
    exact: bool


def curve(public: dict[str, Any], plan: Plan) -> Curve:
    """The score from the customer's clock on, past the next transition and at least `LEAST_DAYS` days."""
    as_of_ms = epoch_ms(public["as_of"]) or 0
    state, exact = rebuilt(public, plan)
    instants = _instants(as_of_ms, epoch_ms((public.get("next_transition") or {}).get("at")), state, plan)
    return Curve([(at, potential.score(state, at, plan)) for at in instants], exact)


def rebuilt(public: dict[str, Any], plan: Plan) -> tuple[State, bool]:
    """The part of a state that the potential axis looks at, and whether nothing is missing from it."""
    as_of_ms = epoch_ms(public["as_of"]) or 0
    state = State(public["customer_id"], as_of_ms=as_of_ms, clock_ms=as_of_ms)
    rules = {rule.id: rule for rule in plan.points}
    facts = {fact.id for fact in plan.account_points}
    exact = True
    for row in public["potential"]["contributions"]:
        if row["rule"] in rules:
            exact &= _take_term(state, rules[row["rule"]], row)
        elif row["rule"] in facts:
            state.account_points += row["points"]
        elif row["rule"] != "limit":
            exact &= _take_rating(state, row, plan)
    return state, exact


def _take_term(state: State, rule: Points, row: dict[str, Any]) -> bool:
    newest_ms = epoch_ms(row.get("last")) or state.as_of_ms
    term = Term(value=0.0, ref_ms=state.as_of_ms, events=row.get("events") or 1, newest_ms=newest_ms)
    state.terms[rule.position] = term
    if rule.half_life_ms is not None:
        term.value = row.get("full", row["points"])
        return "full" in row or row["points"] < rule.cap
    if rule.expires_ms is not None:
        drops = [at for at in map(epoch_ms, row.get("drops", ())) if at is not None]
        known = [at - rule.expires_ms for at in drops] or [newest_ms] * min(term.events, MOST_INSTANTS)
        term.instants = sorted(known)
        return bool(drops) or term.events == 1
    return True


def _take_rating(state: State, row: dict[str, Any], plan: Plan) -> bool:
    for fact in plan.rating_points:
        said = [name for name, points in fact.points.items() if points == row["points"]]
        if fact.id == row["rule"] and said:
            state.rating = Rating(said[0], epoch_ms(row.get("last")) or state.as_of_ms, "")
            return len(plan.rating_points) == 1
    return False


def _instants(as_of_ms: int, next_ms: int | None, state: State, plan: Plan) -> list[int]:
    """Evenly spread, with both sides of every step."""
    ahead_ms = LEAST_DAYS * DAY_MS
    if next_ms is not None:
        ahead_ms = max(ahead_ms, int((next_ms - as_of_ms) * BEYOND))
    end_ms = as_of_ms + min(ahead_ms, MOST_DAYS * DAY_MS)
    even = {as_of_ms + (end_ms - as_of_ms) * step // STEPS for step in range(STEPS + 1)}
    steps = {at for at in _drops(state, plan) if as_of_ms < at <= end_ms}
    marked = {next_ms} if next_ms is not None and as_of_ms < next_ms <= end_ms else set()
    return sorted(even | steps | {at - 1 for at in steps} | marked)


def _drops(state: State, plan: Plan) -> set[int]:
    """When something leaves the score at once."""
    found = {
        instant + expires_ms
        for position, term in state.terms.items()
        if (expires_ms := plan.points[position].expires_ms) is not None
        for instant in term.instants
    }
    if state.rating is not None:
        found |= {state.rating.occurred_ms + fact.expires_ms for fact in plan.rating_points if fact.expires_ms}
    return found
