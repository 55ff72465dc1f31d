"""Exact money and the one way of rounding; it must not know what the numbers mean.

Money is counted in whole micro-units (millionths of the base currency) as `int`, or as `Fraction` of them where a
yearly amount does not come out even. Scores are floats, compared and shown only after `rounded`.
"""

from __future__ import annotations

from decimal import ROUND_CEILING, Decimal
from fractions import Fraction
from math import floor

MICRO = 1_000_000
Exact = int | Fraction  # micro-units

# A score that ought to be a tie in the fifth decimal may miss it by the rounding of its own sum (about 1e-10 in
# units of the fourth decimal at 100 points); what lies that close below a tie is taken for the tie.
TIE_SLACK = 1e-9
HALF_UNIT = 0.00005  # half of the fourth decimal
_UNIT = MICRO // 10_000  # the fourth decimal, in micro-units


def rounded(score: float) -> float:
    """The score to 4 decimals, halves up."""
    return floor(score * 1e4 + 0.5 + TIE_SLACK) / 1e4


def lowest_reaching(threshold: Decimal) -> float:
    """The smallest 4-decimal number not below the threshold: a rounded score reaches one exactly when the other."""
    return int((threshold * 10_000).to_integral_value(ROUND_CEILING)) / 1e4


def to_micro(amount: str) -> int:
    """Micro-units of a plain decimal string with at most 6 decimals."""
    whole, _, part = amount.partition(".")
    return int(whole + part.ljust(6, "0")) if part else int(whole) * MICRO


def converted(amount: str, rate: Fraction | None) -> int:
    """Micro-units of a non-negative amount in the base currency, rounded half-up to 6 decimals; None: it is in that."""
    if rate is None:
        return to_micro(amount)
    return (2 * to_micro(amount) * rate.numerator + rate.denominator) // (2 * rate.denominator)


def micro_of(number: Decimal) -> Exact:
    """Micro-units of a policy's number, exact."""
    exact = Fraction(number) * MICRO
    return exact.numerator if exact.denominator == 1 else exact


def shown(amount: Exact, parts: int = 1) -> str:
    """The amount, or one of so many equal parts of it, as a decimal string.

    Half-up to at most 4 decimals, no exponent, no trailing zeros.
    """
    if isinstance(amount, int) and not amount % (MICRO * parts):
        return str(amount // (MICRO * parts))
    units = _units(amount, parts)
    whole, part = divmod(abs(units), 10_000)
    sign = "-" if units < 0 else ""
    return f"{sign}{whole}.{part:04d}".rstrip("0").rstrip(".")


def _units(amount: Exact, parts: int = 1) -> int:
    """The amount, or one of so many equal parts of it, in units of the fourth decimal, halves away from zero."""
    denominator = amount.denominator * parts * _UNIT
    units = (2 * abs(amount.numerator) + denominator) // (2 * denominator)
    return -units if amount < 0 else units


def shown_adding_up(amounts: list[int], parts: int = 1) -> list[str]:
    """Of each amount one of so many equal parts, so that the strings add up to what `shown` says of the sum.

    All are cut off after 4 decimals, and the ten-thousandths that are then missing go to those that lost most, of
    equals to the first (the method of the largest remainder): one that comes out even stays as it is.
    """
    unit = _UNIT * parts
    units, lost = [amount // unit for amount in amounts], [amount % unit for amount in amounts]
    if any(lost):
        missing = _units(sum(amounts), parts) - sum(units)
        for at in sorted(range(len(units)), key=lambda at: -lost[at])[:missing]:
            units[at] += 1
    return [shown(amount * _UNIT) for amount in units]
