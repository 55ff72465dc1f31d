"""Recency, frequency and monetary value as scores of 1 to 5; it must not know segments.

Hughes, A. M. (1994), Strategic Database Marketing, with the policy's cut points in place of quintiles.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from fractions import Fraction

import msgspec

from streams.domain.numbers import MICRO, Exact, shown
from streams.domain.plan import Plan
from streams.domain.state import Purchases


class Rfm(msgspec.Struct, frozen=True, gc=False):
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


def rfm_on(kept: Purchases, day: int, plan: Plan) -> Rfm:
    """The figures on a local day not before the last booking, if nothing is booked until then."""
    count, _, money = kept.days.since(day - plan.rfm_window_days + 1)
    return Rfm(None if kept.last_day is None else day - kept.last_day, count, money)


def mean(scores: tuple[int, int, int], plan: Plan) -> Exact:
    """The weighted mean of the three scores in millionths, exact."""
    return _means(scores, plan)[0]


def mean_shown(scores: tuple[int, int, int], plan: Plan) -> float:
    """The weighted mean of the three scores, to 4 decimals."""
    return _means(scores, plan)[1]


def _means(scores: tuple[int, int, int], plan: Plan) -> tuple[Exact, float]:
    found = plan.rfm_means.get(scores)
    if found is None:
        weighted = sum((weight * score for weight, score in zip(plan.weights, scores, strict=True)), Fraction())
        exact = weighted * MICRO / sum(plan.weights)
        found = plan.rfm_means[scores] = exact, float(shown(exact))
    return found
