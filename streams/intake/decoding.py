"""From bytes to a JSON object that says exactly what was written.

It must not know what the object means.

The decoder is the standard library's with its C scanner. Its hooks keep what faster decoders lose: a number with a
point or an exponent becomes a `Decimal` of the very digits written, a whole one an int, so no amount ever passes
through a binary float; a key written twice is refused, as nobody can say which of the two was meant.
"""

from __future__ import annotations

import json
from decimal import Decimal, InvalidOperation
from typing import Any

from streams.intake.refusals import RefusedError, shortened

MAX_VALUE_BYTES = 256 * 1024
# Far below the interpreter's own limit, which depends on who is calling: live and replay must refuse the same.
MAX_DEPTH = 200


def decode_object(value: bytes, *, within: int = 0) -> dict[str, Any]:
    """The JSON object of a value, without the fields that are null.

    `within` is how many levels it may be deeper, as it is a value with so many objects around it.

    Raises:
        RefusedError: With reason `invalid_json`.
    """
    try:
        text = value.decode("utf-8")
        found = _decoder.decode(text)
    except UnicodeDecodeError as error:
        raise _invalid(f"byte {error.start} is not UTF-8, expected UTF-8") from None
    except json.JSONDecodeError as error:
        raise _invalid(f"line {error.lineno} column {error.colno}: {error.msg}, expected JSON") from None
    except RecursionError:
        raise _too_deep() from None
    except InvalidOperation:
        raise _invalid("found a number whose exponent is out of all reach") from None
    except ValueError:  # the interpreter's limit on the digits of an int
        raise _invalid("found a whole number of more than 4,300 digits") from None
    if type(found) is not dict:
        raise _invalid(f"found {shortened(found)}, expected an object")
    _check_depth(text, found, MAX_DEPTH + within)
    if "\\ud" in text or "\\uD" in text:  # what all halves of surrogate pairs begin with
        _check_surrogates(found)
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _invalid(f"found the key {shortened(_repeated(pairs))} twice in one object, expected it once")
    if None in found.values():
        return {key: value for key, value in found.items() if value is not None}
    return found


def _repeated(pairs: list[tuple[str, Any]]) -> str:
    seen: set[str] = set()
    return next(key for key, _ in pairs if key in seen or seen.add(key))  # type: ignore[func-returns-value]


def _constant(name: str) -> Any:
    raise _invalid(f"found {name}, which JSON does not have, expected a number")


def _check_depth(text: str, found: dict[str, Any], max_depth: int) -> None:
    if text.count("{") + text.count("[") <= max_depth:
        return  # cannot be deeper than it has openings
    level: list[Any] = [found]
    for _ in range(max_depth):
        level = [child for parent in level for child in _children(parent)]
        if not level:
            return
    raise _too_deep()


def _children(parent: Any) -> list[Any]:
    values = parent.values() if type(parent) is dict else parent
    return [value for value in values if type(value) in (dict, list)]


def _check_surrogates(found: dict[str, Any]) -> None:
    """Refuse halves of surrogate pairs: such text has no UTF-8 form and could not be written to the log."""
    try:
        json.dumps(found, ensure_ascii=False, default=str).encode("utf-8")
    except UnicodeEncodeError:
        raise _invalid("found half of a surrogate pair (\\ud800 to \\udfff), expected whole characters") from None


def _too_deep() -> RefusedError:
    return _invalid(f"found more than {MAX_DEPTH} levels of nesting, expected at most {MAX_DEPTH}")


def _invalid(detail: str) -> RefusedError:
    return RefusedError("invalid_json", detail)


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_float=Decimal, parse_constant=_constant)
