"""When the value axis turns may be known too early, never too late; nobody sees of it, and it costs one look."""

from __future__ import annotations

from tests.unit.domain.kit import Life, points, rule, scoring

RFM = {"measure": "rfm", "high": {"enter": 3, "leave": "2.5"}}


def due(life: Life) -> str:
    return life.local(life.state.due_ms)


def test_a_purchase_on_a_high_axis_leaves_the_instant_known_and_the_turn_comes_later() -> None:
    # 1000 of 1 March leave on the 31st; the 600 of 10 March alone are above 500 until 9 April.
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-10 09:00").buy(600)
    assert (due(life), life.next()) == ("2026-03-31 00:00", "2026-04-09 00:00 streamline window")
    assert life.wait("2026-03-31 00:00") == []
    assert (due(life), life.next()) == ("2026-04-09 00:00", "2026-04-09 00:00 streamline window")
    assert life.told(life.wait("2026-05-01")) == ["2026-04-09 00:00 expand>streamline window"]


def test_a_turn_that_is_known_too_early_may_be_none_too_soon() -> None:
    # The 100 of 10 March do not keep the axis high when 1000 leave.
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-10 09:00").buy(100)
    assert life.next() == "2026-03-31 00:00 streamline window"
    assert life.told(life.wait("2026-03-31 00:00")) == ["2026-03-31 00:00 expand>streamline window"]


def test_many_purchases_on_a_high_axis_make_one_idle_look() -> None:
    # Daily 600 up to 20 March: the last of them leaves on 19 April.
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    for day in range(2, 21):
        life.at(f"2026-03-{day:02d} 09:00").buy(600)
    looks = []
    while not life.signals[1:]:
        looks.append(due(life))
        life.wait(life.state.due_ms)
    assert looks == ["2026-03-31 00:00", "2026-04-19 00:00"]


def test_a_refund_on_a_low_axis_leaves_the_instant_known_at_which_an_older_refund_leaves() -> None:
    # 1400 - 600 are low; without the refund of 1 March 1400 are high, and with one more of 500 of 12 March 900 are not.
    life = Life()
    life.at("2026-03-01 09:00").refund(600)
    life.at("2026-03-05 09:00").buy(1400)
    assert (due(life), life.next()) == ("2026-03-31 00:00", "2026-03-31 00:00 expand window")
    life.at("2026-03-12 09:00").refund(500)
    assert (due(life), life.next()) == ("2026-03-31 00:00", None)
    assert life.wait("2026-03-31 00:00") == []
    assert life.state.due_ms == 1 << 62
    assert life.wait("2026-06-01") == []


def test_a_refund_on_a_high_axis_brings_the_turn_nearer_at_once() -> None:
    # The second 600 are enough alone, but not without the 200 that go back: then the first 600 must not leave.
    life = Life()
    life.at("2026-03-01 09:00").buy(600)
    life.at("2026-03-10 09:00").buy(600)
    assert life.next() == "2026-04-09 00:00 streamline window"
    life.refund(200)
    assert (due(life), life.next()) == ("2026-03-31 00:00", "2026-03-31 00:00 streamline window")


def test_a_period_may_take_the_place_of_a_dearer_one_and_is_looked_at_at_once() -> None:
    # 1460 for 365 days are 1460 a year until the cheaper period of the contract begins on 1 April: 365 are too little.
    life = Life(value={"measure": "contract"})
    life.at("2026-03-01 09:00").buy(1460, contract_id="k", period_from="2026-01-01", period_to="2026-12-31")
    life.buy(700)
    life.at("2026-03-05 09:00").renew(365, contract_id="k", period_from="2026-04-01", period_to="2027-03-31")
    assert (due(life), life.next()) == ("2026-04-01 00:00", "2026-04-01 00:00 streamline window")


def test_a_renewal_is_looked_at_at_once_so_that_a_common_end_of_contracts_is_nobodys_idle_look() -> None:
    life = Life(value={"measure": "contract"}, rules=[rule("paid", event="renewal")])
    life.at("2027-03-01 09:00").buy(1460, contract_id="k", period_from="2027-01-01", period_to="2027-12-31")
    assert due(life) == "2028-01-01 00:00"
    (told,) = life.at("2027-12-01 09:00").renew(
        1464, contract_id="k", period_from="2028-01-01", period_to="2028-12-31"
    )
    assert told["value"] == {"before": "1460", "after": "1460", "high": True}
    assert (due(life), life.next()) == ("2029-01-01 00:00", "2029-01-01 00:00 streamline window")


def test_purchases_without_a_period_do_not_move_a_contracts_end_nearer() -> None:
    life = Life(value={"measure": "contract"})
    life.at("2026-03-01 09:00").buy(1460, contract_id="k", period_from="2026-01-01", period_to="2026-12-31")
    life.at("2026-12-20 09:00").buy(700)  # until 19 January
    assert (due(life), life.next()) == ("2027-01-01 00:00", "2027-01-19 00:00 streamline window")
    assert life.told(life.wait("2027-02-01")) == ["2027-01-19 00:00 expand>streamline window"]


def test_rfm_turns_later_with_a_purchase() -> None:
    # 400 once: recency, frequency and money are 5 1 5, after 20 days 3 1 5, and 3 1 1 when it has left. The second
    # time counts for itself from 31 March on, with 3 1 5.
    life = Life(value=RFM)
    life.at("2026-03-01 09:00").buy(400)
    assert life.next() == "2026-03-31 00:00 streamline window"
    life.at("2026-03-10 09:00").buy(400)
    assert (due(life), life.next()) == ("2026-03-31 00:00", "2026-04-09 00:00 streamline window")
    assert life.told(life.wait("2026-06-01")) == ["2026-04-09 00:00 expand>streamline window"]


def test_what_was_before_a_purchase_on_a_high_axis_is_told_with_what_it_made_happen() -> None:
    life = Life(rules=[rule("bought", event="purchase")], potential=scoring(points("order", 20, event="renewal")))
    life.at("2026-03-01 09:00").buy(1000)
    (told,) = life.at("2026-03-05 09:00").buy("250.5")
    assert told["value"] == {"before": "1000", "after": "1250.5", "high": True}
    (late,) = life.at("2026-03-20 09:00").buy(40, occurred="2026-02-18")  # 30 days ago: it counts no more
    assert late["value"] == {"before": "1250.5", "after": "1250.5", "high": True}
    (moved,) = life.renew(10, occurred="2026-02-19")  # 29 days ago: it still counts
    assert moved["value"] == {"before": "1250.5", "after": "1260.5", "high": True}
    assert moved["change"] == {"from": "expand", "to": "retain"}


def test_what_was_before_a_refund_on_a_low_axis_is_told_with_what_it_made_happen() -> None:
    life = Life(rules=[rule("back", event="refund")])
    life.at("2026-03-01 09:00").buy(300)
    (told,) = life.at("2026-03-05 09:00").refund(120)
    assert told["value"] == {"before": "300", "after": "180", "high": False}
    (older,) = life.refund(50, order="2026-02-03")  # 30 days ago
    assert older["value"] == {"before": "180", "after": "180", "high": False}


def test_what_was_before_a_purchase_is_told_of_rfm_too() -> None:
    # 3 1 5 after a purchase of 400 on the day itself: 5 1 5, and a second one: 5 2 5.
    life = Life(value=RFM, rules=[rule("bought", event="purchase")])
    life.at("2026-03-01 09:00").buy(400)
    told = life.buy(1)[-1]
    assert told["value"] == {"before": "3.6667", "after": "4", "high": True}
