"""Exact numbers and how they are shown.

It must not know what a number stands for.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any


def exact(number: Any) -> Fraction:
    """A number of a policy or an event, as it was written: 0.1 is one tenth, "1e-3" is one thousandth."""
    return Fraction(str(number))


def half_up(number: Fraction, places: int) -> Fraction:
    """The nearest multiple of 10^-places; halves go away from zero, as in bookkeeping."""
    scaled = abs(number) * 10**places + Fraction(1, 2)
    rounded = Fraction(scaled.numerator // scaled.denominator, 10**places)
    return -rounded if number < 0 else rounded


def show_amount(number: Fraction) -> str:
    """A decimal text with at most four decimals, without exponent or trailing zeros."""
    rounded = half_up(number, 4)
    whole, part = divmod(abs(rounded.numerator) * 10**4 // rounded.denominator, 10**4)
    text = f"{whole}.{part:04d}".rstrip("0").rstrip(".")
    return f"-{text}" if rounded < 0 else text


def show_points(number: Fraction) -> float:
    """A JSON number with four decimals."""
    return float(half_up(number, 4))
