"""Instants and local days, as the oracle counts them.

It must not know what happened at an instant, nor why a day matters.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from fractions import Fraction
from functools import cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
RFC_3339 = re.compile(r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(?:\.(\d+))?([Zz]|[+-]\d\d:\d\d)")


def parse_instant(text: str) -> int:
    """The instant an RFC 3339 text names, floored to whole ms since 1970."""
    found = RFC_3339.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no RFC 3339 instant with an offset")
    day, clock, fraction, offset = found.groups()
    second = datetime.fromisoformat(f"{day}T{clock}{'+00:00' if offset in 'Zz' else offset}")
    return (second - EPOCH) // timedelta(milliseconds=1) + int((fraction or "0").ljust(3, "0")[:3])


def show_instant(at_ms: int) -> str:
    """The instant in UTC with three decimals and `Z`."""
    moment = EPOCH + timedelta(milliseconds=at_ms)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{at_ms % 1000:03d}Z"


@cache
def local_day(at_ms: int, zone: ZoneInfo) -> date:
    """D(t): the date a calendar in `zone` shows at that instant."""
    return (EPOCH + timedelta(milliseconds=at_ms)).astimezone(zone).date()


@cache
def local_midnight(day: date, zone: ZoneInfo) -> int:
    """The first instant whose local date is `day`, looked for among all ms of the three UTC days around it."""
    noon = datetime(day.year, day.month, day.day, 12, tzinfo=UTC)
    before = (noon - EPOCH) // timedelta(milliseconds=1) - 36 * 3_600_000
    reached = before + 72 * 3_600_000
    while reached - before > 1:
        middle = (before + reached) // 2
        if local_day.__wrapped__(middle, zone) >= day:
            reached = middle
        else:
            before = middle
    return reached


def span_ms(days: Fraction) -> int:
    """A span of days in ms; a part of a ms counts as a whole one, since nothing happens between two ms."""
    return -(-(days * DAY_MS).numerator // (days * DAY_MS).denominator)
