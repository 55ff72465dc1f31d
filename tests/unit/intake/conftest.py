"""A clock, an intake and events to vary, for all tests of what may enter the log."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from schemas.log import LogAccount, LogEvent, decode_event, encode_event
from streams.intake.companies import Directory
from streams.intake.intake import Accepted, Decision, Intake, IntakeSettings, Raw

# 2026-11-09T00:00:00Z: 56 years of 365 days, 14 leap days and 312 days of the year are 20,766 days of 86,400 s.
NOON_JST = "2026-11-09T12:00:00+09:00"
NOON_JST_MS = 20_766 * 86_400_000 + 3 * 3_600_000

VALUES: dict[str, dict[str, Any]] = {
    "purchase": {"amount": "120000"},
    "renewal": {"amount": "120000"},
    "refund": {"amount": "500"},
    "plan_change": {"from_plan": "light", "to_plan": "pro", "direction": "upgrade"},
    "cancellation": {},
    "page_view": {"path": "/pricing"},
    "download": {"document": "whitepaper.pdf"},
    "webinar": {"title": "Autumn", "attended": True},
    "form": {"form": "contact"},
    "action": {"action": "cart_add"},
    "usage": {"metric": "seats", "value": 12},
    "cs_report": {"text": "元気"},
    "inquiry": {"text": "?"},
    "support_ticket": {"text": "!"},
    "churn_survey": {"text": "too dear"},
    "contact_promoted": {"contact": {"id": "p1"}},
    "contact_transferred": {"contact": {"id": "p1"}},
    "sales_rating": {"rating": "high"},
    "nps_response": {"score": 9},
    "deal_opened": {},
    "deal_won": {},
    "deal_lost": {},
    "signal_outcome": {"signal_id": "0123456789abcdef", "outcome": "worked"},
    "press_release": {"company": {"name": "アルファ"}, "headline": "資金調達"},
    "media_mention": {"company": {"name": "アルファ"}, "headline": "資金調達"},
    "job_postings": {"company": {"name": "アルファ"}, "open_count": 3},
}
TOPICS: dict[str, str] = {
    **dict.fromkeys(("purchase", "renewal", "refund", "plan_change", "cancellation"), "purchases"),
    **dict.fromkeys(("page_view", "download", "webinar", "form", "action", "usage"), "web-behaviour"),
    **dict.fromkeys(("cs_report", "inquiry", "support_ticket", "churn_survey"), "crm-activities"),
    **dict.fromkeys(("contact_promoted", "contact_transferred", "sales_rating", "nps_response"), "crm-activities"),
    **dict.fromkeys(("deal_opened", "deal_won", "deal_lost", "signal_outcome"), "crm-activities"),
    **dict.fromkeys(("press_release", "media_mention", "job_postings"), "press-releases"),
}


def value_of(kind: str, **changes: Any) -> dict[str, Any]:
    """A minimal valid value of an event type, happened at noon, with fields changed (None: left out)."""
    value = {"event_id": "e1", "occurred_at": NOON_JST, "type": kind, "customer_id": "C1", **VALUES[kind]}
    if TOPICS[kind] == "press-releases":
        del value["customer_id"]
    return {name: field for name, field in {**value, **changes}.items() if field is not None}


@pytest.fixture
def noon_ms() -> int:
    return NOON_JST_MS


@pytest.fixture
def make_value() -> Callable[..., dict[str, Any]]:
    return value_of


@pytest.fixture
def kinds() -> dict[str, str]:
    """Every event type but `account`, with its source topic."""
    return TOPICS


@pytest.fixture
def directory() -> Directory:
    known = Directory()
    known.put("C1", LogAccount(name="株式会社アルファ", domains=["www.alpha.example"]))
    return known


@pytest.fixture
def intake(directory: Directory) -> Intake:
    return Intake(IntakeSettings(300, "JPY", frozenset({"USD", "EUR"})), directory)


@pytest.fixture
def send(intake: Intake) -> Callable[..., Decision]:
    """Take in bytes or a value, received at noon under the key C1 unless said otherwise."""

    def take(
        topic: str, value: Any, key: bytes | None = b"C1", received_ms: int = NOON_JST_MS, **rest: Any
    ) -> Decision:
        raw = value if value is None or isinstance(value, bytes) else json.dumps(value, ensure_ascii=False).encode()
        return intake.take(Raw(topic, key, raw, rest.get("headers", []), received_ms))

    return take


@pytest.fixture
def event(send: Callable[..., Decision]) -> Callable[..., LogEvent]:
    """The one event that a value becomes."""

    def take(topic: str, value: Any, **rest: Any) -> LogEvent:
        decision = send(topic, value, **rest)
        assert isinstance(decision, Accepted), decision
        (only,) = decision.events
        assert decode_event(encode_event(only)) == only
        return only

    return take
