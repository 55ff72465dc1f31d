"""Which ids commands take: those that events may have."""

from __future__ import annotations

import click
import pytest

from streams.cli.customer_argument import CustomerId


@pytest.mark.parametrize("typed", ["C1", "x" * 200, "客先 🍣/1", "\x1b[31m"])
def test_an_id_that_events_may_have_is_taken_as_it_is(typed: str) -> None:
    assert CustomerId().convert(typed, None, None) == typed


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("", "an id has 1 to 200 characters, this one 0"),
        ("x" * 201, "an id has 1 to 200 characters, this one 201"),
        ("a\udcff", r"b'a\xff' is not UTF-8"),  # what Python makes of the argument a\xff
    ],
)
def test_no_other_is(typed: str, said: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        CustomerId().convert(typed, None, None)
    assert refused.value.message == said
