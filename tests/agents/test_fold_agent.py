"""The fold as the engine drives it: stored or kept in memory, in chunks of any size, it decides the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from schemas.log import LogEvent, encode_event
from streams.agents.fold import CustomerFold
from streams.app import make_facets
from streams.engine.fold import ERASE, FACT, Entry, Loaded, Output
from tests.agents.kit import PLAN

DAY_MS = 86_400_000
BEGIN_MS = 1_790_000_000_000
DETECTED_MS = BEGIN_MS + 40 * DAY_MS


def make_fold() -> CustomerFold:
    return CustomerFold(PLAN, lambda: DETECTED_MS, make_facets)


def entry(offset: int, at_ms: int, kind: str = FACT, loaded: Loaded | None = None, **fields: Any) -> Entry:
    """A record of the log; without fields it is a purchase of 60 that happens on receipt."""
    fact = {"topic": "purchases", "type": "purchase", "amount": "60", "event_id": f"e{offset}"} | fields
    value = b"" if kind == ERASE else encode_event(LogEvent(customer_id="C1", **fact))
    return Entry(offset, b"C1", value, at_ms, kind, loaded)


def said(outputs: list[Output]) -> list[tuple[str, str, str]]:
    """When, which rule, what became of it."""
    signals = [json.loads(output.value) for output in outputs]
    return [(one["effective_at"], one["rule"], one.get("change", {}).get("to", "")) for one in signals]


PURCHASES = [entry(0, BEGIN_MS), entry(1, BEGIN_MS + DAY_MS), entry(2, BEGIN_MS + 30 * DAY_MS)]
# 2026-09-21T14:13:20Z and a day later are 120; the first leaves at the midnight that begins 1 October.
CHANGES = [
    ("2026-09-22T14:13:20.000Z", "segment", "expand"),
    ("2026-10-01T00:00:00.000Z", "segment", "streamline"),
]


def test_a_purchase_changes_the_segment_and_the_window_changes_it_back() -> None:
    fold = make_fold()
    customer = fold.open(b"C1", None)
    outputs = [output for one in PURCHASES for output in fold.apply(customer, one)]
    assert said(outputs) == CHANGES


@pytest.mark.parametrize("look_every", [1, 3, 11])
def test_storing_after_every_record_and_looking_often_changes_nothing(look_every: int) -> None:
    fold, outputs, stored = make_fold(), list[Output](), None
    for one in PURCHASES:
        for day in range(0, 31, look_every):
            customer = fold.open(b"C1", stored)
            at_ms = BEGIN_MS + day * DAY_MS
            if stored is not None and at_ms < one.appended_ms:
                outputs += fold.advance(customer, at_ms)
                stored = fold.encode(customer)
        customer = fold.open(b"C1", stored)
        outputs += fold.apply(customer, one)
        stored = fold.encode(customer)
    assert said(outputs) == CHANGES


def test_due_is_not_after_what_time_causes_next() -> None:
    fold = make_fold()
    customer = fold.open(b"C1", None)
    for one in PURCHASES[:2]:
        fold.apply(customer, one)
    due_ms = fold.due_ms(customer)
    midnight_ms = 1_790_812_800_000  # 2026-10-01T00:00:00Z
    assert due_ms is not None
    assert due_ms <= midnight_ms
    assert fold.advance(customer, midnight_ms - 1) == []
    assert said(fold.advance(customer, midnight_ms)) == CHANGES[1:]


def test_outputs_are_cloudevents_dated_by_the_worker_only_in_detected_at() -> None:
    fold = make_fold()
    customer = fold.open(b"C1", None)
    (output,) = [output for one in PURCHASES[:2] for output in fold.apply(customer, one)]
    signal = json.loads(output.value)
    headers = dict(output.headers)
    assert output.key == b"C1"
    assert (headers["ce_id"], headers["ce_time"]) == (signal["signal_id"].encode(), b"2026-09-22T14:13:20.000Z")
    assert (headers["ce_type"], headers["ce_subject"]) == (b"kakuhan.segment.changed.v1", b"C1")
    assert signal["detected_at"] == "2026-10-31T14:13:20.000Z"
    assert signal["effective_at"] == "2026-09-22T14:13:20.000Z"


def test_history_is_received_when_it_says_and_its_signals_are_historical() -> None:
    fold = make_fold()
    customer = fold.open(b"C1", None)
    go_live_ms = BEGIN_MS + 20 * DAY_MS
    outputs = []
    for offset, day in ((0, 0), (1, 1)):
        loaded = Loaded("load", BEGIN_MS + day * DAY_MS, go_live_ms)
        outputs += fold.apply(customer, entry(offset, go_live_ms, loaded=loaded))
    outputs += fold.advance(customer, go_live_ms)
    assert said(outputs) == CHANGES
    assert [json.loads(output.value)["historical"] for output in outputs] == [True, True]


def test_an_erased_customer_is_shown_to_nobody() -> None:
    fold = make_fold()
    customer = fold.open(b"C1", None)
    fold.apply(customer, PURCHASES[0])
    assert fold.view(customer, None).public is not None
    assert fold.apply(customer, entry(1, BEGIN_MS + 1, kind=ERASE)) == []
    customer = fold.open(b"C1", fold.encode(customer))
    view = fold.view(customer, None)
    assert view.public is None
    assert view.facets.erased_at_ms == BEGIN_MS + 1
    assert fold.due_ms(customer) is None


def test_a_view_at_a_later_instant_leaves_the_state_as_it_is() -> None:
    fold = make_fold()
    customer = fold.open(b"C1", None)
    fold.apply(customer, PURCHASES[0])
    before = fold.encode(customer)
    later = json.loads(fold.view(customer, BEGIN_MS + 5 * DAY_MS).public or b"")
    assert (later["as_of"], later["rfm"]["recency_days"]) == ("2026-09-26T14:13:20.000Z", 5)
    assert fold.encode(customer) == before
    own = json.loads(fold.view(customer, None).public or b"")
    assert (own["as_of"], own["rfm"]["recency_days"]) == ("2026-09-21T14:13:20.000Z", 0)
