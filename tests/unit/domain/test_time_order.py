"""The customer's clock: what moves it, what time causes on the way, and the order of it all."""

from __future__ import annotations

from tests.unit.domain.kit import Life, points, rule, scoring

STAYS = points("fund", 20, event="press_release", expires_days=5)


def as_of(life: Life) -> str:
    return life.local(life.ms_of(life.public()["as_of"]))


def test_the_clock_is_the_largest_receipt_and_never_goes_back() -> None:
    life = Life()
    for received, clock in (("2026-03-05", "2026-03-05 00:00"), ("2026-03-02", "2026-03-05 00:00")):
        life.at(received).view()
        assert as_of(life) == clock
    life.at("2026-03-05").view()
    assert as_of(life) == "2026-03-05 00:00"


def test_a_change_of_segment_or_lifecycle_by_time_moves_the_clock_to_its_instant() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.wait("2026-06-01")
    assert as_of(life) == "2026-03-31 00:00"
    life.at("2026-06-02 09:00").cancel(on="2026-07-01")
    life.wait("2026-08-01")
    assert as_of(life) == "2026-07-01 00:00"


def test_an_axis_that_turns_without_the_segment_does_not_move_the_clock() -> None:
    life = Life(min_dwell_days=60)
    life.at("2026-03-01 09:00").buy(1000)
    life.wait("2026-04-10")
    assert (as_of(life), life.state.value_high) == ("2026-03-01 09:00", False)
    # As of then the value was still high, and so it is shown.
    assert life.public()["value"] == {"measure": "revenue", "amount": "1000", "high": True}
    assert life.public("2026-04-10")["value"] == {"measure": "revenue", "amount": "0", "high": False}


def test_looking_at_a_customer_does_not_move_its_clock() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    life.wait("2026-03-20")
    assert as_of(life) == "2026-03-01 09:00"


def test_what_time_causes_includes_the_new_instant_and_not_the_old() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    assert life.told(life.wait("2026-03-31 00:00")) == ["2026-03-31 00:00 expand>streamline window"]
    assert life.wait("2026-03-31 00:00") == []


def test_what_time_causes_comes_before_the_record_of_the_same_instant() -> None:
    life = Life()
    life.at("2026-03-01 09:00").buy(1000)
    found = life.at("2026-03-31 00:00").buy(1000)
    assert life.told(found) == ["2026-03-31 00:00 expand>streamline window", "2026-03-31 00:00 streamline>expand event"]


def test_points_that_expire_at_the_instant_of_a_record_are_gone_before_it() -> None:
    life = Life(potential=scoring(STAYS))
    life.at("2026-03-01 09:00").apply("press_release", headline="x")
    life.signals.clear()
    found = life.at("2026-03-06 09:00").apply("press_release", headline="y")
    assert life.told(found) == [
        "2026-03-06 09:00 nurture>streamline expiry",
        "2026-03-06 09:00 streamline>nurture event",
    ]
    assert [signal["potential"]["before"] for signal in found] == [20.0, 0.0]


def test_two_terms_that_expire_at_one_instant_turn_the_axis_once() -> None:
    life = Life(potential=scoring(STAYS, points("view", 3, event="page_view", expires_days=2)))
    life.at("2026-03-01 09:00").apply("press_release", headline="x")
    life.at("2026-03-04 09:00").view()
    life.signals.clear()
    assert life.told(life.wait("2026-06-01")) == ["2026-03-06 09:00 nurture>streamline expiry"]
    assert life.signals[0]["potential"] == {"before": 23.0, "after": 0.0, "high": False}


def test_a_long_pause_is_worked_off_in_order_each_at_its_instant() -> None:
    # 20 points until 6 March; quiet on the 8th; 1000 leaves on the 31st.
    life = Life(potential=scoring(STAYS), rules=[rule("quiet", event="page_view", silent_days=7)])
    life.at("2026-03-01 09:00").view()
    life.buy(1000)
    life.apply("press_release", headline="x")
    life.signals.clear()
    assert life.told(life.at("2026-12-01 09:00").view()) == [
        "2026-03-06 09:00 retain>expand expiry",
        "2026-03-08 09:00 quiet silence",
        "2026-03-31 00:00 expand>streamline window",
    ]


def test_at_one_instant_lifecycle_comes_before_segment_and_segment_before_silence() -> None:
    # All at the midnight of 31 March: onboarding of 30 days, the window of 30 days, ten days since a view at midnight.
    life = Life(
        lifecycle={"onboarding": {"days": 30}},
        rules=[rule("b", event="page_view", silent_days=10), rule("a", event="page_view", silent_days=10)],
    )
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-21 00:00").view()
    life.signals.clear()
    assert life.told(life.wait("2026-05-01")) == [
        "2026-03-31 00:00 onboarding>active lifecycle",
        "2026-03-31 00:00 expand>streamline window",
        "2026-03-31 00:00 b silence",
        "2026-03-31 00:00 a silence",
    ]
    assert {signal["lifecycle"] for signal in life.signals} == {"active"}
    assert [signal["segment"] for signal in life.signals] == ["streamline"] * 4  # after the cause


def test_who_becomes_former_at_an_instant_has_no_segment_change_and_no_silence_then() -> None:
    life = Life(rules=[rule("quiet", event="page_view", silent_days=10)])
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-21 00:00").view()
    life.cancel(on="2026-03-31")
    life.signals.clear()
    assert life.told(life.wait("2026-05-01")) == ["2026-03-31 00:00 active>former lifecycle"]
    assert (life.state.segment, life.state.value_high) == ("expand", False)


def test_both_axes_turning_at_one_instant_change_the_segment_once() -> None:
    # Five days of points from a midnight, and the window's end at the midnight they drop out.
    life = Life(potential=scoring(STAYS))
    life.at("2026-03-01 09:00").buy(1000)
    life.at("2026-03-26 00:00").apply("press_release", headline="x")
    life.signals.clear()
    found = life.wait("2026-05-01")
    assert life.told(found) == ["2026-03-31 00:00 retain>streamline window"]


def test_records_of_one_instant_apply_in_their_order() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(1000)
    life.refund(1000)
    assert [news.split()[2] for news in life.told()] == ["streamline>expand", "expand>streamline"]


def test_a_public_state_may_be_refreshed_without_moving_the_clock() -> None:
    life = Life(potential=scoring(points("view", 16, event="page_view", half_life_days=10)))
    life.at("2026-03-01 09:00").view()
    assert life.public("2026-03-11 09:00")["potential"]["score"] == 8.0
    assert life.public("2026-03-11 09:00")["as_of"] == "2026-03-11T00:00:00.000Z"
    assert life.public()["potential"]["score"] == 16.0
    assert life.public("2026-02-01")["as_of"] == "2026-03-01T00:00:00.000Z"  # never earlier
