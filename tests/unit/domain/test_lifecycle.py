"""Onboarding, active, former: when each begins, what it silences, and how a customer comes back."""

from __future__ import annotations

from tests.unit.domain.kit import Life, points, rule, scoring

ONBOARDING = {"onboarding": {"days": 90}}
VIEW_20 = scoring(points("view", 20, event="page_view", half_life_days=10))


def test_the_first_lifecycle_is_set_silently() -> None:
    for lifecycle, of_first in ((ONBOARDING, "onboarding"), ({}, "active")):
        life = Life(lifecycle=lifecycle)
        life.at("2026-03-01 09:00").buy(10)
        assert (life.state.lifecycle, life.signals) == (of_first, [])


def test_even_former_is_silent_as_the_first_lifecycle() -> None:
    life = Life()
    life.at("2026-03-01 09:00").cancel()
    assert (life.state.lifecycle, life.signals) == ("former", [])


def test_onboarding_lasts_that_many_local_days_from_the_first_purchase_day_on() -> None:
    # 1 March + 90 days is 30 May: 31 March days, 30 of April, 29 of May.
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 23:59").buy(10)
    assert life.wait("2026-05-29 23:59:59.999") == []
    assert life.told(life.wait("2026-06-30")) == ["2026-05-30 00:00 onboarding>active lifecycle"]


def test_a_customer_without_purchases_is_active() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").view()
    assert life.state.lifecycle == "active"
    assert life.told(life.at("2026-03-05 09:00").buy(10)) == ["2026-03-05 09:00 active>onboarding event"]


def test_a_late_purchase_that_becomes_the_first_shortens_onboarding() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").buy(10)
    life.at("2026-03-02 09:00").buy(10, "2026-02-01 09:00")
    assert life.next() == "2026-05-02 00:00 active lifecycle"  # 1 February + 90 days: 28 + 31 + 30 + 1
    found = life.at("2026-03-03 09:00").buy(10, "2025-12-03 09:00")  # 90 days before
    assert life.told(found) == ["2026-03-03 09:00 onboarding>active late"]


def test_a_refund_of_the_first_day_begins_onboarding_anew_with_the_next() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").buy(10)
    life.at("2026-05-20 09:00").buy(10)
    life.wait("2026-05-30")
    life.signals.clear()
    found = life.at("2026-06-01 09:00").refund(10, order="2026-03-01 09:00", full=True)
    assert life.told(found) == ["2026-06-01 09:00 active>onboarding refund"]


def test_in_onboarding_every_signal_takes_its_audiences_and_playbook_but_keeps_its_severity() -> None:
    life = Life(
        lifecycle=ONBOARDING,
        potential=VIEW_20,
        rules=[rule("viewed", event="page_view", playbook="offer", severity="high")],
    )
    life.at("2026-03-01 09:00").buy(10)
    change, viewed = life.view()
    assert (change["audiences"], change["playbook"], change["severity"]) == (["welcome"], "welcome", "high")
    assert (viewed["audiences"], viewed["playbook"], viewed["severity"]) == (["welcome"], "welcome", "high")


def test_after_onboarding_signals_go_where_they_say() -> None:
    life = Life(lifecycle=ONBOARDING, potential=VIEW_20)
    life.at("2026-03-01 09:00").buy(10)
    change = life.at("2026-06-01 09:00").view()[-1]
    assert (change["audiences"], change["playbook"], change["lifecycle"]) == (["sales"], None, "active")


def test_a_change_of_lifecycle_tells_those_of_the_new_one() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").buy(10)
    ended = life.wait("2026-06-01")[0]
    assert (ended["audiences"], ended["severity"], ended["playbook"]) == (["care"], "low", None)
    left = life.at("2026-06-02 09:00").cancel()[0]
    assert (left["audiences"], left["severity"], left["playbook"]) == (["care", "sales"], "high", "goodbye")


