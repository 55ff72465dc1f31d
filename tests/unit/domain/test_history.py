"""Loaded history: lived through by a new customer, counted late for a known one, and told as historical.

`load` takes when the record was received, what was loaded being appended at the time of `at`.
"""

from __future__ import annotations

from streams.domain.public import public_state
from tests.unit.domain.kit import Life, points, rule, scoring

LIVE = "2026-06-01 12:00"
VIEW = scoring(points("view", 20, event="page_view", expires_days=5))


def test_a_new_customer_lives_through_its_history() -> None:
    # As if received in March: retain, then the points expire on the 6th, then the window ends on the 31st.
    life = Life(potential=VIEW).at(LIVE)
    life.load("purchase", "2026-03-01 09:00", LIVE, amount="1000")
    life.load("page_view", "2026-03-01 09:00", LIVE, path="/")
    life.wait(LIVE)
    assert life.told() == [
        "2026-03-01 09:00 streamline>expand event",
        "2026-03-01 09:00 expand>retain event",
        "2026-03-06 09:00 retain>expand expiry",
        "2026-03-31 00:00 expand>streamline window",
    ]
    assert [signal["historical"] for signal in life.signals] == [True] * 4


def test_lived_through_it_comes_to_what_it_had_come_to_live() -> None:
    told, states = [], []
    for is_history in (True, False):
        life = Life(potential=VIEW, rules=[rule("viewed", event="page_view", cooldown_days=30)]).at(LIVE)
        for received, type_, fields in (
            ("2026-03-01 09:00", "purchase", {"amount": "1000"}),
            ("2026-03-02 09:00", "page_view", {"path": "/"}),
            ("2026-03-20 09:00", "page_view", {"path": "/"}),
        ):
            if is_history:
                life.load(type_, received, LIVE, **fields)
            else:
                life.at(received).apply(type_, **fields)
        life.wait(LIVE)
        told.append([{**signal, "historical": None} for signal in life.signals])
        states.append(public_state(life.state, life.plan))
    assert told[0] == told[1]
    assert states[0] == states[1]


def test_a_late_record_of_history_is_late_by_its_own_receipt() -> None:
    life = Life(rules=[rule("viewed", event="page_view")]).at(LIVE)
    found = life.load("page_view", "2026-03-05 09:00", LIVE, path="/", occurred_ms=life.ms("2026-03-04 09:00"))
    assert (found[0]["cause"]["kind"], found[0]["cause"]["late_by_s"]) == ("late", 86_400)
    assert life.local(life.ms_of(found[0]["effective_at"])) == "2026-03-05 09:00"


def test_for_a_customer_with_other_records_history_comes_now_and_late() -> None:
    life = Life(potential=VIEW, rules=[rule("viewed", event="page_view")])
    life.at("2026-05-30 09:00").buy(1000)
    life.signals.clear()
    found = life.at(LIVE).load("page_view", "2026-05-31 12:00", LIVE, path="/")
    assert life.told(found) == ["2026-06-01 12:00 expand>retain late", "2026-06-01 12:00 viewed late"]
    assert {signal["cause"]["late_by_s"] for signal in found} == {86_400}
    assert {signal["historical"] for signal in found} == {True}  # caused by a history record
    assert life.public()["as_of"] == "2026-06-01T03:00:00.000Z"
    assert life.next() == "2026-06-05 12:00 expand expiry"  # as of its own time


def test_history_that_comes_now_says_late_however_young_it_is() -> None:
    life = Life(rules=[rule("viewed", event="page_view")])
    life.at("2026-05-30 09:00").buy(1)
    cause = life.at(LIVE).load("page_view", "2026-06-01 11:59", LIVE, path="/")[0]["cause"]
    assert (cause["kind"], cause["late_by_s"]) == ("late", 60)


def test_a_customer_known_by_its_account_alone_lives_through_its_history() -> None:
    life = Life()
    life.at("2026-05-30 09:00").account(employees=5)
    life.at(LIVE).load("purchase", "2026-03-01 09:00", LIVE, amount="1000")
    assert life.told() == ["2026-03-01 09:00 streamline>expand event"]
    assert life.public()["as_of"] == "2026-03-01T00:00:00.000Z"


