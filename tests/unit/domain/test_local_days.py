"""Local days: where they begin and end, in zones that skip or repeat hours at midnight.

When the clocks changed is from the IANA time zone database (tzdata: northamerica, southamerica, asia, africa,
australasia); the UTC instants are worked out from the offsets in the comments.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest

from streams.domain.zone import Zone, day_number, iso_day, iso_instant, iso_month, month_of
from tests.unit.domain.kit import Life

HOUR_MS = 3_600_000


def utc_ms(text: str) -> int:
    return (datetime.fromisoformat(text).replace(tzinfo=UTC) - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(
        milliseconds=1
    )


@pytest.mark.parametrize(
    ("zone", "day", "begins"),
    [
        ("Asia/Tokyo", "2026-03-01", "2026-02-28T15:00"),  # +9
        ("UTC", "2028-02-29", "2028-02-29T00:00"),
        ("Asia/Kathmandu", "2026-01-01", "2025-12-31T18:15"),  # +5:45
        ("America/Sao_Paulo", "2018-11-04", "2018-11-04T03:00"),  # 00:00 -03 became 01:00 -02: no midnight
        ("America/Sao_Paulo", "2018-02-18", "2018-02-18T03:00"),  # 24:00 -02 became 23:00 -03 of the 17th
        ("Asia/Beirut", "2022-03-27", "2022-03-26T22:00"),  # 00:00 +2 became 01:00 +3
        ("Africa/Cairo", "2023-04-28", "2023-04-27T22:00"),  # 00:00 +2 became 01:00 +3
        ("Africa/Cairo", "2023-10-27", "2023-10-26T22:00"),  # 24:00 +3 became 23:00 +2 of the 26th
        ("America/Havana", "2025-11-02", "2025-11-02T04:00"),  # 01:00 -4 became 00:00 -5: the first of two
        ("Pacific/Apia", "2011-12-29", "2011-12-29T10:00"),  # -10
        ("Pacific/Apia", "2011-12-31", "2011-12-30T10:00"),  # +14; there was no 30th
    ],
)
def test_a_local_day_begins_at_the_first_instant_of_its_date(zone: str, day: str, begins: str) -> None:
    here, at = Zone(zone), utc_ms(begins)
    assert here.midnight_ms(day_number(day)) == at
    assert here.day(at) == day_number(day)
    assert here.day(at - 1) < day_number(day)


@pytest.mark.parametrize(
    ("zone", "day", "hours"),
    [
        ("Asia/Tokyo", "2026-03-08", 24),
        ("America/New_York", "2026-03-08", 23),  # 02:00 became 03:00
        ("America/New_York", "2026-11-01", 25),  # 02:00 became 01:00
        ("America/Sao_Paulo", "2018-11-04", 23),
        ("America/Sao_Paulo", "2018-02-17", 25),
        ("Africa/Cairo", "2023-10-26", 25),
        ("America/Havana", "2025-11-02", 25),
        ("Australia/Lord_Howe", "2026-04-05", 24.5),  # it moves its clocks by half an hour
        ("Pacific/Apia", "2011-12-29", 24),
        ("Pacific/Apia", "2011-12-30", 0),
    ],
)
def test_a_local_day_is_as_long_as_its_clocks_say(zone: str, day: str, hours: float) -> None:
    here, number = Zone(zone), day_number(day)
    assert here.midnight_ms(number + 1) - here.midnight_ms(number) == hours * HOUR_MS


def test_no_instant_belongs_to_a_skipped_day() -> None:
    apia, skipped = Zone("Pacific/Apia"), day_number("2011-12-30")
    around = range(utc_ms("2011-12-29T00:00"), utc_ms("2011-12-31T10:00"), HOUR_MS)
    assert {apia.day(at) for at in around} == {skipped - 2, skipped - 1, skipped + 1}  # 28, 29, 31 December


@pytest.mark.parametrize("zone", ["America/New_York", "America/Sao_Paulo", "Asia/Beirut", "Africa/Cairo", "Asia/Tokyo"])
def test_every_hour_of_a_decade_has_the_date_its_clock_shows(zone: str) -> None:
    life, here = Life(timezone=zone), Zone(zone)
    for at in range(utc_ms("2015-01-01T00:00"), utc_ms("2025-01-01T00:00"), 7 * HOUR_MS):
        assert iso_day(here.day(at)) == life.local(at)[:10]


def test_a_midnight_far_in_the_past_or_future_is_still_one() -> None:
    here = Zone("Asia/Tokyo")
    assert here.midnight_ms(day_number("9990-06-01")) == utc_ms("9990-05-31T15:00")
    assert here.day(utc_ms("0003-06-01T12:00")) == day_number("0003-06-01")


def test_days_and_months_are_numbered_without_gaps_over_leap_days_and_year_ends() -> None:
    assert day_number("2028-03-01") - day_number("2028-02-28") == 2  # 2028 is a leap year
    assert day_number("2100-03-01") - day_number("2100-02-28") == 1  # 2100 is none
    assert iso_day(day_number("2028-02-29")) == "2028-02-29"
    assert month_of(day_number("2027-01-31")) - month_of(day_number("2026-12-01")) == 1
    assert iso_month(month_of(day_number("2026-12-31"))) == "2026-12"
    assert day_number("1970-01-01") == 0
    assert day_number("2026-03-01") == (date(2026, 3, 1) - date(1970, 1, 1)).days


def test_instants_are_written_in_utc_with_three_decimals() -> None:
    assert iso_instant(0) == "1970-01-01T00:00:00.000Z"
    assert iso_instant(1_772_323_200_001) == "2026-03-01T00:00:00.001Z"  # 20,513 days and 1 ms
    assert iso_instant(-1) == "1969-12-31T23:59:59.999Z"
