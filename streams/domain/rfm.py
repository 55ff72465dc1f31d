"""Recency, frequency and monetary value as scores of 1 to 5; it must not know segments.

Hughes, A. M. (1994), Strategic Database Marketing, with the policy's cut points in place of quintiles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass
from fractions import Fraction

from streams.domain.plan import Plan
from streams.domain.state import Purchases


@dataclass(frozen=True, slots=True)
class Rfm:
    """The three figures on one local day, money in micro-units."""

    recency_days: int | None
    frequency: int
    money: int

    def scores(self, plan: Plan) -> tuple[int, int, int]:
        """Each from 1 to 5; no purchase at all has recency 1."""
        recency = 1 if self.recency_days is None else 5 - bisect_left(plan.recency_cuts, self.recency_days)
        return (
            recency,
            1 + bisect_right(plan.frequency_cuts, self.frequency),
            1 + bisect_right(plan.monetary_cuts, self.money),
        )

    def mean(self, plan: Plan) -> Fraction:
        """The weighted mean of the three scores, exact."""
        weighted = sum((w * s for w, s in zip(plan.weights, self.scores(plan), strict=True)), Fraction())
        return weighted / sum(plan.weights)


def rfm_on(kept: Purchases, day: int, plan: Plan) -> Rfm:
    """The figures on a local day not before `kept.today`, if nothing is booked until then."""
    frequency, money = kept.rfm_count, kept.rfm_money
    for entry in kept.days if day > kept.today else ():
        if kept.today - entry.day < plan.rfm_window_days <= day - entry.day:
            frequency, money = frequency - entry.count, money - entry.money
    return Rfm(None if kept.last_day is None else day - kept.last_day, frequency, money)
