"""The numbers of both axes: what a customer is worth now (value, rfm) and what it may become (potential).

It must not know how an axis is computed.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import pairwise
from typing import Annotated, Literal

from pydantic import BeforeValidator

from schemas.policy_conditions import Conditions
from schemas.policy_parts import Fault, PolicyPart, fault, found
from schemas.policy_scalars import (
    CalendarDays,
    CountFromOne,
    Name,
    Number,
    NumberFromZero,
    PositiveNumber,
    PositiveSpanDays,
    Text,
    WindowDays,
    number,
    one_of,
)


def _measure(value: object) -> object:
    if value == "ltv":
        raise fault("ltv is not yet available as a measure; write contract, revenue or rfm")
    return value


def _four(value: object) -> object:
    if not isinstance(value, list | tuple) or len(value) != 4:
        raise fault(f"found {found(value)}; write a list of 4 rising cut points such as [1, 2, 4, 8]")
    return value


def _points(value: object) -> Decimal:
    points = number(value)
    if points <= 0:
        raise fault(
            f"found {found(value)}; points must be greater than 0, because between events the potential may only fall:"
            " state bad news as a churn_risk rule, or as a sales rating with negative points"
        )
    return points


Measure = Annotated[
    Literal["contract", "revenue", "rfm"], one_of("contract", "revenue", "rfm"), BeforeValidator(_measure)
]
AccountField = Annotated[Literal["industry_growth", "employees"], one_of("industry_growth", "employees")]


class Band(PolicyPart):
    """Where an axis turns: low becomes high at or above `enter`, high becomes low below `leave`."""

    enter: PositiveNumber
    """The axis is high from here on."""
    leave: PositiveNumber
    """The axis is low below this; not above `enter`."""

    def contradictions(self) -> Iterator[Fault]:
        """`leave` above `enter` would make every customer in between both high and low."""
        if self.leave > self.enter:
            yield Fault(("leave",), f"{self.leave} is above enter {self.enter}; write {self.enter} or less")


class Value(PolicyPart):
    """What the customer is worth now."""

    measure: Measure
    """`contract` (yearly amount of running contracts), `revenue` (of the window) or `rfm` (weighted mean of 1 to 5)."""
    window_days: WindowDays = 365
    """Local days of the revenue window."""
    grace_days: CalendarDays = 0
    """Local days for which the last ended contract period still counts."""
    high: Band
    """In base currency; for `rfm` a score from 1 to 5."""


class RfmWeights(PolicyPart):
    """How much each of the three digits weighs in the mean; 0 or more, not all 0."""

    recency: NumberFromZero = Decimal(1)
    frequency: NumberFromZero = Decimal(1)
    monetary: NumberFromZero = Decimal(1)

    def contradictions(self) -> Iterator[Fault]:
        """A mean needs a weight."""
        if not self.recency + self.frequency + self.monetary:
            yield Fault((), "all three weights are 0; write at least one greater than 0")


_Days4 = Annotated[tuple[CalendarDays, CalendarDays, CalendarDays, CalendarDays], BeforeValidator(_four)]
_Counts4 = Annotated[tuple[CountFromOne, CountFromOne, CountFromOne, CountFromOne], BeforeValidator(_four)]
_Amounts4 = Annotated[tuple[PositiveNumber, PositiveNumber, PositiveNumber, PositiveNumber], BeforeValidator(_four)]


class Rfm(PolicyPart):
    """Recency, frequency and monetary digits, 1 to 5 each."""

    window_days: WindowDays = 365
    """Local days in which purchases are counted and summed."""
    recency_days: _Days4
    """Local days since the last purchase: 5 up to the first cut point, 1 above the last."""
    frequency: _Counts4
    """Purchases in the window: 5 from the last cut point on, 1 below the first."""
    monetary: _Amounts4
    """Amount in the window in base currency: 5 from the last cut point on, 1 below the first."""
    weights: RfmWeights = RfmWeights()
    """Weights of the mean."""

    def contradictions(self) -> Iterator[Fault]:
        """Cut points must rise strictly."""
        for key in ("recency_days", "frequency", "monetary"):
            for at, (lower, upper) in enumerate(pairwise(getattr(self, key))):
                if upper <= lower:
                    yield Fault((key, at + 1), f"{upper} does not follow {lower}; write cut points that rise")


class PointRule(Conditions):
    """Points for every matching event, decaying, dropping out at an age, or staying."""

    id: Name
    """Unique among points, facts and rules."""
    label: Text
    """What a salesperson reads in the evidence."""
    points: Annotated[Decimal, BeforeValidator(_points)]
    """Points of one event, greater than 0."""
    half_life_days: PositiveSpanDays | None = None
    """Days in which an event's points halve; None: no decay."""
    expires_days: PositiveSpanDays | None = None
    """Age in days at which an event's points drop out; None: never."""
    cap: PositiveNumber | None = None
    """Most points that the rule gives in all; None: no limit."""
    per_day: CountFromOne | None = None
    """How many events of one local day count; None: all."""

    def contradictions(self) -> Iterator[Fault]:
        """Two ways to age, no condition, or conditions that no event meets."""
        if self.half_life_days is not None and self.expires_days is not None:
            yield Fault(("expires_days",), "half_life_days is there too; write one of the two: fade away or drop out")
        if not self.event and not self.asked():
            yield Fault((), 'has no condition, so every event would count; write for example "event: download"')
        yield from self.condition_faults()


class RatingPoints(PolicyPart):
    """Points of each sales rating; may be negative."""

    high: Number
    medium: Number
    low: Number


class Fact(PolicyPart):
    """Points for what is known of the account, or for the latest sales rating; facts do not decay."""

    id: Name
    """Unique among points, facts and rules."""
    label: Text
    """What a salesperson reads in the evidence."""
    account: AccountField | None = None
    """A numeric account field."""
    at_least: PositiveNumber | None = None
    """The field's value from which the points are given (`industry_growth`: a ratio, 0.1 = 10 % a year)."""
    points: Number | None = None
    """Points given; may be negative."""
    rating: RatingPoints | None = None
    """Points by the latest sales rating."""
    expires_days: PositiveSpanDays | None = None
    """Age in days at which a rating no longer counts; None: never."""

    def contradictions(self) -> Iterator[Fault]:
        """A fact is about an account field or about the rating, with the keys of that kind."""
        if (self.account is None) == (self.rating is None):
            yield Fault((), "write either account (with at_least and points) or rating (high, medium, low)")
            return
        kind = "a rating" if self.rating is not None else "an account field"
        for key in ("at_least", "points"):
            if self.rating is None and getattr(self, key) is None:
                yield Fault((key,), "is missing; a fact about an account field needs at_least and points")
        for key in ("expires_days",) if self.rating is None else ("at_least", "points"):
            if getattr(self, key) is not None:
                yield Fault((key,), f"means nothing for {kind}; remove it")


class Potential(PolicyPart):
    """What the customer may become: points of events and facts, from 0 to `cap`."""

    cap: PositiveNumber = Decimal(100)
    """Highest score."""
    high: Band
    """In points."""
    points: tuple[PointRule, ...] = ()
    """In the order of the evidence rows."""
    facts: tuple[Fact, ...] = ()
    """In the order of the evidence rows, after the points."""
