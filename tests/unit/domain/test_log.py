"""What the log itself may bring: repeats, accounts and tombstones, erasure, unknown currencies."""

from __future__ import annotations

import pytest

from schemas.log import LogEvent
from streams.domain.record import Record
from streams.domain.state import encode_state
from streams.errors import PolicyError
from tests.unit.domain.kit import Life, points, rule, scoring

VIEWED = rule("viewed", event="page_view")


def test_a_repeated_event_moves_the_clock_and_does_nothing_else() -> None:
    life = Life(rules=[VIEWED, rule("quiet", event="page_view", silent_days=10)])
    life.at("2026-03-01 09:00").view(id_="v1")
    assert life.at("2026-03-05 09:00").view("/other", id_="v1") == []
    assert life.public()["as_of"] == "2026-03-05T00:00:00.000Z"
    assert life.told(life.wait("2026-04-01")) == ["2026-03-11 09:00 quiet silence"]  # of the first


def test_a_repeat_lets_time_pass_like_any_record() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000, id_="p1")
    assert life.told(life.at("2026-05-01 09:00").buy(1000, id_="p1")) == ["2026-03-31 00:00 expand>streamline window"]


def test_one_id_from_two_topics_is_two_events_and_one_content_under_two_ids_too() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(100, id_="x1")
    life.apply("press_release", headline="x", id_="x1")
    life.buy(100, id_="x2")
    assert life.amount() == "200"
    life.buy(100, id_="x1")
    assert life.amount() == "200"


def test_the_last_256_distinct_ids_are_remembered_by_order_of_application() -> None:
    life = Life(rules=[VIEWED]).at("2026-03-01 09:00")
    for number in range(256):
        life.view(id_=f"v{number}")
    assert life.view(id_="v0") == []  # still known, and by being repeated no younger
    assert life.view(id_="v256")  # pushes v0 out
    assert life.view(id_="v1") == []
    assert life.view(id_="v0")


def test_how_many_ids_are_remembered_is_the_policys() -> None:
    life = Life(dedup_events=2, rules=[VIEWED]).at("2026-03-01 09:00")
    assert [bool(life.view(id_=id_)) for id_ in ("a", "b", "a", "c", "a")] == [True, True, False, True, True]


# ---------------------------------------------------------------- accounts


def test_account_records_without_id_are_never_repeats_and_are_numbered_within_a_millisecond() -> None:
    life = Life(rules=[rule("renamed", event="account")])
    life.at("2026-03-01 09:00")
    life.account()
    life.account()
    life.remove_account()
    life.account()
    life.at("2026-03-01 09:00:00.001").account()
    assert [signal["cause"]["event_id"] for signal in life.signals] == [
        "account@2026-03-01T00:00:00.000Z",
        "account@2026-03-01T00:00:00.000Z#2",
        "account@2026-03-01T00:00:00.000Z#4",  # the tombstone was the third
        "account@2026-03-01T00:00:00.001Z",
    ]


def test_account_records_with_an_id_can_be_repeats() -> None:
    life = Life(rules=[rule("renamed", event="account")]).at("2026-03-01 09:00")
    assert life.account(id_="a1")
    assert life.account(id_="a1", employees=5) == []


def test_the_first_record_of_another_kind_sets_the_clock_be_it_earlier() -> None:
    life = Life()
    life.at("2026-03-10 09:00").account(employees=5)
    assert life.public()["as_of"] == "2026-03-10T00:00:00.000Z"
    life.at("2026-03-01 09:00").buy(1000)
    assert life.public()["as_of"] == "2026-03-01T00:00:00.000Z"
    assert life.next() == "2026-03-31 00:00 streamline window"
    life.at("2026-02-01 09:00").view()  # the second of another kind is held by the first
    assert life.public()["as_of"] == "2026-03-01T00:00:00.000Z"


def test_a_later_account_moves_the_clock_of_a_customer_with_other_records() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    assert life.told(life.at("2026-04-10 09:00").account()) == ["2026-03-31 00:00 expand>streamline window"]
    assert life.public()["as_of"] == "2026-04-10T00:00:00.000Z"


