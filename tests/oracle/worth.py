"""The value axis: RFM, lifetime, contract periods, and the measure the policy chooses.

It must not know points, segments or what a rise or fall leads to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from typing import Any

from tests.oracle.amounts import exact, show_amount, show_points
from tests.oracle.book import Book
from tests.oracle.days import (
    BUYING,
    all_days,
    days_without_periods,
    frequency,
    has_period,
    monetary,
    money,
    purchase_days,
)
from tests.oracle.lifecycle import standing_cancellations

DAYS_A_YEAR = 365
MONTHS_SHOWN = 13


@dataclass(frozen=True, slots=True)
class Rfm:
    """The three counts, their digits and the exact weighted mean."""

    recency_days: int | None
    frequency: int
    monetary: Fraction
    r: int
    f: int
    m: int
    score: Fraction


@dataclass(frozen=True, slots=True)
class Period:
    """A paid contract period, both days inclusive, with its amount per year."""

    contract_id: str | None
    first: date
    last: date
    yearly: Fraction
    position: int


def rfm_on(book: Book, today: date) -> Rfm:
    """RFM as it stands on a local day."""
    cuts = book.policy["rfm"]
    window = book.window_days("rfm")
    bought = purchase_days(book)
    recency = (today - bought[-1]).days if bought else None
    count, amount = frequency(book, today, window), monetary(all_days(book), today, window)
    r = 1 if recency is None else 1 + sum(recency <= exact(cut) for cut in cuts["recency_days"])
    f = 1 + sum(count >= exact(cut) for cut in cuts["frequency"])
    m = 1 + sum(amount >= exact(cut) for cut in cuts["monetary"])
    weights = [exact(cuts.get("weights", {}).get(name, 1)) for name in ("recency", "frequency", "monetary")]
    score = sum((weight * digit for weight, digit in zip(weights, (r, f, m), strict=True)), Fraction(0))
    return Rfm(recency, count, amount, r, f, m, score / sum(weights))


def periods(book: Book) -> list[Period]:
    """Every paid period in order of application."""
    return [read_period(book, fact) for fact in book.of_type(*BUYING) if has_period(fact)]


def read_period(book: Book, fact: Any) -> Period:
    """The period a purchase or renewal pays for."""
    first, last = date.fromisoformat(fact.get("period_from")), date.fromisoformat(fact.get("period_to"))
    yearly = money(book, fact) * DAYS_A_YEAR / ((last - first).days + 1)
    return Period(fact.get("contract_id"), first, last, yearly, fact.position)


def is_ended(book: Book, period: Period, today: date) -> bool:
    """Whether a cancellation of its contract has ended the period by `today`."""
    return any(
        period.first < one.effective_on <= today and (one.all_contracts or one.contract_id == period.contract_id)
        for one in standing_cancellations(book)
    )


def counting_period(book: Book, mine: list[Period], today: date) -> Period | None:
    """The period of one contract that counts on a local day."""
    running = [one for one in mine if one.first <= today <= one.last]
    if running:
        return max(running, key=lambda one: (one.first, one.position))
    over = [one for one in mine if one.last < today]
    if not over:
        return None
    newest = max(over, key=lambda one: (one.last, one.first, one.position))
    grace = timedelta(days=int(book.number("value", "grace_days", 0)))
    return newest if today <= newest.last + grace else None


def counting_periods(book: Book, today: date) -> list[Period]:
    """One period for each contract that runs or is in grace."""
    alive = [one for one in periods(book) if not is_ended(book, one, today)]
    ids = {one.contract_id for one in alive}
    found = [counting_period(book, [one for one in alive if one.contract_id == name], today) for name in ids]
    return [one for one in found if one is not None]


def contracts_on(book: Book, today: date) -> Fraction:
    """The yearly amount of all contracts that run or are in grace."""
    return sum((one.yearly for one in counting_periods(book, today)), Fraction(0))


def value_on(book: Book, today: date) -> Fraction:
    """The value axis on a local day: what the policy measures."""
    return book.once(("value", today), lambda: measure(book, today))


def measure(book: Book, today: date) -> Fraction:
    """The same, worked out."""
    kind, window = book.policy["value"]["measure"], book.window_days("value")
    if kind == "rfm":
        return rfm_on(book, today).score
    if kind == "revenue":
        return monetary(all_days(book), today, window)
    return contracts_on(book, today) + monetary(days_without_periods(book), today, window)


def show_rfm(book: Book, today: date) -> dict[str, Any]:
    """RFM as the public state shows it."""
    rfm = rfm_on(book, today)
    return {
        "recency_days": rfm.recency_days,
        "frequency": rfm.frequency,
        "monetary": show_amount(rfm.monetary),
        **{"r": rfm.r, "f": rfm.f, "m": rfm.m, "code": f"{rfm.r}{rfm.f}{rfm.m}"},
        "score": show_points(rfm.score),
    }


def show_lifetime(book: Book) -> dict[str, Any]:
    """First and last purchase day, and the days bought on again."""
    bought = purchase_days(book)
    spent = [all_days(book)[day].spend for day in bought[1:]]
    return {
        "first_day": bought[0].isoformat() if bought else None,
        "last_day": bought[-1].isoformat() if bought else None,
        "repeat_days": len(spent),
        "mean_repeat_spend": show_amount(sum(spent, Fraction(0)) / len(spent)) if spent else None,
    }


def show_months(book: Book, today: date) -> list[dict[str, Any]]:
    """Of this calendar month and the twelve before it those with purchases or an amount, oldest first."""
    shown = []
    for back in reversed(range(MONTHS_SHOWN)):
        year, month = divmod(today.year * 12 + today.month - 1 - back, 12)
        name = f"{year:04d}-{month + 1:02d}"
        days = [what for day, what in all_days(book).items() if day.isoformat().startswith(name)]
        count, amount = sum(day.count for day in days), sum((day.spend for day in days), Fraction(0))
        if count or amount:
            shown.append({"month": name, "purchases": count, "amount": show_amount(amount)})
    return shown
