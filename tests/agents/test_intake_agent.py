"""Intake hands over what a source record becomes: in order, with its origin, and nothing before accounts are known."""

from __future__ import annotations

import asyncio

import pytest

from schemas.log import decode_event
from tests.agents.kit import CREATE_TIME, NOW_MS, RECEIVED_MS, Desk, release_of, source, view_of
from tests.oracle.clock import show_instant


def test_records_become_appends_in_their_order_with_their_origin() -> None:
    made = Desk().take(*(source("web-behaviour", offset, "C1", view_of(offset)) for offset in (7, 8, 9)))
    assert [append.topic for append in made] == ["p.events"] * 3
    assert [dict(append.headers)["kakuhan-origin"] for append in made] == [
        b"web-behaviour 2 7",
        b"web-behaviour 2 8",
        b"web-behaviour 2 9",
    ]
    assert [decode_event(append.value or b"").event_id for append in made] == ["v7", "v8", "v9"]
    assert {append.key for append in made} == {b"C1"}
    assert {append.partition for append in made} == {None}


def test_refused_and_unmatched_records_keep_their_place_among_accepted_ones() -> None:
    desk = Desk()
    made = desk.take(
        source("web-behaviour", 0, "C1", view_of(0)),
        source("web-behaviour", 1, "C1", b"{"),
        source("web-behaviour", 2, "C2", view_of(2)),
        source("web-behaviour", 3, "C1", view_of(3)),
    )
    assert [append.topic for append in made] == ["p.events", "p.dead-letters", "p.dead-letters", "p.events"]
    assert [dict(append.headers)["why"] for append in made[1:3]] == [b"invalid_json", b"key_mismatch"]
    assert desk.sealed == [["v0", "v3"]]
    assert desk.take(source("press-releases", 0, None, release_of({"name": "nobody"})))[0].topic == "p.unmatched"


def test_a_release_goes_to_every_customer_of_the_number() -> None:
    desk = Desk()
    for customer_id in ("C1", "C2"):
        desk.know(customer_id, corporate_number="9999990000018")
    made = desk.take(source("press-releases", 4, "x", release_of({"corporate_number": "9999990000018"})))
    assert [append.key for append in made] == [b"C1", b"C2"]
    assert {dict(append.headers)["kakuhan-origin"] for append in made} == {b"press-releases 2 4"}
    assert {decode_event(append.value or b"").matched_by for append in made} == {"corporate_number"}


def test_what_a_load_has_written_is_not_taken_in_again() -> None:
    account = {"customer_id": "C1", "name": "Example", "kind": "b2b"}
    loaded = source("accounts", 0, "C1", account, headers=[("kakuhan-loaded", b"load 1 2")])
    own = source("accounts", 1, "C1", account)
    (append,) = Desk().take(loaded, own)
    assert dict(append.headers)["kakuhan-origin"] == b"accounts 2 1"


@pytest.mark.parametrize(("timestamp_type", "received_ms"), [(1, RECEIVED_MS), (CREATE_TIME, NOW_MS)])
def test_the_future_is_what_lies_after_receipt(timestamp_type: int, received_ms: int) -> None:
    """A source's own append time is receipt; the time that a sender wrote is not."""
    desk = Desk()
    tolerated, refused = received_ms + 300_000, received_ms + 300_001
    values = [view_of(n) | {"occurred_at": show_instant(at)} for n, at in enumerate((tolerated, refused))]
    records = [source("web-behaviour", n, "C1", value, timestamp_type=timestamp_type) for n, value in enumerate(values)]
    accepted, letter = desk.take(*records)
    assert decode_event(accepted.value or b"").occurred_ms is None  # taken as happening on receipt
    assert dict(letter.headers)["why"] == b"future_event"


def test_nothing_is_decided_before_the_accounts_are_known() -> None:
    desk = Desk()
    record = source("press-releases", 0, None, release_of({"domain": "c1.example"}))

    async def know_late() -> list[str]:
        taking = asyncio.create_task(desk.handler(record.topic, 2, [record]))
        await asyncio.sleep(0.01)
        assert not taking.done()
        desk.know("C1", domains=["c1.example"])
        desk.ready.set()
        return [append.topic for append in await taking]

    assert asyncio.run(know_late()) == ["p.events"]
