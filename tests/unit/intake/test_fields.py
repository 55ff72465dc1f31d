"""The kinds of value: what is read, exactly, and what is not."""

from __future__ import annotations

import calendar
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError
from pydantic_core import PydanticCustomError

from schemas.fields import NpsScore, Whole, decimal_text, parse_date, parse_instant, parse_money, parse_number
from schemas.identifiers import corporate_number, host_name


def utc_ms(*fields: int, ms: int = 0) -> int:
    """Epoch milliseconds by another library than the code under test uses."""
    return calendar.timegm((*fields, 0, 0, 0)) * 1000 + ms


@pytest.mark.parametrize(
    ("text", "expected_ms"),
    [
        # the examples of RFC 3339 section 5.8
        ("1985-04-12T23:20:50.52Z", utc_ms(1985, 4, 12, 23, 20, 50, ms=520)),
        ("1996-12-19T16:39:57-08:00", utc_ms(1996, 12, 20, 0, 39, 57)),
        ("1990-12-31T23:59:60Z", utc_ms(1991, 1, 1, 0, 0, 0)),
        ("1990-12-31T15:59:60-08:00", utc_ms(1991, 1, 1, 0, 0, 0)),
        ("1937-01-01T12:00:27.87+00:20", utc_ms(1937, 1, 1, 11, 40, 27, ms=870)),
        # its section 5.6: letters may be small, and a space may stand for the T
        ("2026-11-09t12:00:00z", utc_ms(2026, 11, 9, 12, 0, 0)),
        ("2026-11-09 12:00:00+09:00", utc_ms(2026, 11, 9, 3, 0, 0)),
        ("2026-11-09T12:00:00-00:00", utc_ms(2026, 11, 9, 12, 0, 0)),
        ("2024-02-29T00:00:00+00:00", utc_ms(2024, 2, 29, 0, 0, 0)),
        # floored, also before 1970
        ("2026-11-09T12:00:00.9999999999Z", utc_ms(2026, 11, 9, 12, 0, 0, ms=999)),
        ("1969-12-31T23:59:59.9999Z", -1),
        ("1969-12-31T23:59:59.9991Z", -1),
        ("1990-12-31T23:59:60.5Z", utc_ms(1991, 1, 1, 0, 0, 0, ms=500)),
        ("1000-01-01T00:00:00Z", utc_ms(1000, 1, 1, 0, 0, 0)),
        ("9999-12-31T23:59:59-14:00", utc_ms(9999, 12, 31, 23, 59, 59) + 14 * 3_600_000),
    ],
)
def test_an_instant_is_read_to_the_millisecond(text: str, expected_ms: int) -> None:
    assert parse_instant(text) == expected_ms


@pytest.mark.parametrize("text", ["2026-11-09T12:00:00", "2026-11-09 12:00:00.123"])
def test_an_instant_without_offset_is_naive(text: str) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_instant(text)
    assert caught.value.type == "naive_timestamp"


