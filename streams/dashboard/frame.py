"""What every page must know of the policy to draw and name things; it must not know customers."""

from __future__ import annotations

from typing import Any

from schemas.policy import Policy
from streams.dashboard.book import LIFECYCLES, SEGMENTS


def frame(policy: Policy) -> dict[str, Any]:
    """Thresholds, labels and audiences, as plain data."""
    value, potential = policy.value.high, policy.potential.high
    return {
        "policy_version": policy.policy_version,
        "timezone": policy.timezone,
        "currency": policy.currency.base,
        "measure": policy.value.measure,
        "value": {"enter": float(value.enter), "leave": float(value.leave)},
        "potential": {
            "enter": float(potential.enter),
            "leave": float(potential.leave),
            "cap": float(policy.potential.cap),
        },
        "segments": {name: policy.segments.named(name).label for name in SEGMENTS},
        "audiences": sorted(_audiences(policy)),
    }


def _audiences(policy: Policy) -> set[str]:
    told = [policy.segments.named(name) for name in SEGMENTS]
    found = {audience for rule in policy.rules for audience in rule.audiences}
    found |= {audience for segment in told for audience in segment.audiences}
    found |= {audience for segment in told if segment.upsell_guard for audience in segment.upsell_guard.then_audiences}
    return found | {audience for name in LIFECYCLES for audience in getattr(policy.lifecycle, name).audiences}
