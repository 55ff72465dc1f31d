"""Files of lines: what a line says, and what is refused of the line itself."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from streams.errors import SettingsError
from streams.intake.companies import Matches
from streams.intake.decoding import MAX_VALUE_BYTES
from streams.intake.intake import Raw
from streams.intake.lines import JsonLines, parse_line, raw_of, value_bytes
from streams.intake.refusals import RefusedError, Rejection

Make = Callable[..., dict[str, Any]]
NOON = "2026-11-09T12:00:00+09:00"


def line(**fields: Any) -> bytes:
    return json.dumps(fields, ensure_ascii=False).encode()


def refusal(text: bytes) -> tuple[str, str]:
    with pytest.raises(RefusedError) as caught:
        parse_line(text)
    return caught.value.rejection.reason, caught.value.rejection.detail


def test_a_name_that_is_not_utf_8_can_be_written(tmp_path: Path) -> None:
    path = tmp_path / os.fsdecode("履歴".encode() + b"\x83.jsonl")
    path.write_bytes(b"{}\n")
    lines = JsonLines(path)
    assert lines.name.encode() == f"{tmp_path}/履歴\\x83.jsonl".encode()
    assert [text for _, _, text in lines.lines()] == [b"{}\n"]


def test_a_line_says_topic_receipt_and_value(noon_ms: int) -> None:
    found = parse_line(
        line(topic="purchases", received_at="2026-11-09T03:00:01Z", value={"a": 1.50, "b": None}, more=1)
    )
    assert (found.topic, found.key, found.received_ms, found.matched) == ("purchases", None, noon_ms + 1000, None)
    assert str(found.value) == "{'a': Decimal('1.5')}"


@pytest.mark.parametrize("rest", [{}, {"received_at": None}])
def test_receipt_defaults_to_when_it_occurred(noon_ms: int, rest: dict[str, None]) -> None:
    assert parse_line(line(topic="purchases", value={"occurred_at": NOON}, **rest)).received_ms == noon_ms


@pytest.mark.parametrize("at", ["9999-12-30T00:00:00Z", "9999-12-31T23:59:59.999-14:00"])
def test_receipt_by_default_must_have_a_date_too(at: str) -> None:
    found = refusal(line(topic="purchases", value={"occurred_at": at}))
    assert found == ("invalid_event", f'occurred_at: found "{at}", expected an instant before the year 9000')


def test_nothing_was_received_before_1970() -> None:
    early = {"topic": "purchases", "value": {"occurred_at": "1969-12-31T23:59:59.999Z"}}
    told = '"1969-12-31T23:59:59.999Z", expected an instant from the year 1970 on'
    assert refusal(line(**early)) == ("invalid_event", f"occurred_at: found {told}")
    assert refusal(line(received_at="1969-12-31T23:59:59.999Z", **early)) == (
        "invalid_event",
        f"received_at: found {told}",
    )
    assert parse_line(line(received_at="1970-01-01T00:00:00Z", **early)).received_ms == 0


@pytest.mark.parametrize("value", [{}, {"occurred_at": "2026-11-09T12:00:00"}, {"occurred_at": 5}])
def test_receipt_is_unknown_when_nothing_usable_tells_it(value: dict[str, Any]) -> None:
    assert parse_line(line(topic="purchases", value=value)).received_ms is None


def test_a_tombstone_has_its_null_written_out() -> None:
    found = parse_line(line(topic="accounts", key="C1", received_at=NOON, value=None))
    assert (found.key, found.value) == (b"C1", None)


def test_a_release_may_have_been_resolved_before() -> None:
    resolved = line(topic="press-releases", key="C1", matched_by="domain", value={})
    assert parse_line(resolved).matched == Matches(("C1",), "domain")
    assert parse_line(line(topic="purchases", key="C1", matched_by="domain", value={})).matched is None
    assert parse_line(line(topic="press-releases", key="anything", value={})).matched is None


@pytest.mark.parametrize(
    ("text", "reason", "detail"),
    [
        (b"{", "invalid_json", "line 1 column 2: Expecting property name enclosed in double quotes, expected JSON"),
        (b"[]", "invalid_json", "found a list, expected an object"),
        (b'{"topic":"a","topic":"b"}', "invalid_json", 'found the key "topic" twice in one object, expected it once'),
        (b"{}", "invalid_event", "topic: found nothing, expected a source topic"),
        (b'{"topic":1}', "invalid_event", "topic: found 1, expected a source topic"),
        (line(topic="purchases", key=1, value={}), "invalid_event", "key: found 1, expected text"),
        (line(topic="purchases", value="x"), "invalid_json", 'value: found "x", expected an object'),
        (
            line(topic="purchases", value=None),
            "invalid_json",
            "value: found nothing, expected an object, or in accounts null for a tombstone",
        ),
        (
            line(topic="accounts", key="C1"),
            "invalid_json",
            "value: found nothing, expected an object, or in accounts null for a tombstone",
        ),
        (
            line(topic="purchases", received_at="2026-11-09", value={}),
            "invalid_event",
            'received_at: found "2026-11-09", expected an instant with offset, such as 2026-04-01T09:30:00+09:00',
        ),
        (
            line(topic="purchases", received_at="2026-11-09T12:00:00", value={}),
            "naive_timestamp",
            'received_at: found "2026-11-09T12:00:00", '
            "expected an instant with offset, such as 2026-04-01T09:30:00+09:00",
        ),
        (
            line(topic="purchases", received_at="9999-12-31T23:59:59Z", value={}),
            "invalid_event",
            'received_at: found "9999-12-31T23:59:59Z", expected an instant before the year 9000',
        ),
        (
            line(topic="press-releases", matched_by="guess", key="C1", value={}),
            "invalid_event",
            'matched_by: found "guess", expected corporate_number, domain or name',
        ),
        (
            line(topic="press-releases", matched_by="name", value={}),
            "invalid_event",
            "key: found nothing, expected a customer_id of 1 to 200 characters, since matched_by is given",
        ),
    ],
)
def test_what_is_no_line_is_told(text: bytes, reason: str, detail: str) -> None:
    assert refusal(text) == (reason, detail)


def test_the_limit_is_of_the_value_not_of_the_line() -> None:
    fits = b'{"a":"' + b"x" * (MAX_VALUE_BYTES - 8) + b'"}'
    assert parse_line(b'{"topic":"purchases","value":' + fits + b"}").value is not None
    assert refusal(b'{"topic":"purchases","value":' + fits[:-2] + b'x"}}')[0] == "too_large"


def test_a_value_may_be_nested_as_deep_as_in_a_record() -> None:
    deep = b'{"a":' + b"[" * 199 + b"]" * 199 + b"}"
    assert parse_line(b'{"topic":"purchases","value":' + deep + b"}").value is not None
    deeper = b'{"a":' + b"[" * 200 + b"]" * 200 + b"}"
    assert refusal(b'{"topic":"purchases","value":' + deeper + b"}")[0] == "invalid_json"


def test_a_source_record_has_the_very_bytes_of_the_line() -> None:
    text = b'{"value": {"customer_id":"\\u0043\\u0031", "amount": 1.50,"x":null} ,"topic":"purchases"}'
    value = b'{"customer_id":"\\u0043\\u0031", "amount": 1.50,"x":null}'
    assert raw_of(text, 5) == Raw("purchases", b"C1", value, (), 5)
    assert value_bytes(text) == value


def test_a_source_record_is_keyed_as_the_line_says() -> None:
    assert raw_of(line(topic="purchases", key="C2", value={"customer_id": "C1"}), 5).key == b"C2"
    assert raw_of(line(topic="press-releases", value={"customer_id": "C1"}), 5).key is None
    assert raw_of(line(topic="purchases", value={"customer_id": 5}), 5).key is None
    tombstone = line(topic="accounts", key="C1", value=None)
    assert raw_of(tombstone, 5) == Raw("accounts", b"C1", None, (), 5)
    assert value_bytes(tombstone) is None


@pytest.mark.parametrize("topic", ["events", "signals", "kakuhan-customers-changelog", "purchase", ""])
def test_no_line_gets_into_a_topic_that_is_no_source(topic: str) -> None:
    sources = "purchases, web-behaviour, crm-activities, press-releases, accounts"
    with pytest.raises(RefusedError) as refused:
        raw_of(line(topic=topic, value={"customer_id": "C1"}), 5)
    expected = Rejection("invalid_event", f'topic: found "{topic}", expected one of {sources}')
    assert refused.value.rejection == expected


@pytest.mark.parametrize("key", [{}, {"key": ""}, {"key": None}])
def test_a_tombstone_is_somebodys(key: dict[str, str | None]) -> None:
    with pytest.raises(RefusedError) as refused:
        raw_of(line(topic="accounts", value=None, **key), 5)
    assert refused.value.rejection == Rejection("missing_key", "key: found nothing, expected the customer_id")


@pytest.mark.parametrize("value", [{"name": "x"}, {"name": "x", "customer_id": 5}])
def test_an_account_is_somebodys(value: dict[str, Any]) -> None:
    with pytest.raises(RefusedError) as refused:
        raw_of(line(topic="accounts", value=value), 5)
    assert refused.value.rejection == Rejection("missing_key", "key: found nothing, expected the customer_id")


def test_a_file_is_gone_through_and_then_fetched_from(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(b"\xef\xbb\xbf{1}\r\n\n  \n{4}\n{5}")
    source = JsonLines(path)
    found = list(source.lines())
    assert [(line_no, text.strip()) for _, line_no, text in found] == [(1, b"{1}"), (4, b"{4}"), (5, b"{5}")]
    with source.fetching() as fetch:
        assert [fetch(place) for place, _, _ in reversed(found)] == [text for _, _, text in reversed(found)]
    assert source.size_bytes == 19


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    missing = JsonLines(tmp_path / "none.jsonl")
    with pytest.raises(SettingsError, match=r"none\.jsonl cannot be read: No such file"):
        list(missing.lines())
    with pytest.raises(SettingsError, match=r"none\.jsonl"):
        _ = missing.size_bytes
