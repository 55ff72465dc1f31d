"""Decisions without Kafka: what `--until` and `--go-live` cut, and in which order results come."""

from __future__ import annotations

from schemas.log import LogEvent
from streams.agents.offline import decide
from tests.agents.kit import PLAN

DAY_MS = 86_400_000
BEGIN_MS = 1_790_000_000_000  # 2026-09-21T14:13:20Z


def bought(customer_id: str, day: float, amount: str = "120") -> tuple[LogEvent, int]:
    """A purchase on receipt; 100 within ten local days are high."""
    at_ms = BEGIN_MS + round(day * DAY_MS)
    event_id = f"{customer_id}-{day}"
    event = LogEvent(topic="purchases", type="purchase", customer_id=customer_id, event_id=event_id, amount=amount)
    return event, at_ms


def test_signals_come_by_instant_then_customer() -> None:
    decisions = decide(PLAN, [bought("B", 0), bought("A", 0), bought("C", 20)])
    turns = [(one["effective_at"][:10], one["customer_id"], one["change"]["to"]) for one in decisions.signals]
    assert turns == [
        ("2026-09-21", "A", "expand"),
        ("2026-09-21", "B", "expand"),
        ("2026-10-01", "A", "streamline"),  # when C's purchase is received, all clocks are there
        ("2026-10-01", "B", "streamline"),
        ("2026-10-11", "C", "expand"),
    ]
    assert [state["customer_id"] for state in decisions.public_states(None)] == ["A", "B", "C"]


def test_until_leaves_out_what_came_later_and_moves_every_clock() -> None:
    until_ms = BEGIN_MS + 5 * DAY_MS
    decisions = decide(PLAN, [bought("A", 0), bought("B", 5), bought("C", 5.0001)], until_ms)
    states = list(decisions.public_states(until_ms))
    assert [(state["customer_id"], state["as_of"][:10]) for state in states] == [
        ("A", "2026-09-26"),
        ("B", "2026-09-26"),
    ]
    assert states[0]["rfm"]["recency_days"] == 5


def test_until_after_the_last_record_finds_what_time_causes() -> None:
    last = [bought("A", 0)]
    assert len(decide(PLAN, last).signals) == 1
    assert len(decide(PLAN, last, BEGIN_MS + 30 * DAY_MS).signals) == 2


def test_what_was_received_before_go_live_is_history() -> None:
    records = [bought("A", 0), bought("A", 12)]
    go_live_ms = BEGIN_MS + 12 * DAY_MS
    flags = [one["historical"] for one in decide(PLAN, records, None, go_live_ms).signals]
    assert flags == [True, True, False]  # high, low at the midnight in between, high again by a live purchase
    assert [one["historical"] for one in decide(PLAN, records).signals] == [False, False, False]
