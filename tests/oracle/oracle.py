"""A slow second implementation of the decisions: records and a policy in, signals and public states out.

It must not know the first implementation: no code is shared, so that the two can be compared.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.amounts import show_amount, show_points
from tests.oracle.book import Book
from tests.oracle.clock import local_day, show_instant
from tests.oracle.customer import Customer
from tests.oracle.facts import departments_of_account, departments_of_event
from tests.oracle.potential import score
from tests.oracle.reports import show_outcomes
from tests.oracle.signals import contributions, owners, policy_version
from tests.oracle.standing import value_at
from tests.oracle.terms import show_contracts
from tests.oracle.timeline import next_transition
from tests.oracle.worth import show_lifetime, show_months, show_rfm

CHANGES_SHOWN = 12
Decisions = tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]


def decide(
    policy: dict[str, Any],
    records: list[dict[str, Any]],
    until_ms: int | None = None,
    go_live_ms: int | None = None,
) -> Decisions:
    """Every signal by (effective_at, customer_id, order of emission), and every customer's public state.

    Args:
        policy: The parsed policy file.
        records: Resolved valid records: customer_id, topic, received_ms, value (None removes an account), matched_by.
        until_ms: Later records are left out and every clock moves on to it; without it silence and the like are
            looked for up to the newest receipt.
        go_live_ms: Signals effective before it are historical.
    """
    ordered = sorted(records, key=lambda record: record["received_ms"])
    applied = [record for record in ordered if until_ms is None or record["received_ms"] <= until_ms]
    end_ms = max((record["received_ms"] for record in applied), default=0) if until_ms is None else until_ms
    customers = [
        live(policy, name, applied, end_ms, go_live_ms) for name in sorted({one["customer_id"] for one in applied})
    ]
    signals = [signal for customer in customers for signal in customer.signals]
    signals.sort(key=lambda signal: (signal["effective_at"], signal["customer_id"]))
    if until_ms is not None:
        for customer in customers:
            customer.as_of_ms, customer.shown = until_ms, customer.standing
    return signals, {customer.customer_id: public_state(customer) for customer in customers}


def live(
    policy: dict[str, Any], name: str, records: list[dict[str, Any]], end_ms: int, go_live_ms: int | None
) -> Customer:
    """One customer from its first record to the end."""
    customer = Customer(name, Book(policy, ZoneInfo(policy["timezone"])), go_live_ms)
    for record in records:
        if record["customer_id"] == name:
            customer.apply(record)
    customer.move(end_ms)
    return customer


def public_state(customer: Customer) -> dict[str, Any]:
    """The public state as of the customer's own clock."""
    book, standing, as_of_ms = customer.book, customer.shown, customer.as_of_ms
    today = local_day(as_of_ms, book.zone)
    since = customer.first_ms if standing.changed_ms is None else standing.changed_ms
    named = [departments_of_event(fact) for fact in book.facts]
    return {
        "customer_id": customer.customer_id,
        "as_of": show_instant(as_of_ms),
        "lifecycle": standing.lifecycle,
        "segment": standing.segment,
        "segment_since": show_instant(since),
        "policy_version": policy_version(book.policy),
        "value": {
            "measure": book.policy["value"]["measure"],
            "amount": show_amount(value_at(book, as_of_ms)),
            "high": standing.value_high,
        },
        "rfm": show_rfm(book, today),
        "lifetime": show_lifetime(book),
        "potential": {
            "score": show_points(score(book, as_of_ms)),
            "high": standing.potential_high,
            "contributions": contributions(book, as_of_ms),
        },
        "segment_history": customer.changes[-CHANGES_SHOWN:],
        "departments": sorted(departments_of_account(book.account()).union(*named)),
        "owners": owners(book),
        "months": show_months(book, today),
        "next_transition": next_transition(book, standing, as_of_ms),
        **show_contracts(book, today),
        **show_outcomes(book, today),
    }
