"""New, active or gone: the lifecycle of a customer; it must not know scores or segments."""

from __future__ import annotations

from streams.domain.contracts import cancel_contract
from streams.domain.plan import Plan
from streams.domain.state import State
from streams.domain.zone import NEVER_MS, day_number

ONBOARDING, ACTIVE, FORMER = "onboarding", "active", "former"


def of_present(state: State, today: int, plan: Plan) -> str:
    """The lifecycle of a customer that is not former."""
    first_day = state.purchases.first_day
    new = first_day is not None and today - first_day < plan.onboarding_days
    return ONBOARDING if new else ACTIVE


def cancel(state: State, effective_on: str | None, scope: str | None, contract: str | None, occurred_day: int) -> None:
    """Note a cancellation; one of scope `all` waits in `pending_day`, even when its day has come already."""
    day = occurred_day if effective_on is None else day_number(effective_on)
    if scope == "contract":
        cancel_contract(state.contracts, contract, day)
    else:
        state.contracts.pending_day = day


def withdraw(state: State) -> None:
    """A renewal withdraws an all-scope cancellation that has not taken effect."""
    state.contracts.pending_day = None


def next_turn(state: State, lifecycle: str, after_ms: int, plan: Plan) -> tuple[int, str]:
    """When time alone changes a lifecycle that stands so, and to what; `NEVER_MS` if it does not."""
    at, to = NEVER_MS, lifecycle
    pending, first_day = state.contracts.pending_day, state.purchases.first_day
    if lifecycle == ONBOARDING and first_day is not None:
        settled_ms = plan.zone.midnight_ms(first_day + plan.onboarding_days)
        if after_ms < settled_ms < at:
            at, to = settled_ms, ACTIVE
    if lifecycle != FORMER and pending is not None:
        gone_ms = plan.zone.midnight_ms(pending)
        if after_ms < gone_ms <= at:
            at, to = gone_ms, FORMER
    return at, to
