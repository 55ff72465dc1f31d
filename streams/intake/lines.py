"""Files of one JSON object a line: what a line says, and where it stands.

It must not know what becomes of the lines, nor any clock.

A line is `{"topic": …, "received_at": …, "value": {…}}`, optionally with a `key` (else the value's `customer_id`) and,
for a release that was resolved before, `matched_by` beside the `key` of its customer. A tombstone has `"value": null`
written out. Empty lines and a byte order mark are passed over.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, get_args

import msgspec
from pydantic_core import PydanticCustomError

from schemas.fields import MAX_ID_CHARACTERS, NAIVE_TIMESTAMP, parse_instant
from streams.errors import SettingsError
from streams.intake.companies import MatchedBy, Matches
from streams.intake.decoding import MAX_VALUE_BYTES, decode_object
from streams.intake.intake import ACCOUNTS, PRESS_RELEASES, Raw, check_size, check_topic, missing_key
from streams.intake.refusals import RefusedError, fault, shortened

LAST_RECEIVED_MS = 221_845_392_000_000  # 9000-01-01T00:00:00Z: what follows a record must still have a date
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_members = msgspec.json.Decoder(dict[str, msgspec.Raw])


@dataclass(frozen=True, slots=True)
class Line:
    """A line's content; `value` None is a tombstone, `received_ms` None that nothing usable tells it."""

    topic: str
    key: bytes | None
    value: dict[str, Any] | None
    received_ms: int | None
    matched: Matches | None


@dataclass(frozen=True, slots=True)
class Reject:
    """A line that was not taken, with its number from 1 and why."""

    path: str
    line_no: int
    reason: str
    detail: str


