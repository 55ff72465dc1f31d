"""Local days of one time zone; it must not know the clock.

A local day is a number, days since 1970-01-01. `midnight_ms` is the first instant whose local date is that day, so
zones that skip or repeat an hour at midnight, or skip a whole day, need no special case elsewhere.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

DAY_MS = 86_400_000
NEVER_MS = 1 << 62
_EPOCH_ORDINAL = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal() - _EPOCH_ORDINAL - 2
CALENDAR_END_MS = _LAST_DAY * DAY_MS  # no later instant has a date in every zone
_FIRST_DAY = date.min.toordinal() - _EPOCH_ORDINAL + 2
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)
_MINUTE_MS = 60_000
_MINUTES = tuple(f"T{minute // 60:02d}:{minute % 60:02d}:" for minute in range(24 * 60))
_SECONDS = tuple(f"{second:02d}." for second in range(60))
_PARTS = tuple(f"{part:03d}Z" for part in range(1000))
_INSTANTS_REMEMBERED = 10_000  # the same few of a customer are shown again with each of its events; some 2 MB
_DATES_REMEMBERED = 50_000  # more than a century


@lru_cache(_DATES_REMEMBERED)
def day_number(iso_date: str) -> int:
    """Days since 1970-01-01 of an ISO 8601 date."""
    return date.fromisoformat(iso_date).toordinal() - _EPOCH_ORDINAL


@lru_cache(_DATES_REMEMBERED)
def iso_day(day: int) -> str:
    """The ISO 8601 date of a day number."""
    return date.fromordinal(day + _EPOCH_ORDINAL).isoformat()


@lru_cache(_DATES_REMEMBERED)
def month_of(day: int) -> int:
    """The calendar month of a day as year x 12 + month - 1."""
    when = date.fromordinal(day + _EPOCH_ORDINAL)
    return when.year * 12 + when.month - 1


@lru_cache(_DATES_REMEMBERED)
def iso_month(month: int) -> str:
    """`YYYY-MM` of a month number."""
    return f"{month // 12:04d}-{month % 12 + 1:02d}"


@lru_cache(_INSTANTS_REMEMBERED)
def iso_instant(ms: int) -> str:
    """An instant in UTC with three decimals and `Z`."""
    day, in_day = divmod(ms, DAY_MS)
    minute, in_minute = divmod(in_day, _MINUTE_MS)
    second, part = divmod(in_minute, 1000)
    return iso_day(day) + _MINUTES[minute] + _SECONDS[second] + _PARTS[part]


class Zone:
    """The calendar of one IANA time zone; midnights are computed once each, and the day asked for last is at hand."""

    __slots__ = ("_begin_ms", "_day", "_end_ms", "_guess_ms", "_midnights", "_tz")

    def __init__(self, name: str) -> None:
        self._tz = ZoneInfo(name)
        self._midnights: dict[int, int] = {}
        self._day = self._begin_ms = self._end_ms = 0
        self._guess_ms = int(datetime(2026, 1, 15, tzinfo=self._tz).utcoffset().total_seconds() * 1000)  # type: ignore[union-attr]

    def day(self, ms: int) -> int:
        """The local day of an instant."""
        if self._begin_ms <= ms < self._end_ms:
            return self._day
        day, midnights = (ms + self._guess_ms) // DAY_MS, self._midnights
        begin_ms, end_ms = midnights.get(day, NEVER_MS), midnights.get(day + 1, 0)
        if begin_ms <= ms < end_ms:
            self._day, self._begin_ms, self._end_ms = day, begin_ms, end_ms
            return day
        while ms < self.midnight_ms(day):
            day -= 1
        while ms >= self.midnight_ms(day + 1):
            day += 1
        return day

    def midnight_ms(self, day: int) -> int:
        """The first instant of a local day; `NEVER_MS` for days past the calendar's end."""
        known = self._midnights.get(day)
        if known is None:
            known = self._midnights[day] = self._first_instant(day)
        return known

    def lived(self, day: int) -> int:
        """The day itself, or the next one where the zone skipped it."""
        begin_ms = self.midnight_ms(day)
        while begin_ms == (end_ms := self.midnight_ms(day + 1)) < NEVER_MS:
            day, begin_ms = day + 1, end_ms
        return day

    def _first_instant(self, day: int) -> int:
        if day >= _LAST_DAY:
            return NEVER_MS
        if day <= _FIRST_DAY:
            return day * DAY_MS - self._guess_ms
        local = datetime.combine(date.fromordinal(day + _EPOCH_ORDINAL), datetime.min.time(), self._tz)
        at = (local - _EPOCH) // _MS
        if self._local_date(at) >= day > self._local_date(at - 1):
            return at
        below, reached = at - 2 * DAY_MS, at + 2 * DAY_MS
        while reached - below > 1:
            middle = (below + reached) // 2
            below, reached = (below, middle) if self._local_date(middle) >= day else (middle, reached)
        return reached

    def _local_date(self, ms: int) -> int:
        return (_EPOCH + ms * _MS).astimezone(self._tz).toordinal() - _EPOCH_ORDINAL
