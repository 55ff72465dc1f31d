"""What a policy says that leaves a key out, and what its values become."""

from __future__ import annotations

import pickle
from decimal import Decimal

import pytest
from pydantic import ValidationError

from schemas.policy import Policy


def test_defaults_of_the_top_level(policy):
    small = policy()
    assert (small.max_future_s, small.late_after_s, small.min_dwell_days, small.dedup_events) == (300, 3600, 0, 256)
    assert small.currency.rates == {}
    assert small.industry_growth == {}
    assert small.press_match.body is False


def test_defaults_of_the_axes(policy):
    small = policy()
    assert (small.value.window_days, small.value.grace_days, small.rfm.window_days) == (365, 0, 365)
    assert (small.rfm.weights.recency, small.rfm.weights.frequency, small.rfm.weights.monetary) == (1, 1, 1)
    assert small.potential.cap == 100


def test_defaults_of_a_point_rule(policy):
    view, funding = policy(("points: 5, half_life_days: 14, cap: 15, per_day: 1", "points: 5")).potential.points
    assert (view.half_life_days, view.expires_days, view.cap, view.per_day) == (None, None, None, None)
    assert (view.action, view.categories, view.direction, view.text_any, view.text_none) == ((), (), (), (), ())
    assert (view.attended, view.nps_at_most, view.growth_at_least, view.increase_at_least) == (None, None, None, None)
    assert (funding.half_life_days, funding.expires_days) == (None, 90)


def test_defaults_of_a_rule(policy):
    asked, quiet = policy(("severity: high, cooldown_days: 30", "severity: high")).rules
    assert (asked.silent_days, asked.count, asked.new_department, asked.cooldown_days) == (None, None, False, 0)
    assert asked.segments == ("retain", "nurture", "expand", "streamline")
    assert asked.playbook is None
    assert (quiet.silent_days, quiet.cooldown_days) == (60, 90)


def test_count_has_no_distinct_by_default(policy):
    rule = policy(("cooldown_days: 30", "cooldown_days: 30, count: {at_least: 2, within_days: 14}")).rules[0]
    assert rule.count is not None
    assert (rule.count.at_least, rule.count.within_days, rule.count.distinct) == (2, 14, None)


def test_defaults_of_lifecycle_and_segments(policy):
    small = policy()
    assert small.lifecycle.onboarding.days == 0
    assert small.lifecycle.onboarding.playbook is None
    assert small.lifecycle.former.playbook == "goodbye"
    assert small.segments.retain.upsell_guard is None
    assert small.segments.named("nurture").label == "最重要育成層"


@pytest.mark.parametrize("key", ["rules", "pages", "press_categories", "playbooks", "industry_growth", "press_match"])
def test_lists_and_tables_may_be_left_out_or_empty(policy, key):
    data = {
        "policy_format": 1,
        "version": "v",
        "timezone": "UTC",
        "currency": {"base": "EUR"},
        "value": {"measure": "revenue", "high": {"enter": 2, "leave": 1}},
        "rfm": {"recency_days": [1, 2, 3, 4], "frequency": [1, 2, 3, 4], "monetary": [1, 2, 3, 4]},
        "potential": {"high": {"enter": 2, "leave": 1}},
        "lifecycle": {name: {"audiences": "cs", "severity": "low"} for name in ("onboarding", "active", "former")},
        "segments": {
            name: {"label": name, "audiences": ["cs"], "severity": "low"}
            for name in ("retain", "nurture", "expand", "streamline")
        },
    }
    left_out = Policy.model_validate(data)
    empty = Policy.model_validate({**data, key: None})
    assert getattr(left_out, key) == getattr(empty, key)
    assert (left_out.rules, left_out.potential.points, left_out.potential.facts) == ((), (), ())
    assert left_out.lifecycle.active.audiences == ("cs",)


def test_one_event_type_or_a_list_of_them(policy):
    asked, quiet = policy().rules
    assert (asked.event, quiet.event) == (("download",), ("page_view", "inquiry"))
    assert policy().potential.points[0].page == ("pricing",)


def test_decimals_stay_as_written(policy):
    exact = policy(("at_least: 0.1", "at_least: 0.3"), ("enter: 1000", 'enter: "1000.50"'))
    assert exact.potential.facts[0].at_least == Decimal("0.3")
    assert str(exact.value.high.enter) == "1000.50"


def test_spans_need_not_be_whole_days(policy):
    assert policy(("half_life_days: 14", "half_life_days: 0.5")).potential.points[0].half_life_days == Decimal("0.5")


def test_numbers_may_be_decimal_strings(policy):
    read = policy(("per_day: 1", 'per_day: "2"'), ("[1, 2, 3, 4]", '["1", "2", "3", "4"]'))
    assert read.potential.points[0].per_day == 2
    assert read.rfm.frequency == (1, 2, 3, 4)


def test_page_groups_keep_their_order(policy):
    read = policy(("  pricing: [/pricing, /pricing/*]", "  z: [/z]\n  pricing: [/pricing]\n  a: [/a]"))
    assert list(read.pages) == ["z", "pricing", "a"]


def test_a_policy_cannot_be_changed(policy):
    small = policy()
    with pytest.raises(ValidationError):
        small.max_future_s = 1
    with pytest.raises(ValidationError):
        small.rules[0].label = "x"


def test_a_policy_survives_the_way_to_another_process(policy):
    small = policy()
    assert pickle.loads(pickle.dumps(small)).policy_version == small.policy_version
