"""Random policies: variants of the shipped ones and small ones in which everything happens soon.

It must not know how histories are made.
"""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from tests.oracle.catalogue import CATEGORIES, FACTS, PAGES, POINTS, RULES
from tests.oracle.choices import Choices, maybe, some_of

SHIPPED = Path(__file__).parents[2] / "policies"
ZONES = [
    *("UTC", "Asia/Tokyo", "Europe/Berlin", "America/New_York"),
    *("America/Havana", "Africa/Cairo", "America/Santiago"),  # clocks that change at midnight: no 00:00 on some day
    "Pacific/Apia",  # had no 30 December 2011
    *("Australia/Lord_Howe", "Asia/Kathmandu", "Pacific/Kiritimati"),  # half hours, quarters, +14:00
]
FAMILIES = ["retain", "nurture", "expand", "streamline"]
HEAD = {"audiences": ["sales"], "severity": "low"}


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
    measure = choices.pick(["revenue", "contract", "rfm", "contract"])
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
            *({"half_life_days": days} for days in (1, 14, "0.5", 100, 3000)),
            *({"expires_days": days} for days in (1, 7, 30)),
            {},
        ]
    )


def small_potential(choices: Choices) -> dict[str, Any]:
    """Point rules and facts."""
    high = choices.pick([{"enter": 5, "leave": 3}, {"enter": 4, "leave": 4}, {"enter": "6.00005", "leave": "0.0001"}])
    return {
        **maybe(choices, 50, cap=choices.pick([100, 7])),
        "high": high,
        "points": [point_rule(choices, one) for one in some_of(choices, POINTS, 50)],
        "facts": copy.deepcopy(some_of(choices, FACTS, 50)),
    }


def point_rule(choices: Choices, conditions: dict[str, Any]) -> dict[str, Any]:
    """Points, their end and their limits for some conditions."""
    return {
        **conditions,
        "label": conditions["id"].title(),
        "points": choices.pick([5, 2, "3.3333", 4, 0.1, "1.123456789012"]),
        **fading(choices),
        **maybe(choices, 35, cap=choices.pick([6, 9])),
        **maybe(choices, 35, per_day=choices.pick([1, 2])),
    }


def small_rules(choices: Choices) -> list[dict[str, Any]]:
    """Rules of every kind with short spans."""
    return [small_rule(choices, one) for one in some_of(choices, RULES, 50)]


def small_rule(choices: Choices, conditions: dict[str, Any]) -> dict[str, Any]:
    """Audience, segments, spans and cooldown for some conditions."""
    spans: dict[str, Any] = {}
    if "count" in conditions:
        spans = {"count": {**conditions["count"], "within_days": choices.pick([7, 1, 30])}}
    if "silent_days" in conditions:
        spans = {"silent_days": choices.pick([7, 1, 30, "0.5"])}
    return {
        **conditions,
        **spans,
        "label": conditions["id"].title(),
        "audiences": choices.pick([["sales"], ["cs", "sales"], "cs"]),
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
    """Any of these policies, without shared parts, so that it can be written to a file without aliases."""
    policy: dict[str, Any] = shipped_policy(choices) if choices.chance(40) else small_policy(choices)
    unshared: dict[str, Any] = json.loads(json.dumps(policy))
    return unshared
