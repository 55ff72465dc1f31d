"""What a customer costs in Redis: a million of them should fit into a machine one can rent."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

INSTANT = "2026-11-09T00:00:00.000Z"
CUSTOMERS = 5_000
MOST_BYTES = 2_500

ACCOUNT = {
    "name": "架空商事株式会社",
    "corporate_number": "1234567890123",
    "domains": ["kakuu.example"],
    "industry": "情報通信業",
    "employees": 120,
    "departments": ["経理部", "情報システム部"],
    "contacts": [{"id": "p1", "name": "架空 一郎", "department": "経理部", "title": "部長"}],
    "plan": "standard",
    "sales_owner": "架空 太郎",
}


def public_state(customer_id: str) -> dict[str, Any]:
    """As documented, with three contributions, two changes, three months and two rows of value."""
    row = {"rule": "funding-announced", "label": "資金調達の発表", "points": 20.0, "events": 1, "last": INSTANT}
    change = {"at": INSTANT, "from": "streamline", "to": "nurture", "cause": "event"}
    return {
        "customer_id": customer_id,
        "as_of": INSTANT,
        "lifecycle": "active",
        "segment": "nurture",
        "segment_since": INSTANT,
        "policy_version": "2026-11-b2b@0123abcd",
        "value": {"measure": "contract", "amount": "450000", "high": False},
        "rfm": {"recency_days": 12, "frequency": 3, "monetary": "450000", "code": "523", "score": 3.3333},
        "lifetime": {"first_day": "2025-01-10", "last_day": "2026-11-09", "repeat_days": 2},
        "potential": {"score": 32.1, "high": True, "contributions": [row] * 3},
        "segment_history": [change] * 2,
        "departments": ["経理部"],
        "owners": {"sales": "架空 太郎", "cs": "架空 花子"},
        "months": [{"month": "2026-11", "purchases": 1, "amount": "120000"}] * 3,
        "contracts": [
            {
                "kind": "contract",
                "contract": customer_id,
                "from": "2026-04-01",
                "until": "2027-03-31",
                "amount": "400000",
            },
            {"kind": "purchases", "amount": "50000"},
        ],
        "next_transition": {"at": INSTANT, "to": "streamline", "because": "decay"},
    }


def test_a_customer_without_signals_takes_at_most_two_and_a_half_kilobytes(away: Any, run: Any) -> None:
    async def work() -> None:
        async with away.view() as view:
            for n in range(0, CUSTOMERS, 500):
                await view.write(0, 1, n + 500, [update(away, number) for number in range(n, n + 500)])

    run(work())
    assert away.summary()["customers:nurture"] == str(CUSTOMERS)
    assert bytes_used(away.redis) / CUSTOMERS <= MOST_BYTES


def bytes_used(redis: Any) -> int:
    """What all keys take, as Redis reckons it, every element counted."""
    with redis.pipeline(transaction=False) as pipe:
        for key in redis.scan_iter(count=1_000):
            pipe.memory_usage(key, samples=0)
        return int(sum(pipe.execute()))


def update(away: Any, number: int) -> Any:
    customer_id = f"customer-{number:06d}"
    return away.update(
        customer_id,
        number,
        public=json.dumps(public_state(customer_id), ensure_ascii=False, separators=(",", ":")).encode(),
        account=json.dumps(ACCOUNT, ensure_ascii=False, separators=(",", ":")).encode(),
        segment="nurture",
        priority=32.1 + number,
        next_at_ms=1_790_000_000_000 + number,
        revenue=Decimal("450000.5"),
    )
