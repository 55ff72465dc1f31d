"""The potential axis: points that fade or expire, facts, and the instants at which they change.

It must not know thresholds' consequences, segments or the value axis.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import mpmath  # type: ignore[import-untyped]

from tests.oracle.amounts import exact, half_up
from tests.oracle.book import Book
from tests.oracle.clock import DAY_MS, span_ms
from tests.oracle.facts import Fact
from tests.oracle.matching import matching

LATE_DAYS = 7  # an event of an older local day does not count for a rule with per_day
PLACES = 4
FOREVER = None  # instead of an instant: when all that fades has faded
PRECISE = mpmath.MPContext()
PRECISE.dps = 50
UNITS = 10**60  # finer than the 50 digits, and 2**-k is exact in it up to k = 60


@dataclass(frozen=True, slots=True)
class Row:
    """What one rule or fact gives at an instant, exactly; `newest` is its newest event."""

    rule: str
    label: str
    points: Fraction
    events: int
    newest: Fact | None


def half_life_factor(age_ms: int, half_life_days: Any) -> Fraction:
    """2^(-age/half-life) to 50 digits."""
    half_lives = exact(age_ms) / (exact(half_life_days) * DAY_MS)
    power = PRECISE.power(2, -PRECISE.mpf(half_lives.numerator) / half_lives.denominator)
    return Fraction(int(PRECISE.nint(power * UNITS)), UNITS)


def counted(book: Book, rule: dict[str, Any]) -> list[Fact]:
    """The matching events that count for a point rule, in order of application."""
    return book.once(("counted", rule["id"]), lambda: work_out_counted(book, rule))


def work_out_counted(book: Book, rule: dict[str, Any]) -> list[Fact]:
    """The same, worked out."""
    found = matching(book, rule)
    if rule.get("per_day") is None:
        return found
    in_time = [fact for fact in found if (fact.received_day - fact.day).days <= LATE_DAYS]
    return [
        fact
        for nth, fact in enumerate(in_time)
        if sum(other.day == fact.day for other in in_time[:nth]) < exact(rule["per_day"])
    ]


def expiry(rule: dict[str, Any], fact: Fact) -> int | None:
    """The first instant at which the event is too old for the rule, None if it never is."""
    if rule.get("expires_days") is None:
        return None
    return fact.occurred_ms + span_ms(exact(rule["expires_days"]))


def is_alive(rule: dict[str, Any], fact: Fact, at_ms: int | None) -> bool:
    """Whether the event has not expired for the rule."""
    ends = expiry(rule, fact)
    return ends is None or (at_ms is not FOREVER and at_ms < ends)


def weight(rule: dict[str, Any], fact: Fact, at_ms: int | None) -> Fraction:
    """Which share of its points the event still gives."""
    if rule.get("half_life_days") is None:
        return Fraction(1)
    return Fraction(0) if at_ms is FOREVER else half_life_factor(at_ms - fact.occurred_ms, rule["half_life_days"])


def point_row(book: Book, rule: dict[str, Any], at_ms: int | None) -> Row:
    """What a point rule gives."""
    alive = [fact for fact in counted(book, rule) if is_alive(rule, fact, at_ms)]
    total = exact(rule["points"]) * sum((weight(rule, fact, at_ms) for fact in alive), Fraction(0))
    if rule.get("cap") is not None:
        total = min(exact(rule["cap"]), total)
    newest = max(alive, key=lambda fact: fact.newness) if alive else None
    return Row(rule["id"], rule["label"], total, len(alive), newest)


def newest_rating(book: Book) -> Fact | None:
    """The sales rating given last, by when it was given."""
    ratings = book.of_type("sales_rating")
    return max(ratings, key=lambda fact: fact.newness) if ratings else None


def account_field(book: Book, name: str) -> Fraction | None:
    """A number of the account, for its industry's growth also from the policy's table."""
    account = book.account()
    if account is None:
        return None
    number = account.get(name)
    if number is None and name == "industry_growth":
        number = book.policy.get("industry_growth", {}).get(account.get("industry"))
    return None if number is None else exact(number)


def fact_row(book: Book, rule: dict[str, Any], at_ms: int | None) -> Row:
    """What a fact gives: a field of the account that is large enough, or the sales rating."""
    source, points = None, Fraction(0)
    if rule.get("rating") is not None:
        rated = newest_rating(book)
        if rated is not None and is_alive(rule, rated, at_ms):
            source, points = rated, exact(rule["rating"].get(rating_of(rated), 0))
    else:
        number = account_field(book, rule["account"])
        if number is not None and number >= exact(rule["at_least"]):
            source, points = book.account(), exact(rule["points"])
    return Row(rule["id"], rule["label"], points, 0 if source is None else 1, source)


def rating_of(fact: Fact) -> str:
    """The rating in the policy's words."""
    return {"高": "high", "中": "medium", "低": "low"}.get(fact.get("rating"), str(fact.get("rating")))


def rows(book: Book, at_ms: int | None) -> list[Row]:
    """Point rules, then facts, in the policy's order, then what the clamp takes or gives."""
    potential = book.policy["potential"]
    given = [point_row(book, rule, at_ms) for rule in potential["points"]]
    given += [fact_row(book, rule, at_ms) for rule in potential.get("facts") or []]
    total = total_of(given)
    clamped = min(max(total, Fraction(0)), exact(potential.get("cap", 100)))
    return [*given, Row("limit", "上限" if clamped < total else "下限", clamped - total, 0, None)]


def score(book: Book, at_ms: int | None) -> Fraction:
    """The potential score, rounded as it is compared and shown."""
    return book.once(("score", at_ms), lambda: half_up(total_of(rows(book, at_ms)), PLACES))


def total_of(given: list[Row]) -> Fraction:
    """The sum of rows."""
    return sum((row.points for row in given), Fraction(0))


def expiries(book: Book) -> dict[int, bool]:
    """The instants at which points expire."""
    return book.once(("expiries",), lambda: dict.fromkeys(find_expiries(book), True))


def find_expiries(book: Book) -> list[int]:
    """When events of point rules and the rating get too old; what gives no points is no loss."""
    potential, rated = book.policy["potential"], newest_rating(book)
    found = [expiry(rule, fact) for rule in potential["points"] for fact in counted(book, rule)]
    for rule in potential.get("facts") or []:
        if rated is not None and rule.get("rating") is not None and exact(rule["rating"].get(rating_of(rated), 0)):
            found.append(expiry(rule, rated))
    return sorted(at for at in found if at is not None)


def crossing(book: Book, clock_ms: int, below: Fraction) -> int | None:
    """The first ms after the clock, and before the next expiry, at which the score is below a threshold.

    Between two expiries the score only falls, so the ms is found by halving.
    """
    end = min((at for at in expiries(book) if at > clock_ms), default=None)
    return book.once(("crossing", end), lambda: find_crossing(book, clock_ms, end, below))


def find_crossing(book: Book, clock_ms: int, end_ms: int | None, below: Fraction) -> int | None:
    """The same, worked out; `end_ms` None looks for ever."""
    last = FOREVER if end_ms is None else end_ms - 1
    if score(book, last) >= below:
        return None
    over, under = clock_ms, clock_ms + DAY_MS if last is FOREVER else last
    while score(book, under) >= below:
        under += under - clock_ms
    while under - over > 1:
        middle = (over + under) // 2
        over, under = (middle, under) if score(book, middle) >= below else (over, middle)
    return under
