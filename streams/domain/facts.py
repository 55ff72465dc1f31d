"""Letting one event count: what each event type changes in a customer's state.

It must not know axes, segments or signals. Amounts become micro-units of the base currency here.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import msgspec

from schemas.log import LogAccount, LogEvent
from streams.domain import contracts, departments, lifecycle, potential
from streams.domain.numbers import converted
from streams.domain.plan import Plan
from streams.domain.purchases import Booking, book
from streams.domain.state import AccountFacts, State
from streams.domain.zone import day_number
from streams.errors import PolicyError

_SAME = Fraction(1)


def count(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    """Apply what the event itself says; rules and points are somebody else's."""
    handler = _HANDLERS.get(event.type)
    if handler is not None:
        handler(state, event, event_id, occurred_ms, plan)
    if event.account is None:  # an account's departments are known as long as it stands
        departments.remember(state, departments.named_by(event))


def _purchase(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    if event.type == "renewal":
        lifecycle.withdraw(state)
    money, day = _micro(event, plan), plan.zone.day(occurred_ms)
    has_period = event.period_from is not None and event.period_to is not None
    if has_period and plan.measure == "contract":
        assert event.period_from is not None
        assert event.period_to is not None
        contracts.add_period(
            state.contracts, event.contract_id, day_number(event.period_from), day_number(event.period_to), money
        )
    book(state.purchases, Booking(day, purchases=1, money=money, periodic=money if has_period else 0), plan)


def _refund(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    at_ms = occurred_ms if event.order_occurred_ms is None else min(event.order_occurred_ms, occurred_ms)
    booking = Booking(plan.zone.day(at_ms), full_refunds=int(event.full_refund), money=-_micro(event, plan))
    book(state.purchases, booking, plan)


def _cancellation(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    day = plan.zone.day(occurred_ms)
    lifecycle.cancel(state, event.effective_on, event.scope, event.contract_id, day)


def _rating(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    if event.rating is not None:
        potential.take_rating(state, event.rating, occurred_ms, event_id)


def _job_postings(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    state.open_count = event.open_count


def _account(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    state.account = None if event.account is None else _account_facts(event.account, event_id, occurred_ms)
    state.account_json = msgspec.Raw(_account_json(state.customer_id, event.account))
    state.account_points = potential.account_points(state.account, plan)


def _account_json(customer_id: str, account: LogAccount | None) -> bytes:
    if account is None:
        return b"null"
    return msgspec.json.encode({"customer_id": customer_id} | msgspec.to_builtins(account))


def _account_facts(account: LogAccount, event_id: str, occurred_ms: int) -> AccountFacts:
    return AccountFacts(
        event_id,
        occurred_ms,
        account.industry,
        account.industry_growth,
        account.employees,
        departments.of_account(account),
        account.sales_owner,
        account.cs_owner,
    )


def _micro(event: LogEvent, plan: Plan) -> int:
    """The event's amount in micro-units of the base currency.

    Raises:
        PolicyError: The policy has no rate for the currency, though an earlier one had.
    """
    assert event.amount is not None
    rate = _SAME if event.currency in (None, plan.base_currency) else plan.rates.get(event.currency or "")
    if rate is None:
        raise PolicyError(
            f"customer {event.customer_id}, event {event.event_id}: the log has an amount in {event.currency}, for "
            f"which the policy has no rate; add `{event.currency}` under `currency.rates`"
        )
    return converted(event.amount, rate)


_HANDLERS: dict[str, Callable[[State, LogEvent, str, int, Plan], None]] = {
    "purchase": _purchase,
    "renewal": _purchase,
    "refund": _refund,
    "cancellation": _cancellation,
    "sales_rating": _rating,
    "job_postings": _job_postings,
    "account": _account,
    "account_removed": _account,
}
