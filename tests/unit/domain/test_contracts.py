"""The value axis of running contracts: their yearly amounts, overlaps, grace, and what has no period.

A period of n days paid with x is worth x * 365 / n a year, so a year of 365 days is worth what was paid for it.
"""

from __future__ import annotations

from typing import Any

from tests.unit.domain.kit import Life


def contract_life(grace_days: int = 0, **high: Any) -> Life:
    return Life(value={"measure": "contract", "grace_days": grace_days, "high": high or {"enter": 1000, "leave": 500}})


def paid(life: Life, amount: object, first: str, last: str, contract: str | None = "A") -> None:
    life.buy(amount, period_from=first, period_to=last, contract_id=contract)


def test_a_period_is_worth_its_amount_times_365_by_its_days() -> None:
    life = contract_life().at("2026-01-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31")  # 365 days
    assert life.amount() == "365"
    paid(life, 100, "2026-01-01", "2026-01-31", contract="B")  # 100 * 365 / 31 = 1177.41935…
    assert life.amount() == "1542.4194"
    paid(life, 366, "2028-01-01", "2028-12-31", contract="C")  # not yet running
    assert life.amount() == "1542.4194"


def test_a_leap_year_has_366_days() -> None:
    life = contract_life().at("2028-02-29 09:00")
    paid(life, 366, "2028-01-01", "2028-12-31")
    assert life.amount() == "365"


def test_a_period_of_one_day_counts_for_that_day() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 2, "2026-03-02", "2026-03-02")  # 2 * 365 / 1
    assert [life.amount(f"2026-03-0{day}") for day in (1, 2, 3)] == ["0", "730", "0"]


def test_a_period_runs_from_its_first_midnight_to_the_midnight_after_its_last_day() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 1000, "2026-04-01", "2027-03-31")
    life.wait("2028-01-01")
    assert life.told() == ["2026-04-01 00:00 streamline>expand window", "2027-04-01 00:00 expand>streamline window"]


def test_the_period_that_began_latest_counts_where_periods_overlap() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31")
    paid(life, 730, "2026-03-01", "2027-02-28")
    assert life.amount() == "730"
    paid(life, 3650, "2026-02-01", "2027-01-31")  # applied later, began earlier
    assert life.amount() == "730"


def test_of_periods_with_one_beginning_the_last_applied_counts() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 730, "2026-01-01", "2026-12-31")
    paid(life, 365, "2026-01-01", "2026-12-31")
    assert life.amount() == "365"


def test_when_the_later_period_ends_first_the_earlier_one_counts_again() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31")
    paid(life, 310, "2026-03-01", "2026-03-31")  # 310 * 365 / 31 = 3650
    assert (life.amount("2026-03-31"), life.amount("2026-04-01")) == ("3650", "365")


def test_a_purchase_and_its_renewal_are_one_contract_by_their_id_and_two_by_two() -> None:
    for second, worth in (("A", "730"), ("B", "1095")):
        life = contract_life().at("2026-03-01 09:00")
        paid(life, 365, "2026-01-01", "2026-12-31")
        life.renew(730, period_from="2026-02-01", period_to="2027-01-31", contract_id=second)
        assert life.amount() == worth


def test_without_an_id_all_periods_of_the_customer_are_one_contract() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31", contract=None)
    paid(life, 730, "2026-02-01", "2027-01-31", contract=None)
    assert life.amount() == "730"


def test_a_gap_between_periods_is_worth_nothing_without_grace() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 280, "2026-03-01", "2026-03-28")  # 280 * 365 / 28 = 3650
    paid(life, 300, "2026-04-01", "2026-04-30")  # 300 * 365 / 30 = 3650
    days = ("2026-03-28", "2026-03-29", "2026-03-31", "2026-04-01")
    assert [life.amount(day) for day in days] == ["3650", "0", "0", "3650"]


def test_grace_carries_an_ended_period_that_many_local_days() -> None:
    life = contract_life(grace_days=3).at("2026-03-01 09:00")
    paid(life, 280, "2026-03-01", "2026-03-28")
    life.wait("2027-01-01")
    assert life.told() == ["2026-03-01 09:00 streamline>expand event", "2026-04-01 00:00 expand>streamline window"]


def test_a_record_within_the_grace_does_not_end_it() -> None:
    life = contract_life(grace_days=3).at("2026-03-01 09:00")
    paid(life, 280, "2026-03-01", "2026-03-28")
    life.at("2026-03-31 09:00").view()
    assert (life.amount(), life.amount("2026-04-01")) == ("3650", "0")