def test_a_former_customer_keeps_its_segment_while_its_axes_go_on() -> None:
    life = Life(potential=VIEW_20)
    life.at("2026-03-01 09:00").buy(1000)
    life.cancel()
    life.signals.clear()
    life.at("2026-03-05 09:00").view()
    assert (life.state.segment, life.state.potential_high, life.public()["segment"]) == ("expand", True, "expand")
    life.wait("2026-06-01")  # revenue leaves on 31 March; 20 points fall below 12 in a week
    assert (life.state.segment, life.state.value_high, life.state.potential_high) == ("expand", False, False)
    assert life.signals == []


def test_for_a_former_customer_no_rule_fires_and_none_is_held_back() -> None:
    life = Life(
        rules=[rule("viewed", event="page_view", cooldown_days=1), rule("quiet", event="page_view", silent_days=2)]
    )
    life.at("2026-03-01 09:00").cancel()
    life.at("2026-03-02 09:00").view()
    life.wait("2026-03-31")
    assert life.signals == []
    life.at("2026-04-01 09:00").buy(10)
    found = life.view()
    assert [(signal["rule"], signal["suppressed"]) for signal in found] == [("viewed", 0)]


def test_a_purchase_or_renewal_brings_a_former_customer_back() -> None:
    for kind in ("purchase", "renewal"):
        life = Life()
        life.at("2026-03-01 09:00").buy(10)
        life.cancel()
        life.signals.clear()
        life.at("2026-03-05 09:00").view()
        found = life.at("2026-03-06 09:00").apply(kind, amount="10")
        assert life.told(found) == ["2026-03-06 09:00 former>active event"]


def test_a_late_purchase_applied_after_the_cancellation_brings_back_too() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(10)
    life.at("2026-03-05 09:00").cancel()
    assert (
        life.told(life.at("2026-03-06 09:00").buy(10, "2026-03-02 09:00"))[-1] == "2026-03-06 09:00 former>active late"
    )


def test_a_customer_that_returns_within_its_onboarding_days_is_onboarding_again() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").buy(10)
    life.at("2026-03-05 09:00").cancel()
    life.signals.clear()
    assert life.told(life.at("2026-03-06 09:00").buy(10)) == ["2026-03-06 09:00 former>onboarding event"]


def test_on_return_the_segment_is_decided_afresh_regardless_of_dwell() -> None:
    # Expand since 1 March with a dwell of 60 days; back on 10 April, when the 1000 of 1 March have left the window.
    life = Life(min_dwell_days=60)
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-02 09:00").cancel()
    life.signals.clear()
    found = life.at("2026-04-10 09:00").buy(10)
    assert life.told(found) == ["2026-04-10 09:00 former>active event", "2026-04-10 09:00 expand>streamline event"]


def test_on_return_to_the_same_segment_there_is_no_change_of_it() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.cancel()
    life.signals.clear()
    assert life.told(life.at("2026-03-02 09:00").buy(10)) == ["2026-03-02 09:00 former>active event"]
    assert life.state.segment == "expand"


def test_the_change_on_return_begins_a_new_dwell() -> None:
    life = Life(min_dwell_days=60)
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-02 09:00").cancel()
    life.at("2026-04-10 09:00").buy(10)  # expand to streamline
    life.signals.clear()
    assert life.at("2026-06-01 09:00").buy(2000) == []
    assert life.next() == "2026-06-09 09:00 expand dwell"  # 10 April and 60 days: 20 + 31 + 9


def test_a_former_customers_first_day_stays_so_that_a_return_after_onboarding_is_active() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").buy(10)
    life.at("2026-03-05 09:00").cancel()
    life.signals.clear()
    assert life.told(life.at("2026-08-01 09:00").buy(10)) == ["2026-08-01 09:00 former>active event"]


def test_a_former_customer_is_not_told_that_its_onboarding_is_over() -> None:
    life = Life(lifecycle=ONBOARDING)
    life.at("2026-03-01 09:00").buy(10)
    life.at("2026-03-05 09:00").cancel()
    life.signals.clear()
    assert (life.wait("2026-12-31"), life.next()) == ([], None)
