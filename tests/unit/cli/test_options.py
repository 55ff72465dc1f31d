"""What is typed as an option: instants, numbers; and text from outside as a terminal shows it."""

from __future__ import annotations

import re

import click
import pytest

from streams.cli.options import INSTANT, FiniteRange
from streams.cli.plain_text import plain


@pytest.mark.parametrize(
    ("written", "ms"),
    [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T09:00:00.001+09:00", 1),
        ("1969-12-31T23:59:59.9995Z", -1),  # half a ms before the epoch is floored, not cut towards it
        ("2026-11-21T09:00:00+09:00", 1_795_219_200_000),
    ],
)
def test_an_instant_is_floored_to_the_ms(written: str, ms: int) -> None:
    assert INSTANT.convert(written, None, None) == ms


@pytest.mark.parametrize(
    ("written", "advice"),
    [
        ("2026-11-21", "write 2026-11-21T00:00:00+09:00 or 2026-11-21T00:00:00Z"),
        ("2026-11-21T09:30:00", "write 2026-11-21T09:30:00+09:00 or 2026-11-21T09:30:00Z"),
        ("tomorrow", "write 2026-11-21T09:00:00+09:00"),
        ("9999-12-31T23:59:59-14:00", "write an instant before the year 9000"),
    ],
)
def test_the_advice_for_an_instant_can_be_followed(written: str, advice: str) -> None:
    with pytest.raises(click.BadParameter) as refused:
        INSTANT.convert(written, None, None)
    assert refused.value.message.endswith(advice)
    for instant in re.findall(r"\d{4}-\S+", advice):
        assert isinstance(INSTANT.convert(instant, None, None), int)


@pytest.mark.parametrize("written", ["nan", "inf", "-inf", "1e999", "-1", "many"])
def test_no_number_of_days_is_refused(written: str) -> None:
    with pytest.raises(click.BadParameter):
        FiniteRange(0).convert(written, None, None)


def test_a_number_within_bounds_is_itself() -> None:
    assert FiniteRange(0).convert("0.5", None, None) == 0.5


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain, 株式会社、「改行なし」 🍣 \u3000", "plain, 株式会社、「改行なし」 🍣 \u3000"),
        ("\x1b[2Jgone\a", "\\u001b[2Jgone\\u0007"),
        ("two\r\nlines\u2028three", "two\\u000d\\u000alines\\u2028three"),
        ("\u202eevil", "\\u202eevil"),
        ("\x9b31m", "\\u009b31m"),
    ],
)
def test_text_from_outside_cannot_steer_the_terminal(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_line_ends_may_be_kept() -> None:
    assert plain("{\n\t1\x1b}", keep="\n\t") == "{\n\t1\\u001b}"