@pytest.mark.parametrize(
    "value",
    [
        *("", "2026-11-09", "2026-11-09T12:00Z", "2026-11-09T12:00:00+0900", "2026-11-09T12:00:00+09"),
        *("20261109T120000Z", "2026-W46-1T12:00:00Z", "2026-11-09T24:00:00Z", "2026-11-09T12:60:00Z"),
        *("2026-11-09T12:00:61Z", "2026-02-29T12:00:00Z", "2026-13-01T12:00:00Z", "2026-00-01T12:00:00Z"),
        *("2026-11-09T12:00:00+24:00", "2026-11-09T12:00:00+09:60", "2026-11-09T12:00:60Z", "2026-11-09T12:00:00.Z"),
        *("0999-12-31T23:59:59Z", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z", "1000-01-01T00:00:00+09:00"),
        *("0001-01-01T00:00:00+14:00", "0001-01-01T00:59:60+01:00", "9999-12-31T23:59:60Z"),
        *("２０２６-11-09T12:00:00Z", "2026-11-09T12:00:00Z ", "2026-11-09T12:00:00Z\n", "12026-11-09T12:00:00Z"),
        *(0, 1794182400, True, None, Decimal("1.5"), [], {}),
    ],
)
def test_what_is_no_instant_is_refused(value: Any) -> None:
    with pytest.raises(PydanticCustomError) as caught:
        parse_instant(value)
    assert caught.value.type == "instant"


def test_a_date_is_a_day_of_the_calendar() -> None:
    assert parse_date("2024-02-29") == date(2024, 2, 29)
    assert parse_date("9999-12-31") == date(9999, 12, 31)


@pytest.mark.parametrize(
    "value",
    ["2026-02-29", "2026-1-1", "20260101", "2026-W01-1", "2026-01-01T00:00:00Z", "0001-01-01", "", 20260101, None],
)
def test_what_is_no_date_is_refused(value: Any) -> None:
    with pytest.raises(PydanticCustomError):
        parse_date(value)


@pytest.mark.parametrize(
    ("value", "canonical"),
    [
        ("0", "0"),
        ("-0", "0"),
        ("120000", "120000"),
        ("12.50", "12.5"),
        ("007", "7"),
        ("999999999999999.999999", "999999999999999.999999"),
        ("0.000001", "0.000001"),
        ("1.5000000", "1.5"),  # digits that say nothing are not counted
        (0, "0"),
        (999999999999999, "999999999999999"),
        (Decimal("0.1"), "0.1"),
        (Decimal("1E+3"), "1000"),
        (Decimal("1.5E-5"), "0.000015"),
        (Decimal("0E+999999"), "0"),
        (Decimal("123456789012345.123456"), "123456789012345.123456"),  # a double would make it …345.12
    ],
)
def test_money_is_kept_exactly(value: Any, canonical: str) -> None:
    assert decimal_text(parse_money(value)) == canonical


@pytest.mark.parametrize(
    "value",
    [
        *("-1", "-0.000001", "1000000000000000", "0.0000001", "1.0000001", "", " 1", "1 ", "1,000", "¥100", "１００"),
        *("1e3", "+1", ".5", "5.", "NaN", "Infinity", "0x10", "1_000", "1\n", "٣"),
        *(-1, 10**15, True, False, None, [], {}, 1.5),
        *(
            Decimal("-0.1"),
            Decimal("1E+15"),
            Decimal("1E-7"),
            Decimal("NaN"),
            Decimal("Infinity"),
            Decimal("1E+999999"),
        ),
        *(Decimal("1E-999999"), Decimal("9.9999999")),
    ],
)
def test_what_is_no_money_is_refused(value: Any) -> None:
    with pytest.raises(PydanticCustomError):
        parse_money(value)


def test_a_number_may_be_negative_and_as_fine_as_a_double() -> None:
    assert decimal_text(parse_number("-0.12")) == "-0.12"
    assert decimal_text(parse_number(Decimal("1.2345678901234567e-05"))) == "0.000012345678901234567"
    with pytest.raises(PydanticCustomError):
        parse_number(Decimal("1e-31"))


@pytest.mark.parametrize(("value", "expected"), [(0, 0), (9, 9), (Decimal("9.0"), 9), (Decimal("1E+3"), 1000)])
def test_a_whole_number_is_the_same_however_it_is_written(value: Any, expected: int) -> None:
    assert TypeAdapter(Whole).validate_python(value, strict=True) == expected


@pytest.mark.parametrize(
    "value", [-1, 10**15, True, "9", Decimal("9.5"), Decimal("1E+999999999"), Decimal("1E-999999999"), None]
)
def test_what_is_no_whole_number_is_refused(value: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Whole).validate_python(value, strict=True)


@pytest.mark.parametrize("value", [-1, 11, Decimal("9.5"), True, "10"])
def test_a_recommendation_is_a_whole_number_from_0_to_10(value: Any) -> None:
    scores = TypeAdapter(NpsScore)
    assert [scores.validate_python(edge, strict=True) for edge in (0, 10)] == [0, 10]
    with pytest.raises(ValidationError):
        scores.validate_python(value, strict=True)


@pytest.mark.parametrize("text", ["1234567890123", "１２３４５６７８９０１２３", "　1234567890123 "])
def test_a_corporate_number_is_13_digits_however_wide(text: str) -> None:
    assert corporate_number(text) == "1234567890123"


@pytest.mark.parametrize(
    "text", ["", "123456789012", "12345678901234", "1-2345-6789-0123", "T1234567890123", "١٢٣٤٥٦٧٨٩٠١٢٣"]
)
def test_what_is_not_13_digits_is_no_corporate_number(text: str) -> None:
    with pytest.raises(ValueError):
        corporate_number(text)


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("www.A.Example", "www.a.example"),
        ("a.example.", "a.example"),
        (" a.example ", "a.example"),
        ("ＷＷＷ．ａ．ｅｘａｍｐｌｅ", "www.a.example"),
        ("bücher.example", "xn--bcher-kva.example"),  # the example of RFC 3492's author and of many since
        ("XN--BCHER-KVA.example", "xn--bcher-kva.example"),
        ("under_score.a.example", "under_score.a.example"),
        ("localhost", "localhost"),
    ],
)
def test_a_host_name_is_compared_in_its_ascii_form(text: str, host: str) -> None:
    assert host_name(text) == host


@pytest.mark.parametrize(
    "text",
    [
        *("", ".", "a..example", "https://a.example", "a.example/path", "info@a.example", "a example", "-a.example"),
        *("127.0.0.1", "[::1]", "a.example:443", "x" * 64 + ".example", "a." * 130 + "example", "😀.example", "。"),
        "ü" * 300,
    ],
)
def test_what_is_no_host_name_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        host_name(text)
