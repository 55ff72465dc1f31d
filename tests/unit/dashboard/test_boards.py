"""The four boards over a handful of customers, by hand."""

from __future__ import annotations

from datetime import UTC
from itertools import product
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.dashboard.boards import acted_upon, at_risk, golden_eggs, gone_quiet, is_downgrade
from streams.dashboard.book import LIFECYCLES, SEGMENTS, Book
from streams.dashboard.records import OutcomeRecord, Silence
from tests.unit.dashboard.kit import DAY_MS, NOON_MS, account, leads_to, record, row, scored, worth

FALLS = {
    *(("retain", to) for to in ("nurture", "expand", "streamline", "former")),
    *(("nurture", to) for to in ("expand", "streamline", "former")),
    *(("expand", to) for to in ("nurture", "streamline", "former")),
    ("streamline", "former"),
}


@pytest.mark.parametrize(("before", "after"), [*product(SEGMENTS, (*SEGMENTS, *LIFECYCLES))])
def test_a_downgrade_loses_an_axis_or_the_customer(before: str, after: str) -> None:
    assert is_downgrade(before, after) == ((before, after) in FALLS)


def book_of(*customers: tuple[str, dict[str, Any]]) -> Book:
    book = Book()
    for customer, changes in customers:
        book.put(record(customer, **changes), account(f"{customer}商事"))
    return book


def names(board: dict[str, Any]) -> list[str]:
    return [found["id"] for found in board["rows"]]


def test_revenue_at_risk_comes_by_date_then_by_revenue() -> None:
    soon, later = leads_to("2026-11-23T09:00:00.000Z", "streamline"), leads_to("2026-12-10T00:00:00.000Z", "expand")
    same_day = leads_to("2026-11-23T01:00:00.000Z", "nurture", "window")
    book = book_of(
        ("later", {"segment": "retain", "value": worth("9000000"), "next_transition": later}),
        ("small", {"segment": "expand", "value": worth("1000000"), "next_transition": same_day}),
        ("large", {"segment": "retain", "value": worth("2000000"), "next_transition": soon}),
        ("rises", {"segment": "streamline", "value": worth("5"), "next_transition": leads_to(soon["at"], "nurture")}),
        ("stays", {"segment": "retain", "value": worth("7")}),
        ("gone", {"segment": "retain", "lifecycle": "former", "value": worth("8"), "next_transition": soon}),
    )
    board = at_risk(book, NOON_MS, UTC)
    assert names(board) == ["large", "small", "later"]
    assert board["total"] == 3
    assert board["sums"] == [
        {"days": 7, "customers": 2, "revenue": 3_000_000.0},
        {"days": 30, "customers": 3, "revenue": 12_000_000.0},
        {"days": 90, "customers": 3, "revenue": 12_000_000.0},
    ]
    assert board["rows"][0]["name"] == "large商事"
    in_69_hours = NOON_MS + 2 * DAY_MS + 21 * 3_600_000
    assert board["rows"][0]["next"] == {"at_ms": in_69_hours, "to": "streamline", "because": "decay"}


def test_revenue_at_risk_goes_by_the_day_where_the_company_is() -> None:
    """In Tokyo 15:00 UTC begins a day, so that what falls at 16:00 comes after what falls at 14:00, revenue or not."""
    before, after = leads_to("2026-11-30T14:00:00.000Z", "expand"), leads_to("2026-11-30T16:00:00.000Z", "expand")
    book = book_of(
        ("november", {"segment": "retain", "value": worth("1"), "next_transition": before}),
        ("december", {"segment": "retain", "value": worth("9"), "next_transition": after}),
    )
    assert names(at_risk(book, NOON_MS, ZoneInfo("Asia/Tokyo"))) == ["november", "december"]
    assert names(at_risk(book, NOON_MS, UTC)) == ["december", "november"]


