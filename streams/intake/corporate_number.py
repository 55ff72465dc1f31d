"""Japan's corporate numbers (法人番号): what is wrong with one, told to the person who typed it.

It must not know accounts or events. Intake takes any 13 digits; the check digit is for warnings.

The rule: 13 digits, the first a check digit over the other twelve, 9 − (Σ Pₙ·Qₙ mod 9), where Pₙ is the n-th digit
from the right and Qₙ is 1 for odd n and 2 for even n. Sources: Ordinance of the Ministry of Finance no. 70 of 2014,
article 2 (法人番号の指定等に関する省令); National Tax Agency, チェックデジットの計算,
https://www.houjin-bangou.nta.go.jp/documents/checkdigit.pdf. The sum is meant as a whole before the remainder.
"""

from __future__ import annotations

import re
import unicodedata

from schemas.identifiers import corporate_number

_BASE_DIGITS = 12
_SHORTENED_BY_SPREADSHEET = re.compile(r"[0-9](?:\.[0-9]*)?[eE]\+?1[0-9]")
_INVOICE_NUMBER = re.compile(r"[Tt][0-9]{13}")


def check_digit(base: str) -> int:
    """The check digit, 1 to 9, of the twelve digits that follow it.

    Raises:
        ValueError: `base` is not twelve ASCII digits.
    """
    if len(base) != _BASE_DIGITS or not (base.isascii() and base.isdigit()):
        raise ValueError(f"found {base!r}, expected 12 digits")
    weighted = sum(int(digit) * (1 if n % 2 else 2) for n, digit in enumerate(reversed(base), start=1))
    return 9 - weighted % 9


def check(text: str) -> str:
    """The 13 ASCII digits of a corporate number that may have been given out; full-width digits are read.

    Raises:
        ValueError: Not 13 digits, or a wrong check digit; the message says what to write instead.
    """
    try:
        number = corporate_number(text)
    except ValueError:
        raise ValueError(f"found {text[:40]!r}, expected {explain_fault(text)}") from None
    right = check_digit(number[1:])
    if int(number[0]) != right:
        raise ValueError(f"found {number}, whose first digit would have to be {right}: at least one digit is mistyped")
    return number


def explain_fault(found: object) -> str:
    """What to write instead of something that is not 13 digits."""
    text = unicodedata.normalize("NFKC", str(found)).strip()
    if _SHORTENED_BY_SPREADSHEET.fullmatch(text):
        return "13 digits (a spreadsheet has shortened this number; format the column as text and enter it again)"
    if _INVOICE_NUMBER.fullmatch(text):
        return "13 digits, without the T of the invoice registration number"
    if re.fullmatch(r"[0-9]{12}", text):
        return (
            f"13 digits (these are 12; if it is the 会社法人等番号, the corporate number is {check_digit(text)}{text})"
        )
    return "13 digits"
