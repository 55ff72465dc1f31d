"""Whatever somebody writes into a policy, it is read or refused in words, never a crash."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from schemas.policy import Policy
from schemas.policy_scalars import days_to_ms, number
from streams.policy_yaml import read_yaml

WORDS = st.sampled_from(
    ["page", "pricing", "event", "page_view", "rating", "silent_days", "id", "0", "1e5", "{", "JPY"]
)
ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3) | WORDS, inner, max_size=4),
    max_leaves=6,
)


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    for key, value in data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ():
        yield (*path, key)
        yield from places(value, (*path, key))


def put(data: Any, path: tuple[Any, ...], value: Any) -> None:
    *way, last = path
    for key in way:
        data = data[key]
    data[last] = value


@given(st.data())
def test_any_value_anywhere_is_read_or_refused_in_words(small, data):
    plain = read_yaml(small).data
    for _ in range(data.draw(st.integers(1, 3))):
        put(plain, data.draw(st.sampled_from(list(places(plain)))), data.draw(ANY))
    try:
        Policy.model_validate(plain)
    except ValidationError as refused:
        messages = [item["msg"] for item in refused.errors()]
        assert not [text for text in messages if text.startswith(("Input should", "Value error", "Assertion"))]


@given(ANY)
def test_anything_instead_of_a_policy_is_refused(anything):
    with pytest.raises(ValidationError):
        Policy.model_validate(anything)


@pytest.mark.parametrize("text", ["1.0000000000001", "0." + "0" * 40 + "1", "1" * 16, "1." + "0" * 40 + "1"])
def test_more_digits_than_can_be_kept_are_refused(text):
    with pytest.raises(Exception, match="at most 15 digits before and 12 after the point"):
        number(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("999999999999999.999999999999", Decimal("999999999999999.999999999999")),
        ("1.5" + "0" * 40, Decimal("1.5")),
        (0.1, Decimal("0.1")),
        ("-0.25", Decimal("-0.25")),
        (7, Decimal(7)),
    ],
)
def test_numbers_are_exact(text, expected):
    assert number(text) == expected


def test_days_are_86_400_000_ms():
    assert days_to_ms(Decimal("14")) == 1_209_600_000
    assert days_to_ms(Decimal("0.125")) == 10_800_000