def test_the_boards_of_one_person_are_over_their_customers() -> None:
    falls = leads_to("2026-11-30T14:00:00.000Z", "streamline")
    nurtured = {"segment": "nurture", "potential": scored(row("a", 9.0)), "next_transition": falls}
    book = book_of(
        ("sold", nurtured | {"owners": {"sales": "Sato", "cs": "Ito"}}),
        ("served", nurtured | {"owners": {"sales": "Ito", "cs": "Sato"}}),
        ("other", nurtured | {"owners": {"sales": "Ito", "cs": None}}),
    )
    own = {customer: [OutcomeRecord(f"of {customer}", "worked", "2026-11-01T00:00:00.000Z")] for customer in book.rows}
    mine, silences = book.of_person("Sato"), dict.fromkeys(book.rows, Silence(NOON_MS + DAY_MS, NOON_MS))
    for found in (
        at_risk(book, NOON_MS, UTC, mine),
        golden_eggs(book, mine),
        gone_quiet(book, silences, mine),
        acted_upon(book, own, mine),
    ):
        assert set(names(found)) == {"sold", "served"}
        assert found["total"] == 2
    assert names(golden_eggs(book, book.of_person("nobody"))) == []
    assert names(golden_eggs(book, book.of_person(""))) == []


def test_golden_eggs_are_those_to_nurture_with_the_most_recent_points() -> None:
    old = "2026-11-06T12:00:00.000Z"  # 14 days: no longer within
    book = book_of(
        ("slow", {"segment": "nurture", "potential": scored(row("a", 40.0, last=old), row("b", 2.0))}),
        ("fast", {"segment": "nurture", "potential": scored(row("a", 12.0), row("b", 9.0))}),
        ("idle", {"segment": "nurture", "potential": scored(row("a", 40.0, last=old))}),
        ("other", {"segment": "retain", "potential": scored(row("a", 50.0))}),
    )
    board = golden_eggs(book)
    assert names(board) == ["fast", "slow"]
    assert [found["rise"] for found in board["rows"]] == [21.0, 2.0]


def test_gone_quiet_ends_with_the_next_sign_of_life() -> None:
    said = scored(row("a", 3.0, last="2026-11-18T00:00:00.000Z"))
    book = book_of(
        ("rich", {"segment": "retain", "value": worth("900")}),
        ("poor", {"segment": "expand", "value": worth("100")}),
        ("spoke", {"segment": "expand", "value": worth("500"), "potential": said}),
        ("left", {"segment": "retain", "lifecycle": "former"}),
    )
    silence = Silence(NOON_MS - 4 * DAY_MS, NOON_MS - 64 * DAY_MS)
    board = gone_quiet(book, dict.fromkeys(("poor", "rich", "spoke", "left", "erased"), silence))
    assert names(board) == ["rich", "poor"]
    assert board["rows"][0]["heard_ms"] == NOON_MS - 64 * DAY_MS


def test_acted_upon_is_newest_first_and_the_states_word_stands() -> None:
    months = [
        {"month": "2026-10", "purchases": 1, "amount": "70"},
        {"month": "2026-11", "purchases": 2, "amount": "30"},
    ]
    told = [
        {"signal_id": "s1", "outcome": "worked", "at": "2026-10-05T00:00:00.000Z", "revenue_since": "95.5"},
        {"signal_id": "s2", "outcome": "later", "at": "2026-11-01T00:00:00.000Z", "revenue_since": "30"},
    ]
    own = {
        "C1": [
            OutcomeRecord("s1", "worked", "2026-10-05T00:00:00.000Z", "tanaka"),
            OutcomeRecord("s2", "wrong", "2026-10-31T00:00:00.000Z"),
            OutcomeRecord("s3", "worked", "2026-11-19T00:00:00.000Z"),
        ]
    }
    book = Book()
    book.put(record("C1", months=months, outcomes=told), None)
    board = acted_upon(book, own)
    assert [(found["signal_id"], found["outcome"], found["revenue_since"]) for found in board["rows"]] == [
        ("s3", "worked", 30.0),
        ("s2", "later", 30.0),
        ("s1", "worked", 95.5),
    ]
    assert board["counts"] == {"worked": 2, "later": 1}
    assert [found["author"] for found in board["rows"]] == [None, None, "tanaka"]


def test_a_second_report_stands_before_the_state_has_it() -> None:
    told = [{"signal_id": "s1", "outcome": "acknowledged", "at": "2026-11-19T00:00:00.000Z", "revenue_since": "0"}]
    book = Book()
    book.put(record("C1", outcomes=told), None)
    board = acted_upon(book, {"C1": [OutcomeRecord("s1", "worked", "2026-11-19T00:00:01.000Z")]})
    assert [found["outcome"] for found in board["rows"]] == ["worked"]