class LineSource(Protocol):
    """Lines that can be gone through and then fetched again one by one."""

    @property
    def name(self) -> str:
        """What rejects call it."""

    @property
    def size_bytes(self) -> int:
        """The length of all lines, for progress."""

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Place, number from 1 and text of each line that is not empty."""

    def fetching(self) -> contextlib.AbstractContextManager[Callable[[int], bytes]]:
        """A function from place to text, usable until the context ends."""


class JsonLines:
    """A file of lines; nothing of it is held in memory."""

    def __init__(self, path: str | Path):
        self.path = Path(path)
        self.name = shown_path(path)

    @property
    def size_bytes(self) -> int:
        """The file's length; SettingsError if it cannot be read."""
        with _told(self.name):
            return self.path.stat().st_size

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Byte offset, number from 1 and text of each line that is not empty; SettingsError if unreadable."""
        place = 0
        with _told(self.name), self.path.open("rb") as file:
            for line_no, text in enumerate(file, start=1):
                content = text.removeprefix(_BYTE_ORDER_MARK) if line_no == 1 else text
                if content.strip():
                    yield place, line_no, content
                place += len(text)

    @contextlib.contextmanager
    def fetching(self) -> Iterator[Callable[[int], bytes]]:
        """A function from byte offset to the text of that line; SettingsError if unreadable."""
        with _told(self.name), self.path.open("rb") as file:

            def fetch(place: int) -> bytes:
                file.seek(place)
                text = file.readline()
                return text if place else text.removeprefix(_BYTE_ORDER_MARK)

            yield fetch


def shown_path(path: str | Path) -> str:
    """A path as text that can be written anywhere; what of it is not UTF-8 shows as escapes."""
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def parse_line(text: bytes) -> Line:
    """What a line says; the value itself is not looked into.

    Raises:
        RefusedError: The line is no JSON object of this form, its value is too large, or `received_at` is unusable.
    """
    if len(text) > MAX_VALUE_BYTES:
        check_size(_member(text, "value") or b"")
    fields = decode_object(text, within=1)
    topic = _text_field(fields, "topic", "a source topic")
    if topic is None:
        raise RefusedError("invalid_event", fault("topic", None, "a source topic"))
    key = _text_field(fields, "key", "text")
    value = _value(fields, text)
    return Line(
        topic=topic,
        key=None if key is None else key.encode(),
        value=value,
        received_ms=_received_ms(fields, value),
        matched=_matched(fields, topic, key),
    )


def raw_of(text: bytes, received_ms: int) -> Raw:
    """The source record that a line describes, received at an instant of the caller's choice.

    The value is the very bytes of the line. Without a `key` it is keyed by its `customer_id`.

    Raises:
        RefusedError: As `parse_line`; or the topic is no source, or an account or a tombstone is nobody's.
    """
    line = parse_line(text)
    check_topic(line.topic)  # a line must not get into the log, or another topic of ours, past intake
    key = line.key
    if key is None and line.topic != PRESS_RELEASES and line.value is not None:
        customer_id = line.value.get("customer_id")
        key = customer_id.encode() if isinstance(customer_id, str) else None
    if line.value is None or (line.topic == ACCOUNTS and key is None):  # no compacted topic takes it without a key
        key = key or missing_key()
    value = None if line.value is None else _member(text, "value")
    return Raw(line.topic, key, value, (), received_ms)


def value_bytes(text: bytes) -> bytes | None:
    """The value of a line that was parsed, as it is written there; None for a tombstone."""
    found = _member(text, "value")
    return None if found == b"null" else found


def _value(fields: dict[str, Any], text: bytes) -> dict[str, Any] | None:
    if "value" in fields:
        value = fields["value"]
        if type(value) is not dict:
            raise RefusedError("invalid_json", fault("value", value, "an object"))
        return value
    if fields.get("topic") != ACCOUNTS or _member(text, "value") != b"null":
        raise RefusedError("invalid_json", fault("value", None, "an object, or in accounts null for a tombstone"))
    return None


def _received_ms(fields: dict[str, Any], value: dict[str, Any] | None) -> int | None:
    written = fields.get("received_at")
    if written is None:
        occurred_at = (value or {}).get("occurred_at")
        with contextlib.suppress(PydanticCustomError):  # intake will say what is wrong with it
            return _datable(parse_instant(occurred_at), "occurred_at", occurred_at)
        return None
    try:
        received_ms = parse_instant(written)
    except PydanticCustomError as error:
        expected = "an instant with offset, such as 2026-04-01T09:30:00+09:00"
        reason = "naive_timestamp" if error.type == NAIVE_TIMESTAMP else "invalid_event"
        raise RefusedError(reason, fault("received_at", written, expected)) from None  # type: ignore[arg-type]
    return _datable(received_ms, "received_at", written)


def _datable(received_ms: int, field: str, written: object) -> int:
    if not 0 <= received_ms <= LAST_RECEIVED_MS:  # the log's clock begins in 1970, as Kafka's does
        expected = "an instant before the year 9000" if received_ms > 0 else "an instant from the year 1970 on"
        raise RefusedError("invalid_event", fault(field, written, expected))
    return received_ms


def _matched(fields: dict[str, Any], topic: str, key: str | None) -> Matches | None:
    matched_by = fields.get("matched_by")
    if matched_by is None or topic != PRESS_RELEASES:
        return None
    if matched_by not in get_args(MatchedBy):
        raise RefusedError("invalid_event", fault("matched_by", matched_by, "corporate_number, domain or name"))
    if not key or len(key) > MAX_ID_CHARACTERS:
        expected = f"a customer_id of 1 to {MAX_ID_CHARACTERS} characters, since matched_by is given"
        raise RefusedError("invalid_event", fault("key", key, expected))
    return Matches((key,), matched_by)


def _text_field(fields: dict[str, Any], name: str, expected: str) -> str | None:
    found = fields.get(name)
    if found is not None and not isinstance(found, str):
        raise RefusedError("invalid_event", fault(name, found, expected))
    return found


def _member(text: bytes, name: str) -> bytes | None:
    try:
        found = _members.decode(text).get(name)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise RefusedError("invalid_json", f"found {shortened(str(error))}, expected a JSON object") from None
    return None if found is None else bytes(found)


@contextlib.contextmanager
def _told(name: str) -> Iterator[None]:
    """An operating system's error as one that says which file."""
    try:
        yield
    except OSError as error:
        raise SettingsError(f"{name} cannot be read: {error.strerror or error}") from error
