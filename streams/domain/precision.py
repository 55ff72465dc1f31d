"""Rounding a score that lies too near a tie for floats to tell; it must not know what the terms stand for.

Floats carry some 16 digits. Where a score decays slowly, its rounding turns on the 17th, so a near tie is computed
again with 34; what remains is the error of the sums kept as floats, `KEPT_ERROR` of what decays.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import ROUND_FLOOR, Context, Decimal
from math import floor

NEAR = 1e-6  # in units of the fourth decimal: floats err by less than 1e-9 up to a score of 1,000
KEPT_ERROR = Decimal("2.2e-16")

_CONTEXT = Context(prec=34)
_LN2 = Decimal(2).ln(_CONTEXT)


def rounded_surely(score: float) -> float | None:
    """The score to 4 decimals, halves up; None where it is so near a tie that floats cannot tell its rounding."""
    scaled = score * 1e4 + 0.5
    whole = floor(scaled)
    return whole / 1e4 if NEAR <= scaled - whole <= 1 - NEAR else None


def decimal_of(points: float) -> Decimal:
    """The decimal number that a policy's points were written as."""
    return Decimal(repr(points))


def rounded_exactly(
    terms: Iterable[tuple[float, float, float, float]], constant: Decimal, least: float, most: float
) -> float:
    """The clamped sum to 4 decimals, halves up.

    Args:
        terms: value, age in ms, half-life in ms and cap of each: min(cap, value x 2^(-age / half-life)).
        constant: What does not decay.
        least: Lower end of the clamp.
        most: Upper end of the clamp.
    """
    total, unsure = constant, Decimal(0)
    for value, age_ms, half_life_ms, cap in terms:
        power = _CONTEXT.multiply(_CONTEXT.divide(Decimal(-age_ms), Decimal(half_life_ms)), _LN2)
        worth = _CONTEXT.multiply(Decimal(value), _CONTEXT.exp(power))
        if worth < cap:
            unsure = _CONTEXT.add(unsure, worth)
        total = _CONTEXT.add(total, worth if worth < cap else decimal_of(cap))
    total = min(max(total, decimal_of(least)), decimal_of(most))
    scaled = _CONTEXT.add(_CONTEXT.multiply(total, Decimal(10_000)), Decimal("0.5"))
    scaled = _CONTEXT.add(scaled, _CONTEXT.multiply(unsure, 10_000 * KEPT_ERROR))
    return int(scaled.to_integral_value(ROUND_FLOOR)) / 1e4


def adding_up(points: list[float], score: float) -> list[float]:
    """Each number to 4 decimals, so that they add up to their sum, which was rounded to as many.

    All are cut off, and what is missing then goes to those that lost most, a ten-thousandth each (the method of the
    largest remainder): so each is within a ten-thousandth of what it is, and one that comes out even stays as it is.
    """
    scaled = [number * 1e4 for number in points]
    units = [floor(number + NEAR) for number in scaled]
    missing = round(score * 1e4) - sum(units)
    if missing > 0:
        lost = [round(number - unit, 6) for number, unit in zip(scaled, units, strict=True)]
        for at in sorted(range(len(units)), key=lambda at: -lost[at])[:missing]:
            units[at] += 1
    return [unit / 1e4 for unit in units]
