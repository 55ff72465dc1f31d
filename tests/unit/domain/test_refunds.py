"""Refunds: on which day they are booked, and which purchase days are left."""

from __future__ import annotations

from itertools import permutations

from tests.unit.domain.kit import Life


def lifetime(life: Life) -> tuple[object, ...]:
    shown = life.public()["lifetime"]
    return shown["first_day"], shown["last_day"], shown["repeat_days"], shown["mean_repeat_spend"]


def test_a_refund_without_an_order_is_booked_on_its_own_day() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-05 09:00").refund(300)
    assert life.amount() == "700"
    assert life.amount("2026-03-31") == "-300"  # the purchase has left, the refund stays until 4 April
    assert life.amount("2026-04-04") == "0"


def test_a_refund_of_an_order_is_booked_on_the_orders_day() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-05 09:00").refund(300, order="2026-03-01 09:00")
    assert life.amount("2026-03-30") == "700"
    assert life.amount("2026-03-31") == "0"


def test_a_refund_of_an_order_behind_the_window_takes_nothing_from_it() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-04-05 09:00").buy(400)
    life.refund(1000, order="2026-03-01 09:00", full=True)
    assert life.amount() == "400"


def test_a_partial_refund_takes_no_purchase() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(1000)
    life.refund(1000, order="2026-03-01 09:00")
    assert life.public()["rfm"]["frequency"] == 1
    assert lifetime(life) == ("2026-03-01", "2026-03-01", 0, None)


def test_a_full_refund_takes_one_purchase_off_the_day() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(1000)
    life.buy(500)
    life.refund(500, order="2026-03-01 09:00", full=True)
    assert life.public()["rfm"]["frequency"] == 1
    assert life.amount() == "1000"
    assert life.public()["rfm"]["recency_days"] == 0


def test_a_full_refund_of_the_only_purchase_day_leaves_none() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(1000)
    life.refund(1000, order="2026-03-01 09:00", full=True)
    public = life.public()
    assert lifetime(life) == (None, None, 0, None)
    assert (public["rfm"]["recency_days"], public["rfm"]["code"], public["months"]) == (None, "111", [])


def test_a_full_refund_of_the_last_purchase_day_moves_it_back() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(100)
    life.at("2026-03-04 09:00").buy(200)
    life.at("2026-03-09 09:00").buy(300)
    assert lifetime(life) == ("2026-03-01", "2026-03-09", 2, "250")  # (200 + 300) / 2
    life.refund(300, order="2026-03-09 09:00", full=True)
    assert lifetime(life) == ("2026-03-01", "2026-03-04", 1, "200")
    assert life.public()["rfm"]["recency_days"] == 5


def test_a_full_refund_of_the_first_purchase_day_moves_it_on() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(100)
    life.at("2026-03-04 09:00").buy(200)
    life.at("2026-03-09 09:00").buy(300)
    life.refund(100, order="2026-03-01 09:00", full=True)
    assert lifetime(life) == ("2026-03-04", "2026-03-09", 1, "300")


def test_money_of_a_day_without_purchases_still_counts_as_money() -> None:
    # A full refund gives back less than was paid (a fee of 50 is kept): the day is no purchase day, the 50 stay.
    life = Life().at("2026-03-01 09:00")
    life.buy(1000)
    life.refund(950, order="2026-03-01 09:00", full=True)
    public = life.public()
    assert (public["value"]["amount"], public["rfm"]["monetary"], public["rfm"]["frequency"]) == ("50", "50", 0)
    assert public["rfm"]["recency_days"] is None
    assert public["months"] == [{"month": "2026-03", "purchases": 0, "amount": "50"}]


def test_a_refund_on_a_day_without_purchases_is_money_alone() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-03 09:00").refund(200, full=True)
    assert life.amount() == "800"
    assert life.public()["rfm"]["frequency"] == 1  # a day cannot have less than no purchases
    assert lifetime(life) == ("2026-03-01", "2026-03-01", 0, None)


def test_more_full_refunds_than_purchases_leave_none_and_owe_none() -> None:
    # Two full refunds against one purchase: max(0, 1 - 2) = 0. A second purchase: max(0, 2 - 2) = 0. A third: 1.
    life = Life().at("2026-03-01 09:00")
    counts = []
    for event in ("buy", "refund", "refund", "buy", "buy"):
        life.buy(100) if event == "buy" else life.refund(100, full=True)
        counts.append(life.public()["rfm"]["frequency"])
    assert counts == [1, 0, 0, 0, 1]


def test_a_refund_that_comes_before_its_purchase_comes_to_the_same() -> None:
    # Bought 300 and 500 on 1 March; the 500 went back in full: one purchase and 300 are left, in whatever order.
    steps = ["buy 300", "buy 500", "refund 500"]
    for order in permutations(steps):
        life = Life().at("2026-03-05 09:00")
        for kind, amount in (step.split() for step in order):
            if kind == "buy":
                life.buy(amount, "2026-03-01 09:00")
            else:
                life.refund(amount, order="2026-03-01 09:00", full=True)
        public = life.public()
        assert (public["rfm"]["frequency"], public["rfm"]["monetary"]) == (1, "300")
        assert lifetime(life) == ("2026-03-01", "2026-03-01", 0, None)


def test_a_refund_before_its_purchase_leaves_the_spend_of_what_is_left() -> None:
    # On 4 March 50 went back in full before the 50 and the 70 came: 70 of one purchase are left.
    life = Life().at("2026-03-05 09:00")
    life.buy(100, "2026-03-01 09:00")
    life.refund(50, order="2026-03-04 09:00", full=True)
    life.buy(50, "2026-03-04 09:00")
    life.buy(70, "2026-03-04 09:00")
    assert lifetime(life) == ("2026-03-01", "2026-03-04", 1, "70")


def test_a_refund_before_its_only_purchase_leaves_no_purchase_day() -> None:
    life = Life().at("2026-03-05 09:00")
    life.refund(1000, order="2026-03-01 09:00", full=True)
    assert life.amount() == "-1000"
    life.buy(1000, "2026-03-01 09:00")
    assert life.amount() == "0"
    assert lifetime(life) == (None, None, 0, None)


def test_a_refund_dated_before_the_local_midnight_is_booked_before_it() -> None:
    life = Life()
    life.at("2026-03-01 23:00").buy(1000)
    life.at("2026-03-02 01:00").apply("refund", "2026-03-01 23:30", amount="1000", full_refund=True)
    assert life.public()["rfm"]["frequency"] == 0


def test_the_mean_of_repeat_days_is_of_what_is_left_of_them() -> None:
    # 4 March: 200 + 100 - 50 = 250; 9 March: 300. Mean 275. What went back on 6 March, no purchase day, is no spend.
    life = Life()
    life.at("2026-03-01 09:00").buy(100)
    life.at("2026-03-04 09:00").buy(200)
    life.buy(100)
    life.at("2026-03-06 09:00").refund(50, order="2026-03-04 09:00")
    life.refund(40)
    life.at("2026-03-09 09:00").buy(300)
    assert lifetime(life) == ("2026-03-01", "2026-03-09", 2, "275")
    assert life.amount() == "610"  # 100 + 250 - 40 + 300
