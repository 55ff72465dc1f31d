"""Point rules: what decays, what drops out, what stays; caps, the limit per day, and the score they add up to."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from tests.unit.domain.kit import DAY_MS, Life, points, policy, scoring


def scored(*rules: dict[str, Any], **keys: Any) -> Life:
    return Life(potential=scoring(*rules, **keys))


def rows(life: Life, at: str | None = None) -> list[tuple[str, float, int]]:
    shown = life.public(at)["potential"]["contributions"]
    return [(row["rule"], row["points"], row["events"]) for row in shown]


def test_points_halve_with_every_half_life() -> None:
    life = scored(points("view", 16, event="page_view", half_life_days=10))
    life.at("2026-03-01 09:00").view()
    assert life.score() == 16.0
    assert life.score("2026-03-06 09:00") == 11.3137  # 16 / sqrt 2 = 11.31371
    assert life.score("2026-03-11 09:00") == 8.0
    assert life.score("2026-03-31 09:00") == 2.0
    assert life.score("2026-04-30 09:00") == 0.25
    assert life.score("2046-03-01 09:00") == 0.0


def test_points_of_several_events_add_up_each_by_its_own_age() -> None:
    # After 10 and 0 days: 8 + 16; ten days later 4 + 8.
    life = scored(points("view", 16, event="page_view", half_life_days=10))
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-11 09:00").view()
    assert (life.score(), life.score("2026-03-21 09:00")) == (24.0, 12.0)


def test_a_late_event_counts_as_of_the_time_it_happened() -> None:
    # Received on 11 March, it happened on 1 March: 8 + 16, whichever came first.
    life = scored(points("view", 16, event="page_view", half_life_days=10))
    life.at("2026-03-11 09:00").view()
    life.view(occurred="2026-03-01 09:00")
    assert life.score() == 24.0


def test_an_event_dated_a_little_ahead_counts_as_on_receipt() -> None:
    life = scored(points("view", 16, event="page_view", half_life_days=10))
    life.at("2026-03-01 09:00").view(occurred="2026-03-01 09:04")
    assert (life.score(), life.score("2026-03-11 09:00")) == (16.0, 8.0)
    assert life.public()["potential"]["contributions"][0]["last"] == "2026-03-01T00:00:00.000Z"


def test_points_that_expire_are_whole_until_the_exact_millisecond_of_their_age() -> None:
    life = scored(points("up", 8, event="plan_change", expires_days=180))
    life.at("2026-03-01 09:00:00.123").apply("plan_change", from_plan="a", to_plan="b", direction="upgrade")
    last = life.ms("2026-03-01 09:00:00.123") + 180 * 86_400_000
    assert (life.score(last - 1), life.score(last)) == (8.0, 0.0)


def test_an_event_received_when_it_has_expired_counts_for_nothing() -> None:
    life = scored(points("view", 8, event="page_view", expires_days=2))
    life.at("2026-03-03 09:00").view(occurred="2026-03-01 09:00")  # exactly two days
    assert (life.score(), rows(life)) == (0.0, [])
    life.view(occurred="2026-03-01 09:00:00.001")
    assert (life.score(), rows(life)) == (8.0, [("view", 8.0, 1)])


def test_points_with_neither_stay_for_ever() -> None:
    life = scored(points("view", 3, event="page_view"))
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-02 09:00").view()
    assert life.score("2056-03-01 09:00") == 6.0


def test_a_span_of_days_may_be_a_fraction() -> None:
    life = scored(points("view", 8, event="page_view", expires_days="0.5"))
    life.at("2026-03-01 09:00").view()
    assert (life.score("2026-03-01 20:59:59.999"), life.score("2026-03-01 21:00")) == (8.0, 0.0)


def test_a_rule_gives_no_more_than_its_cap_and_goes_on_decaying_under_it() -> None:
    # Three events are 48, shown as 30; they are worth 24 after ten days, when the cap no longer acts.
    life = scored(points("view", 16, event="page_view", half_life_days=10, cap=30)).at("2026-03-01 09:00")
    for _ in range(3):
        life.view()
    assert (life.score(), rows(life)) == (30.0, [("view", 30.0, 3)])
    assert life.score("2026-03-11 09:00") == 24.0


def test_expiring_points_under_a_cap_are_counted_when_others_drop_out() -> None:
    # Four times 8 are 32, capped at 20. One drops out a day: 3 (24), 2 (16), 1 (8), 0 are left.
    life = scored(points("view", 8, event="page_view", expires_days=10, cap=20))
    for day in (1, 2, 3, 4):
        life.at(f"2026-03-0{day} 09:00").view()
    days = ("2026-03-10", "2026-03-11", "2026-03-12", "2026-03-13", "2026-03-14")
    assert [life.score(f"{day} 09:00") for day in days] == [20.0, 20.0, 16.0, 8.0, 0.0]


def test_points_that_stay_are_capped_too() -> None:
    life = scored(points("view", 8, event="page_view", cap=20)).at("2026-03-01 09:00")
    scores = []
    for _ in range(4):
        life.view()
        scores.append(life.score())
    assert scores == [8.0, 16.0, 20.0, 20.0]


def test_the_caps_of_two_rules_act_on_each_alone() -> None:
    # 48 capped at 30, and 5: 35.
    life = scored(
        points("view", 16, event="page_view", half_life_days=10, cap=30), points("login", 5, event="action")
    ).at("2026-03-01 09:00")
    for _ in range(3):
        life.view()
    life.apply("action", action="login")
    assert (life.score(), rows(life)) == (35.0, [("view", 30.0, 3), ("login", 5.0, 1)])


def test_the_total_cap_acts_on_the_sum_and_shows_as_a_row_of_its_own() -> None:
    # 48 and 5 are 53, capped at 40: a row of -13. After ten days 24 + 5 = 29 and no row.
    life = scored(
        points("view", 16, event="page_view", half_life_days=10), points("login", 5, event="action"), cap=40
    ).at("2026-03-01 09:00")
    for _ in range(3):
        life.view()
    life.apply("action", action="login")
    assert (life.score(), rows(life)) == (40.0, [("view", 48.0, 3), ("login", 5.0, 1), ("limit", -13.0, 0)])
    assert (life.score("2026-03-11 09:00"), rows(life, "2026-03-11 09:00")) == (
        29.0,
        [("view", 24.0, 3), ("login", 5.0, 1)],
    )


def test_one_event_may_count_for_several_rules() -> None:
    life = scored(points("page", 2, event="page_view"), points("pricing", 3, event="page_view", page="pricing"))
    life.at("2026-03-01 09:00").view("/pricing")
    assert rows(life) == [("page", 2.0, 1), ("pricing", 3.0, 1)]


def test_of_one_local_day_the_first_n_applied_count() -> None:
    life = scored(points("view", 5, event="page_view", per_day=2)).at("2026-03-01 12:00")
    for _ in range(4):
        life.view()
    assert rows(life) == [("view", 10.0, 2)]
    life.at("2026-03-02 00:00").view()
    assert life.score() == 15.0


def test_the_day_is_that_of_the_event_and_not_of_its_receipt() -> None:
    life = scored(points("view", 5, event="page_view", per_day=1))
    life.at("2026-03-02 09:00").view()
    life.view(occurred="2026-03-01 23:59:59.999")
    life.view(occurred="2026-03-01 00:00")
    assert rows(life) == [("view", 10.0, 2)]


def test_the_first_applied_counts_though_a_later_one_happened_before_it() -> None:
    # Half-life of half a day: 8 points of 12:00, and not those of 00:00, are 8 at 12:00.
    life = scored(points("view", 8, event="page_view", per_day=1, half_life_days="0.5"))
    life.at("2026-03-01 12:00").view()
    life.view(occurred="2026-03-01 00:00")
    assert life.score() == 8.0


@pytest.mark.parametrize(("occurred", "counts"), [("2026-03-03 00:00", True), ("2026-03-02 23:59:59.999", False)])
def test_with_a_limit_per_day_an_event_of_more_than_seven_local_days_ago_never_counts(
    occurred: str, counts: bool
) -> None:
    life = scored(points("view", 5, event="page_view", per_day=1))
    life.at("2026-03-10 23:59").view(occurred=occurred)  # 7 or 8 local days
    assert (life.score() == 5.0) is counts


_arrivals = st.lists(st.tuples(st.sampled_from([0, 0, 1, 1, 2, 30]), st.integers(0, 9)), min_size=1, max_size=40)


@settings(max_examples=100, deadline=None)
@given(_arrivals, st.sampled_from([1, 2, 3, 7, 8, 300]))
@example([(0, 0)] * 301 + [(7, 7), (0, 6)], 300)  # on one day one too many, and a week later one more of it
def test_of_every_local_day_so_many_events_count_in_whatever_order_they_come(
    arrivals: list[tuple[int, int]], per_day: int
) -> None:
    """Each arrival: after how many days it is received, and how many days ago it occurred then."""
    life = scored(points("view", 1, event="page_view", per_day=per_day), cap=100_000)
    today, of_day, first_ms = 0, dict[int, int](), life.ms("2026-03-01 12:00")
    for later, ago in arrivals:
        today += later
        life.at(first_ms + today * DAY_MS).view(occurred=first_ms + (today - ago) * DAY_MS)
        if ago <= 7:
            of_day[today - ago] = of_day.get(today - ago, 0) + 1
    assert life.score() == sum(min(count, per_day) for count in of_day.values())


def test_without_a_limit_per_day_events_of_any_age_count() -> None:
    life = scored(points("view", 5, event="page_view"))
    life.at("2026-03-10 23:59").view(occurred="2020-03-01 09:00")
    assert life.score() == 5.0


@pytest.mark.parametrize("bought_before", [True, False])
def test_one_that_has_expired_when_it_comes_is_among_the_first_of_its_day_all_the_same(bought_before: bool) -> None:
    # Of 2 March the first applied is that of 01:00, 13 hours old by then; that of 15:00 is the second.
    life = scored(points("buy", 8, event="purchase", expires_days="0.5", per_day=1))
    if bought_before:
        life.at("2026-02-20 09:00").buy(1)
    life.at("2026-03-02 14:00").buy(1, occurred="2026-03-02 01:00")
    life.at("2026-03-02 15:00").buy(1)
    assert (life.score(), rows(life)) == (0.0, [])
    life.at("2026-03-03 15:00").buy(1)
    assert rows(life) == [("buy", 8.0, 1)]


def test_the_limit_per_day_still_knows_the_oldest_day_it_takes() -> None:
    life = scored(points("view", 5, event="page_view", per_day=1))
    life.at("2026-03-03 09:00").view()
    life.at("2026-03-10 09:00").view()
    life.view(occurred="2026-03-03 12:00")  # seven days ago, and that day has had its one
    assert rows(life) == [("view", 10.0, 2)]


@pytest.mark.parametrize("worth", [0, -5, "-0.1"])
def test_points_that_are_not_positive_are_refused_with_the_reason(worth: object) -> None:
    with pytest.raises(ValidationError, match="must be greater than 0, because between events the potential may only"):
        policy(potential=scoring(points("view", worth, event="page_view")))


def test_a_rule_cannot_both_decay_and_expire() -> None:
    with pytest.raises(ValidationError, match="write one of the two"):
        policy(potential=scoring(points("view", 1, event="page_view", half_life_days=1, expires_days=1)))


def test_a_tie_in_the_fifth_decimal_goes_up() -> None:
    # 12.00005 is shown as 12.0001; 11.99995 as 12, which still reaches leave = 12.
    life = scored(points("view", "12.00005", event="page_view"), points("login", "11.99995", event="action"))
    life.at("2026-03-01 09:00").view()
    assert life.score() == 12.0001
    other = scored(points("view", "6.00001", event="page_view"), points("login", "5.99994", event="action"))
    other.at("2026-03-01 09:00").view()
    other.apply("action", action="login")  # 6.00001 + 5.99994 = 11.99995
    assert other.score() == 12.0


def test_a_row_that_rounds_to_nothing_is_not_shown() -> None:
    life = scored(points("view", 1, event="page_view", half_life_days=1))
    life.at("2026-03-01 09:00").view()
    assert rows(life, "2026-03-15 09:00") == [("view", 0.0001, 1)]  # 2^-14 = 0.000061 is shown as 0.0001
    assert rows(life, "2026-03-16 09:00") == []  # 2^-15 = 0.00003
