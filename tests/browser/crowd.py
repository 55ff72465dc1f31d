"""Fifty thousand customers in Redis by its documented keys, made from a seed; it must not know what is measured."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random
from typing import Any

from redis import Redis

from schemas.policy import Policy
from tests.integration.dashboard.kit import instant, now_ms
from tests.unit.dashboard.kit import public, row, scored, worth

BATCH = 2_000
OWNERS, INDUSTRIES, PLANS = 40, 24, 5
DEPARTMENTS = ("営業部", "経理部", "製造部", "人事部", "品質保証部", "情報システム部")


def customers(count: int, policy: Policy) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """State and account of each; value log-normal around the threshold, potential mostly small."""
    rng = Random(20_261_122)
    enter, threshold = float(policy.value.high.enter), float(policy.potential.high.enter)
    template = public("C0", policy_version=policy.policy_version)
    for number in range(count):
        amount = round(min(enter * 40, rng.lognormvariate(13.4, 1.3)), 0) if rng.random() > 0.04 else 0.0
        score = round(min(100.0, rng.expovariate(1 / 9)), 4) if rng.random() > 0.1 else 0.0
        high = amount >= enter, score >= threshold
        segment = {(True, True): "retain", (False, True): "nurture", (True, False): "expand"}.get(high, "streamline")
        state = template | {
            "customer_id": f"C{number}",
            "segment": segment,
            "value": worth(f"{amount:.0f}", high[0]),
            "potential": scored(row("webinar-attended", score), high=high[1]),
            "owners": {"sales": f"営業 {rng.randrange(OWNERS)}", "cs": None},
            "departments": rng.sample(DEPARTMENTS, rng.randrange(3)),
        }
        account = {"name": f"株式会社見本{number:05d}商事", "industry": f"業種{rng.randrange(INDUSTRIES)}"}
        yield state, account | {"customer_id": f"C{number}", "plan": f"プラン{rng.randrange(PLANS)}"}


def fill(redis: Redis, prefix: str, count: int, policy: Policy) -> dict[str, int]:
    """Write them and what a worker says of itself; customers per segment."""
    counts: dict[str, int] = dict.fromkeys(("retain", "nurture", "expand", "streamline"), 0)
    pipe = redis.pipeline(transaction=False)
    for number, (state, account) in enumerate(customers(count, policy)):
        customer, segment = state["customer_id"], state["segment"]
        counts[segment] += 1
        pipe.set(f"{prefix}customer:{customer}", json.dumps(state, ensure_ascii=False))
        pipe.set(f"{prefix}account:{customer}", json.dumps(account, ensure_ascii=False))
        pipe.zadd(f"{prefix}segment:{segment}", {customer: float(state["value"]["amount"])})
        if number % BATCH == BATCH - 1:
            pipe.execute()
    said = {f"customers:{segment}": str(found) for segment, found in counts.items()}
    beat(pipe, prefix, policy, **said)
    pipe.execute()
    return counts


def beat(redis: Any, prefix: str, policy: Policy, **fields: str) -> None:
    """What a worker reports once a second."""
    said = {"seen_at": instant(now_ms()), "newest_event": instant(now_ms()), "lag": "0"}
    redis.hset(f"{prefix}summary", mapping=said | {"policy_version": policy.policy_version} | fields)
