"""The kinds of value that fields have: instants, dates, money, numbers, identifiers, text.

It must not know which event has which field. The description of each kind is what a refusal says was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from schemas.identifiers import corporate_number, host_name

MAX_ID_CHARACTERS = 200
NAIVE_TIMESTAMP = "naive_timestamp"  # the error type of an instant without offset
FIRST_YEAR = 1000  # earlier ones are zero values of other systems, and leave calendar arithmetic no room
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_FIRST_MS = (datetime(FIRST_YEAR, 1, 1, tzinfo=UTC) - _EPOCH) // _MILLISECOND
_INSTANT = re.compile(
    r"\d{4}-\d\d-\d\d[T ](?:[01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(?:\.\d+)?(Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)?",
    re.ASCII,
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_DECIMAL = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_MAX_WHOLE_DIGITS = 15
_MAX_MONEY_DECIMALS = 6
_MAX_NUMBER_DECIMALS = 30  # a double such as 1.2345678901234567e-05 needs 21
_MAX_WRITTEN_DECIMALS = 400  # trailing zeros beyond this are not worth unfolding


def parse_instant(value: Any) -> int:
    """Milliseconds since the epoch of an RFC 3339 text with offset, floored.

    A space may stand for the T (RFC 3339 section 5.6), and a leap second is the second that follows it.

    Raises:
        PydanticCustomError: Of type `naive_timestamp` without an offset, else `instant`.
    """
    text = value.upper() if isinstance(value, str) else ""  # a small t or z is the same
    written = _INSTANT.fullmatch(text)
    if written is None:
        raise _unlike("instant")
    if written[2] is None:
        raise _unlike(NAIVE_TIMESTAMP)
    try:
        instant = datetime.fromisoformat(text) if written[1] != "60" else _leap_second(text)
    except (ValueError, OverflowError):  # no such day; a leap second beyond the calendar
        raise _unlike("instant") from None
    instant_ms = (instant - _EPOCH) // _MILLISECOND
    if instant_ms < _FIRST_MS:
        raise _unlike("instant")
    return instant_ms


def _leap_second(text: str) -> datetime:
    """The instant after 23:59:60 UTC starts, as POSIX counts; raises ValueError at any other minute."""
    before = datetime.fromisoformat(text[:17] + "59" + text[19:])
    utc = before.astimezone(UTC)
    if (utc.hour, utc.minute) != (23, 59):
        raise ValueError(text)
    return before + timedelta(seconds=1)


def parse_date(value: Any) -> date:
    """The date of a text `YYYY-MM-DD`; raises PydanticCustomError for anything else."""
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            found = date.fromisoformat(value)
        except ValueError:
            raise _unlike("date") from None
        if found.year >= FIRST_YEAR:
            return found
    raise _unlike("date")


def parse_money(value: Any) -> Decimal:
    """The exact amount of a decimal text, int or Decimal; raises PydanticCustomError outside its limits."""
    amount = _decimal(value, _MAX_MONEY_DECIMALS)
    if amount < 0:
        raise _unlike("money")
    return amount


def parse_number(value: Any) -> Decimal:
    """The exact value of a decimal text, int or Decimal of either sign; raises PydanticCustomError."""
    return _decimal(value, _MAX_NUMBER_DECIMALS)


def decimal_text(number: Decimal) -> str:
    """A decimal in its one canonical form: no exponent, no trailing zeros, no minus before zero."""
    if not number:
        return "0"
    text = format(number, "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def _decimal(value: Any, max_decimals: int) -> Decimal:
    """Exact: no context is involved, so nothing is rounded."""
    number = _written_decimal(value)
    if not number:
        return Decimal(0)
    exponent = number.as_tuple().exponent
    if number.adjusted() >= _MAX_WHOLE_DIGITS or not isinstance(exponent, int) or exponent < -_MAX_WRITTEN_DECIMALS:
        raise _unlike("decimal")
    if exponent < -max_decimals and len(decimal_text(number).partition(".")[2]) > max_decimals:
        raise _unlike("decimal")
    return number


def _written_decimal(value: Any) -> Decimal:
    if type(value) is Decimal and value.is_finite():
        return value
    if type(value) is int or (type(value) is str and _DECIMAL.fullmatch(value)):
        return Decimal(value)
    raise _unlike("decimal")


def _whole(value: Any) -> Any:
    """An int for a JSON number such as 9.0 or 1e3, which is the same number as 9 or 1000."""
    if type(value) is not Decimal or not value.is_finite():
        return value
    in_reach = not value or value.adjusted() < _MAX_WHOLE_DIGITS
    return int(value) if in_reach and value == value.to_integral_value() else value


def _corporate_number(value: Any) -> str:
    """A number written as a JSON number loses nothing: corporate numbers never start with 0."""
    return _checked(corporate_number, str(value) if type(value) is int else value, "corporate_number")


def _domain(value: Any) -> str:
    _checked(host_name, value, "domain")
    return str(value)


def _checked(check: Callable[[str], str], value: Any, kind: str) -> str:
    if not isinstance(value, str):
        raise _unlike(kind)
    try:
        return check(value)
    except ValueError:
        raise _unlike(kind) from None


def _external_id(value: Any) -> Any:
    return str(value) if type(value) is int else value


def _rating(value: Any) -> Any:
    return {"高": "high", "中": "medium", "低": "low"}.get(value, value) if isinstance(value, str) else value


def _unlike(kind: str) -> PydanticCustomError:
    return PydanticCustomError(kind, "unlike what is expected")


_MONEY_JSON = {"anyOf": [{"type": "string", "pattern": "^[0-9]+(\\.[0-9]+)?$"}, {"type": "number", "minimum": 0}]}
_NUMBER_JSON = {"anyOf": [{"type": "string", "pattern": "^-?[0-9]+(\\.[0-9]+)?$"}, {"type": "number"}]}

Instant = Annotated[
    int,
    PlainValidator(parse_instant),
    WithJsonSchema({"type": "string", "format": "date-time"}),
    Field(description="an instant with offset, such as 2026-04-01T09:30:00+09:00, from the year 1000 on"),
]
LocalDate = Annotated[
    date,
    PlainValidator(parse_date),
    WithJsonSchema({"type": "string", "format": "date"}),
    Field(description="a date such as 2026-04-01"),
]
Money = Annotated[
    Decimal,
    PlainValidator(parse_money),
    WithJsonSchema(_MONEY_JSON),
    Field(description="a decimal number not below 0, at most 15 digits before and 6 after the point"),
]
Number = Annotated[
    Decimal,
    PlainValidator(parse_number),
    WithJsonSchema(_NUMBER_JSON),
    Field(description="a decimal number, at most 15 digits before and 30 after the point"),
]
Whole = Annotated[
    int,
    BeforeValidator(_whole),
    Field(ge=0, lt=10**_MAX_WHOLE_DIGITS, description="a whole number not below 0, at most 15 digits"),
]
NpsScore = Annotated[int, BeforeValidator(_whole), Field(ge=0, le=10, description="a whole number from 0 to 10")]
Id = Annotated[
    str,
    Field(min_length=1, max_length=MAX_ID_CHARACTERS, description=f"text of 1 to {MAX_ID_CHARACTERS} characters"),
]
Name = Annotated[str, Field(min_length=1, description="text of at least 1 character")]
Text = Annotated[str, Field(description="text")]
Flag = Annotated[bool, Field(description="true or false")]
ExternalId = Annotated[str, BeforeValidator(_external_id), Field(description="text or a whole number")]
CorporateNumber = Annotated[
    str,
    PlainValidator(_corporate_number),
    WithJsonSchema({"type": "string", "pattern": "^[0-9]{13}$"}),
    Field(description="13 digits"),
]
Domain = Annotated[
    str,
    PlainValidator(_domain),
    WithJsonSchema({"type": "string", "format": "idn-hostname"}),
    Field(description="a host name such as www.a.example, without https:// and without a path"),
]
RATING_WORDS = BeforeValidator(_rating)
