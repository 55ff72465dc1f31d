"""One cell's text read as the kind of value its field wants.

It must not know columns, rows or files.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

from streams.intake.corporate_number import check
from streams.intake.csv_dates import parse_date, parse_instant
from streams.intake.csv_fields import Kind

_SIGNS: dict[str | None, str] = {
    None: "¥円",  # what a Japanese export shows; any other sign needs the currency said
    "JPY": "¥円",
    "CNY": "¥元",
    "USD": "$",
    "EUR": "€",
    "GBP": "£",
    "KRW": "₩",
}
_ALL_SIGNS = "¥円元$€£₩"
_NUMBER = re.compile(r"\d+(?:\.\d+)?|\d{1,3}(?:,\d{3})+(?:\.\d+)?|\.\d+")
_EXPONENT = re.compile(r"[+-]?\d+(?:\.\d+)?[eE]\+?\d+")
_NEGATIVE = re.compile(r"[-−▲△].*|\(.*\)")
_FLAGS = {
    **dict.fromkeys(("true", "t", "yes", "y", "1", "はい", "有", "有り", "あり", "○", "〇", "済"), True),
    **dict.fromkeys(("false", "f", "no", "n", "0", "いいえ", "無", "無し", "なし", "×", "未", "-"), False),
}
_MINUS = "-−▲△"
_COUNTERS = "人名社点個枚件 "
_SCHEME = re.compile("^[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_SEPARATORS = re.compile(r"[;；、|｜\n]")


@dataclass(frozen=True, slots=True)
class Reading:
    """How a column's text is to be read: time zone, currency of the row's amounts, separator and date pattern."""

    zone: ZoneInfo
    currency: str | None = None
    separator: str | None = None
    date_format: str | None = None


def convert(kind: Kind, text: str, reading: Reading) -> object:
    """The value of a cell that is not empty.

    Raises:
        ValueError: The text is not of this kind; the message says what was found and what is read.
    """
    return _READERS[kind](text.strip(), reading)


@lru_cache(maxsize=65536)
def parse_money(text: str, currency: str | None = None) -> str:
    """A plain decimal string of an amount with currency sign, thousands commas or full-width digits.

    Raises:
        ValueError: Not an amount ≥ 0, a sign of another currency, or digits lost to Excel's exponent form.
    """
    plain = unicodedata.normalize("NFKC", text).strip().replace("\\", "¥")  # cp932 shows ¥ where ASCII has \
    for sign in _ALL_SIGNS:
        if sign in plain and sign not in _SIGNS.get(currency, ""):
            said = f"is {currency}" if currency else "is not said; map currency too"
            raise ValueError(f"{plain!r} carries {sign}, but the currency {said}")
    number = _strip_signs(plain)
    if _NEGATIVE.fullmatch(number) or _NEGATIVE.fullmatch(plain) or number.endswith(tuple(_MINUS)):
        raise ValueError(f"{plain!r} is negative; what goes back is a refund with a positive amount")
    return _decimal(number, plain)


def _strip_signs(plain: str) -> str:
    """Without currency signs; ¥1,200- is an amount written to its end, 1,200- without a sign what SAP calls -1,200."""
    number = plain.removesuffix("也").strip(_ALL_SIGNS + " ")
    return number.removesuffix("-") if plain[:1] in _ALL_SIGNS and plain[-1:] == "-" else number


def _decimal(number: str, shown: str) -> str:
    if _EXPONENT.fullmatch(number):
        raise ValueError(f"{shown!r} is Excel's exponent form and has lost digits; format the column as a number")
    if not _NUMBER.fullmatch(number):
        raise ValueError(f"{shown[:40]!r} is no number; read are 1200, 1,200, ¥1,200, 1,200円, 12.50")
    value = format(Decimal(number.replace(",", "")), "f")
    return value.rstrip("0").rstrip(".") if "." in value else value


def _identifier(text: str, _: Reading) -> str:
    """A code may look like 7E3; Excel writes its exponents with a plus, and mostly with a point."""
    if _EXPONENT.fullmatch(text) and ("." in text or "+" in text):
        raise ValueError(f"{text!r} is Excel's exponent form and has lost digits; format the column as text")
    return text


def _integer(text: str, reading: Reading) -> int:
    value = Decimal(_any_number(text, reading))
    if value != value.to_integral_value():
        raise ValueError(f"{text[:40]!r} is no whole number")
    return int(value)


def _any_number(text: str, _: Reading) -> str:
    """A decimal string; 12% is 0.12, a counter word at the end is left out."""
    plain = unicodedata.normalize("NFKC", text).strip().rstrip(_COUNTERS)
    sign = "-" if plain[:1] in _MINUS else ""
    digits = _decimal(plain.lstrip("+" + _MINUS).removesuffix("%").strip(), plain)
    value = Decimal(sign + digits).scaleb(-2 if plain.endswith("%") else 0)
    return format(value, "f")


def _flag(text: str, _: Reading) -> bool:
    value = _FLAGS.get(unicodedata.normalize("NFKC", text).strip().casefold())
    if value is None:
        raise ValueError(f"{text[:40]!r} is neither yes nor no; read are true/false, 1/0, はい/いいえ, 有/無, ○/×")
    return value


def _list(text: str, reading: Reading) -> list[str]:
    parts = text.split(reading.separator) if reading.separator else _SEPARATORS.split(text)
    return [part.strip() for part in parts if part.strip()]


def _hosts(text: str, reading: Reading) -> list[str]:
    """Host names, also of addresses of pages, which is what columns for a company's site hold."""
    return [_SCHEME.sub("", part).split("/")[0] for part in _list(text, reading)]


_READERS: dict[Kind, Callable[[str, Reading], object]] = {
    Kind.TEXT: lambda text, _: text,
    Kind.ID: _identifier,
    Kind.MONEY: lambda text, reading: parse_money(text, reading.currency),
    Kind.INTEGER: _integer,
    Kind.NUMBER: _any_number,
    Kind.FLAG: _flag,
    Kind.DATE: lambda text, reading: parse_date(text, reading.date_format),
    Kind.INSTANT: lambda text, reading: parse_instant(text, reading.zone, reading.date_format),
    Kind.LIST: _list,
    Kind.HOSTS: _hosts,
    Kind.CORPORATE_NUMBER: lambda text, _: check(text),
}
