"""The curve ahead: what a person can compute by hand, and that it goes where the domain itself will go."""

from __future__ import annotations

from typing import Any

import pytest

from streams.dashboard.curve import DAY_MS, curve, rebuilt
from streams.domain.plan import Plan
from streams.domain.potential import score
from streams.domain.public import public_state
from tests.unit.dashboard.kit import NOON_MS, leads_to, public, row, scored
from tests.unit.domain.kit import Life, points, policy, scoring

RATING = {"id": "rating", "label": "rating", "rating": {"high": 8, "medium": 0, "low": -8}, "expires_days": 180}
GROWTH = {"id": "growth", "label": "growth", "account": "industry_growth", "at_least": 0.1, "points": 5}


def plan(**keys: Any) -> Plan:
    rules = [
        points("view", 5, event="page_view", half_life_days=14, cap=15),
        points("upgrade", 8, event="plan_change", expires_days=180, cap=16),
        points("webinar", 4, event="webinar"),
    ]
    return Plan(policy(potential=scoring(*rules, facts=[GROWTH, RATING], high={"enter": 18, "leave": 12})))


def worth_after(state: dict[str, Any], days: float) -> float:
    made, _ = rebuilt(state, plan())
    return score(made, NOON_MS + int(days * DAY_MS), plan())


def test_a_decaying_term_halves_with_every_half_life() -> None:
    state = public(potential=scored(row("view", 10.0)))
    assert [worth_after(state, days) for days in (0, 14, 28, 42)] == [10.0, 5.0, 2.5, 1.25]


def test_an_expiring_term_drops_out_at_its_age() -> None:
    state = public(potential=scored(row("upgrade", 8.0, last="2026-11-10T12:00:00.000Z")))  # 10 days old
    assert worth_after(state, 169.999) == 8.0
    assert worth_after(state, 170) == 0.0


def test_facts_and_rules_without_age_stay() -> None:
    state = public(potential=scored(row("growth", 5.0), row("webinar", 12.0, events=3)))
    assert worth_after(state, 365) == 17.0


def test_a_bad_rating_that_expires_lifts_the_score() -> None:
    terms = scored(row("webinar", 20.0, events=5), row("rating", -8.0, last="2026-11-20T12:00:00.000Z"))
    assert worth_after(public(potential=terms), 179.9) == 12.0
    assert worth_after(public(potential=terms), 180) == 20.0


def test_a_capped_term_is_a_bound_unless_the_state_says_how_much_there_is() -> None:
    bound = public(potential=scored(row("view", 15.0, events=9)))
    exact = public(potential=scored(row("view", 15.0, events=9, full=30.0)))
    assert curve(bound, plan()).exact is False
    assert curve(exact, plan()).exact is True
    assert worth_after(bound, 14) == 7.5
    assert worth_after(exact, 14) == 15.0  # 30 halved is just the cap
    assert worth_after(exact, 28) == 7.5


def test_several_expiring_events_are_a_bound_unless_the_state_says_when_each_goes() -> None:
    bound = public(potential=scored(row("upgrade", 16.0, events=2, last="2026-11-10T12:00:00.000Z")))
    drops = ["2026-12-01T12:00:00.000Z", "2027-05-09T12:00:00.000Z"]  # 11 and 170 days ahead
    exact = public(potential=scored(row("upgrade", 16.0, events=2, drops=drops)))
    assert curve(bound, plan()).exact is False
    assert curve(exact, plan()).exact is True
    assert [worth_after(exact, days) for days in (10.9, 11, 169, 170)] == [16.0, 8.0, 8.0, 0.0]


def test_the_curve_runs_past_the_next_transition_and_hits_it() -> None:
    next_at = "2027-02-28T12:00:00.000Z"  # 100 days ahead
    state = public(potential=scored(row("view", 14.0)), next_transition=leads_to(next_at, "streamline"))
    drawn = curve(state, plan()).points
    instants = [at for at, _ in drawn]
    assert instants == sorted(set(instants))
    assert instants[0] == NOON_MS
    assert NOON_MS + 100 * DAY_MS in instants
    assert instants[-1] == NOON_MS + 125 * DAY_MS
    assert [points for _, points in drawn] == sorted((points for _, points in drawn), reverse=True)


def test_a_quiet_customer_is_shown_two_months_ahead() -> None:
    drawn = curve(public(), plan()).points
    assert drawn[-1] == (NOON_MS + 60 * DAY_MS, 0.0)


@pytest.mark.parametrize("days", [1, 7, 20, 45])
def test_it_goes_where_the_customer_goes(days: int) -> None:
    """The oracle is the domain's own state, moved on: the page knows only what is public."""
    rules = [
        points("view", 5, event="page_view", half_life_days=14),
        points("load", 4, event="download", half_life_days=21),
        points("upgrade", 8, event="plan_change", expires_days=30),
    ]
    life = Life(potential=scoring(*rules, high={"enter": 18, "leave": 12}))
    life.at("2026-03-01 09:00").view("/a")
    life.at("2026-03-03 10:00").view("/b")
    life.at("2026-03-04 11:30").download()
    life.at("2026-03-05 12:00").apply("plan_change", direction="upgrade")
    now = public_state(life.state, life.plan)
    then_ms = life.state.as_of_ms + days * DAY_MS
    expected = public_state(life.state, life.plan, then_ms)["potential"]["score"]
    made, exact = rebuilt(now, life.plan)
    assert exact
    assert score(made, then_ms, life.plan) == pytest.approx(expected, abs=2e-4)  # three terms known to 4 decimals
