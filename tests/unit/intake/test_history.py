"""History: in order of receipt, resolved among all the accounts of the input, refused line by line."""

from __future__ import annotations

import json
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from schemas.log import LogAccount
from streams.intake.companies import Directory
from streams.intake.history import HistoryEvent, HistoryInput, UnmatchedLine, read_history
from streams.intake.intake import IntakeSettings
from streams.intake.lines import Reject
from streams.intake.spool import SpooledLines

Make = Callable[..., dict[str, Any]]
SETTINGS = IntakeSettings(300, "JPY", frozenset({"USD"}))


def at(hour: int, minute: int = 0) -> str:
    return f"2026-11-09T{hour:02}:{minute:02}:00+09:00"


@pytest.fixture
def read(tmp_path: Path) -> Callable[..., tuple[list[HistoryEvent], HistoryInput]]:
    """Write lines to a file each for every list, and read them as history."""

    def run(
        *files: list[Any], now_ms: int | None = None, directory: Directory | None = None
    ) -> tuple[list[HistoryEvent], HistoryInput]:
        paths = []
        for number, lines in enumerate(files):
            path = tmp_path / f"{number}.jsonl"
            texts = (line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
            path.write_text("".join(text + "\n" for text in texts), encoding="utf-8")
            paths.append(path)
        history = read_history(paths, SETTINGS, directory or Directory(keep_all_versions=True), now_ms)
        return list(history.events()), history

    return run


Read = Callable[..., tuple[list[HistoryEvent], HistoryInput]]


def view(make_value: Make, event_id: str, occurred_at: str) -> dict[str, Any]:
    return {"topic": "web-behaviour", "value": make_value("page_view", event_id=event_id, occurred_at=occurred_at)}


def account(name: str, *, customer_id: str = "C1", **fields: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "name": name, "kind": "b2b", **fields}


def release(make_value: Make, name: str, occurred_at: str, event_id: str = "r1") -> dict[str, Any]:
    value = make_value("press_release", company={"name": name}, event_id=event_id, occurred_at=occurred_at)
    return {"topic": "press-releases", "value": value}


def ids(events: list[HistoryEvent]) -> list[str | None]:
    return [found.event.event_id for found in events]


def test_events_come_by_receipt_and_at_one_instant_by_line(read: Read, make_value: Make, noon_ms: int) -> None:
    late = {**view(make_value, "late", at(9)), "received_at": at(12)}
    lines = [view(make_value, "noon", at(12)), late, view(make_value, "ten", at(10))]
    events, _ = read(lines, [view(make_value, "noon-2", at(12)), view(make_value, "eleven", at(11))])
    assert ids(events) == ["ten", "eleven", "noon", "late", "noon-2"]
    assert [(found.line_no, found.received_ms - noon_ms) for found in events] == [
        (3, -7_200_000),
        (2, -3_600_000),
        (1, 0),
        (2, 0),
        (1, 0),
    ]
    assert events[3].event.occurred_ms == noon_ms - 3 * 3_600_000
    assert [Path(found.path).name for found in events] == ["0.jsonl", "1.jsonl", "0.jsonl", "0.jsonl", "1.jsonl"]


def test_a_release_finds_every_version_of_every_account_of_the_input(read: Read, make_value: Make) -> None:
    lines = [
        release(make_value, "Old", at(9), "before its account"),
        {"topic": "accounts", "received_at": at(10), "value": account("Old")},
        {"topic": "accounts", "received_at": at(11), "value": account("New")},
        {"topic": "accounts", "received_at": at(12), "key": "C1", "value": None},
        release(make_value, "Old", at(13), "after it was renamed"),
        release(make_value, "New", at(14), "after it was removed"),
    ]
    events, history = read(lines)
    matched = [(found.event.event_id, found.event.customer_id) for found in events if found.event.matched_by]
    assert matched == [("before its account", "C1"), ("after it was renamed", "C1"), ("after it was removed", "C1")]
    assert [found.event.type for found in events if found.event.topic == "accounts"] == [
        "account",
        "account",
        "account_removed",
    ]
    assert history.rejects == []


def test_a_release_finds_what_was_known_before(read: Read, make_value: Make) -> None:
    known = Directory(keep_all_versions=True)
    known.put("C7", LogAccount(name="Seven"))
    events, _ = read([release(make_value, "Seven Inc.", at(9))], directory=known)
    assert [found.event.customer_id for found in events] == ["C7"]


def test_a_release_about_nobody_known_is_listed(read: Read, make_value: Make) -> None:
    events, history = read([release(make_value, "Nobody", at(9)), release(make_value, "None", at(8), "r2")])
    assert events == []
    assert history.rejects == []
    (path,) = {line.path for line in history.unmatched}
    assert history.unmatched == [
        UnmatchedLine(path, 1, "r1", "name", "nobody"),
        UnmatchedLine(path, 2, "r2", "name", "none"),
    ]


def test_a_release_that_was_resolved_before_goes_where_it_went(read: Read, make_value: Make) -> None:
    lines = [{**release(make_value, "Nobody", at(9)), "key": "C5", "matched_by": "domain"}]
    ((found,), _) = read(lines)
    assert (found.event.customer_id, found.event.matched_by) == ("C5", "domain")


def test_an_account_without_any_time_is_there_from_the_first_receipt_on(
    read: Read, make_value: Make, noon_ms: int
) -> None:
    lines = [
        view(make_value, "noon", at(12)),
        view(make_value, "eleven", at(11)),
        {"topic": "accounts", "value": account("Alpha")},
    ]
    events, _ = read(lines)
    assert [(found.line_no, found.received_ms - noon_ms) for found in events] == [
        (2, -3_600_000),
        (3, -3_600_000),
        (1, 0),
    ]
    assert events[1].event.occurred_ms is None


def test_accounts_alone_without_any_time_are_received_now_or_at_the_epoch(read: Read, noon_ms: int) -> None:
    lines = [{"topic": "accounts", "value": account("Alpha")}]
    assert [found.received_ms for found in read(lines, now_ms=noon_ms)[0]] == [noon_ms]
    assert [found.received_ms for found in read(lines)[0]] == [0]


def test_an_account_brings_its_value_as_it_was_written(read: Read, make_value: Make) -> None:
    text = '{"customer_id":"C1",  "name":"A","kind":"b2b","employees":1e2,"plan":null}'
    (told, viewed), _ = read(
        [f'{{"topic":"accounts","received_at":"{at(9)}","value":{text}}}', view(make_value, "e", at(10))]
    )
    assert told.account_value == text.encode()
    assert viewed.account_value is None


def test_refused_lines_are_told_in_order_and_the_rest_is_taken(read: Read, make_value: Make) -> None:
    lines = [
        view(make_value, "good", at(12)),
        "not JSON",
        {**view(make_value, "key", at(9)), "key": "C2"},
        "",
        {"topic": "web-behaviour", "value": make_value("page_view", occurred_at=None)},
        {"topic": "web-behaviour", "value": make_value("page_view", occurred_at="2026-11-09T12:00:00")},
        {"topic": "accounts", "received_at": at(9), "value": {"customer_id": "C1", "kind": "b2b"}},
        {"topic": "accounts", "key": "C1", "value": None},
        {"topic": "accounts", "received_at": at(9), "value": None},
        {**view(make_value, "ahead", at(12)), "received_at": at(11, 54)},
        {"topic": "signals", "received_at": at(9), "value": {}},
        {"topic": "purchases", "value": make_value("purchase", currency="GBP", occurred_at=at(8))},
    ]
    events, history = read(lines)
    assert ids(events) == ["good"]
    assert [(reject.line_no, reject.reason, reject.detail.split(":")[0]) for reject in history.rejects] == [
        (2, "invalid_json", "line 1 column 1"),
        (3, "key_mismatch", "key"),
        (5, "invalid_event", "occurred_at"),
        (6, "naive_timestamp", "occurred_at"),
        (7, "invalid_event", "name"),
        (8, "invalid_event", "received_at"),
        (9, "missing_key", "key"),
        (10, "future_event", "occurred_at"),
        (11, "invalid_event", "topic"),
        (12, "unknown_currency", "currency"),
    ]


def test_the_same_release_for_two_customers_is_ambiguous_here_too(read: Read, make_value: Make) -> None:
    lines = [
        {"topic": "accounts", "received_at": at(9), "value": account("Alpha")},
        {"topic": "accounts", "received_at": at(15), "value": account("Alpha Inc.", customer_id="C2")},
        release(make_value, "alpha", at(10)),
    ]
    _, history = read(lines)
    assert [(reject.line_no, reject.reason) for reject in history.rejects] == [(3, "ambiguous_company")]


def test_a_refused_account_makes_nobody_known(read: Read, make_value: Make) -> None:
    refused = {"topic": "accounts", "received_at": at(9), "value": account("Alpha", domains=["a b"])}
    _, history = read([refused, release(make_value, "Alpha", at(10))])
    assert [reject.line_no for reject in history.rejects] == [1]
    assert [line.line_no for line in history.unmatched] == [2]


def test_nothing_is_received_after_now(read: Read, make_value: Make, noon_ms: int) -> None:
    lines = [
        view(make_value, "at", at(12)),
        view(make_value, "within", at(12, 5)),
        view(make_value, "beyond", at(12, 6)),
    ]
    events, history = read(lines, now_ms=noon_ms)
    assert [(found.event.event_id, found.received_ms, found.event.occurred_ms) for found in events] == [
        ("at", noon_ms, noon_ms),
        ("within", noon_ms, None),
    ]
    assert [(reject.line_no, reject.reason) for reject in history.rejects] == [(3, "future_event")]
    assert history.rejects[0].detail == "received_at: found 360.000 s after now, expected the past"


def test_replay_asks_no_clock(read: Read, make_value: Make) -> None:
    events, history = read([view(make_value, "e", "2999-01-01T00:00:00Z")])
    assert (ids(events), history.rejects) == (["e"], [])


def test_progress_hears_of_every_byte_twice(tmp_path: Path, make_value: Make) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("".join(json.dumps(view(make_value, str(n), at(n))) + "\n" for n in range(5)))
    heard: list[int] = []
    history = read_history([path], SETTINGS, Directory(keep_all_versions=True), on_bytes=heard.append)
    assert len(list(history.events())) == 5
    assert sum(heard) == history.total_bytes == 2 * path.stat().st_size


def test_history_needs_a_directory_that_keeps_all_versions() -> None:
    with pytest.raises(ValueError, match="must keep them"):
        read_history([], SETTINGS, Directory())


def test_rows_of_a_table_are_history_like_any_lines(make_value: Make, noon_ms: int) -> None:
    with SpooledLines("table.csv") as rows:
        rows.add(7, "purchases", make_value("purchase", event_id="b", amount=Decimal("1.10")), at(13))
        rows.add(5, "purchases", make_value("purchase", event_id="a", amount="高"))
        rows.add(2, "purchases", make_value("purchase", event_id="c", amount=7))
        history = HistoryInput([rows], SETTINGS, Directory(keep_all_versions=True))
        events = list(history.events())
    assert [(found.event.event_id, found.event.amount, found.line_no) for found in events] == [
        ("c", "7", 2),
        ("b", "1.1", 7),
    ]
    assert [found.received_ms - noon_ms for found in events] == [0, 3_600_000]
    ((reject,), _) = (history.rejects, history.unmatched)
    assert isinstance(reject, Reject)
    assert (reject.path, reject.line_no, reject.reason) == ("table.csv", 5, "invalid_event")


def test_an_account_may_have_occurred_before_it_was_received(read: Read, make_value: Make, noon_ms: int) -> None:
    told = {"topic": "accounts", "received_at": at(12), "value": account("Alpha", occurred_at=at(11))}
    ahead = {"topic": "accounts", "received_at": at(12), "value": account("Beta", customer_id="C2", occurred_at=at(13))}
    events, history = read([told, ahead, release(make_value, "Beta", at(14))])
    assert [(found.received_ms - noon_ms, found.event.occurred_ms) for found in events] == [(0, noon_ms - 3_600_000)]
    assert [(reject.line_no, reject.reason) for reject in history.rejects] == [(2, "future_event")]
    assert [line.line_no for line in history.unmatched] == [3]
