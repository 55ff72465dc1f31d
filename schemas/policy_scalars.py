"""The single values a policy is made of: names, texts, exact numbers, spans, choices and lists of them.

It must not know where in the policy a value stands.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from schemas.policy_parts import fault, found, suggestion

MS_PER_DAY = 86_400_000
LONGEST_SPAN_DAYS = 36_525  # a hundred years: beyond it local dates leave the calendar of the computations
NAME_CHARACTERS = 64  # names become parts of keys, channels and metric labels
TEXT_CHARACTERS = 2_000
DIGITS_BEFORE_POINT = 15  # as for the money in events
DIGITS_AFTER_POINT = 12
_DECIMAL = re.compile(r"[-+]?[0-9]+(\.[0-9]+)?", re.ASCII)


def number(value: object) -> Decimal:
    """The exact decimal of a YAML number or a decimal string.

    Raises:
        PydanticCustomError: It is no number, not finite, or has more than 15 digits before or 12 after the point.
    """
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise fault(f"found {found(value)}; write a number")
    if isinstance(value, str) and not _DECIMAL.fullmatch(value):
        raise fault(f'found {found(value)}; write a plain number such as 1200000 or "0.3", without commas or units')
    exact = Decimal(str(value))
    if not exact.is_finite():
        raise fault(f"found {found(value)}; write a finite number")
    if exact.adjusted() >= DIGITS_BEFORE_POINT or _digits_after_point(exact) > DIGITS_AFTER_POINT:
        raise fault(f"found {found(value)}; write at most 15 digits before and 12 after the point")
    return exact


def _digits_after_point(exact: Decimal) -> int:
    _, digits, exponent = exact.as_tuple()
    # Counted by hand: Decimal.normalize would round to the precision of the context first.
    written = "".join(map(str, digits))
    return -int(exponent) - (len(written) - len(written.rstrip("0"))) if exact else 0


def whole(value: object) -> int:
    """The whole number of a YAML number or a decimal string.

    Raises:
        PydanticCustomError: It is no number or has a part behind the point.
    """
    exact = number(value)
    if exact != exact.to_integral_value():
        raise fault(f"found {found(value)}; write a whole number")
    return int(exact)


def days_to_ms(days: Decimal) -> int:
    """A span in days of 86,400,000 ms each, in whole milliseconds (any part of one is dropped)."""
    return int(days * MS_PER_DAY)


def _at_least(read: Callable[[object], Any], least: int) -> BeforeValidator:
    def check(value: object) -> Any:
        exact = read(value)
        if exact < least:
            raise fault(f"found {found(value)}; write {least} or more")
        return exact

    return BeforeValidator(check)


def _positive(value: object) -> Decimal:
    exact = number(value)
    if exact <= 0:
        raise fault(f"found {found(value)}; write a number greater than 0")
    return exact


def _span(value: object) -> Decimal:
    days = number(value)
    if days < 0 or days > LONGEST_SPAN_DAYS:
        raise fault(f"found {found(value)}; write a number of days from 0 to {LONGEST_SPAN_DAYS}")
    if days * MS_PER_DAY % 1:
        raise fault(f"found {found(value)}; write days that are a whole number of milliseconds, such as 0.5 or 0.125")
    return days


def _positive_span(value: object) -> Decimal:
    days = _span(value)
    if days == 0:
        raise fault(f"found {found(value)}; write a number of days greater than 0")
    return days


def _calendar_days(value: object) -> int:
    days = whole(value)
    if days < 0 or days > LONGEST_SPAN_DAYS:
        raise fault(f"found {found(value)}; write a whole number of days from 0 to {LONGEST_SPAN_DAYS}")
    return days


def _window(value: object) -> int:
    days = _calendar_days(value)
    if days == 0:
        raise fault(f"found {found(value)}; write a whole number of days, 1 or more")
    return days


def _yes_or_no(value: object) -> bool:
    if not isinstance(value, bool):
        raise fault(f"found {found(value)}; write true or false, without quotes")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise fault(f"found {found(value)}; write a text, in quotes if it looks like a number")
    if not value.strip() or len(value) > TEXT_CHARACTERS:
        raise fault(f"found {found(value)}; write a text of 1 to {TEXT_CHARACTERS} characters that is not blank")
    return value


def _name(value: object) -> str:
    text = _text(value)
    if len(text) > NAME_CHARACTERS or not text.isprintable() or any(letter.isspace() for letter in text):
        raise fault(f"found {found(value)}; write a name of 1 to {NAME_CHARACTERS} characters without spaces")
    return text


def one_of(*known: str) -> BeforeValidator:
    """A validator that takes one of the known words and else suggests the nearest."""

    def check(value: object) -> str:
        if value not in known:
            raise fault(f"found {found(value)}; {suggestion(str(value), known)}")
        return str(value)

    return BeforeValidator(check)


def _several(value: object) -> list[Any]:
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise fault(f"found {found(value)}; write one text, or a list such as [a, b]")
    if not items:
        raise fault("found an empty list; name at least one")
    twice = next((item for at, item in enumerate(items) if item in items[:at]), None)
    if twice is not None:
        raise fault(f"{found(twice)} is there twice; name it once")
    return list(items)


OneOrSeveral = BeforeValidator(_several)

Number = Annotated[Decimal, BeforeValidator(number)]
PositiveNumber = Annotated[Decimal, BeforeValidator(_positive)]
NumberFromZero = Annotated[Decimal, _at_least(number, 0)]
SpanDays = Annotated[Decimal, BeforeValidator(_span)]
PositiveSpanDays = Annotated[Decimal, BeforeValidator(_positive_span)]
CalendarDays = Annotated[int, BeforeValidator(_calendar_days)]
WindowDays = Annotated[int, BeforeValidator(_window)]
CountFromZero = Annotated[int, _at_least(whole, 0)]
CountFromOne = Annotated[int, _at_least(whole, 1)]
YesNo = Annotated[bool, BeforeValidator(_yes_or_no)]
Text = Annotated[str, BeforeValidator(_text)]
Name = Annotated[str, BeforeValidator(_name)]
Names = Annotated[tuple[Name, ...], OneOrSeveral]
Phrases = Annotated[tuple[Text, ...], OneOrSeveral]

SegmentName = Annotated[
    Literal["retain", "nurture", "expand", "streamline"], one_of("retain", "nurture", "expand", "streamline")
]
Severity = Annotated[Literal["low", "medium", "high"], one_of("low", "medium", "high")]
