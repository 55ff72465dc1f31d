"""Numbers: exact money, the one way of rounding, and how amounts are written."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import pytest

from streams.domain.numbers import converted, lowest_reaching, micro_of, rounded, shown, shown_adding_up, to_micro
from tests.unit.domain.kit import Life


@pytest.mark.parametrize(
    ("amount", "micro"),
    [("0", 0), ("1", 1_000_000), ("0.000001", 1), ("12.5", 12_500_000), ("999999999999999.999999", 10**21 - 1)],
)
def test_money_is_counted_in_millionths(amount: str, micro: int) -> None:
    assert to_micro(amount) == micro


@pytest.mark.parametrize(
    ("amount", "rate", "micro"),
    [
        ("10", "150", 1_500_000_000),
        ("0.000001", "0.5", 1),  # 0.0000005 is a half: up
        ("0.000001", "0.499999", 0),
        ("0.000003", "0.5", 2),  # 0.0000015 is a half: up
        ("19.99", "1.0845", 21_679_155),  # 21.679155 exactly
        ("1", "0.3333333", 333_333),
        ("3", "0.3333335", 1_000_001),  # 1.0000005 is a half: up
    ],
)
def test_a_converted_amount_is_rounded_half_up_to_six_decimals(amount: str, rate: str, micro: int) -> None:
    assert converted(amount, Fraction(rate)) == micro


@pytest.mark.parametrize(
    ("micro", "text"),
    [
        (0, "0"),
        (1_000_000, "1"),
        (10_000_000, "10"),
        (1_500_000, "1.5"),
        (1_230_400, "1.2304"),
        (50, "0.0001"),  # 0.00005 is a half: up
        (49, "0"),
        (999_999_950, "1000"),  # 999.99995 is a half: up
        (-1_500_000, "-1.5"),
        (-49, "0"),  # no minus before nothing
        (-150, "-0.0002"),
        (10**21, "1000000000000000"),  # no exponent
        (Fraction(10**6, 3), "0.3333"),
        (Fraction(2 * 10**6, 3), "0.6667"),
        (Fraction(-(10**6), 3), "-0.3333"),
        (Fraction(10**9, 30), "33.3333"),
    ],
)
def test_an_amount_is_written_half_up_to_four_decimals_without_exponent_or_trailing_zeros(
    micro: int | Fraction, text: str
) -> None:
    assert shown(micro) == text


@pytest.mark.parametrize(
    ("score", "at_four_decimals"),
    [
        (12.0, 12.0),
        (11.99995, 12.0),  # a tie in the fifth decimal goes up, though its float is a little below it
        (12.00005, 12.0001),
        (1.00005, 1.0001),
        (0.00005, 0.0001),
        (4.35005, 4.3501),
        (11.99994999, 11.9999),
        (0.1 + 0.2, 0.3),
        (99.99999, 100.0),
    ],
)
def test_a_score_is_rounded_half_up_to_four_decimals(score: float, at_four_decimals: float) -> None:
    assert rounded(score) == at_four_decimals


def test_a_threshold_with_more_decimals_than_a_score_is_reached_by_the_next_score_above() -> None:
    assert lowest_reaching(Decimal("12.00001")) == 12.0001
    assert lowest_reaching(Decimal("12")) == 12.0
    assert rounded(12.00005) >= lowest_reaching(Decimal("12.00001"))
    assert rounded(12.00004) < lowest_reaching(Decimal("12.00001"))


def test_a_policys_amount_is_exact_however_many_decimals_it_has() -> None:
    assert micro_of(Decimal("0.1")) == 100_000
    assert micro_of(Decimal("0.0000001")) == Fraction(1, 10)


def test_amounts_are_compared_exactly_and_not_as_they_are_shown() -> None:
    # 999.99996 is shown as 1000, and yet is less than the 1000 it takes.
    life = Life(value={"high": {"enter": "1000", "leave": "1000"}})
    life.at("2026-03-01 09:00").buy("999.99996")
    assert (life.amount(), life.state.value_high) == ("1000", False)
    life.buy("0.00004")
    assert (life.amount(), life.state.value_high) == ("1000", True)


def test_each_amount_is_rounded_by_itself_before_it_is_added() -> None:
    # 0.000001 at 0.5 is 0.0000005, rounded up to 0.000001; two of them are 0.000002, not 0.000001.
    life = Life(currency={"rates": {"USD": "0.5"}}, value={"high": {"enter": "0.000002", "leave": "0.000002"}})
    life.at("2026-03-01 09:00").buy("0.000001", currency="USD")
    assert not life.state.value_high
    life.buy("0.000001", currency="USD")
    assert life.state.value_high


@pytest.mark.parametrize(
    ("tenths", "texts"),
    [
        ([70], ["0.0007"]),
        ([100_000, -50_000], ["1", "-0.5"]),
        ([5, 5], ["0.0001", "0"]),  # 1 in all; of equals the first
        ([3, 6, 4], ["0", "0.0001", "0"]),  # 1.3 is 1
        ([12, 29, 38], ["0.0001", "0.0003", "0.0004"]),  # 7.9 is 8: 1 + 2 + 3, and 2 more
        ([-14, 9], ["-0.0002", "0.0001"]),  # -0.5 is -1: -2 + 0, and 1 more where 0.9 was lost
        ([-14, 10], ["-0.0001", "0.0001"]),  # -0.4 is 0: -2 + 1, and 1 more where 0.6 was lost
    ],
)
def test_amounts_are_written_so_that_they_add_up(tenths: list[int], texts: list[str]) -> None:
    """Of ten-thousandths, of 100 micro-units each, the tenth part."""
    assert shown_adding_up([number * 100 for number in tenths], 10) == texts
