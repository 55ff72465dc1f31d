"""The small exact conversions on the way into Redis."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.adapters.facets import Facets, instant_text, score_text, split_amount

AMOUNTS = st.decimals(min_value=-(10**21), max_value=10**21, places=6, allow_nan=False, allow_infinity=False)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("amount", "units", "micros"),
    [
        ("0", 0, 0),
        ("450000", 450_000, 0),
        ("1.000001", 1, 1),
        ("-2.5", -3, 500_000),  # -3 + 0.5
        ("-0.000001", -1, 999_999),
        ("999999999999999.999999", 999_999_999_999_999, 999_999),
        ("0.0000005", 0, 1),  # half-up
    ],
)
def test_an_amount_is_split_into_units_and_micros(amount: str, units: int, micros: int) -> None:
    assert split_amount(Decimal(amount)) == (units, micros)


@given(AMOUNTS)
def test_the_parts_of_an_amount_are_the_amount(amount: Decimal) -> None:
    units, micros = split_amount(amount)
    assert 0 <= micros < 1_000_000
    assert units * 1_000_000 + micros == int(amount * 1_000_000)


@given(st.integers(0, 4_102_444_800_000), st.integers(0, 4_102_444_800_000))
def test_instants_as_text_are_exact_and_sort_in_time(one: int, other: int) -> None:
    parsed = datetime.fromisoformat(instant_text(one))
    assert (parsed - EPOCH) // timedelta(milliseconds=1) == one
    assert (instant_text(one) < instant_text(other)) == (one < other)


def test_an_instant_is_written_with_three_decimals() -> None:
    assert instant_text(1_794_182_400_007) == "2026-11-09T00:00:00.007Z"


@pytest.mark.parametrize("priority", [float("nan"), float("inf"), float("-inf")])
def test_a_priority_that_redis_would_refuse_is_refused_here(priority: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        score_text(priority)


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_score_is_read_back_as_it_was(priority: float) -> None:
    assert float(score_text(priority)) == priority


def test_a_former_customer_stands_in_no_segment() -> None:
    facts = Facets("C1", "retain", False, 1.0, None, None, Decimal(0))
    assert facts.place == "retain"
    assert Facets("C1", "retain", True, 1.0, None, None, Decimal(0)).place == "former"
