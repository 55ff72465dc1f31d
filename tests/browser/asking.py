"""What tests of the page ask of Redis and of the page, and the events they send; no test is here."""

from __future__ import annotations

import json
import time
from typing import Any

from tests.integration.system.site import Site

SEGMENTS = ("retain", "nurture", "expand", "streamline")
ARRIVES_WITHIN_S = 1.0
WITHIN_MS = 20_000

# What the page holds of every customer that it shows: id → value, potential, segment.
HELD = """() => {
  const { columns, plot, names } = kakuhan;
  const found = {};
  for (let row = 0; row < columns.count; row += 1)
    if (plot.shown[row]) found[names().ids[row]] = [columns.value[row], columns.potential[row], columns.segment[row]];
  return found;
}"""
NAMES = "() => kakuhan.names() !== null"


def states(site: Site) -> dict[str, dict[str, Any]]:
    """The public states of all customers that have not left."""
    ids = [found for segment in SEGMENTS for found in site.redis.zrange(site.key(f"segment:{segment}"), 0, -1)]
    return {found: json.loads(site.redis.get(site.key(f"customer:{found}")) or "") for found in ids}


def accounts(site: Site) -> dict[str, dict[str, Any]]:
    return {found: json.loads(site.redis.get(site.key(f"account:{found}")) or "{}") for found in states(site)}


def somebody(site: Site, segment: str) -> str:
    return str(site.redis.zrange(site.key(f"segment:{segment}"), 0, 0)[0])


def untold(site: Site, rule: str, *segments: str) -> list[str]:
    """Active customers of these segments of whom this rule has not told yet, so that no cooldown holds it back."""
    found = [customer for customer, state in states(site).items() if state["segment"] in segments]
    told = {customer: site.redis.lrange(site.key(f"customer-signals:{customer}"), 0, -1) for customer in found}
    rules = {customer: {json.loads(signal)["rule"] for signal in told[customer]} for customer in found}
    return [c for c in found if rule not in rules[c] and states(site)[c]["lifecycle"] == "active"]


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{time.time_ns() // 1_000_000 % 1000:03d}Z"


def activity(customer: str, type_: str, **fields: Any) -> dict[str, Any]:
    """An event of the CRM, happening now."""
    event = {"event_id": f"test-{time.time_ns()}", "occurred_at": now(), "type": type_, "customer_id": customer}
    return {"topic": "crm-activities", "value": event | fields}
