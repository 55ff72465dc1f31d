"""Facts: points for what is known of the account and for what sales think, which do not decay."""

from __future__ import annotations

from typing import Any

import pytest

from tests.unit.domain.kit import Life, points, scoring

GROWTH = {"id": "growth", "label": "g", "account": "industry_growth", "at_least": "0.1", "points": 5}
SIZE = {"id": "size", "label": "s", "account": "employees", "at_least": 100, "points": 7}
RATING = {"id": "rating", "label": "r", "rating": {"high": 8, "medium": 0, "low": -8}, "expires_days": 180}
STAYS_10 = points("view", 10, event="page_view")


def known(*facts: dict[str, Any], **changes: Any) -> Life:
    return Life(potential=scoring(STAYS_10, facts=facts), **changes).at("2026-03-01 09:00")


@pytest.mark.parametrize(("growth", "score"), [("0.1", 5.0), ("0.0999999", 0.0), ("0.12", 5.0), ("-0.2", 0.0)])
def test_an_account_field_gives_its_points_from_at_least_on(growth: str, score: float) -> None:
    life = known(GROWTH)
    life.account(industry_growth=growth)
    assert life.score() == score


def test_facts_do_not_decay() -> None:
    life = known(GROWTH, SIZE)
    life.account(industry_growth="0.2", employees=100)
    assert (life.score(), life.score("2056-03-01")) == (12.0, 12.0)


def test_an_account_without_the_field_gives_nothing() -> None:
    life = known(GROWTH, SIZE)
    life.account(employees=99)
    assert life.score() == 0.0


def test_growth_falls_back_to_the_industrys() -> None:
    life = known(GROWTH, industry_growth={"software": 0.12, "paper": "0.01"})
    life.account(industry="software")
    assert life.score() == 5.0
    life.account(industry="paper")
    assert life.score() == 0.0
    life.account(industry="unheard of")
    assert life.score() == 0.0


def test_the_accounts_own_growth_goes_before_the_industrys() -> None:
    life = known(GROWTH, industry_growth={"software": 0.12})
    life.account(industry="software", industry_growth="0.05")
    assert life.score() == 0.0
    life.account(industry="software", industry_growth="0")
    assert life.score() == 0.0


def test_the_account_last_applied_stands_whole() -> None:
    life = known(GROWTH, SIZE)
    life.account(industry_growth="0.2", employees=100)
    life.account(employees=100)
    assert life.score() == 7.0


def test_a_tombstone_ends_account_and_industry_facts_and_leaves_the_rating() -> None:
    life = known(GROWTH, SIZE, RATING, industry_growth={"software": 0.12})
    life.account(industry="software", employees=100)
    life.rate("high")
    assert life.score() == 20.0
    life.remove_account()
    assert life.score() == 8.0


def test_a_sales_rating_gives_its_points_until_it_expires() -> None:
    life = known(RATING)
    life.rate("high")
    end = life.ms("2026-03-01 09:00") + 180 * 86_400_000
    assert (life.score(end - 1), life.score(end)) == (8.0, 0.0)


def test_a_rating_without_expiry_stands_for_ever() -> None:
    life = known({"id": "rating", "label": "r", "rating": {"high": 8, "medium": 0, "low": -8}})
    life.rate("high")
    assert life.score("2056-03-01") == 8.0


def test_the_rating_that_happened_last_stands_whatever_came_last() -> None:
    life = known(RATING)
    life.rate("high", "2026-02-20 09:00")
    life.rate("low", "2026-02-10 09:00")
    assert life.score() == 8.0


def test_of_ratings_of_one_instant_the_later_applied_stands() -> None:
    life = known(RATING)
    life.view()
    life.rate("high", "2026-02-20 09:00")
    life.rate("low", "2026-02-20 09:00")
    assert life.score() == 2.0  # 10 - 8


def test_an_older_rating_does_not_return_when_the_newest_expires() -> None:
    life = known(RATING)
    life.rate("high")
    life.at("2026-03-01 10:00").rate("medium")
    assert life.score() == 0.0
    assert life.score("2026-08-28 09:30") == 0.0  # 180 days after the first, before the second expires


def test_a_rating_received_when_it_has_expired_counts_for_nothing_and_hides_older_ones_still() -> None:
    life = known(RATING)
    life.rate("high", "2025-09-02 09:00")  # 1 March less 180 days: 28 + 31 + 31 + 30 + 31 + 29
    assert life.score() == 0.0


def test_the_score_is_never_below_nothing_and_says_so_in_a_row() -> None:
    life = known(RATING)
    life.rate("low")
    shown = life.public()["potential"]
    assert shown["score"] == 0.0
    assert [(row["rule"], row["points"]) for row in shown["contributions"]] == [("rating", -8.0), ("limit", 8.0)]


def test_negative_account_points_are_taken_off() -> None:
    small = {"id": "big", "label": "b", "account": "employees", "at_least": 1000, "points": -4}
    life = known(small)
    life.view()
    life.account(employees=1000)
    assert life.score() == 6.0


def test_a_negative_rating_that_expires_raises_the_score_and_may_raise_the_segment() -> None:
    # 18 for ever; -8 for 180 days: 10. On 28 August 09:00 (1 March + 180 days) 18 turns high.
    life = Life(potential=scoring(points("view", 18, event="page_view"), facts=[RATING])).at("2026-03-01 09:00")
    life.rate("low")
    life.view()
    assert (life.score(), life.told()) == (10.0, [])
    assert life.next() == "2026-08-28 09:00 nurture expiry"
    assert life.told(life.wait("2026-12-31")) == ["2026-08-28 09:00 streamline>nurture expiry"]
    assert life.signals[-1]["potential"] == {"before": 10.0, "after": 18.0, "high": True}


def test_a_raise_between_leave_and_enter_turns_nothing() -> None:
    life = Life(potential=scoring(points("view", 17, event="page_view"), facts=[RATING])).at("2026-03-01 09:00")
    life.rate("low")
    life.view()
    assert (life.next(), life.wait("2027-01-01"), life.score("2027-01-01")) == (None, [], 17.0)


def test_a_raise_by_expiry_puts_off_the_fall_of_decay() -> None:
    # 800 points halve every 36 days. With the -8 they would fall below 12 when 20 are left, after 36 * log2(800 / 20)
    # = 191.6 days; but the -8 are gone after 180 days, when 25 are left. So they fall when less than 11.99995 are left:
    # 36 * log2(800 / 11.99995) = 218.120389 days = 218 days and 2:53:21.628.
    view = points("view", 800, event="page_view", half_life_days=36)
    life = Life(potential=scoring(view, facts=[RATING], cap=1000)).at("2026-03-01 09:00")
    life.rate("low")
    life.view()
    life.signals.clear()
    assert life.told(life.wait("2027-03-01")) == ["2026-10-05 11:53:21.628 nurture>streamline decay"]
