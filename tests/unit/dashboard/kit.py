"""Public states, accounts and signals as Redis holds them, for tests of the page; every default is a quiet customer."""

from __future__ import annotations

import json
from typing import Any

from schemas.signals import Signal
from schemas.states import PublicState
from streams.dashboard.records import AccountRecord, StateRecord, read_account, read_state

DAY_MS = 86_400_000
NOON = "2026-11-20T12:00:00.000Z"
NOON_MS = 1_795_176_000_000  # 2026-11-20T12:00Z: 20,777 days and a half after the epoch


def public(customer: str = "C1", **changes: Any) -> dict[str, Any]:
    """A public state that readers may rely on: `changes` replace whole keys."""
    value = {"measure": "contract", "amount": "450000", "high": False}
    state: dict[str, Any] = {
        "customer_id": customer,
        "as_of": NOON,
        "lifecycle": "active",
        "segment": "streamline",
        "segment_since": "2026-01-01T00:00:00.000Z",
        "policy_version": "test@00000000",
        "value": value,
        "rfm": {
            "recency_days": 12,
            "frequency": 3,
            "monetary": "450000",
            "r": 5,
            "f": 2,
            "m": 3,
            "code": "523",
            "score": 3.3333,
        },
        "lifetime": {"first_day": "2025-01-10", "last_day": "2026-11-08", "repeat_days": 2},
        "potential": {"score": 0.0, "high": False, "contributions": []},
        "segment_history": [],
        "departments": [],
        "owners": {"sales": None, "cs": None},
        "months": [],
        "next_transition": None,
    } | changes
    PublicState.model_validate(state)
    return state


def worth(amount: str, high: bool = False, measure: str = "contract") -> dict[str, Any]:
    return {"measure": measure, "amount": amount, "high": high}


def row(rule: str, points: float, last: str | None = NOON, events: int = 1, **more: Any) -> dict[str, Any]:
    """One term of the score."""
    return {"rule": rule, "label": f"label of {rule}", "points": points, "events": events, "last": last, **more}


def scored(*rows: dict[str, Any], high: bool = True) -> dict[str, Any]:
    """The potential axis with these terms."""
    return {"score": round(sum(found["points"] for found in rows), 4), "high": high, "contributions": list(rows)}


def leads_to(at: str, to: str, because: str = "decay") -> dict[str, Any]:
    return {"at": at, "to": to, "because": because}


def record(customer: str = "C1", **changes: Any) -> StateRecord:
    """The same as the page reads it."""
    found = read_state(json.dumps(public(customer, **changes)).encode())
    assert found is not None
    return found


def account(name: str, **fields: Any) -> AccountRecord:
    found = read_account(json.dumps({"name": name, **fields}).encode())
    assert found is not None
    return found


def signal(number: int = 1, **changes: Any) -> dict[str, Any]:
    """A live signal; `number` makes its id."""
    found: dict[str, Any] = {
        "signal_id": f"{number:032x}",
        "type": "buying_signal.detected",
        "customer_id": "C1",
        "rule": "pricing-interest",
        "audiences": ["sales"],
        "severity": "medium",
        "historical": False,
        "effective_at": NOON,
        "segment": "expand",
        "lifecycle": "active",
        "value": {"before": "1", "after": "1", "high": True},
        "potential": {"before": 3.0, "after": 8.0, "high": False},
        "cause": {"kind": "event", "topic": "web-behaviour", "event_id": "e1", "late_by_s": 0},
        "evidence": [{"rule": "pricing-interest", "label": "料金", "events": 1, "title": "/pricing"}],
        "owners": {"sales": "営業 見本", "cs": None},
        "suppressed": 0,
        "policy_version": "test@00000000",
    } | changes
    Signal.model_validate(found)
    return found
