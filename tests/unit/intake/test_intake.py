"""What valid records become in the log; the expected events are written out by hand."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemas.events import SOURCE_EVENTS, event_models
from schemas.log import LogContact, LogEvent
from streams.intake.intake import Decision, Intake, Raw

Send = Callable[..., Decision]
Make = Callable[..., dict[str, Any]]


def test_there_is_a_model_for_every_type_and_no_other(kinds: dict[str, str]) -> None:
    modelled = {kind: topic for topic in SOURCE_EVENTS for kind in event_models(topic)}
    assert modelled == {**kinds, "account": "accounts"}


def test_every_type_is_taken_in_with_its_required_fields_alone(
    event: Callable[..., LogEvent], make_value: Make, kinds: dict[str, str], noon_ms: int
) -> None:
    for kind, topic in kinds.items():
        found = event(topic, make_value(kind))
        assert (found.topic, found.type, found.customer_id, found.event_id) == (topic, kind, "C1", "e1")
        assert found.occurred_ms == noon_ms


def test_every_type_may_be_described_as_json_schema() -> None:
    for adapter in SOURCE_EVENTS.values():
        assert adapter.json_schema()["type" if "type" in adapter.json_schema() else "oneOf"]


def test_a_purchase_keeps_its_order(event: Callable[..., LogEvent], make_value: Make, noon_ms: int) -> None:
    value = make_value(
        "purchase",
        amount="0120.50",
        currency="USD",
        order_id="o1",
        contract_id="k1",
        period_from="2026-11-01",
        period_to="2027-10-31",
        items=[
            {"sku": "s1", "quantity": 2, "unit_price": "60.25", "category": None},
            {"sku": "s2", "quantity": "-0.5", "unit_price": 0, "category": "x"},
        ],
        contact={"id": "p1", "department": "経理部", "title": "部長", "name": "not for events"},
    )
    assert event("purchases", value) == LogEvent(
        topic="purchases",
        type="purchase",
        customer_id="C1",
        event_id="e1",
        occurred_ms=noon_ms,
        amount="120.5",
        currency="USD",
        order_id="o1",
        contract_id="k1",
        period_from="2026-11-01",
        period_to="2027-10-31",
        items=[
            {"sku": "s1", "quantity": "2", "unit_price": "60.25"},
            {"sku": "s2", "category": "x", "quantity": "-0.5", "unit_price": "0"},
        ],
        contact=LogContact(id="p1", department="経理部", title="部長"),
    )


def test_money_written_as_a_json_number_is_the_number_written(event: Callable[..., LogEvent]) -> None:
    # The nearest double to the first is 123456789012345.125; a hundred times 4.35 is 434.99999999999994 in doubles.
    for written, amount in [
        (b"123456789012345.123456", "123456789012345.123456"),
        (b"4.350", "4.35"),
        (b"1e3", "1000"),
    ]:
        value = (
            b'{"event_id":"e1","occurred_at":"2026-11-09T12:00:00+09:00","type":"purchase","customer_id":"C1","amount":'
            + written
            + b"}"
        )
        assert event("purchases", value).amount == amount


def test_a_one_day_period_is_whole(event: Callable[..., LogEvent], make_value: Make) -> None:
    value = make_value("renewal", period_from="2026-11-01", period_to="2026-11-01")
    assert event("purchases", value).period_to == "2026-11-01"


def test_the_base_currency_is_left_out_as_is_one_without_an_amount(
    event: Callable[..., LogEvent], make_value: Make
) -> None:
    assert event("purchases", make_value("purchase", currency="JPY")).currency is None
    assert event("purchases", make_value("purchase", currency="EUR")).currency == "EUR"
    no_currency = "XXX"  # ISO 4217's code for it
    assert event("crm-activities", make_value("deal_won", currency=no_currency)).currency is None


def test_a_refund_may_be_of_an_order_up_to_the_same_instant(
    event: Callable[..., LogEvent], make_value: Make, noon_ms: int
) -> None:
    value = make_value("refund", order_occurred_at="2026-11-09T03:00:00Z", full_refund=True)
    found = event("purchases", value)
    assert (found.order_occurred_ms, found.full_refund) == (noon_ms, True)


def test_a_cancellation_is_of_everything_unless_said_otherwise(
    event: Callable[..., LogEvent], make_value: Make
) -> None:
    found = event("purchases", make_value("cancellation"))
    assert (found.scope, found.effective_on, found.contract_id) == ("all", None, None)
    value = make_value(
        "cancellation", scope="contract", contract_id="k1", effective_on="2026-12-01", reason="r", text="t"
    )
    found = event("purchases", value)
    assert (found.scope, found.effective_on, found.contract_id) == ("contract", "2026-12-01", "k1")
    assert (found.reason, found.text) == ("r", "t")


@pytest.mark.parametrize(
    ("kind", "given"),
    [
        ("plan_change", {"from_plan": "a", "to_plan": "b", "direction": "lateral", "amount": "5"}),
        ("page_view", {"path": "/a?b", "title": "T"}),
        ("download", {"document": "d", "path": "/d"}),
        ("webinar", {"title": "w", "attended": False}),
        ("form", {"form": "f", "text": "t"}),
        ("action", {"action": "favorite", "item": "i", "amount": "5"}),
        ("usage", {"metric": "m", "value": "0.75", "licensed": "10"}),
        ("inquiry", {"text": "t", "author": "a"}),
        ("contact_transferred", {"new_title": "t", "new_department": "d"}),
        ("sales_rating", {"rating": "low", "author": "a"}),
        ("nps_response", {"score": 0, "text": "t"}),
        ("deal_lost", {"amount": "5", "deal_id": "d"}),
        ("signal_outcome", {"signal_id": "s", "outcome": "later", "author": "a", "text": "t"}),
        (
            "media_mention",
            {"headline": "h", "body": "b", "categories": ["c"], "amount": "5", "url": "https://a.example/"},
        ),
        ("job_postings", {"open_count": 5, "previous_count": 0}),
    ],
)
def test_every_field_reaches_the_log(
    event: Callable[..., LogEvent], make_value: Make, kinds: dict[str, str], kind: str, given: dict[str, Any]
) -> None:
    found = event(kinds[kind], make_value(kind, **given))
    assert {name: getattr(found, name) for name in given} == given


@pytest.mark.parametrize(("written", "rating"), [("高", "high"), ("中", "medium"), ("低", "low"), ("medium", "medium")])
def test_a_rating_may_be_written_in_japanese(
    event: Callable[..., LogEvent], make_value: Make, written: str, rating: str
) -> None:
    assert event("crm-activities", make_value("sales_rating", rating=written)).rating == rating


def test_unknown_fields_are_ignored(event: Callable[..., LogEvent], make_value: Make) -> None:
    value = make_value("page_view", surprise={"deep": [1, 2.5]}, contact={"id": "p1", "shoe_size": 43})
    assert event("web-behaviour", value) == event("web-behaviour", make_value("page_view", contact={"id": "p1"}))


def test_null_means_missing_at_every_depth(send: Send, event: Callable[..., LogEvent], make_value: Make) -> None:
    with_nulls = {**make_value("page_view"), "title": None, "contact": {"id": "p1", "department": None}}
    assert event("web-behaviour", with_nulls).contact == LogContact(id="p1")
    assert event("purchases", {**make_value("purchase"), "currency": None, "items": None}).items is None


def test_ids_may_have_1_to_200_characters_of_any_script(event: Callable[..., LogEvent], make_value: Make) -> None:
    long = "客" * 200
    found = event("web-behaviour", make_value("page_view", customer_id=long, event_id=long), key=long.encode())
    assert (found.customer_id, found.event_id) == (long, long)


# -- time


def test_a_clock_slightly_ahead_counts_as_receipt(
    event: Callable[..., LogEvent], make_value: Make, noon_ms: int
) -> None:
    value = make_value("page_view")
    assert event("web-behaviour", value, received_ms=noon_ms).occurred_ms == noon_ms
    assert event("web-behaviour", value, received_ms=noon_ms - 1).occurred_ms is None
    assert event("web-behaviour", value, received_ms=noon_ms - 300_000).occurred_ms is None


def test_an_order_is_never_after_a_refund_taken_as_receipt(
    event: Callable[..., LogEvent], make_value: Make, noon_ms: int
) -> None:
    value = make_value("refund", order_occurred_at="2026-11-09T12:00:00+09:00")
    assert event("purchases", value, received_ms=noon_ms - 1).order_occurred_ms is None
    value = make_value("refund", order_occurred_at="2026-11-09T11:59:00+09:00")
    assert event("purchases", value, received_ms=noon_ms - 1).order_occurred_ms == noon_ms - 60_000


# -- CloudEvents


def test_cloudevents_headers_stand_in_for_what_is_missing(
    event: Callable[..., LogEvent], make_value: Make, noon_ms: int
) -> None:
    headers = [("ce_specversion", b"1.0"), ("ce_id", b"h1"), ("ce_time", b"2026-11-09T02:00:00Z"), ("other", b"\xff")]
    found = event("web-behaviour", make_value("page_view", event_id=None, occurred_at=None), headers=headers)
    assert (found.event_id, found.occurred_ms) == ("h1", noon_ms - 3_600_000)
    found = event("web-behaviour", make_value("page_view"), headers=headers)
    assert (found.event_id, found.occurred_ms) == ("e1", noon_ms)
    found = event("web-behaviour", {**make_value("page_view"), "event_id": None}, headers=headers)
    assert found.event_id == "h1"


def test_of_a_repeated_header_the_last_counts(event: Callable[..., LogEvent], make_value: Make) -> None:
    value = make_value("page_view", event_id=None)
    assert event("web-behaviour", value, headers=[("ce_id", b"first"), ("ce_id", b"last")]).event_id == "last"


def test_a_value_that_was_decoded_already_is_taken_the_same_way(
    intake: Intake, make_value: Make, kinds: dict[str, str], send: Send, noon_ms: int
) -> None:
    for kind, topic in kinds.items():
        assert intake.take_value(topic, make_value(kind), noon_ms, key=None) == send(topic, make_value(kind))


def test_what_is_taken_in_does_not_depend_on_who_asks(intake: Intake, noon_ms: int) -> None:
    raw = Raw("accounts", b"C1", b'{"customer_id":"C1","name":"A","kind":"b2b"}', (), noon_ms)
    assert intake.take(raw) == intake.take(raw)
