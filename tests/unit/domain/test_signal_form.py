"""How a signal reads: its id, its cause, the values before and after, and whether it is historical."""

from __future__ import annotations

import hashlib

import pytest

from schemas.log import LogEvent
from streams.domain.record import Record
from tests.unit.domain.kit import Life, points, rule, scoring

VIEW = points("view", 20, event="page_view", half_life_days=10)
VIEWED = rule("viewed", event="page_view")


def id_of(text: str) -> str:
    """The first 32 hex digits of the SHA-256 of a compact JSON array as it is written here."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def test_the_id_of_what_an_event_caused_names_customer_rule_topic_and_event() -> None:
    life = Life(potential=scoring(VIEW), rules=[VIEWED]).at("2026-03-01 09:00")
    change, viewed = life.view(id_="pv-1")
    assert change["signal_id"] == id_of('["C1","segment","event","web-behaviour","pv-1"]')
    assert viewed["signal_id"] == id_of('["C1","viewed","event","web-behaviour","pv-1"]')
    # What those are, so that nobody else's hashing is needed to check (sha256sum of the array, first 32 digits).
    assert id_of('["C1","viewed","event","web-behaviour","pv-1"]') == "e28f26d3ad56542136beccf9b36097dc"


def test_an_id_is_made_of_utf_8_with_nothing_escaped_that_need_not_be() -> None:
    life = Life("顧客/1", rules=[VIEWED]).at("2026-03-01 09:00")
    signal = life.view(id_='a"b\\c é\u2028/\x7f')[0]
    assert signal["signal_id"] == id_of('["顧客/1","viewed","event","web-behaviour","a\\"b\\\\c é\u2028/\x7f"]')


def test_the_id_of_what_time_caused_counts_those_of_its_rule_before() -> None:
    life = Life(rules=[rule("quiet", event="page_view", silent_days=5)])
    for day in ("01", "10", "20"):
        life.at(f"2026-03-{day} 09:00").view()
        life.buy(1000)
    life.wait("2026-06-01")
    by_time = [(signal["rule"], signal["signal_id"]) for signal in life.signals if signal["cause"]["kind"] == "silence"]
    assert by_time == [("quiet", id_of(f'["C1","quiet","time",{n}]')) for n in (0, 1, 2)]
    fall = life.signals[-1]  # only the first change was an event's
    assert (fall["cause"]["kind"], fall["signal_id"]) == ("window", id_of('["C1","segment","time",0]'))


def test_changes_that_events_caused_do_not_count_for_those_of_time() -> None:
    life = Life(lifecycle={"onboarding": {"days": 10}})
    life.at("2026-03-01 09:00").buy(1000)
    life.wait("2026-06-01")
    ids = {signal["rule"] + signal["cause"]["kind"]: signal["signal_id"] for signal in life.signals}
    assert ids["segmentevent"] == id_of('["C1","segment","event","purchases","e1"]')
    assert ids["segmentwindow"] == id_of('["C1","segment","time",0]')
    assert ids["lifecyclelifecycle"] == id_of('["C1","lifecycle","time",0]')
    life.at("2026-07-01 09:00").buy(1000)
    life.wait("2026-12-01")
    assert life.signals[-1]["signal_id"] == id_of('["C1","segment","time",1]')


# ---------------------------------------------------------------- cause


def test_the_cause_of_an_event_names_it() -> None:
    life = Life(rules=[VIEWED]).at("2026-03-01 09:00")
    assert life.view(id_="pv-1")[0]["cause"] == {
        "kind": "event", "topic": "web-behaviour", "event_id": "pv-1", "late_by_s": 0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("occurred", "kind", "late_by_s"),
    [
        ("2026-03-01 11:00", "event", 0),  # 3600 s late is not more than late_after_s
        ("2026-03-01 10:59:59.999", "late", 3600),  # whole seconds
        ("2026-03-01 10:59:59", "late", 3601),
        ("2026-02-28 12:00", "late", 86_400),
        ("2026-03-01 12:00", "event", 0),
    ],
)
def test_an_event_more_than_late_after_s_late_says_so_and_by_how_much(occurred: str, kind: str, late_by_s: int) -> None:
    life = Life(rules=[VIEWED]).at("2026-03-01 12:00")
    cause = life.view(occurred=occurred)[0]["cause"]
    assert (cause["kind"], cause["late_by_s"]) == (kind, late_by_s)


def test_what_an_event_causes_takes_effect_at_the_clock_however_late_it_came() -> None:
    life = Life(rules=[VIEWED])
    life.at("2026-03-05 12:00").buy(1)
    assert life.view(occurred="2026-03-01 12:00")[0]["effective_at"] == "2026-03-05T03:00:00.000Z"


def test_a_refund_is_its_own_kind_of_cause_even_when_late() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    cause = life.at("2026-03-05 09:00").apply("refund", "2026-03-04 09:00", amount="1000")[0]["cause"]
    assert (cause["kind"], cause["late_by_s"]) == ("refund", 86_400)


def test_a_change_of_the_account_is_an_event() -> None:
    size = {"id": "size", "label": "s", "account": "employees", "at_least": 100, "points": 20}
    life = Life(potential=scoring(facts=[size])).at("2026-03-01 09:00")
    up = life.account(id_="acc-1", employees=100)[0]
    assert (life.told(), up["cause"]["topic"], up["cause"]["event_id"]) == (
        ["2026-03-01 09:00 streamline>nurture event"], "accounts", "acc-1"
    )  # fmt: skip
    down = life.remove_account()[0]
    assert (down["cause"]["kind"], down["cause"]["event_id"]) == ("event", "account@2026-03-01T00:00:00.000Z")


def test_what_time_caused_names_no_event() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    assert life.wait("2026-06-01")[0]["cause"] == {"kind": "window"}


# ---------------------------------------------------------------- before and after


def test_before_is_after_the_clock_moved_and_before_the_event_counted() -> None:
    # 20 points of 1 March are 10 on the 11th; the view of that day makes them 30.
    life = Life(potential=scoring(VIEW))
    life.at("2026-03-01 09:00").view()
    life.signals.clear()
    life.at("2026-03-11 09:00").view()
    up = life.signals[-1]  # the fall below 12 came before
    assert up["potential"] == {"before": 10.0, "after": 30.0, "high": True}
    assert up["value"] == {"before": "0", "after": "0", "high": False}


def test_for_time_before_is_one_millisecond_earlier() -> None:
    life = Life(value={"high": {"enter": 1000, "leave": 800}})
    life.at("2026-03-01 09:00").buy("300.5")
    life.at("2026-03-05 09:00").buy("750.25")
    fall = life.wait("2026-06-01")[0]
    assert fall["effective_at"] == "2026-03-30T15:00:00.000Z"
    assert fall["value"] == {"before": "1050.75", "after": "750.25", "high": False}


def test_for_decay_before_is_the_last_score_that_was_high_enough() -> None:
    life = Life(potential=scoring(VIEW))
    life.at("2026-03-01 09:00").view()
    assert life.wait("2026-06-01")[0]["potential"] == {"before": 12.0, "after": 11.9999, "high": False}


def test_both_axes_are_told_whichever_turned() -> None:
    life = Life(potential=scoring(VIEW)).at("2026-03-01 09:00")
    life.view()
    life.buy(1000)
    up = life.signals[-1]
    assert (up["value"], up["potential"]) == (
        {"before": "0", "after": "1000", "high": True}, {"before": 20.0, "after": 20.0, "high": True}
    )  # fmt: skip
    assert (up["segment"], up["lifecycle"], up["change"]) == ("retain", "active", {"from": "nurture", "to": "retain"})


# ---------------------------------------------------------------- the rest


def test_a_signal_that_takes_effect_before_going_live_is_historical() -> None:
    life = Life(go_live="2026-04-01", rules=[VIEWED, rule("quiet", event="page_view", silent_days=10)])
    for received in ("2026-03-31 23:59:59.999", "2026-04-01 00:00"):
        life.at(received).view()
    life.wait("2026-06-01")
    assert [(signal["rule"], signal["historical"]) for signal in life.signals] == [
        ("viewed", True), ("viewed", False), ("quiet", False)
    ]  # fmt: skip


def test_what_takes_effect_at_the_instant_of_going_live_is_not_historical() -> None:
    for go_live, historical in (("2026-03-31 00:00", False), ("2026-03-31 00:00:00.001", True)):
        life = Life(go_live=go_live)
        life.at("2026-03-01 09:00").buy(1000)
        assert life.wait("2026-06-01")[0]["historical"] is historical


def test_every_signal_names_the_policy_that_decided() -> None:
    life = Life(rules=[VIEWED]).at("2026-03-01 09:00")
    assert life.view()[0]["policy_version"] == life.policy.policy_version
    assert life.policy.policy_version.startswith("small@")


def test_the_same_record_gives_the_same_signal() -> None:
    event = LogEvent(
        topic="web-behaviour", type="page_view", customer_id="C1", event_id="v", occurred_ms=0, path="/pricing"
    )
    first, second = Life(rules=[VIEWED]), Life(rules=[VIEWED])
    assert first.take(Record(event, 1, 1)) == second.take(Record(event, 1, 1))
