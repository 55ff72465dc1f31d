"""Dates and times as people and exports write them, read into exact instants of a time zone.

It must not know columns, rows or events.
"""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from streams.domain.zone import Zone, day_number, iso_instant

_FIRST_YEAR, _LAST_YEAR = 1900, 2199  # outside lies a typing error, not a customer's life
_ERAS = {"令和": 2018, "R": 2018, "平成": 1988, "H": 1988, "昭和": 1925, "S": 1925}  # year before the era's first
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)

_WEEKDAY = re.compile(r"\s*\([月火水木金土日]曜?日?\)")
_DATE = re.compile(
    r"(?:(?P<y1>\d{4})(?P<sep>[-/.])(?P<m1>\d{1,2})(?P=sep)(?P<d1>\d{1,2})"
    r"|(?P<y2>\d{4})年\s*(?P<m2>\d{1,2})月\s*(?P<d2>\d{1,2})日"
    r"|(?P<era>令和|平成|昭和|[RHS])(?P<y3>\d{1,2}|元)(?:年|[./-])\s*(?P<m3>\d{1,2})(?:月|[./-])\s*(?P<d3>\d{1,2})日?"
    r"|(?P<y4>\d{4})(?P<m4>\d{2})(?P<d4>\d{2})(?=\D|$|\d{4}(?:\d{2})?$))"
)
_TIME = re.compile(
    r"[T\s]*(?P<pre>午前|午後|AM|PM)?\s*"
    r"(?:(?P<h1>\d{1,2}):(?P<n1>\d{2})(?::(?P<s1>\d{2})(?:[.,](?P<f>\d{1,9}))?)?"
    r"|(?P<h2>\d{1,2})時(?:(?P<n2>\d{1,2})分)?(?:(?P<s2>\d{1,2})秒)?"
    r"|(?P<h3>\d{2})(?P<n3>\d{2})(?P<s3>\d{2})?)"
    r"\s*(?P<post>AM|PM)?\s*(?P<zone>Z|UTC|[+-]\d{2}:?\d{2})?",
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?")
_DAY_FIRST = re.compile(r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}.*")


@lru_cache(maxsize=8)
def _calendar(zone_name: str) -> Zone:
    return Zone(zone_name)


@lru_cache(maxsize=65536)
def parse_instant(text: str, zone: ZoneInfo, pattern: str | None = None) -> str:
    """RFC 3339 in UTC with three decimals of a date with or without time; a bare date is local midnight.

    A time without offset is local in `zone`; where clocks are set back the earlier of the two is taken. `pattern` is
    a `strptime` pattern that replaces the known forms, one that `check_pattern` takes.

    Raises:
        ValueError: The text is no date; the message says what was found and what is read.
    """
    day, clock, offset = _split(text, pattern)
    if clock is None:
        return iso_instant(_calendar(zone.key).midnight_ms(day_number(day.isoformat())))
    naive = datetime.combine(day, clock)
    aware = naive.replace(tzinfo=zone) if offset is None else (naive - offset).replace(tzinfo=UTC)
    return iso_instant((aware - _EPOCH) // _MS)


@lru_cache(maxsize=65536)
def parse_date(text: str, pattern: str | None = None) -> str:
    """ISO 8601 date of a date; a time of day beside it is left out.

    Raises:
        ValueError: The text is no date; the message says what was found and what is read.
    """
    return _split(text, pattern)[0].isoformat()


def check_pattern(pattern: str) -> None:
    """Refuse what cannot be a `strptime` pattern, whatever the dates are.

    Raises:
        ValueError: It names a part twice, or something unknown.
    """
    try:
        datetime.strptime(_EPOCH.strftime(pattern), pattern)
    except (ValueError, re.error) as error:
        raise ValueError(
            f"{pattern!r} is no strptime pattern ({error}); write %d/%m/%Y for 31/01/2025, each part once"
        ) from error


def _split(text: str, pattern: str | None) -> tuple[date, time | None, timedelta | None]:
    """Date, time of day if there is one, and offset from UTC if there is one."""
    plain = _WEEKDAY.sub("", unicodedata.normalize("NFKC", text).strip())
    if pattern is not None:
        return _by_pattern(plain, pattern)
    found = _DATE.match(plain)
    if found is None:
        raise ValueError(_not_a_date(plain))
    rest = plain[found.end() :]
    clock = _TIME.fullmatch(rest) if rest.strip() else None
    if rest.strip() and clock is None:
        raise ValueError(f"{plain!r}: the time of day {rest.strip()!r} is not read; write 14:30 or 14:30:05")
    try:
        day = _day(found)
        return (day, None, None) if clock is None else (day, _clock(clock), _offset(clock["zone"]))
    except ValueError as error:
        raise ValueError(f"{plain!r} is no date: {error}") from error


def _by_pattern(plain: str, pattern: str) -> tuple[date, time | None, timedelta | None]:
    try:
        moment = datetime.strptime(plain, pattern)
    except ValueError as error:
        raise ValueError(f"{plain!r} does not fit the given format {pattern!r}") from error
    has_time = any(code in pattern for code in ("%H", "%I", "%T", "%X", "%c"))
    return _in_range(moment.date()), moment.time() if has_time else None, moment.utcoffset()


def _day(found: re.Match[str]) -> date:
    if found["era"]:
        year = _ERAS[found["era"]] + (1 if found["y3"] == "元" else int(found["y3"]))
        return _in_range(date(year, int(found["m3"]), int(found["d3"])))
    form = next(n for n in "124" if found[f"y{n}"])
    return _in_range(date(int(found[f"y{form}"]), int(found[f"m{form}"]), int(found[f"d{form}"])))


def _in_range(day: date) -> date:
    if not _FIRST_YEAR <= day.year <= _LAST_YEAR:
        raise ValueError(f"year {day.year} lies outside {_FIRST_YEAR} to {_LAST_YEAR}")
    return day


def _clock(found: re.Match[str]) -> time:
    form = next(n for n in "123" if found[f"h{n}"])
    hour, minute, second = (int(found[f"{part}{form}"] or 0) for part in "hns")
    half = (found["pre"] or found["post"] or "").upper()
    if half:
        if hour > 12:
            raise ValueError(f"{hour} o'clock with {half}")
        hour = hour % 12 + (12 if half in ("PM", "午後") else 0)
    return time(hour, minute, second, int((found["f"] or "0").ljust(6, "0")[:6]))


def _offset(zone: str | None) -> timedelta | None:
    if zone is None:
        return None
    if zone.upper() in ("Z", "UTC"):
        return timedelta()
    digits = zone[1:].replace(":", "")
    size = timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    return size if zone[0] == "+" else -size


def _not_a_date(plain: str) -> str:
    if _SERIAL.fullmatch(plain):
        return f"{plain!r} looks like Excel's day number; format the column as a date and export again"
    if _DAY_FIRST.fullmatch(plain):
        return f"{plain!r}: which of the parts is the day? Give the format in a mapping file, e.g. %d/%m/%Y"
    return f"{plain[:40]!r} is no date; read are 2025-01-31, 2025/1/31, 20250131, 2025年1月31日, 令和7年1月31日"
