"""Random policies: variants of the shipped ones and small ones in which everything happens soon.

It must not know how histories are made.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.oracle.choices import Choices, maybe, some_of

SHIPPED = Path(__file__).parents[2] / "policies"
ZONES = [
    *("UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York"),
    *("America/Havana", "Africa/Cairo", "America/Santiago"),  # clocks that change at midnight: no 00:00 on some day
    *("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati"),  # half hours, quarters, +14:00
]
FAMILIES = ["retain", "nurture", "expand", "streamline"]
QUIET = ["page_view", "download", "inquiry", "purchase", "usage"]
HEAD = {"audiences": ["sales"], "severity": "low"}

PAGES = {"pricing": ["/pricing", "/pricing/*"], "item": ["*/items/*", "/Items"], "rest": ["/*x"]}
CATEGORIES = {"funding": ["raises", "資金調達"], "merger": ["Series A", "合併"]}


def shipped_policy(choices: Choices) -> dict[str, Any]:
    """One of the shipped policies with other zone, dwell, measure, lateness and memory for duplicates."""
    path = choices.pick(sorted(SHIPPED.glob("*.yaml")))
    policy: dict[str, Any] = copy.deepcopy(YAML(typ="safe", pure=True).load(path))
    policy["timezone"] = choices.pick([policy["timezone"], *ZONES])
    policy["min_dwell_days"] = choices.pick([policy["min_dwell_days"], 0, 1])
    policy["late_after_s"] = choices.pick([policy["late_after_s"], 1, 3600])
    policy |= maybe(choices, 30, dedup_events=choices.pick([1, 3]))
    measure = choices.pick([policy["value"]["measure"], "contract", "revenue", "rfm"])
    if measure == "rfm":
        policy["value"]["high"] = {"enter": 3, "leave": "2.5"}
    policy["value"] |= {"measure": measure, "grace_days": choices.pick([policy["value"].get("grace_days", 0), 0, 45])}
    return policy


def small_policy(choices: Choices) -> dict[str, Any]:
    """A policy with tiny thresholds and short spans, every part of it chosen."""
    return {
        "policy_format": 1,
        "version": "small",
        "timezone": choices.pick(ZONES),
        "max_future_s": choices.pick([300, 1]),
        "late_after_s": choices.pick([3600, 1, 93600]),
        "min_dwell_days": choices.pick([0, 14, 1]),
        **maybe(choices, 50, dedup_events=choices.pick([256, 1, 2, 5])),
        "currency": {"base": "JPY", "rates": {"USD": "150", "EUR": choices.pick(["0.333333", "165.5"])}},
        "value": small_value(choices),
        "rfm": small_rfm(choices),
        "pages": PAGES,
        "press_match": {"body": choices.chance(50)},
        "press_categories": CATEGORIES,
        "industry_growth": {"software": 0.12, "paper": "-0.02"},
        "potential": small_potential(choices),
        "rules": small_rules(choices),
        "lifecycle": small_lifecycle(choices),
        "segments": small_segments(choices),
        "playbooks": {name: {"title": name, "talk_track": name, "actions": [name]} for name in ("one", "two", "new")},
    }


def small_value(choices: Choices) -> dict[str, Any]:
    """The value axis."""
    measure = choices.pick(["revenue", "contract", "rfm"])
    high = choices.pick(
        [{"enter": "100", "leave": "80"}, {"enter": 100, "leave": 100}, {"enter": "33.3333", "leave": 0.5}]
    )
    if measure == "rfm":
        high = choices.pick(
            [{"enter": 2, "leave": 2}, {"enter": "3.3333", "leave": "2.6667"}, {"enter": 4, "leave": 1.5}]
        )
    window = choices.pick([365, 1, 2, 7, 30, 450])
    return {"measure": measure, "window_days": window, "grace_days": choices.pick([0, 1, 45]), "high": high}


def small_rfm(choices: Choices) -> dict[str, Any]:
    """RFM cut points low enough to be crossed."""
    return {
        "window_days": choices.pick([365, 3, 30, 400, 500]),
        "recency_days": choices.pick([[1, 3, 10, 40], [30, 90, 180, 365]]),
        "frequency": choices.pick([[1, 2, 3, 4], [2, 4, 8, 12]]),
        "monetary": choices.pick([["10", "50", "100", "500"], [1, 2, 3, 4]]),
        **maybe(
            choices, 60, weights={"recency": choices.pick([1, 2]), "frequency": 1, "monetary": choices.pick(["0.5", 3])}
        ),
    }


def fading(choices: Choices) -> dict[str, Any]:
    """How points end: by decay, by expiry or never."""
    return choices.pick(
        [
            *({"half_life_days": days} for days in (1, 14, "0.5", 100)),
            *({"expires_days": days} for days in (1, 7, 30)),
            {},
        ]
    )


def small_potential(choices: Choices) -> dict[str, Any]:
    """Point rules and facts."""
    catalogue: list[dict[str, Any]] = [
        {"id": "seen", "event": "page_view", "page": "pricing"},
        {"id": "item", "event": ["page_view", "download"], "page": "item"},
        {"id": "loaded", "event": "download"},
        {"id": "bought", "event": ["purchase", "renewal"]},
        {"id": "funded", "event": ["press_release", "media_mention"], "categories": ["funding"]},
        {"id": "merged", "event": "press_release", "categories": ["merger", "funding"]},
        {"id": "hiring", "event": "job_postings", "growth_at_least": 0.3, "increase_at_least": 2},
        {"id": "came", "event": "webinar", "attended": True},
        {"id": "asked", "event": ["inquiry", "nps_response"], "text_any": ["roadmap", "連携"], "text_none": ["no"]},
        {"id": "up", "event": "plan_change", "direction": "upgrade"},
        {"id": "cart", "event": "action", "action": "cart_add"},
        {"id": "moved", "event": ["contact_promoted", "contact_transferred", "deal_won"]},
    ]
    facts = [
        {"id": "industry", "label": "Industry", "account": "industry_growth", "at_least": 0.1, "points": 2},
        {"id": "size", "label": "Size", "account": "employees", "at_least": 100, "points": "1.5"},
        {
            "id": "rating",
            "label": "Rating",
            "rating": {"high": 4, "medium": 0, "low": -4},
            "expires_days": choices.pick([3, 30]),
        },
    ]
    rising = {"points": [point_rule(choices, one) for one in some_of(choices, catalogue, 60)]}
    high = choices.pick([{"enter": 5, "leave": 3}, {"enter": 4, "leave": 4}, {"enter": "6.00005", "leave": "0.0001"}])
    return {
        **maybe(choices, 50, cap=choices.pick([100, 7])),
        "high": high,
        **rising,
        "facts": some_of(choices, facts, 70),
    }


def point_rule(choices: Choices, conditions: dict[str, Any]) -> dict[str, Any]:
    """Points, their end and their limits for some conditions."""
    return {
        **conditions,
        "label": conditions["id"].title(),
        "points": choices.pick([5, 2, "3.3333", 4, 0.1]),
        **fading(choices),
        **maybe(choices, 35, cap=choices.pick([6, 9])),
        **maybe(choices, 35, per_day=choices.pick([1, 2])),
    }


def small_rules(choices: Choices) -> list[dict[str, Any]]:
    """Rules of every kind with short cooldowns."""
    days = choices.pick([1, 7, 30])
    catalogue: list[dict[str, Any]] = [
        {
            "id": "elsewhere",
            "type": "buying_signal",
            "event": ["download", "contact_transferred"],
            "new_department": True,
        },
        {
            "id": "twice",
            "type": "buying_signal",
            "event": "page_view",
            "page": "pricing",
            "count": {"at_least": 2, "within_days": days},
        },
        {
            "id": "two-days",
            "type": "buying_signal",
            "event": "page_view",
            "count": {"at_least": 2, "within_days": days, "distinct": "day"},
        },
        {
            "id": "two-people",
            "type": "churn_risk",
            "event": QUIET,
            "count": {"at_least": 2, "within_days": days, "distinct": "contact"},
        },
        {
            "id": "report",
            "type": "buying_signal",
            "event": "cs_report",
            "text_any": ["budget", "予算"],
            "text_none": ["予算なし"],
        },
        {"id": "detractor", "type": "churn_risk", "event": "nps_response", "nps_at_most": 3},
        {"id": "bought-again", "type": "buying_signal", "event": ["purchase", "renewal"]},
        {"id": "silent", "type": "churn_risk", "event": QUIET, "silent_days": choices.pick([7, 30])},
        {
            "id": "unseen",
            "type": "buying_signal",
            "event": "page_view",
            "page": "pricing",
            "silent_days": choices.pick([7, 1]),
        },
        {"id": "smaller", "type": "churn_risk", "event": "plan_change", "direction": "downgrade"},
        {
            "id": "gave-back",
            "type": "churn_risk",
            "event": ["refund", "cancellation", "churn_survey", "signal_outcome"],
        },
    ]
    return [small_rule(choices, one) for one in some_of(choices, catalogue, 60)]


def small_rule(choices: Choices, conditions: dict[str, Any]) -> dict[str, Any]:
    """Audience, segments and cooldown for some conditions."""
    return {
        **conditions,
        "label": conditions["id"].title(),
        "audiences": choices.pick([["sales"], ["cs", "sales"]]),
        "severity": choices.pick(["low", "high"]),
        **maybe(choices, 40, segments=some_of(choices, FAMILIES, 50)),
        **maybe(choices, 60, cooldown_days=choices.pick([1, 14, 60])),
        **maybe(choices, 50, playbook="one"),
    }


def small_lifecycle(choices: Choices) -> dict[str, Any]:
    """Onboarding of several lengths."""
    return {
        "onboarding": {"days": choices.pick([0, 5, 90]), "audiences": ["cs"], "severity": "medium", "playbook": "new"},
        "active": dict(HEAD),
        "former": {"audiences": ["cs"], "severity": "high", "playbook": "two"},
    }


def small_segments(choices: Choices) -> dict[str, Any]:
    """The four segments, some with a guard."""
    guard = {"buying_signals": choices.pick([1, 2]), "within_days": choices.pick([30, 1]), "then_audiences": ["cs"]}
    return {
        name: {"label": name.title(), **HEAD, "playbook": "two", **maybe(choices, 50, upsell_guard=guard)}
        for name in FAMILIES
    }


def random_policy(choices: Choices) -> dict[str, Any]:
    """Any of these policies."""
    return shipped_policy(choices) if choices.chance(40) else small_policy(choices)
