"""Collects what happens at one customer as lines of a history file.

It must not know why something happens.
"""

from __future__ import annotations

from random import Random
from typing import Any

from streams.sample.clock import DAY_S, HOUR_S, day_of, midnight_s, rfc3339

Line = dict[str, Any]
"""`{"topic", "received_at", "value"}`, or with `key` and a null value for an account removed."""

_ID_PREFIX = {"purchases": "po", "web-behaviour": "web", "crm-activities": "crm", "press-releases": "pr"}
_LATE_REPORT = 0.04  # share of CRM entries written up days later
_LATE_BEACON = 0.002  # share of page views sent when a device is online again
_TWICE = 0.001  # share of events that a source delivers twice


class Writer:
    """The lines of one customer (or of the press), each with the instant it was received.

    `end_s` is the instant after which nothing is known yet: later receipts are left out.
    """

    __slots__ = ("_end_s", "_numbers", "_owner", "lines", "rng")

    def __init__(self, owner: str, rng: Random, end_s: float) -> None:
        self._owner = owner
        self._end_s = end_s
        self._numbers = dict.fromkeys(_ID_PREFIX, 0)
        self.rng = rng
        self.lines: list[tuple[float, Line]] = []

    def web(self, at_s: float, kind: str, **fields: object) -> None:
        """Something seen on the web site, received seconds later, rarely days."""
        late = self.rng.random() < _LATE_BEACON
        delay_s = self.rng.uniform(26, 60) * HOUR_S if late else self.rng.uniform(0.2, 8.0)
        self._event("web-behaviour", at_s, delay_s, kind, fields)

    def nightly(self, at_s: float, kind: str, **fields: object) -> None:
        """A usage figure, exported in the following night."""
        self._event("web-behaviour", at_s, self._until_night_s(at_s), kind, fields)

    def crm(self, at_s: float, kind: str, **fields: object) -> None:
        """Something entered in the CRM, within hours, at times days later."""
        late = self.rng.random() < _LATE_REPORT
        delay_s = self.rng.uniform(30, 96) * HOUR_S if late else self.rng.uniform(60, 4 * HOUR_S)
        self._event("crm-activities", at_s, delay_s, kind, fields)

    def purchase(self, at_s: float, kind: str, **fields: object) -> None:
        """Something booked in the ERP, exported in the following night."""
        self._event("purchases", at_s, self._until_night_s(at_s), kind, fields)

    def order(self, at_s: float, kind: str, **fields: object) -> None:
        """Something bought in a web shop, received within a minute."""
        self._event("purchases", at_s, self.rng.uniform(1, 60), kind, fields)

    def press(self, at_s: float, kind: str, company: dict[str, str], **fields: object) -> None:
        """Something published about a company, found within the hour."""
        self._event("press-releases", at_s, self.rng.uniform(30, HOUR_S), kind, {"company": company, **fields})

    def account(self, at_s: float, value: dict[str, Any]) -> None:
        """The account master, changed; received at once."""
        self._put(at_s, {"topic": "accounts", "received_at": rfc3339(at_s), "value": value})

    def removed(self, at_s: float) -> None:
        """The account struck from the master."""
        self._put(at_s, {"topic": "accounts", "key": self._owner, "received_at": rfc3339(at_s), "value": None})

    def _until_night_s(self, at_s: float) -> float:
        night_s = midnight_s(day_of(at_s)) + DAY_S + 2 * HOUR_S
        return night_s - at_s + self.rng.uniform(0, HOUR_S)

    def _event(self, topic: str, at_s: float, delay_s: float, kind: str, fields: dict[str, Any]) -> None:
        number = self._numbers[topic] = self._numbers[topic] + 1
        value: dict[str, Any] = {
            "event_id": f"{_ID_PREFIX[topic]}-{self._owner}-{number}",
            "occurred_at": rfc3339(at_s),
            "type": kind,
        }
        if topic != "press-releases":
            value["customer_id"] = self._owner
        value.update((name, content) for name, content in fields.items() if content is not None)
        self._put(at_s + delay_s, {"topic": topic, "received_at": rfc3339(at_s + delay_s), "value": value})
        if self.rng.random() < _TWICE:
            again_s = at_s + delay_s + self.rng.uniform(1, 600)
            self._put(again_s, {"topic": topic, "received_at": rfc3339(again_s), "value": value})

    def _put(self, received_s: float, line: Line) -> None:
        if received_s < self._end_s:
            self.lines.append((received_s, line))
