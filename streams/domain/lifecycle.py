"""New, active or gone: the lifecycle of a customer; it must not know scores or segments."""

from __future__ import annotations

from streams.domain.contracts import cancel_contract
from streams.domain.plan import Plan
from streams.domain.state import State
from streams.domain.zone import day_number

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


def next_change(state: State, lifecycle: str, after_ms: int, plan: Plan) -> tuple[int, str] | None:
    """When time alone changes the lifecycle next, and to what."""
    found: list[tuple[int, str]] = []
    pending, first_day = state.contracts.pending_day, state.purchases.first_day
    if lifecycle != FORMER and pending is not None:
        found.append((plan.zone.midnight_ms(pending), FORMER))
    if lifecycle == ONBOARDING and first_day is not None:
        found.append((plan.zone.midnight_ms(first_day + plan.onboarding_days), ACTIVE))
    return min((change for change in found if change[0] > after_ms), default=None, key=lambda change: change[0])
