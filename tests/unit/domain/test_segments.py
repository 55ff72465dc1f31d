"""Segments: the four of them, hysteresis on both axes, and the dwell after a change.

Value turns high at 1000 and low below 500, potential high at 18 and low below 12.
"""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.domain.kit import Life, points, rule, scoring

STAYING = scoring(points("view", 1, event="page_view"), points("fund", 20, event="press_release", expires_days=5))


def staying(score: int) -> dict[str, Any]:
    """One download is worth that many points for ever."""
    return scoring(points("download", score, event="download"), points("view", "0.0001", event="page_view"))


@pytest.mark.parametrize(
    ("bought", "score", "segment"),
    [(1000, 18, "retain"), (999, 18, "nurture"), (1000, 17, "expand"), (999, 17, "streamline")],
)
def test_each_pair_of_axes_has_its_segment(bought: int, score: int, segment: str) -> None:
    life = Life(potential=staying(score)).at("2026-03-01 09:00")
    life.download()
    life.buy(bought)
    assert life.state.segment == segment


def test_a_customer_starts_as_streamline_silently() -> None:
    life = Life()
    life.at("2026-03-01 09:00").view()
    assert (life.public()["segment"], life.signals, life.public()["segment_history"]) == ("streamline", [], [])
    assert life.public()["segment_since"] == "2026-03-01T00:00:00.000Z"


def test_a_score_that_is_high_without_any_purchase_is_high_from_the_first_record_on() -> None:
    life = Life(value={"measure": "rfm", "high": {"enter": 1, "leave": 1}})
    life.at("2026-03-01 09:00").view()
    assert life.told() == ["2026-03-01 09:00 streamline>expand event"]
    assert life.public()["value"] == {"measure": "rfm", "amount": "1", "high": True}


def test_the_first_record_may_change_the_segment_and_tells() -> None:
    life = Life()
    assert life.told(life.at("2026-03-01 09:00").buy(1000)) == ["2026-03-01 09:00 streamline>expand event"]


@pytest.mark.parametrize(("amount", "high"), [("999.999999", False), ("1000", True)])
def test_low_value_turns_high_exactly_at_enter(amount: str, high: bool) -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(amount)
    assert life.state.value_high is high


@pytest.mark.parametrize(("amount", "high"), [("500", True), ("499.999999", False)])
def test_high_value_turns_low_only_below_leave(amount: str, high: bool) -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-02 09:00").buy(amount)
    life.wait("2026-03-31")
    assert life.state.value_high is high


def test_between_leave_and_enter_an_axis_stays_as_it_was() -> None:
    low, high = Life(), Life()
    low.at("2026-03-01 09:00").buy(700)
    high.at("2026-03-01 09:00").buy(1000)
    high.refund(300)
    assert (low.amount(), low.state.value_high) == ("700", False)
    assert (high.amount(), high.state.value_high) == ("700", True)


def test_a_refund_below_leave_turns_value_low_at_once() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    assert life.told(life.at("2026-03-02 09:00").refund(501)) == ["2026-03-02 09:00 expand>streamline refund"]


def test_a_score_exactly_on_enter_turns_high_and_exactly_on_leave_stays_high() -> None:
    # 18 points for ever and 20 more for five days: at 38 it turns high at the latest; then 18; 12 with a rating of -6.
    facts = [{"id": "sales", "label": "s", "rating": {"high": 0, "medium": "-6", "low": "-6.0001"}}]
    life = Life(potential=scoring(points("download", 18, event="download"), facts=facts)).at("2026-03-01 09:00")
    assert life.told(life.download()) == ["2026-03-01 09:00 streamline>nurture event"]
    assert (life.rate("medium"), life.score()) == ([], 12.0)
    assert (life.told(life.rate("low")), life.score()) == (["2026-03-01 09:00 nurture>streamline event"], 11.9999)


def test_equal_thresholds_turn_both_ways_at_the_same_amount() -> None:
    life = Life(value={"high": {"enter": 1000, "leave": 1000}}).at("2026-03-01 09:00")
    life.buy(1000)
    life.refund("0.000001")
    life.buy("0.000001")
    assert [news.split()[2] for news in life.told()] == [
        "streamline>expand", "expand>streamline", "streamline>expand"
    ]  # fmt: skip


def test_without_dwell_the_segment_follows_at_once_however_often() -> None:
    life = Life().at("2026-03-01 09:00")
    for _ in range(3):
        life.buy(1000)
        life.refund(1000)
    assert len(life.signals) == 6


def dwelling(**changes: Any) -> Life:
    """Expand since 1 March 09:00, and so until 11 March 09:00 at least."""
    life = Life(min_dwell_days=10, **changes)
    life.at("2026-03-01 09:00").buy(1000)
    life.signals.clear()
    return life


