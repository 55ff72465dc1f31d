"""Dates as exports write them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from streams.intake.csv_dates import check_pattern, parse_date, parse_instant

TOKYO = ZoneInfo("Asia/Tokyo")  # 9 hours ahead of UTC


@pytest.mark.parametrize(
    "text",
    [
        "2025-01-31",
        "2025/1/31",
        "2025/01/31",
        "2025.1.31",
        "20250131",
        "2025年1月31日",
        "2025年 1月31日(金)",
        "２０２５／０１／３１",
        "令和7年1月31日",
        "R7.1.31",
        "R7/01/31",
        " 2025-01-31 ",
        "2025-01-31T00:00:00",
        "2025-01-31 00:00",
        "2025-01-30T15:00:00Z",
        "2025-01-30T10:00:00-05:00",
        "20250131000000",
    ],
)
def test_every_form_of_a_day_is_its_local_midnight(text: str) -> None:
    assert parse_instant(text, TOKYO) == "2025-01-30T15:00:00.000Z"


@pytest.mark.parametrize(
    ("text", "local"),
    [
        ("2025/1/31 14:05", "14:05:00.000"),
        ("2025/1/31 9:05:07", "09:05:07.000"),
        ("2025-01-31T14:05:07.1239", "14:05:07.123"),  # floored to the ms
        ("2025年1月31日 14時5分", "14:05:00.000"),
        ("2025年1月31日14時", "14:00:00.000"),
        ("2025/01/31 02:05 PM", "14:05:00.000"),
        ("2025/01/31 午後2:05", "14:05:00.000"),
        ("2025/01/31 12:05 AM", "00:05:00.000"),
        ("2025/01/31 12:05 PM", "12:05:00.000"),
        ("202501311405", "14:05:00.000"),
        ("20250131140507", "14:05:07.000"),
        ("2025/01/31(金) 14:05", "14:05:00.000"),
    ],
)
def test_a_time_of_day_is_local(text: str, local: str) -> None:
    assert parse_instant(text, ZoneInfo("UTC")) == f"2025-01-31T{local}Z"


def test_eras_begin_with_their_first_year() -> None:
    assert parse_date("令和元年5月1日") == "2019-05-01"
    assert parse_date("平成31年4月30日") == "2019-04-30"
    assert parse_date("H1.1.8") == "1989-01-08"
    assert parse_date("昭和64年1月7日") == "1989-01-07"


def test_a_date_leaves_the_time_of_day_out() -> None:
    assert parse_date("2025/1/31 23:59") == "2025-01-31"


def test_a_day_whose_midnight_is_skipped_begins_when_the_clocks_have_jumped() -> None:
    # Brazil, 4 November 2018: 00:00 -03 became 01:00 -02, at 03:00 UTC.
    assert parse_instant("2018-11-04", ZoneInfo("America/Sao_Paulo")) == "2018-11-04T03:00:00.000Z"


def test_of_a_time_that_comes_twice_the_earlier_is_taken() -> None:
    # New York, 2 November 2025: 01:30 EDT (UTC-4), an hour later 01:30 EST again.
    assert parse_instant("2025-11-02 01:30", ZoneInfo("America/New_York")) == "2025-11-02T05:30:00.000Z"


def test_a_given_format_replaces_the_known_ones() -> None:
    assert parse_instant("31/01/2025", TOKYO, "%d/%m/%Y") == "2025-01-30T15:00:00.000Z"
    assert parse_instant("31.01.2025 14:05", TOKYO, "%d.%m.%Y %H:%M") == "2025-01-31T05:05:00.000Z"
    with pytest.raises(ValueError, match="does not fit the given format"):
        parse_instant("2025-01-31", TOKYO, "%d/%m/%Y")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("01/02/2025", "which of the parts is the day"),
        ("45688", "Excel's day number"),
        ("2025-02-30", "is no date"),
        ("2025-13-01", "is no date"),
        ("2025-01-31 25:00", "is no date"),
        ("2025-01-31 13:00 PM", "13 o'clock with PM"),
        ("2025-01-31 later", "time of day 'later'"),
        ("2025-01/31", "is no date"),
        ("soon", "is no date; read are"),
        ("1025-01-31", "year 1025 lies outside 1900 to 2199"),
    ],
)
def test_what_is_no_date_is_refused_with_the_reason(text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        parse_instant(text, TOKYO)


@pytest.mark.parametrize(
    "pattern",
    [
        "%d/%m/%Y",
        "%y%m%d",
        "%Y年%m月%d日 %H時",
        "%d %b %Y %I:%M %p",
        "%Y-%m-%dT%H:%M:%S.%f%z",
        "%c",
        "%G-W%V-%u",
        "[%Y]%%",
    ],
)
def test_a_pattern_that_strptime_reads_is_taken(pattern: str) -> None:
    check_pattern(pattern)


@pytest.mark.parametrize("pattern", ["%d/%d/%Y", "%Y-%q", "%Y-%", "%-d/%m/%Y"])
def test_one_that_it_never_reads_is_refused(pattern: str) -> None:
    with pytest.raises(ValueError, match=r"is no strptime pattern .* write %d/%m/%Y for 31/01/2025, each part once"):
        check_pattern(pattern)
