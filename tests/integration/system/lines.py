"""Short ways to write events that happen now; it must not know what follows from them."""

from __future__ import annotations

import itertools
import time
from typing import Any

from tests.oracle.clock import show_instant

DAY_S = 86_400
Line = dict[str, Any]
_numbers = itertools.count(1)


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def ago(seconds: float = 0.0) -> str:
    """An instant so long before now."""
    return show_instant(now_ms() - round(seconds * 1000))


def event(topic: str, kind: str, customer_id: str | None, *, before_s: float = 1.0, **fields: Any) -> Line:
    """A fact that happened so long before now, under an id of its own."""
    who = {} if customer_id is None else {"customer_id": customer_id}
    value = {"event_id": f"e-{next(_numbers)}", "occurred_at": ago(before_s), "type": kind, **who, **fields}
    return {"topic": topic, "value": value}


def buy(customer_id: str, amount: str, **fields: Any) -> Line:
    return event("purchases", "purchase", customer_id, amount=amount, **fields)


def see(customer_id: str, path: str, **fields: Any) -> Line:
    return event("web-behaviour", "page_view", customer_id, path=path, **fields)


def crm(customer_id: str, kind: str, **fields: Any) -> Line:
    return event("crm-activities", kind, customer_id, **fields)


def news(headline: str, **fields: Any) -> Line:
    """A press release; `company` says about whom."""
    return event("press-releases", "press_release", None, headline=headline, **fields)


def account(customer_id: str, name: str, **fields: Any) -> Line:
    """An account master without id or date of its own."""
    return {"topic": "accounts", "value": {"customer_id": customer_id, "name": name, "kind": "b2b", **fields}}


def removed(customer_id: str) -> Line:
    return {"topic": "accounts", "key": customer_id, "value": None}
