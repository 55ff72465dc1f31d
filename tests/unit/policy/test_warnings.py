"""What a policy may say but probably does not mean."""

from __future__ import annotations

import math
from decimal import Decimal
from fnmatch import fnmatchcase
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.policy_axes import PointRule
from streams.policy_globs import overlap
from streams.policy_reach import longest_period_days

VIEW = "potential.points[pricing-view]"
ENTER = "17: potential.high.enter"
SECOND_GUARD = "{label: 優良維持層, upsell_guard: {buying_signals: 2, within_days: 90, then_audiences: %s},"


def test_the_small_policy_means_what_it_says(warned):
    assert warned() == []


def test_a_single_event_is_enough(warned):
    # cap 20 of 18: one event of 18 points
    assert warned(("points: 5, half_life_days: 14, cap: 15", "points: 18, half_life_days: 1, cap: 20")) == [
        f"19: {VIEW}: a single event (18) makes a customer high (enter 18); meant only for rare news"
    ]


def test_two_events_of_one_day_are_enough(warned):
    # 2 * 10 = 20 >= 18; half-life 1 day: never by events a week apart (10 / (1 - 2^-7) = 10.08)
    assert warned(("points: 5, half_life_days: 14, cap: 15, per_day: 1", "points: 10, half_life_days: 1, cap: 20")) == [
        f"19: {VIEW}: 2 events of one day alone can make a customer high (enter 18); a cap below 18 prevents it"
    ]


def test_per_day_keeps_one_day_from_being_enough(warned):
    # 2 * 9 = 18 needs two events of one day; with one a day and 8 of releases it is 17
    changes = (
        ("points: 5, half_life_days: 14, cap: 15", "points: 9, half_life_days: 1, cap: 20"),
        ("cap: 12", "cap: 8"),
    )
    assert warned(*changes) == []
    assert len(warned(*changes, (", per_day: 1", ""))) == 1


def test_a_periodic_event_is_enough(warned):
    # 9 / (1 - 2^(-T/14)) >= 18 while T <= -14 * log2(1 - 9/18) = 14
    assert warned(("points: 5, half_life_days: 14, cap: 15", "points: 9, half_life_days: 14, cap: 30")) == [
        f"19: {VIEW}: one event every 14 days alone can make a customer high (enter 18); a cap below 18 prevents it"
    ]


def test_a_periodic_event_that_expires_is_enough(warned):
    # three events of 6 within 90 days: two periods shorter than 90, 45 each
    changes = ("points: 8, cap: 12, expires_days: 90", "points: 6, per_day: 1, expires_days: 90")
    assert warned(changes) == [
        "20: potential.points[funding]: one event every 45 days alone can make a customer high (enter 18); "
        "a cap below 18 prevents it"
    ]


def test_points_that_never_fade_add_up_in_the_end(warned):
    assert warned(("points: 8, cap: 12, expires_days: 90", "points: 8, per_day: 1")) == [
        "20: potential.points[funding]: repeated events (their points never fade) alone can make a customer high "
        "(enter 18); a cap below 18 prevents it"
    ]


def test_one_event_that_meets_several_rules_is_enough(warned):
    second = "    - {id: any-view, label: 閲覧, event: page_view, points: 13, half_life_days: 7, cap: 13}\n  facts:"
    # 5 + 13 = 18
    assert warned(("  facts:", second)) == [
        f"{ENTER}: a single page_view that meets several point rules (18) makes a customer high"
    ]


def test_one_event_has_only_one_path(warned):
    # 5 for pricing, 13 for plans: no path is in both groups, so it takes two events, of one day
    rule = (
        "    - {id: plans, label: P, event: page_view, page: plans, points: 13, half_life_days: 7, cap: 13}\n  facts:"
    )
    changes = (("  facts:", rule), ("  pricing: [", "  plans: [/plans]\n  pricing: ["), ("cap: 15", "cap: 5"))
    assert warned(*changes) == [
        "18: potential.high.enter: one day of web-behaviour events alone (up to 18 points) makes a customer high"
    ]


def test_one_day_of_all_sources_is_enough(warned):
    # page views 5 (once a day), releases 12 (their cap): neither reaches 17 alone, together they do
    assert warned(("enter: 18", "enter: 17")) == [
        f"{ENTER}: the events of one day alone (up to 17 points) make a customer high"
    ]