def test_the_start_is_no_change_and_needs_no_dwell() -> None:
    life = Life(min_dwell_days=10)
    life.at("2026-03-01 09:00").view()
    assert life.told(life.buy(1000)) == ["2026-03-01 09:00 streamline>expand event"]


def test_while_it_dwells_the_axes_go_on_turning_and_the_segment_follows_when_it_is_over() -> None:
    life = dwelling()
    assert life.at("2026-03-05 09:00").refund(1000) == []
    assert (life.state.segment, life.state.value_high) == ("expand", False)
    assert life.next() == "2026-03-11 09:00 streamline dwell"
    assert life.wait("2026-03-11 08:59:59.999") == []
    assert life.told(life.wait("2026-03-11 09:00")) == ["2026-03-11 09:00 expand>streamline dwell"]


def test_an_event_at_the_very_end_of_the_dwell_comes_after_it() -> None:
    life = dwelling()
    life.at("2026-03-05 09:00").refund(1000)
    found = life.at("2026-03-11 09:00").buy(1000)
    assert life.told(found) == ["2026-03-11 09:00 expand>streamline dwell"]  # and another dwell has begun
    assert (life.state.value_high, life.next()) == (True, "2026-03-21 09:00 expand dwell")


def test_a_change_caused_at_the_end_of_the_dwell_or_later_needs_no_waiting() -> None:
    life = dwelling()
    assert life.told(life.at("2026-03-11 09:00").refund(1000)) == ["2026-03-11 09:00 expand>streamline refund"]


def test_an_axis_that_turns_back_while_it_dwells_leaves_nothing_to_follow() -> None:
    life = dwelling()
    life.at("2026-03-05 09:00").refund(1000)
    life.at("2026-03-07 09:00").buy(1000)
    assert life.wait("2026-03-20") == []
    assert life.state.segment == "expand"


def test_what_time_turns_while_it_dwells_is_followed_at_its_end_with_the_cause_dwell() -> None:
    # 20 points until 6 March 09:00 (five days); the dwell ends on the 11th.
    life = Life(min_dwell_days=10, potential=STAYING).at("2026-03-01 09:00")
    life.apply("press_release", headline="x")
    assert life.told() == ["2026-03-01 09:00 streamline>nurture event"]
    life.signals.clear()
    assert life.told(life.wait("2026-04-01")) == ["2026-03-11 09:00 nurture>streamline dwell"]


def test_both_axes_turned_while_it_dwells_are_followed_in_one_step() -> None:
    life = dwelling(potential=STAYING)
    life.at("2026-03-08 09:00").refund(1000)
    life.apply("press_release", headline="x")  # 20 points until 13 March 09:00
    assert life.told(life.wait("2026-03-12")) == ["2026-03-11 09:00 expand>nurture dwell"]
    # The new dwell ends on 21 March 09:00; the points are gone since the 13th.
    assert life.told(life.wait("2026-04-30"))[0] == "2026-03-21 09:00 nurture>streamline dwell"


def test_a_fall_at_the_very_end_of_the_dwell_is_followed_with_its_own_cause() -> None:
    # Dwell and five days of points end together on 6 March 09:00; nothing was pending before.
    life = Life(min_dwell_days=5, potential=STAYING).at("2026-03-01 09:00")
    life.apply("press_release", headline="x")
    life.signals.clear()
    assert life.told(life.wait("2026-04-01")) == ["2026-03-06 09:00 nurture>streamline expiry"]


def test_a_dwell_is_a_span_and_not_local_days() -> None:
    life = Life(timezone="America/New_York", min_dwell_days=1)
    life.at("2026-03-07 12:00").buy(1000)
    life.refund(1000)
    assert life.told(life.wait("2026-04-01"))[-1] == "2026-03-08 13:00 expand>streamline dwell"  # 24 hours later


def test_a_dwelling_customers_rules_go_by_the_segment_it_still_has() -> None:
    life = dwelling(rules=[rule("viewed", event="page_view", segments=["expand"])])
    life.at("2026-03-05 09:00").refund(1000)
    assert [signal["rule"] for signal in life.view()] == ["viewed"]
    life.at("2026-03-12 09:00")
    assert life.told(life.view()) == ["2026-03-11 09:00 expand>streamline dwell"]


def test_the_history_keeps_the_last_twelve_changes() -> None:
    life = Life().at("2026-03-01 09:00")
    for _ in range(7):
        life.buy(1000)
        life.refund(1000)
    shown = life.public()["segment_history"]
    assert len(shown) == 12
    assert shown[0] == {"at": "2026-03-01T00:00:00.000Z", "from": "streamline", "to": "expand", "cause": "event"}
    assert shown[-1] == {"at": "2026-03-01T00:00:00.000Z", "from": "expand", "to": "streamline", "cause": "refund"}


def test_segment_since_is_the_last_change() -> None:
    life = Life()
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-02 09:00").buy(1000)
    assert life.public()["segment_since"] == "2026-03-02T00:00:00.000Z"
