"""Revenue, frequency and monetary value: what a window of local days holds, and when time alone changes it.

The window of the small policy is 30 local days: what was bought on day d leaves at the midnight that begins d + 30.
"""

from __future__ import annotations

import pytest

from tests.unit.domain.kit import Life


def test_a_purchase_counts_until_the_midnight_that_begins_the_day_thirty_days_later() -> None:
    life = Life()
    life.at("2026-03-01 23:59:59.999").buy(1000)
    assert life.amount("2026-03-30 23:59:59.999") == "1000"
    assert life.amount("2026-03-31 00:00") == "0"


def test_a_purchase_a_millisecond_later_counts_a_day_longer() -> None:
    life = Life()
    life.at("2026-03-02 00:00").buy(1000)
    assert life.amount("2026-03-31 23:59:59.999") == "1000"
    assert life.amount("2026-04-01") == "0"


@pytest.mark.parametrize(("bought", "leaves"), [("2028-01-31", "2028-03-01"), ("2027-01-31", "2027-03-02")])
def test_february_is_as_long_as_it_is(bought: str, leaves: str) -> None:
    # From 31 January 30 days lead to 1 March in the leap year 2028, to 2 March in 2027.
    life = Life()
    life.at(f"{bought} 12:00").buy(1000)
    assert life.told(life.wait("2030-01-01")) == [f"{leaves} 00:00 expand>streamline window"]


@pytest.mark.parametrize(
    ("zone", "bought", "leaves"),
    [
        ("America/New_York", "2026-02-06", "2026-03-08 00:00"),  # a day of 23 hours
        ("America/New_York", "2026-10-02", "2026-11-01 00:00"),  # a day of 25 hours
        ("America/Sao_Paulo", "2018-10-05", "2018-11-04 01:00"),  # a day without midnight
        ("Asia/Beirut", "2022-02-25", "2022-03-27 01:00"),
        ("Africa/Cairo", "2023-03-29", "2023-04-28 01:00"),
        ("Pacific/Apia", "2011-11-30", "2011-12-31 00:00"),  # 30 December was skipped
    ],
)
def test_a_window_ends_at_the_first_instant_of_the_local_day(zone: str, bought: str, leaves: str) -> None:
    life = Life(timezone=zone)
    life.at(f"{bought} 12:00").buy(1000)
    assert life.told(life.wait("2027-01-01")) == [f"{leaves} expand>streamline window"]


def test_a_window_of_one_day_holds_today() -> None:
    life = Life(value={"window_days": 1})
    life.at("2026-03-01 00:00").buy(1000)
    assert life.amount("2026-03-01 23:59:59.999") == "1000"
    assert life.amount("2026-03-02") == "0"


def test_a_late_purchase_counts_on_the_day_it_happened() -> None:
    life = Life()
    life.at("2026-03-30 12:00").buy(1000, "2026-03-01 12:00")  # the last day on which it counts
    assert life.amount() == "1000"
    assert life.next() == "2026-03-31 00:00 streamline window"


def test_a_late_purchase_behind_the_window_counts_for_nothing_but_the_lifetime() -> None:
    life = Life()
    life.at("2026-03-31 12:00").buy(1000, "2026-03-01 12:00")
    public = life.public()
    assert (public["value"]["amount"], public["rfm"]["frequency"], public["rfm"]["monetary"]) == ("0", 0, "0")
    assert (public["rfm"]["recency_days"], public["lifetime"]["first_day"]) == (30, "2026-03-01")
    assert life.told() == []


def test_a_purchase_from_before_local_midnight_received_after_it_counts_on_the_day_before() -> None:
    life = Life()
    life.at("2026-03-02 00:00:01").buy(1000, "2026-03-01 23:59:59.999")
    assert life.public()["rfm"]["recency_days"] == 1


def test_frequency_counts_purchases_and_renewals_and_nothing_else() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(100)
    life.renew(100)
    life.refund(10)
    life.cancel(on="2027-01-01")
    life.apply("plan_change", from_plan="basic", to_plan="plus", direction="upgrade", amount="500")
    life.apply("deal_won", amount="500")
    assert life.public()["rfm"]["frequency"] == 2
    assert life.amount() == "190"


def test_monetary_value_is_what_was_paid_less_what_went_back() -> None:
    life = Life(rfm={"window_days": 10})
    life.at("2026-03-01 09:00").buy("100.5")
    life.at("2026-03-02 09:00").buy(10, currency="USD")  # 10 x 150 = 1500
    life.at("2026-03-03 09:00").refund("0.25")
    assert life.public()["rfm"]["monetary"] == "1600.25"
    assert life.public("2026-03-11")["rfm"]["monetary"] == "1499.75"  # without the 100.5 of 1 March


def test_the_windows_of_value_and_rfm_are_their_own() -> None:
    life = Life(value={"window_days": 5}, rfm={"window_days": 10})
    life.at("2026-03-01 09:00").buy(700)
    assert life.amount("2026-03-06") == "0"
    assert life.public("2026-03-10")["rfm"]["monetary"] == "700"
    assert life.public("2026-03-11")["rfm"]["monetary"] == "0"


def test_of_a_sum_only_what_leaves_the_window_leaves() -> None:
    # 400 of 1 March and 700 of 5 March: 1100 turns high at >= 1000; on 31 March 700 are left (>= 500 stays high);
    # on 4 April nothing is left.
    life = Life()
    life.at("2026-03-01 09:00").buy(400)
    life.at("2026-03-05 09:00").buy(700)
    assert life.amount("2026-03-31") == "700"
    life.wait("2026-05-01")
    assert life.told() == ["2026-03-05 09:00 streamline>expand event", "2026-04-04 00:00 expand>streamline window"]


def test_amounts_that_floats_cannot_hold_are_exact() -> None:
    life = Life(value={"high": {"enter": "0.3", "leave": "0.3"}})
    for _ in range(3):
        life.at("2026-03-01 09:00").buy("0.1")  # as floats 0.30000000000000004, and two of ten would miss
    assert life.amount() == "0.3"
    assert life.state.value_high


def test_refunds_beyond_all_purchases_make_the_value_negative() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(100)
    life.refund("250.5")
    assert life.amount() == "-150.5"