def test_what_time_caused_to_an_account_alone_does_not_hold_the_clock_either() -> None:
    life = Life(rules=[rule("stale", event="account", silent_days=10)])
    life.at("2026-03-01 09:00").account()
    assert life.told(life.wait("2026-04-01")) == ["2026-03-11 09:00 stale silence"]
    life.at(LIVE).load("purchase", "2026-03-20 09:00", LIVE, amount="1000")
    assert life.public()["as_of"] == "2026-03-20T00:00:00.000Z"
    assert life.told()[-1] == "2026-03-20 09:00 streamline>expand event"


def test_the_second_record_of_a_load_lives_on_and_that_of_another_load_comes_late() -> None:
    life = Life().at(LIVE)
    life.load("purchase", "2026-03-01 09:00", LIVE, amount="1")
    life.load("purchase", "2026-03-05 09:00", LIVE, amount="1")
    assert life.public()["as_of"] == "2026-03-05T00:00:00.000Z"
    life.load("purchase", "2026-03-06 09:00", LIVE, load="file-2", amount="1")
    assert life.public()["as_of"] == "2026-06-01T03:00:00.000Z"


def test_after_a_live_record_further_history_comes_late() -> None:
    life = Life().at(LIVE)
    life.load("purchase", "2026-03-01 09:00", LIVE, amount="1")
    life.buy(1)
    life.at("2026-06-02 12:00").load("purchase", "2026-03-02 09:00", LIVE, amount="1")
    assert life.public()["as_of"] == "2026-06-02T03:00:00.000Z"


def test_what_time_causes_before_going_live_is_historical_and_after_it_is_not() -> None:
    life = Life(lifecycle={"onboarding": {"days": 120}}).at(LIVE)
    life.load("purchase", "2026-03-01 09:00", LIVE, amount="1000")
    life.signals.clear()
    life.wait("2026-12-31")
    # The window ends on 31 March; 1 March and 120 days are 29 June (30 + 30 + 31 + 29).
    assert [(news, signal["historical"]) for news, signal in zip(life.told(), life.signals, strict=True)] == [
        ("2026-03-31 00:00 expand>streamline window", True),
        ("2026-06-29 00:00 onboarding>active lifecycle", False),
    ]


def test_a_live_event_after_the_load_is_not_historical() -> None:
    life = Life(rules=[rule("viewed", event="page_view")]).at(LIVE)
    life.load("page_view", "2026-03-01 09:00", LIVE, path="/")
    assert [signal["historical"] for signal in life.at("2026-06-01 12:01").view()] == [False]


def test_history_is_remembered_to_recognise_repeats() -> None:
    life = Life().at(LIVE)
    life.load("purchase", "2026-03-01 09:00", LIVE, amount="700", event_id="p1")
    life.buy(700, id_="p1")
    assert life.public()["lifetime"]["repeat_days"] == 0
    assert life.amount() == "0"


def test_history_from_before_an_erasure_is_dropped() -> None:
    life = Life()
    life.at("2026-05-30 09:00").erase()
    life.at(LIVE).load("purchase", "2026-03-01 09:00", LIVE, amount="1000")
    assert life.signals == []
    assert not life.state.started


def test_history_that_does_not_say_when_it_occurred_did_so_on_its_own_receipt() -> None:
    # Also for a customer with other records, to which it comes now.
    life = Life(potential=VIEW, rules=[rule("bought", event="purchase")])
    life.at("2026-05-30 09:00").view()
    (found,) = life.at(LIVE).load("purchase", "2026-05-03 12:00", LIVE, amount="1", occurred_ms=None)
    assert (found["cause"]["kind"], found["cause"]["late_by_s"]) == ("late", 29 * 86_400)
    assert life.public()["lifetime"]["first_day"] == "2026-05-03"


def test_so_it_is_dropped_if_that_was_before_an_erasure_whatever_came_since() -> None:
    life = Life()
    life.at("2026-05-30 09:00").buy(1000)
    life.erase()
    life.at("2026-05-31 09:00").view()
    life.at(LIVE).load("purchase", "2026-05-03 12:00", LIVE, amount="1", occurred_ms=None)
    assert life.public()["lifetime"]["first_day"] is None