def test_a_tombstone_keeps_history_and_ratings() -> None:
    size = {"id": "size", "label": "s", "account": "employees", "at_least": 5, "points": 1}
    opinion = {"id": "opinion", "label": "o", "rating": {"high": 8, "medium": 0, "low": -8}}
    life = Life(potential=scoring(points("view", 2, event="page_view"), facts=[size, opinion]))
    life.at("2026-03-01 09:00").account(employees=5)
    life.rate("high")
    life.view()
    life.buy(700)
    assert life.score() == 11.0
    life.remove_account()
    assert (life.score(), life.amount()) == (10.0, "700")
    life.account(employees=5)
    assert life.score() == 11.0


# ---------------------------------------------------------------- erasure


def test_an_erased_customer_is_only_the_mark_and_its_instant() -> None:
    life = Life(rules=[VIEWED])
    life.at("2026-03-01 09:00").account(departments=["Sales"])
    life.buy(1000)
    life.view()
    life.at("2026-03-05 09:00")
    assert life.erase() == []
    fresh = Life(rules=[VIEWED])
    fresh.state.erased_ms = life.ms("2026-03-05 09:00")
    assert encode_state(life.state) == encode_state(fresh.state)
    assert life.wait("2027-01-01") == []


def test_what_time_had_caused_before_an_erasure_is_still_told() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    assert life.told(life.at("2026-03-31 00:00").erase()) == ["2026-03-31 00:00 expand>streamline window"]
    assert not life.state.started


def test_after_an_erasure_records_that_occurred_before_it_are_dropped() -> None:
    life = Life(rules=[VIEWED])
    life.at("2026-03-05 09:00").erase()
    before = encode_state(life.state)
    assert life.at("2026-03-06 09:00").view(occurred="2026-03-05 08:59:59.999") == []
    assert encode_state(life.state) == before
    assert life.view(occurred="2026-03-05 09:00")


def test_a_customer_that_comes_back_after_an_erasure_begins_anew() -> None:
    life = Life(lifecycle={"onboarding": {"days": 30}})
    life.at("2026-01-01 09:00").buy(1000, id_="p1")
    life.at("2026-03-05 09:00").erase()
    life.signals.clear()
    assert life.told(life.at("2026-03-06 09:00").buy(1000, id_="p1")) == ["2026-03-06 09:00 streamline>expand event"]
    public = life.public()
    assert (public["lifecycle"], public["lifetime"]["first_day"]) == ("onboarding", "2026-03-06")
    assert public["segment_history"] == [
        {"at": "2026-03-06T00:00:00.000Z", "from": "streamline", "to": "expand", "cause": "event"}
    ]


def test_a_second_erasure_moves_the_mark() -> None:
    life = Life()
    life.at("2026-03-05 09:00").erase()
    life.at("2026-03-07 09:00").erase()
    life.at("2026-03-08 09:00").buy(1000, "2026-03-06 09:00")
    assert life.signals == []


# ---------------------------------------------------------------- money


def test_an_amount_in_a_currency_the_policy_lost_stops_with_what_to_do() -> None:
    life = Life().at("2026-03-01 09:00")
    with pytest.raises(PolicyError, match=r"customer C1, event e1.*EUR.*currency\.rates"):
        life.buy(10, currency="EUR")


def test_the_base_currency_may_be_named() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(10, currency="JPY")
    assert life.amount() == "10"


def test_an_event_of_the_tolerated_future_without_time_happened_on_receipt() -> None:
    life = Life(rules=[VIEWED])
    event = LogEvent(topic="web-behaviour", type="page_view", customer_id="C1", event_id="v", path="/")
    at = life.ms("2026-03-01 09:00")
    found = life.take(Record(event, at, at))
    assert (found[0]["cause"]["kind"], found[0]["evidence"][0]["occurred_at"]) == ("event", "2026-03-01T00:00:00.000Z")
