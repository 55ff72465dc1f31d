"""What was bought and given back on each local day, and the window sums over days.

It must not know cut points, thresholds or contracts.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from tests.oracle.amounts import exact, half_up
from tests.oracle.book import Book
from tests.oracle.clock import local_day, parse_instant
from tests.oracle.facts import Fact

BUYING = ("purchase", "renewal")
AMOUNT_PLACES = 6


@dataclass(frozen=True, slots=True)
class Day:
    """One local day: purchases, those taken off again, and amounts less refunds in base currency."""

    purchases: int
    taken_off: int
    spend: Fraction

    @property
    def count(self) -> int:
        """The purchases that remain."""
        return max(0, self.purchases - self.taken_off)


def money(book: Book, fact: Fact) -> Fraction:
    """The event's amount in base currency."""
    currency = book.policy["currency"]
    code = fact.get("currency") or currency["base"]
    rate = exact(1) if code == currency["base"] else exact(currency.get("rates", {})[code])
    return half_up(exact(fact.get("amount")) * rate, AMOUNT_PLACES)


def booked_day(book: Book, refund: Fact) -> date:
    """The local day of the order a refund belongs to, else its own."""
    ordered = refund.get("order_occurred_at")
    if ordered is None:
        return refund.day
    return local_day(min(parse_instant(ordered), refund.occurred_ms), book.zone)


def takes_off(book: Book, refund: Fact) -> bool:
    """Whether the refund takes one purchase off its day; of a day too old at receipt it changes spend only."""
    age_days = (refund.received_day - booked_day(book, refund)).days
    return bool(refund.get("full_refund")) and age_days <= book.kept_days()


def has_period(fact: Fact) -> bool:
    """Whether a purchase or renewal pays for a contract period."""
    return fact.get("period_from") is not None


def all_days(book: Book) -> dict[date, Day]:
    """Every local day with a purchase or a refund."""
    return book.once(("days",), lambda: add_up(book, lambda fact: True))


def days_without_periods(book: Book) -> dict[date, Day]:
    """The same without purchases that pay for a contract period."""
    return book.once(("days without periods",), lambda: add_up(book, lambda fact: not has_period(fact)))


def add_up(book: Book, wanted: Callable[[Fact], bool]) -> dict[date, Day]:
    """The days of the wanted purchases and of all refunds."""
    bought = [fact for fact in book.of_type(*BUYING) if wanted(fact)]
    refunds = [(booked_day(book, fact), fact) for fact in book.of_type("refund")]
    return {
        day: Day(
            purchases=sum(fact.day == day for fact in bought),
            taken_off=sum(booked == day and takes_off(book, fact) for booked, fact in refunds),
            spend=sum((money(book, fact) for fact in bought if fact.day == day), Fraction(0))
            - sum((money(book, fact) for booked, fact in refunds if booked == day), Fraction(0)),
        )
        for day in sorted({fact.day for fact in bought} | {booked for booked, _ in refunds})
    }


def purchase_days(book: Book) -> list[date]:
    """The days on which a purchase remains, oldest first."""
    return [day for day, what in all_days(book).items() if what.count > 0]


def in_window(days: dict[date, Day], today: date, window_days: int) -> list[Day]:
    """The days of a window that ends with `today`."""
    return [what for day, what in days.items() if 0 <= (today - day).days < window_days]


def frequency(book: Book, today: date, window_days: int) -> int:
    """Purchases and renewals in the window."""
    return sum(day.count for day in in_window(all_days(book), today, window_days))


def monetary(days: dict[date, Day], today: date, window_days: int) -> Fraction:
    """Amounts less refunds in the window."""
    return sum((day.spend for day in in_window(days, today, window_days)), Fraction(0))
