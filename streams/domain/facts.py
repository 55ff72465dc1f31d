"""Letting one event count: what each event type changes in a customer's state.

It must not know axes, segments or signals. Amounts become micro-units of the base currency here.
"""

from __future__ import annotations

from collections.abc import Callable

import msgspec

from schemas.log import LogAccount, LogEvent
from streams.domain import contracts, departments, lifecycle, outcomes, potential
from streams.domain.daybook import Day
from streams.domain.deflated import deflate
from streams.domain.numbers import converted
from streams.domain.plan import Plan
from streams.domain.purchases import book
from streams.domain.state import AccountFacts, State
from streams.domain.zone import day_number
from streams.errors import PolicyError

Count = Callable[[State, LogEvent, str, int, Plan], None]


def pays_for_period(event: LogEvent, plan: Plan) -> bool:
    """Is it a purchase or renewal that counts as a contract rather than as bought?"""
    return plan.measure == "contract" and event.period_from is not None and event.period_to is not None


def booking_of(event: LogEvent, occurred_ms: int, plan: Plan) -> Day:
    """What a purchase, renewal or refund brings to a local day.

    Raises:
        PolicyError: The policy has no rate for the currency, though an earlier one had.
    """
    money = _micro(event, plan)
    if event.type != "refund":
        value = 0 if pays_for_period(event, plan) else money
        return Day(plan.zone.day(occurred_ms), 1, 0, value, money)
    at_ms = occurred_ms if event.order_occurred_ms is None else min(event.order_occurred_ms, occurred_ms)
    return Day(plan.zone.day(at_ms), 0, int(event.full_refund), -money, -money)


def _purchase(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    booking = booking_of(event, occurred_ms, plan)
    if event.type == "renewal":
        lifecycle.withdraw(state)
    if pays_for_period(event, plan):
        assert event.period_from is not None
        assert event.period_to is not None
        from_day, to_day = day_number(event.period_from), day_number(event.period_to)
        contracts.add_period(state.contracts, event.contract_id, from_day, to_day, booking.money)
    book(state.purchases, booking, plan.zone.day(state.as_of_ms), plan)


def _refund(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    book(state.purchases, booking_of(event, occurred_ms, plan), plan.zone.day(state.as_of_ms), plan)


def _cancellation(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    day = plan.zone.day(occurred_ms)
    lifecycle.cancel(state, event.effective_on, event.scope, event.contract_id, day)


def _rating(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    if event.rating is not None:
        potential.take_rating(state, event.rating, occurred_ms, event_id)


def _job_postings(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    state.open_count = event.open_count


def _outcome(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    outcomes.take(state, event, occurred_ms)


def _account(state: State, event: LogEvent, event_id: str, occurred_ms: int, plan: Plan) -> None:
    account = event.account
    if account is None:
        state.account, state.account_points, state.deflated_account = None, 0.0, b""
        return
    held = potential.facts_held(account, plan)
    state.account = AccountFacts(
        event_id, occurred_ms, departments.of_account(account), account.sales_owner, account.cs_owner, held
    )
    state.account_points = sum((plan.account_points[position].points for position in held), 0.0)
    state.deflated_account = deflate(_account_json(state.customer_id, account))


def _account_json(customer_id: str, account: LogAccount) -> bytes:
    return msgspec.json.encode({"customer_id": customer_id} | msgspec.to_builtins(account))


def _micro(event: LogEvent, plan: Plan) -> int:
    """The event's amount in micro-units of the base currency.

    Raises:
        PolicyError: The policy has no rate for the currency, though an earlier one had.
    """
    assert event.amount is not None
    if event.currency is None or event.currency == plan.base_currency:
        return converted(event.amount, None)
    rate = plan.rates.get(event.currency)
    if rate is None:
        raise PolicyError(
            f"customer {event.customer_id}, event {event.event_id}: the log has an amount in {event.currency}, for "
            f"which the policy has no rate; add `{event.currency}` under `currency.rates`"
        )
    return converted(event.amount, rate)


# Apply what the event itself says; rules and points are somebody else's.
COUNTS: dict[str, Count] = {
    "purchase": _purchase,
    "renewal": _purchase,
    "refund": _refund,
    "cancellation": _cancellation,
    "sales_rating": _rating,
    "job_postings": _job_postings,
    "signal_outcome": _outcome,
    "account": _account,
    "account_removed": _account,
}
MOVES_VALUE = frozenset({"purchase", "renewal", "refund", "cancellation"})  # these may change the lifecycle too
MOVES_POTENTIAL = frozenset({"sales_rating", "account", "account_removed"})  # besides events with points
