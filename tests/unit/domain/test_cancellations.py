"""Cancellations: of everything or of one contract, on receipt or at a midnight, withdrawn or replaced."""

from __future__ import annotations

from tests.unit.domain.kit import Life


def contract_life(grace_days: int = 0) -> Life:
    """A year's contract A worth 1000 and B worth 365, both since 1 January."""
    life = Life(value={"measure": "contract", "grace_days": grace_days, "high": {"enter": 1000, "leave": 500}})
    life.at("2026-01-01 09:00").buy(1000, period_from="2026-01-01", period_to="2026-12-31", contract_id="A")
    life.buy(365, period_from="2026-01-01", period_to="2026-12-31", contract_id="B")
    life.signals.clear()
    return life


def test_a_cancellation_of_everything_makes_a_former_customer_at_its_local_midnight() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(10)
    assert life.cancel(on="2026-03-20") == []
    assert life.state.lifecycle == "active"
    assert life.next() == "2026-03-20 00:00 former lifecycle"
    assert life.wait("2026-03-19 23:59:59.999") == []
    assert life.told(life.wait("2026-03-20 00:00")) == ["2026-03-20 00:00 active>former lifecycle"]


def test_a_cancellation_takes_effect_on_the_day_it_occurred_unless_it_says_otherwise() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(10)
    assert life.told(life.at("2026-03-05 15:00").cancel()) == ["2026-03-05 15:00 active>former event"]


def test_a_cancellation_that_comes_late_ends_what_began_before_it_occurred() -> None:
    life = contract_life()
    life.buy(730, period_from="2026-03-03", period_to="2027-03-02", contract_id="C")
    found = life.at("2026-03-05 15:00").apply("cancellation", "2026-03-01 15:00")
    assert life.told(found) == ["2026-03-05 15:00 active>former late"]
    assert life.amount() == "730"


def test_a_cancellation_whose_day_is_past_takes_effect_on_receipt() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(10)
    assert life.told(life.at("2026-03-05 15:00").cancel(on="2026-02-01")) == ["2026-03-05 15:00 active>former event"]


def test_a_cancellation_effective_today_takes_effect_on_receipt() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(10)
    assert life.told(life.at("2026-03-05 00:00").cancel(on="2026-03-05")) == ["2026-03-05 00:00 active>former event"]


def test_the_midnight_of_a_cancellation_is_the_first_instant_of_that_local_day() -> None:
    life = Life(timezone="America/Sao_Paulo")
    life.at("2018-10-01 09:00").buy(10)
    life.cancel(on="2018-11-04")  # the day began at 01:00
    assert life.told(life.wait("2019-01-01"))[0] == "2018-11-04 01:00 active>former lifecycle"


def test_a_cancellation_of_a_day_that_its_zone_skipped_takes_effect_on_the_next() -> None:
    life = Life(timezone="Pacific/Apia")
    life.at("2011-12-01 09:00").buy(10)
    life.cancel(on="2011-12-30")
    assert life.told(life.wait("2012-06-01"))[0] == "2011-12-31 00:00 active>former lifecycle"


def test_a_cancellation_of_one_contract_leaves_the_customer_active() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-04-01", contract="A")
    assert life.told(life.wait("2026-06-01")) == ["2026-04-01 00:00 expand>streamline window"]
    assert (life.amount(), life.state.lifecycle) == ("365", "active")


def test_a_cancellation_of_one_contract_received_late_ends_it_on_receipt() -> None:
    life = contract_life()
    found = life.at("2026-04-10 09:00").cancel(on="2026-04-01", contract="A")
    assert life.told(found) == ["2026-04-10 09:00 expand>streamline event"]


def test_a_cancellation_of_a_contract_without_id_ends_what_has_no_id() -> None:
    life = contract_life()
    life.buy(730, period_from="2026-01-01", period_to="2026-12-31")
    life.apply("cancellation", scope="contract", effective_on="2026-02-01")
    assert (life.amount("2026-01-31"), life.amount("2026-02-01")) == ("2095", "1365")


def test_a_cancellation_of_everything_ends_every_contract_from_its_day_on() -> None:
    life = contract_life()
    life.cancel(on="2026-04-01")
    assert (life.amount("2026-03-31"), life.amount("2026-04-01")) == ("1365", "0")


def test_a_cancellation_of_everything_leaves_what_begins_on_its_day() -> None:
    life = contract_life()
    life.cancel(on="2026-04-01")
    life.buy(730, period_from="2026-04-01", period_to="2027-03-31", contract_id="A")
    assert (life.amount("2026-03-31"), life.amount("2026-04-01")) == ("1365", "730")
    life.wait("2026-04-02")
    life.at("2026-04-02 09:00").view()  # and so it stays once the cancellation has taken effect
    assert life.amount() == "730"