def test_grace_reaches_into_the_next_period_which_then_counts_alone() -> None:
    # The grace of March (3650 a year) reaches to 9 April, the period from 1 April is worth 365 * 365 / 365 = 365.
    life = contract_life(grace_days=9).at("2026-03-01 09:00")
    paid(life, 310, "2026-03-01", "2026-03-31")
    paid(life, 365, "2026-04-01", "2027-03-31")
    assert (life.amount("2026-03-31"), life.amount("2026-04-01")) == ("3650", "365")


def test_grace_is_of_the_period_that_ended_last() -> None:
    # Both ended on or before 20 March; the one that ended last is the smaller one, though it began earlier.
    life = contract_life(grace_days=10).at("2026-03-15 09:00")
    paid(life, 40, "2026-03-01", "2026-03-20")  # 40 * 365 / 20 = 730
    paid(life, 100, "2026-03-11", "2026-03-15")  # 100 * 365 / 5 = 7300
    assert [life.amount(f"2026-03-{day}") for day in (15, 16, 20, 21, 30, 31)] == [
        "7300",
        "730",
        "730",
        "730",
        "730",
        "0",
    ]


def test_of_periods_that_ended_together_the_later_begun_then_the_last_applied_has_grace() -> None:
    life = contract_life(grace_days=5).at("2026-03-01 09:00")
    paid(life, 10, "2026-03-11", "2026-03-20")  # 365
    paid(life, 200, "2026-03-01", "2026-03-20")  # 3650, applied later and begun earlier
    assert life.amount("2026-03-21") == "365"
    paid(life, 20, "2026-03-11", "2026-03-20")  # 730, applied last
    assert life.amount("2026-03-21") == "730"


def test_each_contract_has_its_own_grace() -> None:
    life = contract_life(grace_days=5).at("2026-03-01 09:00")
    paid(life, 200, "2026-03-01", "2026-03-20", contract="A")  # 3650
    paid(life, 10, "2026-03-11", "2026-03-20", contract="B")  # 365
    assert life.amount("2026-03-21") == "4015"
    assert life.amount("2026-03-26") == "0"


def test_a_period_booked_late_and_already_over_has_what_is_left_of_its_grace() -> None:
    life = contract_life(grace_days=5).at("2026-03-24 09:00")
    paid(life, 200, "2026-03-01", "2026-03-20")
    assert [life.amount(f"2026-03-{day}") for day in (24, 25, 26)] == ["3650", "3650", "0"]


def test_what_has_no_period_is_revenue_of_the_window() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31")
    life.buy(40)
    assert (life.amount(), life.amount("2026-03-31")) == ("405", "365")


def test_refunds_count_in_the_revenue_part() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31")
    life.refund(15)
    assert (life.amount(), life.amount("2026-03-31")) == ("350", "365")


def test_what_has_a_period_counts_in_rfm_and_lifetime_like_any_purchase() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "2026-01-01", "2026-12-31")
    public = life.public()
    assert (public["rfm"]["monetary"], public["rfm"]["frequency"]) == ("365", 1)
    assert public["months"] == [{"month": "2026-03", "purchases": 1, "amount": "365"}]


def test_a_yearly_amount_is_compared_exactly() -> None:
    # 1000 * 365 / 366 = 997.267759…, shown 997.2678, which it does not reach.
    for enter, high in (("997.2677", True), ("997.2678", False)):
        life = contract_life(enter=enter, leave="1").at("2028-01-01 09:00")
        paid(life, 1000, "2028-01-01", "2028-12-31")
        assert (life.amount(), life.state.value_high) == ("997.2678", high)


def test_foreign_money_is_converted_before_it_becomes_yearly() -> None:
    life = contract_life().at("2026-01-01 09:00")
    life.buy(2, currency="USD", period_from="2026-01-01", period_to="2026-12-31")  # 2 x 150
    assert life.amount() == "300"


def test_under_another_measure_a_period_is_plain_revenue() -> None:
    life = Life().at("2026-03-01 09:00")
    paid(life, 365, "2020-01-01", "2020-01-01")
    assert life.amount() == "365"


def test_a_gap_on_a_day_that_its_zone_skipped_is_none() -> None:
    # In Apia 31 December 2011 followed 29 December: no instant lies between the two periods.
    life = Life(timezone="Pacific/Apia", value={"measure": "contract"})
    life.at("2011-12-01 09:00")
    paid(life, 290, "2011-12-01", "2011-12-29")  # 290 * 365 / 29 = 3650
    paid(life, 310, "2011-12-31", "2012-01-30")  # 310 * 365 / 31 = 3650
    life.signals.clear()
    assert life.told(life.wait("2012-06-01")) == ["2012-01-31 00:00 expand>streamline window"]
