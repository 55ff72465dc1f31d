"""The sample company's price list; it must not know its customers."""

from __future__ import annotations

from random import Random

PLANS: tuple[tuple[str, int], ...] = (
    ("ライト", 0),
    ("スタンダード", 480_000),
    ("プロ", 1_400_000),
    ("エンタープライズ", 4_000_000),
)
"""A plan and the yearly price (JPY) from which it is sold, rising."""

_STEP = 12_000  # prices are whole thousands a month


def plan_of(yearly_price: int) -> str:
    """The plan sold at a yearly price (JPY)."""
    return next(name for name, lowest in reversed(PLANS) if yearly_price >= lowest)


def tidy(yearly_price: float) -> int:
    """A yearly price rounded to whole thousands a month, at least one."""
    return max(1, round(yearly_price / _STEP)) * _STEP


def price_between(low: int, high: int, rng: Random) -> int:
    """A yearly price, as often near the low end as sizes of companies are."""
    return tidy(low * (high / low) ** rng.random())
