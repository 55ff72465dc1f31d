"""A plain policy and short ways to write records, for examples worked by hand.

It must not know what follows from them.
"""

from __future__ import annotations

from typing import Any

from tests.oracle.clock import parse_instant
from tests.oracle.oracle import Decisions, decide

POLICY: dict[str, Any] = {
    "policy_format": 1,
    "version": "hand",
    "timezone": "UTC",
    "currency": {"base": "JPY", "rates": {"USD": "1.5"}},
    "value": {"measure": "revenue", "window_days": 10, "high": {"enter": "100", "leave": "80"}},
    "rfm": {
        "window_days": 10,
        "recency_days": [1, 3, 5, 7],
        "frequency": [1, 2, 3, 4],
        "monetary": ["10", "50", "100", "500"],
    },
    "pages": {"pricing": ["/pricing", "/pricing/*"], "any": ["/*"]},
    "press_categories": {"funding": ["raises", "series a"]},
    "potential": {
        "high": {"enter": "5", "leave": "4"},
        "points": [{"id": "seen", "label": "Seen", "event": "page_view", "points": 8, "half_life_days": 1}],
        "facts": [],
    },
    "rules": [],
    "lifecycle": {
        "onboarding": {"days": 0, "audiences": ["guide"], "severity": "low", "playbook": "welcome"},
        "active": {"audiences": ["cs"], "severity": "low"},
        "former": {"audiences": ["cs", "sales"], "severity": "high", "playbook": "bye"},
    },
    "segments": {
        name: {"label": name, "audiences": [name], "severity": "medium", "playbook": name}
        for name in ("retain", "nurture", "expand", "streamline")
    },
}


def policy(**changes: Any) -> dict[str, Any]:
    """The plain policy with other top-level keys; a mapping is laid over the one there."""
    changed = dict(POLICY)
    for key, new in changes.items():
        old = POLICY.get(key)
        changed[key] = {**old, **new} if isinstance(old, dict) and isinstance(new, dict) else new
    return changed


def points(*rules: dict[str, Any], **rest: Any) -> dict[str, Any]:
    """A potential group of these point rules, each with its id as label."""
    return {"points": [{"label": rule["id"], "points": 8, **rule} for rule in rules], **rest}


def rule(name: str, **conditions: Any) -> dict[str, Any]:
    """A rule for sales."""
    return {"id": name, "label": name, "type": "buying_signal", "audiences": ["sales"], "severity": "low", **conditions}


def at(text: str) -> int:
    """An instant, `2026-03-10` or `2026-03-10 12:00` or with seconds, in UTC unless an offset is given."""
    day, _, clock = text.partition(" ")
    clock = (clock or "00:00") + (":00" if clock.count(":") < 2 else "")
    return parse_instant(f"{day}T{clock}" + ("" if "+" in clock or "-" in clock else "Z"))


def event(
    received: str, kind: str, topic: str = "web-behaviour", occurred: str | None = None, **value: Any
) -> dict[str, Any]:
    """A record of customer C1 that happened on receipt unless said otherwise; its id is its receipt and type."""
    happened = occurred or received
    body = {"event_id": f"{received} {kind}", "type": kind, "occurred_at": text(happened), **value}
    return {"customer_id": "C1", "topic": topic, "received_ms": at(received), "value": body}


def text(moment: str) -> str:
    """The instant as an event writes it."""
    day, _, clock = moment.partition(" ")
    return f"{day}T{(clock or '00:00') + (':00' if clock.count(':') < 2 else '')}Z"


def buy(received: str, amount: Any = "100", occurred: str | None = None, **value: Any) -> dict[str, Any]:
    """A purchase."""
    return event(received, "purchase", "purchases", occurred, amount=amount, **value)


def refund(received: str, amount: Any, order: str | None = None, **value: Any) -> dict[str, Any]:
    """A refund, booked on the day of the order if given."""
    ordered = {} if order is None else {"order_occurred_at": text(order)}
    return event(received, "refund", "purchases", amount=amount, **ordered, **value)


def see(received: str, path: str = "/", occurred: str | None = None, **value: Any) -> dict[str, Any]:
    """A page view."""
    return event(received, "page_view", occurred=occurred, path=path, **value)


def account(received: str, **value: Any) -> dict[str, Any]:
    """An account record without id."""
    body = {"customer_id": "C1", "name": "Example Works", "kind": "b2b", **value}
    return {"customer_id": "C1", "topic": "accounts", "received_ms": at(received), "value": body}


def removal(received: str) -> dict[str, Any]:
    """A tombstone."""
    return {"customer_id": "C1", "topic": "accounts", "received_ms": at(received), "value": None}


def run(rules: dict[str, Any], *records: dict[str, Any], until: str | None = None) -> Decisions:
    """Decide on the records."""
    return decide(rules, list(records), None if until is None else at(until))


def brief(signals: list[dict[str, Any]]) -> list[tuple[str, str, str]]:
    """When, what and why, in short: `2026-03-10 12:00:00.000`, `segment:expand` or the rule, the kind of cause."""
    return [
        (one["effective_at"].replace("T", " ")[:-1], one["rule"] + target(one), one["cause"]["kind"]) for one in signals
    ]


def target(signal: dict[str, Any]) -> str:
    """Where a change leads."""
    return f":{signal['change']['to']}" if "change" in signal else ""


def state(rules: dict[str, Any], *records: dict[str, Any], until: str | None = None) -> dict[str, Any]:
    """The public state of the only customer."""
    return run(rules, *records, until=until)[1]["C1"]
