"""The guard against over-selling: after so many buying signals further ones go to other people only."""

from __future__ import annotations

from typing import Any

from tests.unit.domain.kit import Life, rule

VIEWED = {"event": "page_view"}


def guarded(buying_signals: int = 2, *rules: dict[str, Any]) -> Life:
    guard = {"buying_signals": buying_signals, "within_days": 90, "then_audiences": ["care"]}
    return Life(segments={"streamline": {"upsell_guard": guard}}, rules=list(rules) or [rule("viewed", **VIEWED)])


def audiences(found: list[dict[str, Any]]) -> list[object]:
    return [signal["audiences"] for signal in found]


def test_after_that_many_buying_signals_further_ones_go_elsewhere_only() -> None:
    life = guarded().at("2026-03-01 09:00")
    assert [audiences(life.view()) for _ in range(4)] == [[["sales"]], [["sales"]], [["care"]], [["care"]]]


def test_the_guard_counts_within_its_span_and_not_at_its_end() -> None:
    # 90 days after 1 March 09:00 is 30 May 09:00: then only the second signal is within.
    life = guarded()
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-02 09:00").view()
    assert audiences(life.at("2026-05-30 08:59:59.999").view()) == [["care"]]
    assert audiences(life.at("2026-05-30 09:00").view()) == [["care"]]  # 2 March and the one just before
    assert audiences(life.at("2026-12-01 09:00").view()) == [["sales"]]


def test_without_a_further_one_the_guard_lets_go_when_the_oldest_leaves() -> None:
    life = guarded()
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-02 09:00").view()
    assert audiences(life.at("2026-05-30 09:00").view()) == [["sales"]]


def test_one_that_went_elsewhere_counts_too() -> None:
    life = guarded(1)
    life.at("2026-03-01 09:00").view()
    life.at("2026-05-01 09:00").view()  # elsewhere
    assert audiences(life.at("2026-06-15 09:00").view()) == [["care"]]  # 45 days after it, 106 after the first


def test_churn_risks_are_neither_counted_nor_sent_elsewhere() -> None:
    life = guarded(1, rule("risk", type="churn_risk", **VIEWED), rule("offer", **VIEWED)).at("2026-03-01 09:00")
    assert audiences(life.view()) == [["sales"], ["sales"]]
    assert audiences(life.view()) == [["sales"], ["care"]]


def test_two_buying_signals_of_one_event_count_one_after_the_other() -> None:
    life = guarded(1, rule("a", **VIEWED), rule("b", **VIEWED)).at("2026-03-01 09:00")
    assert audiences(life.view()) == [["sales"], ["care"]]


def test_a_signal_held_back_by_its_cooldown_does_not_count() -> None:
    life = guarded(2, rule("a", cooldown_days=10, **VIEWED), rule("b", event="download")).at("2026-03-01 09:00")
    for _ in range(3):
        life.view()  # one emitted, two held back
    assert audiences(life.download()) == [["sales"]]


def test_the_guard_is_that_of_the_segment_the_customer_is_in_and_counts_those_of_others() -> None:
    life = guarded(1)
    life.at("2026-03-01 09:00").buy(1000)
    assert audiences(life.view()) == [["sales"]]  # expand has no guard
    life.refund(1000)
    assert audiences(life.view()) == [["care"]]  # streamline has, and the one before counts


def test_the_guard_changes_audiences_and_nothing_else() -> None:
    life = guarded(1, rule("viewed", severity="high", playbook="offer", **VIEWED)).at("2026-03-01 09:00")
    life.view()
    signal = life.view()[0]
    assert (signal["audiences"], signal["severity"], signal["playbook"]) == (["care"], "high", "offer")