def test_facts_alone_are_enough(warned):
    # 5 + 13 = 18
    assert warned(("{high: 8, medium: 0", "{high: 13, medium: 0")) == [
        f"{ENTER}: facts alone (18 points) make a customer high for as long as they hold"
    ]


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ([("  high: {enter: 18", "  cap: 17\n  high: {enter: 18")],
         "17: potential.cap: nobody is ever high: it is below high.enter 18"),
        ([("enter: 18", "enter: 45")],
         f"{ENTER}: nobody is ever high: all points and facts together give at most 40"),  # 15 + 12 + 5 + 8
        ([("cap: 15", "cap: 4")], f"19: {VIEW}.cap: is below the 5 points of one event: none counts whole"),
        ([("leave: 12", "leave: 18")],
         "17: potential.high.leave: is equal to enter: customers near it go up and down; set it lower"),
        ([("leave: 800", "leave: 1000")],
         "7: value.high.leave: is equal to enter: customers near it go up and down; set it lower"),
        ([("measure: contract", "measure: rfm"), ("{enter: 1000, leave: 800}", "{enter: 5.5, leave: 4}")],
         "7: value.high.enter: nobody is ever high: rfm goes from 1 to 5 and enter is 5.5"),
        ([("measure: contract", "measure: rfm"), ("{enter: 1000, leave: 800}", "{enter: 4, leave: 1}")],
         "7: value.high.leave: nobody ever falls: rfm is at least 1 and leave is 1"),
        ([("measure: contract", "measure: revenue\n  grace_days: 3")],
         "7: value.grace_days: only the measure contract has a grace; it changes nothing here"),
        ([("potential:", "industry_growth: {情報通信業: 12}\npotential:")],
         "16: industry_growth.情報通信業: 12 means 1200 % a year; 12 % is written 0.12"),
        ([("at_least: 0.1", "at_least: 10")],
         "22: potential.facts[growth].at_least: 10 means 1000 % a year; 12 % is written 0.12"),
        ([("{high: 8, medium: 0, low: -8}", "{high: -8, medium: 0, low: 8}")],
         "23: potential.facts[opinion].rating: a better rating gives fewer points than a worse one"),
        ([("cooldown_days: 30", "cooldown_days: 30, count: {at_least: 3, within_days: 14}")],
         "25: rules[asked].count: 3 events of a single day are enough; distinct: day asks for different days"),
        ([("cooldown_days: 30", "cooldown_days: 30, count: {at_least: 1, within_days: 14}")],
         "25: rules[asked].count.at_least: 1 is what a rule without count asks"),
        ([(", cooldown_days: 30", "")],
         "25: rules[asked]: has no cooldown_days, so every match is a signal, however soon it repeats"),
        ([("event: download,", "event: [download, inquiry], page: pricing,")],
         "25: rules[asked].event: inquiry can never meet the other conditions; remove or separate"),
        ([("{label: 優良維持層,", SECOND_GUARD % "cs"), ("type: buying_signal", "type: churn_risk")],
         "32: segments.retain.upsell_guard: no buying_signal rule is for the segment retain; the guard never acts"),
        ([("{label: 優良維持層,", SECOND_GUARD % "sales")],
         "32: segments.retain.upsell_guard.then_audiences: are those of the rules already; the guard changes nothing"),
        ([("page: pricing, points", "action: login, points"), ("event: page_view, action", "event: action, action")],
         "13: pages.pricing: is used nowhere"),
        ([("event: press_release, categories: [funding]", "event: press_release")],
         "15: press_categories.funding: is used nowhere"),
        ([(", playbook: goodbye", "")], "37: playbooks.goodbye: is used nowhere"),
    ],
)  # fmt: skip
def test_warning(warned, changes, expected):
    assert warned(*changes) == [expected]


def test_the_guard_acts_when_it_sends_to_other_people(warned):
    assert warned(("{label: 優良維持層,", SECOND_GUARD % "cs")) == []


def test_an_audience_that_nobody_else_has_and_looks_like_one_is_asked_about(warned):
    asked = "event: download, audiences: [sales]"
    assert warned((asked, "event: download, audiences: [sale]")) == [
        "25: rules[asked].audiences: 'sale' is nowhere else; 'sales' is, and hears nothing of this"
    ]
    assert warned((asked, "event: download, audiences: [partners]")) == []


def test_overlapping_page_groups_hang_on_their_order(warned):
    rule = "    - {id: all, label: A, event: page_view, page: all, points: 1, half_life_days: 7, cap: 1}\n  facts:"
    assert warned(("  facts:", rule), ("cap: 12", "cap: 8"), ("/pricing/*]", "/pricing/*]\n  all: [/x, /*]")) == [
        "14: pages.all[2]: overlaps /pricing of pricing, which comes first and wins; keep them apart, or change "
        "version when you reorder them, because the digest in policy_version does not see the order"
    ]


def test_warnings_come_in_the_order_of_the_file(warned):
    lines = [int(line.split(":")[0]) for line in warned((", playbook: goodbye", ""), ("leave: 800", "leave: 1000"))]
    assert lines == [7, 37]


GLOBS = st.text(alphabet="ab*", max_size=4)
SHORT_PATHS = ["".join(letters) for length in range(9) for letters in product("ab", repeat=length)]


@given(GLOBS, GLOBS)
def test_globs_overlap_when_some_path_matches_both(one, other):
    # two globs with at most 8 letters between them share a path of at most 8 letters, if any
    shared = any(fnmatchcase(path, one) and fnmatchcase(path, other) for path in SHORT_PATHS)
    assert overlap(one, other) == shared


def steady(rule: PointRule, period_days: float) -> float:
    """Score just after the last of many regular events, added up one by one."""
    ages = [number * period_days for number in range(4000)]
    if rule.half_life_days is not None:
        return sum(float(rule.points) * 2 ** (-age / float(rule.half_life_days)) for age in ages)
    return sum(float(rule.points) for age in ages if age < float(rule.expires_days or math.inf))


@given(
    points=st.integers(1, 17),
    fade=st.sampled_from(["half_life_days", "expires_days"]),
    days=st.integers(2, 200),
)
def test_longest_period_is_the_longest(points, fade, days):
    rule = PointRule.model_validate({"id": "r", "label": "r", "event": "purchase", "points": points, fade: days})
    longest = longest_period_days(rule, Decimal(18))
    assert steady(rule, longest * 0.999) >= 18 - 1e-9
    assert steady(rule, longest * 1.001) < 18
