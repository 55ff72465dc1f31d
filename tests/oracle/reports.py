"""What was reported back about signals, one outcome each; it must not know the signals themselves."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from tests.oracle.amounts import show_amount
from tests.oracle.book import Book
from tests.oracle.clock import show_instant
from tests.oracle.days import all_days
from tests.oracle.facts import Fact

KEPT = 20


def standing_reports(book: Book) -> list[Fact]:
    """The report that stands for each signal, by when it happened; of equal instants the later applied comes later."""
    kept: list[Fact] = []
    for fact in book.of_type("signal_outcome"):
        rivals = [one for one in kept if one.get("signal_id") == fact.get("signal_id")]
        if any(one.occurred_ms > fact.occurred_ms for one in rivals):
            continue
        kept = [one for one in kept if one not in rivals] + [fact]
        kept = sorted(kept, key=lambda one: (one.occurred_ms, one.position))[-KEPT:]
    return kept


def show_outcomes(book: Book, today: date) -> dict[str, Any]:
    """The part of the public state that tells of reports; nothing without any."""
    shown = [
        {
            "signal_id": fact.get("signal_id"),
            "outcome": fact.get("outcome"),
            "at": show_instant(fact.occurred_ms),
            "revenue_since": show_amount(
                sum((what.spend for day, what in all_days(book).items() if day >= fact.day), Fraction(0))
            ),
        }
        for fact in standing_reports(book)
        if (today - fact.day).days <= book.kept_days()
    ]
    return {"outcomes": shown} if shown else {}
