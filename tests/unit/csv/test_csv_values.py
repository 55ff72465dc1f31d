"""Cells as people type them."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import pytest

from streams.intake.csv_fields import Kind
from streams.intake.csv_values import Reading, convert, parse_money

READING = Reading(ZoneInfo("Asia/Tokyo"))


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("1200", "1200"),
        ("1,200", "1200"),
        ("¥1,200", "1200"),
        ("￥１，２００", "1200"),
        ("\\1,200", "1200"),  # ¥ where the export took it for a backslash
        ("1,234,567円", "1234567"),
        ("¥1,200-", "1200"),
        ("１２００円也", "1200"),
        (" 12.50 ", "12.5"),
        ("0", "0"),
        ("0.00", "0"),
        (".5", "0.5"),
        ("100", "100"),
    ],
)
def test_amounts_become_plain_decimals(text: str, amount: str) -> None:
    assert parse_money(text) == amount


def test_another_sign_than_the_yens_needs_its_currency() -> None:
    assert parse_money("$1,200.50", "USD") == "1200.5"
    assert parse_money("€99", "EUR") == "99"
    with pytest.raises(ValueError, match=r"carries \$, but the currency is not said; map currency too"):
        parse_money("$1,200.50")
    with pytest.raises(ValueError, match="carries ¥, but the currency is USD"):
        parse_money("¥1,200", "USD")


@pytest.mark.parametrize(
    "text", ["-1200", "−1,200", "▲1,200", "△1200", "(1,200)", "-¥1,200", "¥-1,200", "1,200-", "1200−"]
)
def test_what_is_negative_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is negative; what goes back is a refund"):
        parse_money(text)


@pytest.mark.parametrize("text", ["1,23", "12,34,567", "1.234,56", "abc", "1200(税込)", "12 00", "¥", "1..2"])
def test_what_is_no_number_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no number"):
        parse_money(text)


def test_exponents_have_lost_digits() -> None:
    with pytest.raises(ValueError, match="Excel's exponent form"):
        parse_money("1.2E+06")
    with pytest.raises(ValueError, match="format the column as text"):
        convert(Kind.ID, "1.01E+12", READING)
    with pytest.raises(ValueError, match="format the column as text"):
        convert(Kind.ID, "1E+12", READING)  # what Excel makes of 1000000000001
    assert convert(Kind.ID, "7E3", READING) == "7E3"  # a code may look like that


# 7000012050002 is the number that the National Tax Agency gives itself: 1·2+2·0+1·0+2·0+1·5+2·0+1·2+2·1+1·0+2·0+1·0+2·0
# from the right is 11, 11 mod 9 is 2, and 9 - 2 is 7.
def test_corporate_numbers_are_checked() -> None:
    assert convert(Kind.CORPORATE_NUMBER, "７０００01２０５０００２", READING) == "7000012050002"
    with pytest.raises(ValueError, match="mistyped"):
        convert(Kind.CORPORATE_NUMBER, "7000012050003", READING)
    with pytest.raises(ValueError, match="a spreadsheet has shortened this number"):
        convert(Kind.CORPORATE_NUMBER, "7.00E+12", READING)
    with pytest.raises(ValueError, match="13 digits"):
        convert(Kind.CORPORATE_NUMBER, "123", READING)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (Kind.INTEGER, "1,234", 1234),
        (Kind.INTEGER, "１２０名", 120),
        (Kind.INTEGER, "9.0", 9),
        (Kind.INTEGER, "-3", -3),
        (Kind.NUMBER, "12%", "0.12"),
        (Kind.NUMBER, "▲2.5％", "-0.025"),
        (Kind.NUMBER, "0.12", "0.12"),
        (Kind.NUMBER, "3個", "3"),
        (Kind.FLAG, "はい", True),
        (Kind.FLAG, "TRUE", True),
        (Kind.FLAG, "○", True),
        (Kind.FLAG, "0", False),
        (Kind.FLAG, "なし", False),
        (Kind.DATE, "2025/1/31", "2025-01-31"),
        (Kind.INSTANT, "2025/1/31", "2025-01-30T15:00:00.000Z"),
        (Kind.LIST, "a.example; b.example；c.example、d.example", ["a.example", "b.example", "c.example", "d.example"]),
        (Kind.LIST, "営業部／経理部", ["営業部／経理部"]),
        (
            Kind.HOSTS,
            "https://www.x.example/jp/index.html; y.example；HTTP://Z.example/",
            ["www.x.example", "y.example", "Z.example"],
        ),
        (Kind.TEXT, "  予算がない ", "予算がない"),
        (Kind.ID, "00123", "00123"),
    ],
)
def test_each_kind_of_cell(kind: Kind, text: str, value: object) -> None:
    assert convert(kind, text, READING) == value


def test_a_list_is_split_at_its_own_separator_alone() -> None:
    reading = Reading(ZoneInfo("UTC"), separator="/")
    assert convert(Kind.LIST, "営業部/経理;総務部/", reading) == ["営業部", "経理;総務部"]


@pytest.mark.parametrize(
    ("kind", "text", "why"),
    [
        (Kind.INTEGER, "1.5", "no whole number"),
        (Kind.FLAG, "maybe", "neither yes nor no"),
        (Kind.NUMBER, "fast", "is no number"),
    ],
)
def test_other_text_is_refused(kind: Kind, text: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        convert(kind, text, READING)
