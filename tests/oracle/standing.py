"""Where a customer stands, and how one instant changes that.

It must not know which signals a change causes or how they look.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

from tests.oracle.amounts import exact
from tests.oracle.book import Book
from tests.oracle.clock import local_day
from tests.oracle.lifecycle import FORMER, lifecycle_at
from tests.oracle.potential import expiries, score
from tests.oracle.worth import value_on

SEGMENTS = {
    (True, True): "retain",
    (False, True): "nurture",
    (True, False): "expand",
    (False, False): "streamline",
}


@dataclass(frozen=True, slots=True)
class Standing:
    """Both axes, lifecycle and segment; before the first record there is no lifecycle, at the start no change."""

    value_high: bool = False
    potential_high: bool = False
    lifecycle: str | None = None
    segment: str = "streamline"
    changed_ms: int | None = None

    @property
    def axes_segment(self) -> str:
        """The segment the axes ask for."""
        return SEGMENTS[self.value_high, self.potential_high]


def turned(high: bool, amount: Fraction, enter: Fraction, leave: Fraction) -> bool:
    """An axis with hysteresis after looking at its amount."""
    return amount >= leave if high else amount >= enter


def value_at(book: Book, at_ms: int) -> Fraction:
    """The value axis at an instant."""
    return value_on(book, local_day(at_ms, book.zone))


def thresholds(book: Book, group: str) -> tuple[Fraction, Fraction]:
    """`enter` and `leave` of an axis."""
    high = book.policy[group]["high"]
    return exact(high["enter"]), exact(high["leave"])


def settle(book: Book, before: Standing, at_ms: int) -> Standing:
    """Lifecycle, axes and segment after everything that happens at an instant."""
    lifecycle = lifecycle_at(book, at_ms)
    axes = Standing(
        value_high=turned(before.value_high, value_at(book, at_ms), *thresholds(book, "value")),
        potential_high=turned(before.potential_high, score(book, at_ms), *thresholds(book, "potential")),
    )
    segment = before.segment if stays(book, before, lifecycle, at_ms) else axes.axes_segment
    return Standing(
        axes.value_high,
        axes.potential_high,
        lifecycle,
        segment,
        before.changed_ms if segment == before.segment else at_ms,
    )


def stays(book: Book, before: Standing, lifecycle: str, at_ms: int) -> bool:
    """Whether the segment may not follow the axes: a former customer's, or within the dwell."""
    if lifecycle == FORMER or before.lifecycle == FORMER:
        return lifecycle == FORMER
    return before.changed_ms is not None and at_ms - before.changed_ms < book.dwell_ms()


def why_segment(book: Book, before: Standing, after: Standing, at_ms: int) -> str:
    """What in time alone made the segment change at this instant."""
    if before.axes_segment != before.segment:
        return "dwell"
    if before.value_high != after.value_high:
        return "window"
    return "expiry" if at_ms in expiries(book) else "decay"
