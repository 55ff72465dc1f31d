"""What time alone does: the instants at which anything can change, and the walk along them.

It must not know which signals come of it. The list of instants may hold too many, it must not miss one.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

from tests.oracle.amounts import exact
from tests.oracle.book import Book
from tests.oracle.clock import local_midnight, show_instant, span_ms
from tests.oracle.days import BUYING, all_days
from tests.oracle.facts import Fact
from tests.oracle.lifecycle import read_cancellation
from tests.oracle.matching import matching
from tests.oracle.potential import crossing, expiries
from tests.oracle.standing import Standing, settle, thresholds, why_segment


def dates_that_matter(book: Book) -> set[date]:
    """The days that windows, periods, cancellations and lifecycles are counted from."""
    given = {fact.get(name) for fact in book.of_type(*BUYING) for name in ("period_from", "period_to")}
    ends = {read_cancellation(book, fact).effective_on for fact in book.of_type("cancellation")}
    return set(all_days(book)) | {date.fromisoformat(day) for day in given if day} | ends


def offsets_that_matter(book: Book) -> set[int]:
    """After how many days each of them can change an answer; every question compares D(t) - day with a number."""
    cuts = [int(exact(cut)) + 1 for cut in book.policy["rfm"]["recency_days"]]
    grace = int(book.number("value", "grace_days", 0)) + 1
    new_for = -(-exact(book.policy["lifecycle"].get("onboarding", {}).get("days", 0)) // 1)
    return {0, 1, book.window_days("value"), book.window_days("rfm"), grace, int(new_for), *cuts}


def midnights(book: Book) -> list[int]:
    """The local midnights at which value or lifecycle can change."""
    days = {day + timedelta(days=after) for day in dates_that_matter(book) for after in offsets_that_matter(book)}
    return [local_midnight(day, book.zone) for day in days]


def silence_deadline(book: Book, rule: dict[str, Any]) -> tuple[int, Fact] | None:
    """When a silence rule is due and after which event, None without any event."""
    found = matching(book, rule)
    if rule.get("silent_days") is None or not found:
        return None
    newest = max(found, key=lambda fact: fact.newness)
    return newest.occurred_ms + span_ms(exact(rule["silent_days"])), newest


def fixed_instants(book: Book) -> list[int]:
    """All instants that depend on the facts alone."""
    due = [silence_deadline(book, rule) for rule in book.policy.get("rules") or []]
    return [*midnights(book), *expiries(book), *(one[0] for one in due if one is not None)]


def next_instant(book: Book, standing: Standing, clock_ms: int) -> int | None:
    """The next instant after the clock at which anything can change, None if there is none."""
    fixed = book.once(("instants",), lambda: sorted(set(fixed_instants(book))))
    found: list[int | None] = [*fixed[bisect_right(fixed, clock_ms) :][:1]]
    if standing.changed_ms is not None:
        found.append(standing.changed_ms + book.dwell_ms())
    if standing.potential_high:
        found.append(crossing(book, clock_ms, thresholds(book, "potential")[1]))
    return min((at for at in found if at is not None and at > clock_ms), default=None)


def walk(
    book: Book, standing: Standing, clock_ms: int, until_ms: int | None
) -> Iterator[tuple[int, Standing, Standing]]:
    """Each instant in (clock, until] with where the customer stood before and after it; None walks to the end."""
    at_ms = next_instant(book, standing, clock_ms)
    while at_ms is not None and (until_ms is None or at_ms <= until_ms):
        after = settle(book, standing, at_ms)
        yield at_ms, standing, after
        standing = after
        at_ms = next_instant(book, standing, at_ms)


def next_transition(book: Book, standing: Standing, clock_ms: int) -> dict[str, Any] | None:
    """The next change of lifecycle or segment if nothing more happens."""
    return book.once(("next", standing, clock_ms), lambda: find_transition(book, standing, clock_ms))


def find_transition(book: Book, standing: Standing, clock_ms: int) -> dict[str, Any] | None:
    """The same, worked out."""
    for at_ms, before, after in walk(book, standing, clock_ms, None):
        if before.lifecycle != after.lifecycle:
            return {"at": show_instant(at_ms), "to": after.lifecycle, "because": "lifecycle"}
        if before.segment != after.segment:
            because = why_segment(book, before, after, at_ms)
            return {"at": show_instant(at_ms), "to": after.segment, "because": because}
    return None
