"""The terms of a value axis that counts contracts, as the public state shows them.

It must not know the potential axis or how a contract's period is chosen.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import floor
from typing import Any

from tests.oracle.amounts import exact, half_up, show_amount
from tests.oracle.book import Book
from tests.oracle.worth import Period, counting_periods, value_on

MOST_CONTRACTS = 8
UNITS = 10**4  # amounts are shown with four decimals


def show_contracts(book: Book, today: date) -> dict[str, Any]:
    """The part of the public state that tells contracts apart; nothing where none counts."""
    if book.policy["value"]["measure"] != "contract":
        return {}
    worth = [one for one in counting_periods(book, today) if one.yearly]
    worth.sort(key=lambda one: (-one.yearly, one.first, one.contract_id or ""))
    own, others = (worth, []) if len(worth) <= MOST_CONTRACTS else (worth[:7], worth[7:])
    told = [(show_period(one), one.yearly) for one in own]
    if others:
        told.append(({"kind": "others", "contracts": len(others)}, sum((one.yearly for one in others), Fraction(0))))
    rest = value_on(book, today) - sum((one.yearly for one in worth), Fraction(0))
    if rest:
        told.append(({"kind": "purchases"}, rest))
    amounts = add_up(half_up(value_on(book, today), 4), [amount for _, amount in told])
    rows = [{**row, "amount": show_amount(amount)} for (row, _), amount in zip(told, amounts, strict=True) if amount]
    return {"contracts": rows} if worth and rows else {}


def show_period(one: Period) -> dict[str, Any]:
    """A contract's row without its amount."""
    named = {} if one.contract_id is None else {"contract": one.contract_id}
    return {"kind": "contract", **named, "from": one.first.isoformat(), "until": one.last.isoformat()}


def add_up(total: Fraction, amounts: list[Fraction]) -> list[Fraction]:
    """The amounts in ten-thousandths that come to the total: who loses most by cutting off gets one back, in turn."""
    cut = [exact(floor(amount * UNITS)) / UNITS for amount in amounts]
    while sum(cut, Fraction(0)) < total:
        at = max(range(len(cut)), key=lambda n: (amounts[n] - cut[n], -n))
        cut[at] += Fraction(1, UNITS)
    return cut
