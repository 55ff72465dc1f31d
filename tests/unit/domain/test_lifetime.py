"""What models of customer lifetime start from, and what is kept of days older than every window.

The measures are those of Fader, Hardie & Lee (2005), "Counting Your Customers" the Easy Way, Marketing Science 24(2):
repeat purchase days, the last of them, and the mean spend on them (the first day left out).
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import pytest

from tests.unit.domain.kit import Life

Orders = Sequence[tuple[str, str]]

# Orders until 30 September 1997 and the published summary (x, t_x in weeks, mean spend) of customers 1, 2, 6 and 7 of
# the CDNOW 1/10 sample: P. Fader & B. Hardie, "Creating a Customer-by-Sufficient-Statistic Summary", with the files
# CDNOW_sample.txt and cdnow_customers_summary_with_transactions.csv as lifetimes 0.11.3 carries them.
CDNOW: list[tuple[Orders, tuple[int, float, float]]] = [
    ([("0101", "29.33"), ("0118", "29.73"), ("0802", "14.96")], (2, 30.43, 22.35)),
    ([("0101", "63.34"), ("0113", "11.77")], (1, 1.71, 11.77)),
    (
        [
            *(("0101", "35.99"), ("0111", "32.99"), ("0315", "77.96"), ("0416", "59.30")),
            *(("0424", "134.98"), ("0623", "91.92"), ("0722", "47.08"), ("0726", "71.96")),
        ],
        (7, 29.43, 73.74),
    ),
    ([("0101", "11.77"), ("0205", "11.77")], (1, 5.00, 11.77)),
]


def lifetime(life: Life) -> tuple[object, ...]:
    shown = life.public()["lifetime"]
    return shown["first_day"], shown["last_day"], shown["repeat_days"], shown["mean_repeat_spend"]


@pytest.mark.parametrize(("orders", "published"), CDNOW)
def test_the_figures_of_cdnow_customers_are_those_published(
    orders: Orders, published: tuple[int, float, float]
) -> None:
    life = Life(timezone="America/New_York")
    for day, amount in orders:
        life.at(f"1997-{day[:2]}-{day[2:]} 12:00").buy(amount)
    shown = life.public()["lifetime"]
    first, last = date.fromisoformat(shown["first_day"]), date.fromisoformat(shown["last_day"])
    assert shown["repeat_days"] == published[0]
    assert (last - first).days / 7 == pytest.approx(published[1], abs=0.005)
    assert float(shown["mean_repeat_spend"]) == pytest.approx(published[2], abs=0.0051)


def test_several_purchases_of_one_day_are_one_purchase_day() -> None:
    # 2 March is one repeat day of 100 + 50; the first day's 70 is left out.
    life = Life()
    life.at("2026-03-01 12:00").buy(70)
    life.at("2026-03-02 09:00").buy(100)
    life.at("2026-03-02 18:00").buy(50)
    assert lifetime(life) == ("2026-03-01", "2026-03-02", 1, "150")


def test_one_purchase_day_has_no_repeat_spend() -> None:
    life = Life().at("2026-03-01 12:00")
    life.buy(70)
    life.buy(30)
    assert lifetime(life) == ("2026-03-01", "2026-03-01", 0, None)


def test_a_late_purchase_can_become_the_first() -> None:
    # 70 of 5 March was the first day; with 100 of 2 March it is a repeat day.
    life = Life()
    life.at("2026-03-05 12:00").buy(70)
    life.at("2026-03-06 12:00").buy(100, "2026-03-02 12:00")
    assert lifetime(life) == ("2026-03-02", "2026-03-05", 1, "70")


def test_the_mean_is_exact_and_shown_half_up() -> None:
    # (100 + 100 + 1) / 3 = 67 exactly; (1 + 1 + 0) / 3 = 0.6667.
    for amounts, mean in ((("100", "100", "1"), "67"), (("1", "1", "0"), "0.6667")):
        life = Life()
        for day, amount in enumerate(("9", *amounts), start=1):
            life.at(f"2026-03-0{day} 12:00").buy(amount)
        assert lifetime(life)[3] == mean


def test_days_older_than_every_window_stay_in_the_lifetime() -> None:
    life = Life()
    life.at("2024-01-10 12:00").buy(500)
    life.at("2024-02-10 12:00").buy(300)
    life.at("2026-03-01 12:00").buy(100)
    assert lifetime(life) == ("2024-01-10", "2026-03-01", 2, "200")  # (300 + 100) / 2
    assert life.amount() == "100"


def test_the_first_days_money_is_left_out_however_old_it_is() -> None:
    life = Life()
    life.at("2024-01-10 12:00").buy(500)
    life.at("2025-12-10 12:00").view()  # 700 days later: the first day is older than every window
    life.at("2025-12-11 12:00").buy(50, "2024-01-10 18:00")  # and yet gets more
    life.at("2025-12-12 12:00").buy(70)
    assert lifetime(life) == ("2024-01-10", "2025-12-12", 1, "70")


def test_a_refund_of_an_old_day_changes_spend_and_removes_no_day() -> None:
    # 400 days are the least that is kept day by day: 10 January 2025 is 401 days before 15 February 2026.
    life = Life()
    life.at("2025-01-09 12:00").buy(500)
    life.at("2025-01-10 12:00").buy(300)
    life.at("2026-02-15 12:00").refund(120, order="2025-01-10 12:00", full=True)
    assert lifetime(life) == ("2025-01-09", "2025-01-10", 1, "180")


def test_a_refund_of_a_day_not_yet_old_removes_it() -> None:
    # 10 January 2025 is 400 days before 14 February 2026.
    life = Life()
    life.at("2025-01-09 12:00").buy(500)
    life.at("2025-01-10 12:00").buy(300)
    life.at("2026-02-14 12:00").refund(300, order="2025-01-10 12:00", full=True)
    assert lifetime(life) == ("2025-01-09", "2025-01-09", 0, None)


def test_a_window_of_more_than_four_hundred_days_keeps_its_days() -> None:
    life = Life(rfm={"window_days": 500})
    life.at("2025-01-10 12:00").buy(300)
    life.at("2026-05-24 12:00").refund(300, order="2025-01-10 12:00", full=True)  # 499 days later
    assert lifetime(life) == (None, None, 0, None)


def test_a_very_late_purchase_adds_its_old_day() -> None:
    life = Life()
    life.at("2026-03-01 12:00").buy(100)
    life.at("2026-03-02 12:00").buy(40, "2024-06-01 12:00")
    assert lifetime(life) == ("2024-06-01", "2026-03-01", 1, "100")
    life.buy(60, "2023-06-01 12:00")  # older still: now 1 June 2024 is a repeat day: (40 + 100) / 2
    assert lifetime(life) == ("2023-06-01", "2026-03-01", 2, "70")


def test_when_all_recent_days_are_refunded_the_last_old_day_is_the_last() -> None:
    life = Life()
    life.at("2024-01-10 12:00").buy(500)
    life.at("2024-02-10 12:00").buy(300)
    life.at("2026-03-01 12:00").buy(100)
    life.refund(100, full=True)
    assert lifetime(life) == ("2024-01-10", "2024-02-10", 1, "300")
    assert life.public()["rfm"]["recency_days"] == 750  # 10 February 2024 to 1 March 2026: 366 + 365 + 19


def test_months_show_purchases_and_money_of_the_last_thirteen_calendar_months() -> None:
    life = Life()
    life.at("2025-02-28 12:00").buy(1)  # the fourteenth month before March 2026
    life.at("2025-03-31 23:59").buy(2)
    life.at("2025-04-01 00:00").renew(3)
    life.at("2026-03-01 00:00").refund(5)
    assert life.public()["months"] == [
        {"month": "2025-03", "purchases": 1, "amount": "2"},
        {"month": "2025-04", "purchases": 1, "amount": "3"},
        {"month": "2026-03", "purchases": 0, "amount": "-5"},
    ]
    assert [shown["month"] for shown in life.public("2026-04-01")["months"]] == ["2025-04", "2026-03"]


def test_a_month_that_comes_to_nothing_is_not_shown() -> None:
    life = Life().at("2026-03-01 12:00")
    life.buy(100)
    life.refund(100, full=True)
    assert life.public()["months"] == []


def test_a_late_purchase_counts_in_the_month_it_happened() -> None:
    life = Life()
    life.at("2026-03-01 12:00").buy(100, "2025-12-31 23:59")
    assert life.public()["months"] == [{"month": "2025-12", "purchases": 1, "amount": "100"}]
