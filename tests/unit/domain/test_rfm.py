"""Recency, frequency and monetary value as digits, and their weighted mean.

Cut points of the small policy: recency 10, 20, 30, 40 days; frequency 2, 4, 6, 8; monetary 100, 200, 300, 400.
"""

from __future__ import annotations

import pytest

from tests.unit.domain.kit import Life


@pytest.mark.parametrize(
    ("days", "digit"),
    [(0, 5), (10, 5), (11, 4), (20, 4), (21, 3), (30, 3), (31, 2), (40, 2), (41, 1), (400, 1)],
)
def test_recency_is_five_up_to_the_first_cut_point_and_one_beyond_the_last(days: int, digit: int) -> None:
    life = Life().at("2026-01-01 12:00")
    life.buy(1)
    later = life.ms("2026-01-01 12:00") + days * 86_400_000
    life.at(later).view()  # moves the clock
    rfm = life.public()["rfm"]
    assert (rfm["recency_days"], rfm["r"]) == (days, digit)


def test_recency_counts_local_days_and_not_spans() -> None:
    life = Life()
    life.at("2026-03-01 23:59:59.999").buy(1)
    assert life.public("2026-03-02 00:00")["rfm"]["recency_days"] == 1
    assert life.public("2026-03-02 23:59:59.999")["rfm"]["recency_days"] == 1


def test_recency_is_of_the_last_purchase_day_whatever_came_last() -> None:
    life = Life()
    life.at("2026-03-10 12:00").buy(1)
    life.at("2026-03-12 12:00").buy(1, "2026-03-02 12:00")
    assert life.public()["rfm"]["recency_days"] == 2


def test_no_purchase_at_all_has_no_recency_and_the_lowest_digits() -> None:
    life = Life()
    life.at("2026-03-01 12:00").view()
    assert life.public()["rfm"] == {
        "recency_days": None, "frequency": 0, "monetary": "0", "r": 1, "f": 1, "m": 1, "code": "111", "score": 1.0
    }  # fmt: skip


@pytest.mark.parametrize(
    ("purchases", "digit"), [(1, 1), (2, 2), (3, 2), (4, 3), (5, 3), (6, 4), (7, 4), (8, 5), (9, 5)]
)
def test_frequency_is_five_from_the_last_cut_point_on_and_one_below_the_first(purchases: int, digit: int) -> None:
    life = Life().at("2026-03-01 12:00")
    for _ in range(purchases):
        life.buy(0)
    rfm = life.public()["rfm"]
    assert (rfm["frequency"], rfm["f"]) == (purchases, digit)


@pytest.mark.parametrize(
    ("amount", "digit"),
    [("99.999999", 1), ("100", 2), ("199.999999", 2), ("200", 3), ("300", 4), ("399.999999", 4), ("400", 5)],
)
def test_monetary_value_is_five_from_the_last_cut_point_on_and_one_below_the_first(amount: str, digit: int) -> None:
    life = Life()
    life.at("2026-03-01 12:00").buy(amount)
    assert life.public()["rfm"]["m"] == digit


def test_a_refund_can_make_monetary_value_negative_which_is_one() -> None:
    life = Life().at("2026-03-01 12:00")
    life.refund(400)
    assert (life.public()["rfm"]["monetary"], life.public()["rfm"]["m"]) == ("-400", 1)


def test_the_code_is_the_three_digits_in_their_order() -> None:
    # Bought today (5), twice (2), 200 (3): their plain mean is 10 / 3.
    life = Life().at("2026-03-01 12:00")
    life.buy(150)
    life.buy(50)
    rfm = life.public()["rfm"]
    assert (rfm["code"], rfm["score"]) == ("523", 3.3333)


def test_the_score_is_the_weighted_mean() -> None:
    # Digits 5, 1, 5 with weights 2, 3, 1: (10 + 3 + 5) / 6 = 3.
    life = Life(rfm={"weights": {"recency": 2, "frequency": 3, "monetary": 1}})
    life.at("2026-03-01 12:00").buy(400)
    assert life.public()["rfm"]["score"] == 3.0


def test_a_weight_of_nothing_leaves_its_digit_out() -> None:
    # Digits 5, 1, 5 with weights 0, 1, "0.5": (1 + 2.5) / 1.5 = 7/3.
    life = Life(rfm={"weights": {"recency": 0, "frequency": 1, "monetary": "0.5"}})
    life.at("2026-03-01 12:00").buy(400)
    assert life.public()["rfm"]["score"] == 2.3333


def rfm_life(enter: str, leave: str) -> Life:
    return Life(value={"measure": "rfm", "high": {"enter": enter, "leave": leave}})


def test_the_score_is_compared_as_an_exact_ratio() -> None:
    # 10 / 3 = 3.33333…: it reaches 3.3333 and neither 3.3334 nor 3.333333333334.
    for enter, high in (("3.3333", True), ("3.333333333333", True), ("3.333333333334", False), ("3.3334", False)):
        life = rfm_life(enter, "1").at("2026-03-01 12:00")
        life.buy(150)
        life.buy(50)
        assert life.state.value_high is high, enter


def test_as_the_value_axis_the_score_falls_at_midnights_with_recency() -> None:
    # One purchase of 400 on 1 March: digits 5, 1, 5 = 11/3. From 12 March (11 days) 4, 1, 5 = 10/3 < 3.5.
    life = rfm_life("3.6", "3.5")
    life.at("2026-03-01 12:00").buy(400)
    assert life.told(life.wait("2027-01-01")) == ["2026-03-12 00:00 expand>streamline window"]


def test_as_the_value_axis_the_score_falls_when_the_window_lets_go() -> None:
    # 31 March: recency 30 is 3, frequency 0 is 1, monetary 0 is 1: 5/3. The day before: 29 days, 3, 1, 5 = 3.
    life = rfm_life("3", "2")
    life.at("2026-03-01 12:00").buy(400)
    assert life.told(life.wait("2027-01-01")) == ["2026-03-31 00:00 expand>streamline window"]
    change = life.signals[-1]
    assert change["value"] == {"before": "3", "after": "1.6667", "high": False}


def test_the_amount_of_the_axis_is_the_score_with_four_decimals() -> None:
    life = rfm_life("3", "2").at("2026-03-01 12:00")
    life.buy(150)
    life.buy(50)
    assert life.public()["value"] == {"measure": "rfm", "amount": "3.3333", "high": True}