def test_what_one_cancellation_ended_a_second_with_an_earlier_day_does_not_bring_back() -> None:
    life = contract_life()
    life.buy(730, period_from="2026-03-05", period_to="2027-03-04", contract_id="C")
    life.at("2026-04-10 09:00").cancel()
    life.cancel(on="2026-03-01")
    assert life.amount() == "0"


def test_a_cancellation_ends_the_grace_too() -> None:
    life = contract_life(grace_days=45)
    life.cancel(on="2027-01-10", contract="A")
    assert life.amount("2027-01-09") == "1365"  # both in grace since 1 January 2027
    assert life.amount("2027-01-10") == "365"


def test_a_cancellation_ends_only_periods_that_began_before_its_day() -> None:
    life = contract_life()
    life.cancel(on="2026-04-01", contract="A")
    life.renew(730, period_from="2026-04-01", period_to="2027-03-31", contract_id="A")
    assert (life.amount("2026-03-31"), life.amount("2026-04-01")) == ("1365", "1095")


def test_a_period_booked_after_the_cancellation_but_begun_before_it_has_ended_too() -> None:
    life = contract_life()
    life.at("2026-04-02 09:00").cancel(on="2026-04-01", contract="A")
    life.renew(730, period_from="2026-03-31", period_to="2027-03-30", contract_id="A")
    assert life.amount() == "365"


def test_a_renewal_before_it_takes_effect_withdraws_a_cancellation_of_everything() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-04-01")
    life.at("2026-03-31 23:59:59.999").renew(0)
    assert life.wait("2026-12-31") == []
    assert (life.amount(), life.state.lifecycle) == ("1365", "active")  # and it ended no contract


def test_a_renewal_at_the_instant_it_takes_effect_comes_too_late_and_brings_the_customer_back() -> None:
    life = Life()
    life.at("2026-03-01 09:00").cancel(on="2026-04-01")
    life.at("2026-04-01 00:00").renew(1)
    assert life.told() == ["2026-04-01 00:00 active>former lifecycle", "2026-04-01 00:00 former>active event"]


def test_a_purchase_withdraws_nothing() -> None:
    life = Life()
    life.at("2026-03-01 09:00").cancel(on="2026-04-01")
    life.at("2026-03-31 09:00").buy(1)
    assert life.told(life.wait("2026-06-01")) == ["2026-04-01 00:00 active>former lifecycle"]


def test_a_renewal_does_not_withdraw_the_cancellation_of_one_contract() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-04-01", contract="A")
    life.renew(1, contract_id="A")
    assert life.amount("2026-04-01") == "365"


def test_a_later_cancellation_replaces_one_not_yet_in_effect() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-04-01")
    life.at("2026-03-02 09:00").cancel(on="2026-05-01")
    assert life.amount("2026-04-30") == "1365"
    assert life.told(life.wait("2026-12-31")) == ["2026-05-01 00:00 active>former lifecycle"]


def test_a_replacement_may_be_earlier() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-05-01")
    life.at("2026-03-02 09:00").cancel(on="2026-04-01")
    assert life.told(life.wait("2026-12-31")) == ["2026-04-01 00:00 active>former lifecycle"]


def test_a_replacement_whose_day_is_past_takes_effect_on_receipt() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-05-01")
    assert life.told(life.at("2026-03-02 09:00").cancel(on="2026-02-01")) == ["2026-03-02 09:00 active>former event"]
    assert life.told(life.wait("2026-12-31")) == []


def test_one_in_effect_is_not_withdrawn_and_its_contracts_stay_ended() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel(on="2026-03-01")
    life.at("2026-03-02 09:00").renew(730, period_from="2026-03-02", period_to="2027-03-01", contract_id="A")
    assert (life.state.lifecycle, life.amount()) == ("active", "730")


def test_a_former_customer_may_cancel_again_without_further_news() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel()
    life.at("2026-03-02 09:00").cancel()
    life.cancel(on="2026-04-01")
    assert life.told(life.wait("2026-06-01")) == []


def test_a_cancellation_noted_while_former_still_ends_what_was_bought_since() -> None:
    life = contract_life()
    life.at("2026-03-01 09:00").cancel()
    life.cancel(on="2026-04-01")
    life.at("2026-03-10 09:00").buy(730, period_from="2026-03-10", period_to="2027-03-09", contract_id="A")
    assert life.state.lifecycle == "active"
    assert (life.amount("2026-03-31"), life.amount("2026-04-01")) == ("730", "0")
    life.signals.clear()
    assert life.told(life.wait("2026-06-01")) == ["2026-04-01 00:00 active>former lifecycle"]
