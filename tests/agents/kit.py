"""Records and a directory for tests of the agents, without Kafka."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from schemas.log import LogAccount, LogEvent
from schemas.policy import Policy
from streams.agents.intake import Elsewhere, IntakeHandler
from streams.agents.refusal_limit import RefusalLimit
from streams.domain.plan import Plan
from streams.engine.forward import Append
from streams.intake.companies import Directory
from streams.intake.intake import Intake, IntakeSettings

APPEND_TIME, CREATE_TIME = 1, 0
RECEIVED_MS = 1_790_000_000_000  # 2026-09-21T14:13:20Z
NOW_MS = RECEIVED_MS + 5_000

_WAYS: dict[str, Any] = {"audiences": ["sales"], "severity": "low"}
# High from 100 within ten local days, low below 80; no onboarding; UTC.
PLAN = Plan(
    Policy.model_validate(
        {
            "policy_format": 1,
            "version": "hand",
            "timezone": "UTC",
            "currency": {"base": "JPY"},
            "value": {"measure": "revenue", "window_days": 10, "high": {"enter": "100", "leave": "80"}},
            "rfm": {"recency_days": [1, 3, 5, 7], "frequency": [1, 2, 3, 4], "monetary": [10, 50, 100, 500]},
            "potential": {"high": {"enter": 5, "leave": 4}, "points": []},
            "rules": [],
            "lifecycle": {"onboarding": _WAYS, "active": _WAYS, "former": _WAYS},
            "segments": {n: {"label": n, **_WAYS} for n in ("retain", "nurture", "expand", "streamline")},
            "playbooks": {},
        }
    )
)


@dataclass
class Source:
    """A consumed record."""

    topic: str
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]] = ()
    partition: int = 2
    timestamp: int = RECEIVED_MS
    timestamp_type: int = APPEND_TIME


def source(topic: str, offset: int, key: str | None, value: dict[str, Any] | bytes | None, **more: Any) -> Source:
    raw = json.dumps(value).encode() if isinstance(value, dict) else value
    return Source(f"p.{topic}", offset, None if key is None else key.encode(), raw, **more)


def view_of(number: int, customer_id: str = "C1") -> dict[str, Any]:
    """The value of a page view."""
    at = "2026-09-21T14:13:20Z"
    return {"event_id": f"v{number}", "occurred_at": at, "type": "page_view", "customer_id": customer_id, "path": "/"}


def release_of(company: dict[str, str]) -> dict[str, Any]:
    at = "2026-09-21T14:00:00Z"
    return {"event_id": "r1", "occurred_at": at, "type": "press_release", "headline": "news", "company": company}


class Desk:
    """An intake handler, with what it asked for."""

    def __init__(self, percent: int = 100) -> None:
        self.directory = Directory()
        self.ready = asyncio.Event()
        self.sealed: list[list[str | None]] = []
        self.handler = IntakeHandler(
            Intake(IntakeSettings(300, "JPY"), self.directory),
            Elsewhere(
                refused=lambda record, why: Append("p.dead-letters", record.key, record.value, [("why", _text(why))]),
                unmatched=lambda record, _: Append("p.unmatched", record.key, record.value),
            ),
            events="p.events",
            prefix="p.",
            ready=self.ready.wait,
            broker_ms=self._broker_ms,
            steady_ms=lambda: 0,
            seal=self.seal,
            limit=RefusalLimit(percent),
        )

    async def _broker_ms(self) -> int:
        return NOW_MS

    def know(self, customer_id: str, **identifiers: Any) -> None:
        self.directory.put(customer_id, LogAccount(name=f"Example {customer_id}", **identifiers))

    async def seal(self, events: Sequence[LogEvent]) -> list[LogEvent]:
        self.sealed.append([event.event_id for event in events])
        return list(events)

    def take(self, *records: Source) -> list[Append]:
        self.ready.set()
        return list(asyncio.run(self._handled(records)))

    async def _handled(self, records: Sequence[Source]) -> Sequence[Append]:
        return await self.handler(records[0].topic, records[0].partition, records)


def _text(rejection: Any) -> bytes:
    return str(rejection.reason).encode()
