"""The oracle's potential axis on examples worked by hand; it must not know how the oracle works."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle.matching import page_group, phrase_in
from tests.oracle.samples import account, brief, event, points, policy, removal, run, see, state

NEVER_HIGH = {"high": {"enter": 1000, "leave": 1000}}


def score(potential: dict[str, Any], *records: dict[str, Any], until: str | None = None) -> float:
    shown: float = state(policy(potential=potential), *records, until=until)["potential"]["score"]
    return shown


def test_points_halve_and_the_first_ms_below_leave_turns_the_axis() -> None:
    # 8 points, half-life 1 day, leave 4: below is < 3.99995 before rounding. 8 * 2^-x = 3.99995 at
    # x = 1 + log2(4 / 3.99995) = 1 + ln(1.0000125002) / ln 2
    #   = 1 + 0.0000125000781 / 0.6931471806 = 1 + 0.0000180338007,
    # and 0.0000180338007 days are 1558.12 ms: the first whole ms below is 1559 ms after one day.
    signals, _ = run(policy(), see("2026-03-01 12:00"), until="2026-03-05")
    assert brief(signals) == [
        ("2026-03-01 12:00:00.000", "segment:nurture", "event"),
        ("2026-03-02 12:00:01.559", "segment:streamline", "decay"),
    ]
    assert signals[1]["potential"] == {"before": 4.0, "after": 3.9999, "high": False}
    assert signals[0]["next_transition"] == {"at": "2026-03-02T12:00:01.559Z", "to": "streamline", "because": "decay"}


def test_at_exactly_one_half_life_half_the_points_are_left() -> None:
    assert score({}, see("2026-03-01 12:00"), until="2026-03-02 12:00") == 4.0
    assert score({}, see("2026-03-01 12:00"), until="2026-03-04 12:00") == 1.0


def test_what_never_falls_below_leave_never_turns() -> None:
    # 5 points for good and 3 that fade: the score tends to 5, never below 4.
    lasting = points(
        {"id": "here", "event": "download", "points": 5},
        {"id": "seen", "event": "page_view", "points": 3, "half_life_days": 1},
    )
    shown = state(
        policy(potential=lasting), event("2026-03-01 12:00", "download", document="x"), see("2026-03-01 12:00")
    )
    assert (shown["segment"], shown["next_transition"]) == ("nurture", None)


def test_points_expire_at_exactly_their_age() -> None:
    expiring = points({"id": "seen", "event": "page_view", "expires_days": 2})
    assert score(expiring, see("2026-03-01 12:00"), until="2026-03-03 11:59:59.999") == 8.0
    assert score(expiring, see("2026-03-01 12:00"), until="2026-03-03 12:00") == 0.0
    signals, _ = run(policy(potential=expiring), see("2026-03-01 12:00"), until="2026-03-05")
    assert brief(signals)[1] == ("2026-03-03 12:00:00.000", "segment:streamline", "expiry")


def test_an_event_already_too_old_on_receipt_gives_nothing() -> None:
    expiring = points({"id": "seen", "event": "page_view", "expires_days": 2})
    assert score(expiring, see("2026-03-03 12:00", occurred="2026-03-01 12:00")) == 0.0
    assert score(expiring, see("2026-03-03 12:00", occurred="2026-03-01 12:00:01")) == 8.0


def test_per_day_counts_the_first_applied_of_a_local_day() -> None:
    # The one applied first happened later, 12:00; half a day old at midnight it gives 8 * 2^-0.5 = 5.65685.
    daily = points({"id": "seen", "event": "page_view", "half_life_days": 1, "per_day": 1})
    first, second = see("2026-03-01 12:00"), see("2026-03-01 13:00", occurred="2026-03-01 06:00")
    assert score(daily, first, second, until="2026-03-02") == 5.6569


@pytest.mark.parametrize(("occurred", "points_left"), [("2026-03-01 00:00", 8.0), ("2026-02-28 23:59", 0.0)])
def test_per_day_leaves_out_days_more_than_seven_local_days_back(occurred: str, points_left: float) -> None:
    # Received on the 8th: the 1st is 7 days back, 28 February 8.
    daily = points({"id": "seen", "event": "page_view", "per_day": 1})
    assert score(daily, see("2026-03-08 12:00", occurred=occurred)) == points_left


def test_rule_caps_come_before_the_sum_and_the_clamp_has_a_row_of_its_own() -> None:
    # min(10, 2 * 8) + 8 = 18, clamped to 15: the rows 10 + 8 - 3 add up.
    capped = points({"id": "seen", "event": "page_view", "cap": 10}, {"id": "loaded", "event": "download"}, cap=15)
    records = [see("2026-03-01 12:00"), see("2026-03-01 13:00"), event("2026-03-01 14:00", "download", document="x")]
    shown = state(policy(potential=capped), *records)["potential"]
    rows = [(row["rule"], row["points"], row["events"]) for row in shown["contributions"]]
    assert (shown["score"], rows) == (15.0, [("seen", 10.0, 2), ("loaded", 8.0, 1), ("limit", -3.0, 0)])


RATED = {"facts": [{"id": "rated", "label": "Rated", "rating": {"high": 6, "medium": 0, "low": -6}, "expires_days": 5}]}


def rating(received: str, given: str, occurred: str | None = None) -> dict[str, Any]:
    return event(received, "sales_rating", "crm-activities", occurred, rating=given)


def test_the_rating_given_last_stands_by_when_it_was_given_and_ties_by_application() -> None:
    records = [rating("2026-03-02 12:00", "高"), rating("2026-03-03 12:00", "low", occurred="2026-03-01 12:00")]
    assert score({**RATED, **points()}, *records) == 6.0
    assert score({**RATED, **points()}, *records, rating("2026-03-03 13:00", "中", occurred="2026-03-02 12:00")) == 0.0


def test_a_low_rating_that_expires_lifts_the_score() -> None:
    # 8 - 6 = 2 until the rating is 5 days old, then 8 >= 5.
    both = {**RATED, **points({"id": "seen", "event": "page_view"})}
    signals, _ = run(
        policy(potential=both), rating("2026-03-01 12:00", "low"), see("2026-03-02 12:00"), until="2026-03-30"
    )
    assert brief(signals) == [("2026-03-06 12:00:00.000", "segment:nurture", "expiry")]


def test_below_zero_the_clamp_gives_back() -> None:
    shown = state(policy(potential={**RATED, **points()}), rating("2026-03-01 12:00", "low"))["potential"]
    rows = [(row["rule"], row["points"]) for row in shown["contributions"]]
    assert (shown["score"], rows) == (0.0, [("rated", -6.0), ("limit", 6.0)])


def test_account_facts_last_as_long_as_the_account_says_so() -> None:
    growing = {
        "facts": [{"id": "growth", "label": "g", "account": "industry_growth", "at_least": 0.1, "points": 5}],
        **points(),
    }
    rules = policy(potential=growing, industry_growth={"software": "0.10", "paper": 0.02})
    by_table = account("2026-03-01 12:00", industry="software")
    own_number = account("2026-03-02 12:00", industry="software", industry_growth=0.0999)
    assert state(rules, by_table)["potential"]["score"] == 5.0
    assert state(rules, by_table, own_number)["potential"]["score"] == 0.0
    assert state(rules, by_table, removal("2026-03-02 12:00"))["potential"]["score"] == 0.0
    row = state(rules, by_table)["potential"]["contributions"][0]
    assert (row["last"], row["events"]) == ("2026-03-01T12:00:00.000Z", 1)


def posted(received: str, count: int, **more: Any) -> dict[str, Any]:
    return event(received, "job_postings", "press-releases", open_count=count, **more)


@pytest.mark.parametrize(
    ("counts", "given"),
    [
        ([(10, {})], 0.0),  # nothing to compare with
        ([(10, {}), (13, {})], 8.0),  # 3 / 10 = 0.3, and 3 more
        ([(10, {}), (12, {})], 0.0),  # 0.2
        ([(0, {}), (2, {})], 0.0),  # infinite growth, but only 2 more
        ([(0, {}), (3, {})], 8.0),
        ([(0, {}), (0, {})], 0.0),
        ([(10, {}), (13, {"previous_count": 13})], 0.0),  # the count given decides
        ([(1, {"previous_count": 1}), (10, {"previous_count": 10}), (12, {})], 0.0),  # from 10, not from 1
    ],
)
def test_growth_is_from_the_count_applied_last(counts: list[tuple[int, dict[str, Any]]], given: float) -> None:
    hiring = points({"id": "hiring", "event": "job_postings", "growth_at_least": 0.3, "increase_at_least": 3})
    records = [posted(f"2026-03-0{day} 12:00", count, **more) for day, (count, more) in enumerate(counts, 1)]
    assert score({**hiring, **NEVER_HIGH}, *records) == given


@pytest.mark.parametrize(
    ("path", "group"),
    [("/a/b?x=/c", "deep"), ("/a", "all"), ("/A/b", "all"), ("/a/#b", "deep"), ("/x/a/y", "all"), ("b", None)],
)
def test_the_first_page_group_that_fits_wins(path: str, group: str | None) -> None:
    assert page_group(path, {"deep": ["/a/*"], "all": ["/*"]}) == group


@pytest.mark.parametrize(
    ("phrase", "text", "found"),
    [
        ("series a", "a SERIES A round", True),
        ("series a", "series ab", False),
        ("series a", "miniseries a", False),
        ("series a", "series abc, then series a", True),
        ("シリーズA", "今日シリーズＡ調達", True),  # NFKC; a Japanese neighbour is no ASCII letter
        ("シリーズA", "シリーズA1", False),
        ("調達", "資金調達を", True),  # no ASCII at the ends
        ("10億", "110億", False),
        ("raises", "", False),
    ],
)
def test_phrases_match_whole_ascii_words(phrase: str, text: str, found: bool) -> None:
    assert phrase_in(phrase, text) is found


def test_categories_come_from_the_release_and_from_the_headline_but_not_the_body() -> None:
    funded = {**points({"id": "funded", "event": "press_release", "categories": ["funding"]}), **NEVER_HIGH}
    base = policy(potential=funded)

    def given(rules: dict[str, Any], **release: Any) -> float:
        record = event("2026-03-01 12:00", "press_release", "press-releases", **release)
        shown: float = state(rules, record)["potential"]["score"]
        return shown

    assert given(base, headline="Example Works raises money") == 8.0
    assert given(base, headline="News", categories=["funding"]) == 8.0
    assert given(base, headline="News", body="raises") == 0.0
    assert given({**base, "press_match": {"body": True}}, headline="News", body="raises") == 8.0
