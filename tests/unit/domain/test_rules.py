"""Rules on events: when they speak, for which segments, in which order, and their cooldown."""

from __future__ import annotations

from typing import Any

from tests.unit.domain.kit import Life, points, rule, scoring

VIEWED = {"event": "page_view"}


def rules_of(found: list[dict[str, Any]]) -> list[object]:
    return [signal["rule"] for signal in found]


def test_a_rule_speaks_at_every_matching_event() -> None:
    life = Life(rules=[rule("viewed", **VIEWED)]).at("2026-03-01 09:00")
    for _ in range(3):
        assert rules_of(life.view()) == ["viewed"]
    assert life.download() == []


def test_a_rule_takes_audiences_severity_and_playbook_from_itself() -> None:
    keys = {"audiences": ["sales", "care"], "severity": "high", "playbook": "offer", "type": "churn_risk"}
    life = Life(rules=[rule("viewed", **VIEWED, **keys)]).at("2026-03-01 09:00")
    signal = life.view()[0]
    assert (signal["type"], signal["audiences"]) == ("churn_risk.detected", ["sales", "care"])
    assert (signal["severity"], signal["playbook"]) == ("high", "offer")


def test_a_rule_speaks_only_for_its_segments_after_the_event() -> None:
    # The view that brings 20 points makes the customer nurture: the rule for nurture speaks, the one before does not.
    life = Life(
        potential=scoring(points("view", 20, event="page_view")),
        rules=[rule("low", segments=["streamline"], **VIEWED), rule("high", segments=["nurture", "retain"], **VIEWED)],
    ).at("2026-03-01 09:00")
    assert rules_of(life.view()) == ["segment", "high"]


def test_after_lifecycle_and_segment_rules_speak_in_the_policys_order() -> None:
    life = Life(
        lifecycle={"onboarding": {"days": 30}},
        rules=[rule("second", event="purchase"), rule("first", event="purchase"), rule("other", event="refund")],
    )
    life.at("2026-03-01 09:00").view()
    found = life.buy(1000)
    assert rules_of(found) == ["lifecycle", "segment", "second", "first"]
    assert {signal["lifecycle"] for signal in found} == {"onboarding"}
    assert {signal["segment"] for signal in found} == {"expand"}


def test_within_the_cooldown_repeats_are_held_back_and_counted_in_the_next() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, **VIEWED)])
    first = life.at("2026-03-01 09:00").view()
    assert [life.at(f"2026-03-{day} 09:00").view() for day in ("02", "05", "10")] == [[], [], []]
    second = life.at("2026-03-11 09:00").view()
    third = life.at("2026-03-21 09:00").view()
    assert [signal["suppressed"] for signal in (*first, *second, *third)] == [0, 3, 0]


def test_a_cooldown_ends_at_its_exact_millisecond_and_repeats_do_not_extend_it() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, **VIEWED)])
    life.at("2026-03-01 09:00").view()
    assert life.at("2026-03-11 08:59:59.999").view() == []
    assert life.at("2026-03-11 09:00").view()


def test_a_cooldown_counts_from_when_the_signal_took_effect_and_not_from_its_event() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, **VIEWED)])
    life.at("2026-03-05 09:00").view(occurred="2026-03-01 09:00")
    assert life.at("2026-03-14 09:00").view() == []
    assert life.at("2026-03-15 09:00").view()


def test_each_rule_has_its_own_cooldown() -> None:
    life = Life(rules=[rule("a", cooldown_days=10, **VIEWED), rule("b", **VIEWED)]).at("2026-03-01 09:00")
    assert [rules_of(life.view()) for _ in range(2)] == [["a", "b"], ["b"]]


def test_what_a_segment_shuts_out_is_not_held_back() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, segments=["expand"], **VIEWED)])
    life.at("2026-03-01 09:00").buy(1000)
    life.view()
    life.refund(1000)
    life.at("2026-03-02 09:00").view()  # streamline
    life.buy(1000)
    life.view()  # expand again: held back
    assert life.at("2026-03-11 09:00").view()[0]["suppressed"] == 1


def test_while_an_event_does_not_reach_the_count_nothing_is_held_back() -> None:
    count = {"at_least": 2, "within_days": 1}
    life = Life(rules=[rule("viewed", cooldown_days=30, count=count, **VIEWED)]).at("2026-03-01 09:00")
    life.view()
    assert life.view()
    life.at("2026-03-05 09:00").view()  # one within a day
    assert life.at("2026-04-01 09:00").view() == []
    assert life.view()[0]["suppressed"] == 0
