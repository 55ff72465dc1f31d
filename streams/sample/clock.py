"""Days and instants of the sample company, which works in Japan; it must not know the real clock.

Instants are epoch seconds (float), days are dates in Japan, which has one offset all year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from random import Random

JST = timezone(timedelta(hours=9))
DAY_S = 86_400.0
HOUR_S = 3_600.0
_WORK_HOURS = (8, 9, 9, 10, 10, 10, 11, 11, 13, 13, 14, 14, 15, 15, 16, 16, 17, 18, 20)
_EPOCH = date(1970, 1, 1).toordinal()
_OFFSET_S = 9 * HOUR_S


def midnight_s(day: date) -> float:
    """The instant at which a day begins in Japan."""
    return (day.toordinal() - _EPOCH) * DAY_S - _OFFSET_S


def day_of(at_s: float) -> date:
    """The day in Japan of an instant."""
    return date.fromordinal(int((at_s + _OFFSET_S) // DAY_S) + _EPOCH)


def office_hour_s(day: date, rng: Random) -> float:
    """A random instant of a day when people work."""
    return midnight_s(day) + rng.choice(_WORK_HOURS) * HOUR_S + int(rng.random() * HOUR_S * 1000) / 1000


def workday(day: date) -> date:
    """The day itself, or the Monday after a weekend."""
    return day + timedelta(days=max(0, 7 - day.weekday())) if day.weekday() >= 5 else day


def rfc3339(at_s: float) -> str:
    """An instant in Japanese time with milliseconds and offset."""
    return datetime.fromtimestamp(round(at_s, 3), JST).isoformat(timespec="milliseconds")


def instant_s(moment: datetime) -> float:
    """Epoch seconds of a moment that carries its zone.

    Raises:
        ValueError: The moment has no zone.
    """
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone")
    return moment.astimezone(UTC).timestamp()


def months_before(day: date, months: int) -> date:
    """The same day so many months earlier, or that month's 28th."""
    month = day.year * 12 + day.month - 1 - months
    return date(month // 12, month % 12 + 1, min(day.day, 28))


def year_after(day: date) -> date:
    """The same day a year later; 28 February for a 29th."""
    try:
        return day.replace(year=day.year + 1)
    except ValueError:
        return day.replace(year=day.year + 1, day=28)
