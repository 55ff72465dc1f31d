"""Outcomes on their way: what is refused, what is sent, what is remembered."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from streams.dashboard.outcomes import Outcomes, parsed
from streams.errors import BrokerError, SettingsError
from streams.intake.companies import Directory
from streams.intake.intake import Accepted, Intake, IntakeSettings, Raw
from tests.unit.dashboard.kit import NOON, NOON_MS

GOOD = {"customer_id": "C1", "signal_id": "0" * 32, "outcome": "worked"}


class Written:
    """A writer that keeps what it is given, or fails as told."""

    def __init__(self, fails: bool = False) -> None:
        self.fails = fails
        self.events: list[dict[str, Any]] = []

    async def write(self, customer_id: str, event: dict[str, Any]) -> None:
        if self.fails:
            raise BrokerError("Kafka is away")
        self.events.append({"key": customer_id} | event)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"outcome": "great"}, "outcome"),
        ({"signal_id": "xyz"}, "signal_id"),
        ({"customer_id": ""}, "customer_id"),
        ({"text": "x" * 2_001}, "text"),
        ({"author": "somebody else"}, "author"),  # who reports is not the page's to say
    ],
)
def test_what_is_no_outcome_is_refused_by_name(change: dict[str, Any], told: str) -> None:
    with pytest.raises(SettingsError, match=f"^{told}: "):
        parsed(json.dumps(GOOD | change).encode())


def test_what_is_no_json_is_refused() -> None:
    with pytest.raises(SettingsError, match=r"^body: "):
        parsed(b"<html>")


def test_an_outcome_becomes_an_event_that_intake_accepts() -> None:
    writer = Written()
    outcomes = Outcomes(writer, lambda: NOON_MS)
    record = asyncio.run(outcomes.report(parsed(json.dumps(GOOD | {"text": " 電話した "}).encode()), "tanaka"))
    (event,) = writer.events
    assert {name: event[name] for name in ("key", "type", "customer_id", "signal_id", "outcome")} == {
        "key": "C1",
        "type": "signal_outcome",
        "customer_id": "C1",
        "signal_id": "0" * 32,
        "outcome": "worked",
    }
    assert (event["occurred_at"], event["author"], event["text"]) == (NOON, "tanaka", "電話した")
    intake = Intake(IntakeSettings(300, "JPY"), Directory())
    value = json.dumps({name: value for name, value in event.items() if name != "key"}).encode()
    decision = intake.take(Raw("crm-activities", b"C1", value, [], NOON_MS))
    assert isinstance(decision, Accepted)
    assert decision.events[0].outcome == "worked"
    assert outcomes.of("0" * 32) == record
    assert list(outcomes.by_customer()) == ["C1"]


def test_an_outcome_that_was_not_stored_is_not_remembered() -> None:
    outcomes = Outcomes(Written(fails=True), lambda: NOON_MS)
    with pytest.raises(BrokerError, match="away"):
        asyncio.run(outcomes.report(parsed(json.dumps(GOOD).encode()), None))
    assert outcomes.of("0" * 32) is None


def test_the_last_word_on_a_signal_stands_and_ids_never_repeat() -> None:
    writer = Written()
    outcomes = Outcomes(writer, lambda: NOON_MS)
    for word in ("acknowledged", "worked"):
        asyncio.run(outcomes.report(parsed(json.dumps(GOOD | {"outcome": word}).encode()), None))
    found = outcomes.of("0" * 32)
    assert found is not None
    assert found.outcome == "worked"
    assert len({event["event_id"] for event in writer.events}) == 2
    assert "author" not in writer.events[0]
