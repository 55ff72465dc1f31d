"""The check digit of corporate numbers, against numbers that were published with it."""

from __future__ import annotations

import pytest

from streams.intake.corporate_number import check, check_digit, explain_fault

PUBLISHED = [
    "7000012050002",  # the National Tax Agency's own number, on its corporate number site
    "7123456789012",  # worked by hand: 2+2+0+18+8+14+6+10+4+6+2+2 = 74, 74 mod 9 = 2, 9 − 2 = 7
    "9000000000000",  # the sum is 0
]


@pytest.mark.parametrize("number", PUBLISHED)
def test_published_numbers_have_the_right_check_digit(number: str) -> None:
    assert check_digit(number[1:]) == int(number[0])
    assert check(number) == number


def test_full_width_digits_are_read() -> None:
    assert check("　７００００１２０５０００２ ") == "7000012050002"


@pytest.mark.parametrize("wrong", range(1, 7))
def test_another_first_digit_is_told_apart(wrong: int) -> None:
    with pytest.raises(ValueError, match="would have to be 7"):
        check(f"{wrong}000012050002")


@pytest.mark.parametrize("text", ["1.01E+12", "1.01e+12", "1E+12", "1.0100010000E+12", "1.01E12"])
def test_a_number_shortened_by_a_spreadsheet_is_told_so(text: str) -> None:
    with pytest.raises(ValueError, match="spreadsheet has shortened"):
        check(text)


def test_twelve_digits_are_told_the_thirteenth() -> None:
    with pytest.raises(ValueError, match="7000012050002"):
        check("000012050002")


def test_an_invoice_registration_number_is_told_its_t() -> None:
    assert "without the T" in explain_fault("T7000012050002")


@pytest.mark.parametrize("text", ["", "abc", "7-0000-1205-0002", "70000120500022"])
def test_anything_else_is_told_13_digits(text: str) -> None:
    with pytest.raises(ValueError, match=r"expected 13 digits$"):
        check(text)


@pytest.mark.parametrize("base", ["", "00001205000", "0000120500022", "００００１２０５０００２"])
def test_a_check_digit_is_of_twelve_digits(base: str) -> None:
    with pytest.raises(ValueError):
        check_digit(base)
