"""Rules on silence: when they speak, what puts them off, and when they never do."""

from __future__ import annotations

from typing import Any

from tests.unit.domain.kit import Life, rule

QUIET = {"event": ["page_view", "inquiry"], "silent_days": 10, "type": "churn_risk"}


def quiet_life(**keys: Any) -> Life:
    return Life(rules=[rule("quiet", **QUIET, **keys)])


def test_silence_is_told_that_many_days_after_the_newest_matching_event_to_the_millisecond() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00:00.123").view()
    assert life.wait("2026-03-11 09:00:00.122") == []
    assert life.told(life.wait("2026-03-11 09:00:00.123")) == ["2026-03-11 09:00:00.123 quiet silence"]


def test_silence_is_told_once() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view()
    life.wait("2026-03-20")
    assert (life.wait("2027-03-20"), life.at("2027-04-01 09:00").download()) == ([], [])


def test_it_is_told_before_the_record_that_passes_the_instant() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view()
    assert life.told(life.at("2026-04-01 09:00").view()) == ["2026-03-11 09:00 quiet silence"]
    assert life.told(life.wait("2026-05-01")) == ["2026-04-11 09:00 quiet silence"]


def test_a_matching_event_renews_the_deadline_and_another_does_not() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-08 09:00").apply("inquiry", text="hello")
    life.at("2026-03-10 09:00").download()
    assert life.told(life.wait("2026-05-01")) == ["2026-03-18 09:00 quiet silence"]


def test_an_event_at_the_very_instant_comes_after_the_silence() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view()
    assert life.told(life.at("2026-03-11 09:00").view()) == ["2026-03-11 09:00 quiet silence"]


def test_a_late_event_renews_the_deadline_only_if_it_is_the_newest() -> None:
    life = quiet_life()
    life.at("2026-03-05 09:00").view()
    life.at("2026-03-08 09:00").view(occurred="2026-03-04 09:00")
    life.at("2026-03-09 09:00").view(occurred="2026-03-06 09:00")
    assert life.told(life.wait("2026-05-01")) == ["2026-03-16 09:00 quiet silence"]


def test_of_two_events_of_one_instant_the_later_applied_is_the_evidence() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view(id_="first")
    life.view(id_="second")
    assert life.wait("2026-05-01")[0]["evidence"][0]["event_id"] == "second"


def test_a_deadline_not_after_the_clock_when_it_arises_never_speaks() -> None:
    for occurred in ("2026-03-01 09:00", "2026-03-10 09:00"):  # 1 March + 10 days is exactly now; 10 March's is not
        life = quiet_life()
        life.at("2026-03-11 09:00").view(occurred=occurred)
        told = life.told(life.wait("2026-12-31"))
        assert told == ([] if occurred == "2026-03-01 09:00" else ["2026-03-20 09:00 quiet silence"])


def test_a_late_newest_event_whose_deadline_has_passed_takes_the_deadline_away() -> None:
    # The view of 1 March was to be told on the 11th. What comes on the 20th happened on the 5th: its 15th has passed.
    life = quiet_life()
    life.at("2026-03-01 09:00").view()
    life.signals.clear()
    life.at("2026-03-20 09:00").view(occurred="2026-03-05 09:00")
    assert life.told() == ["2026-03-11 09:00 quiet silence"]
    assert life.wait("2026-12-31") == []


def test_a_customer_without_any_such_event_is_unknown_and_not_silent() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").buy(10)
    assert life.wait("2027-03-01") == []


def test_all_of_the_rules_event_conditions_count() -> None:
    life = Life(rules=[rule("quiet", event="page_view", page="pricing", silent_days=10)])
    life.at("2026-03-01 09:00").view("/pricing")
    life.at("2026-03-05 09:00").view("/about")
    assert life.told(life.wait("2026-05-01")) == ["2026-03-11 09:00 quiet silence"]


def test_silence_speaks_only_for_its_segments_at_that_instant() -> None:
    # Expand until the midnight of 31 March, when the purchase leaves the window.
    for viewed, told in (("2026-03-20 23:59:59.999", True), ("2026-03-21 00:00", False)):
        life = quiet_life(segments=["expand"])
        life.at("2026-03-01 09:00").buy(1000)
        life.at(viewed).view()
        life.signals.clear()
        life.wait("2026-05-01")
        assert ("quiet" in [signal["rule"] for signal in life.signals]) is told


def test_silence_shut_out_by_the_segment_does_not_come_later() -> None:
    life = quiet_life(segments=["expand"])
    life.at("2026-03-01 09:00").view()
    life.wait("2026-03-20")
    life.at("2026-03-21 09:00").buy(1000)
    assert [news.split()[2] for news in life.told(life.wait("2026-04-10"))] == []


def test_silence_has_a_cooldown_too() -> None:
    life = quiet_life(cooldown_days=30)
    for received in ("2026-03-01 09:00", "2026-03-12 09:00", "2026-04-20 09:00"):
        life.at(received).view()
    life.wait("2026-05-10")
    # 11 March; 22 March is held back; 30 April is 50 days after the first.
    assert [(news[:10], signal["suppressed"]) for news, signal in zip(life.told(), life.signals, strict=True)] == [
        ("2026-03-11", 0),
        ("2026-04-30", 1),
    ]


def test_a_buying_signal_of_silence_counts_for_the_guard() -> None:
    guard = {"buying_signals": 1, "within_days": 90, "then_audiences": ["care"]}
    life = Life(
        segments={"streamline": {"upsell_guard": guard}},
        rules=[rule("quiet", event="page_view", silent_days=10), rule("viewed", event="download")],
    )
    life.at("2026-03-01 09:00").view()
    life.wait("2026-03-12")
    assert life.at("2026-03-13 09:00").download()[0]["audiences"] == ["care"]


def test_silence_does_not_move_the_customers_clock() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view()
    life.wait("2026-04-01")
    assert life.public()["as_of"] == "2026-03-01T00:00:00.000Z"


def test_silence_rules_of_one_instant_speak_in_the_policys_order() -> None:
    life = Life(
        rules=[
            rule("z", event="page_view", silent_days=10),
            rule("never", event="download", silent_days=10),
            rule("a", event="page_view", silent_days=10),
        ]
    )
    life.at("2026-03-01 09:00").view()
    assert [signal["rule"] for signal in life.wait("2026-05-01")] == ["z", "a"]


def test_the_evidence_of_silence_is_the_newest_event() -> None:
    life = quiet_life()
    life.at("2026-03-01 09:00").view("/pricing", id_="v1")
    evidence = life.wait("2026-05-01")[0]["evidence"]
    assert evidence == [
        {
            "rule": "quiet",
            "label": "label of quiet",
            "events": 1,
            "event_id": "v1",
            "occurred_at": "2026-03-01T00:00:00.000Z",
        }
    ]
