"""A customer's public state: what dashboards and subscribers read; it must not know where it is written."""

from __future__ import annotations

from typing import Any

from streams.domain import course, departments, outcomes, potential, rfm, value
from streams.domain.contract_rows import contract_rows
from streams.domain.numbers import shown
from streams.domain.plan import Plan
from streams.domain.purchases import MONTHS_SHOWN, repeat_spend
from streams.domain.signals import contribution, transition
from streams.domain.state import Purchases, State
from streams.domain.zone import iso_day, iso_instant, iso_month, month_of


def public_state(state: State, plan: Plan, at_ms: int | None = None) -> dict[str, Any]:
    """The state as readers get it, at the customer's own clock or, refreshed, at a later instant.

    Args:
        state: The state to show; time must have been worked off up to `at_ms`.
        plan: The policy.
        at_ms: Epoch ms not before the state's clock; None for `as_of`.
    """
    at = state.as_of_ms if at_ms is None else max(at_ms, state.as_of_ms)
    day = plan.zone.day(at)
    value_high, potential_high = state.shown_high if at == state.as_of_ms else (state.value_high, state.potential_high)
    score, rows = potential.ledger(state, at, plan)
    account, coming = state.account, course.next_transition(state, plan)
    amount, contracts = _worth(state, day, plan)
    found = {
        "customer_id": state.customer_id,
        "as_of": iso_instant(at),
        "lifecycle": state.lifecycle,
        "segment": state.segment,
        "segment_since": iso_instant(state.segment_since_ms),
        "policy_version": plan.policy_version,
        "value": {"measure": plan.measure, "amount": amount, "high": value_high},
        "rfm": _rfm(state.purchases, day, plan),
        "lifetime": _lifetime(state.purchases),
        "potential": {
            "score": score,
            "high": potential_high,
            "contributions": [contribution(row) for row in rows],
        },
        "segment_history": [
            {"at": iso_instant(change.at_ms), "from": change.before, "to": change.after, "cause": change.cause}
            for change in state.history
        ],
        "departments": departments.known(state),
        "owners": {"sales": account and account.sales_owner, "cs": account and account.cs_owner},
        "months": _months(state.purchases, month_of(day) - MONTHS_SHOWN),
        "next_transition": transition(coming),
    }
    if contracts:
        found["contracts"] = contracts
    if state.outcomes and (reported := outcomes.reported(state, day, plan)):
        found["outcomes"] = reported
    return found


def _worth(state: State, day: int, plan: Plan) -> tuple[str, list[dict[str, Any]]]:
    """The amount of the value axis, and where contracts count its rows."""
    if plan.measure == "contract":
        return contract_rows(state, day, plan)
    return shown(value.amount_on(state, day, plan)), []


def _rfm(kept: Purchases, day: int, plan: Plan) -> dict[str, Any]:
    figures = rfm.rfm_on(kept, day, plan)
    r, f, m = scores = figures.scores(plan)
    return {
        "recency_days": figures.recency_days,
        "frequency": figures.frequency,
        "monetary": shown(figures.money),
        "r": r,
        "f": f,
        "m": m,
        "code": f"{r}{f}{m}",
        "score": rfm.mean_shown(scores, plan),
    }


def _lifetime(kept: Purchases) -> dict[str, Any]:
    money, repeats = repeat_spend(kept)
    return {
        "first_day": None if kept.first_day is None else iso_day(kept.first_day),
        "last_day": None if kept.last_day is None else iso_day(kept.last_day),
        "repeat_days": repeats,
        "mean_repeat_spend": shown(money, repeats) if repeats else None,
    }


def _months(kept: Purchases, newest_gone: int) -> list[dict[str, Any]]:
    return [
        {"month": iso_month(month), "purchases": purchases, "amount": shown(money)}
        for month, (purchases, money) in sorted(kept.months.items())
        if month > newest_gone and (purchases or money)
    ]
