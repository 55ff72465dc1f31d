"""The domain behind the oracle's own signature: the same records in, signals and states out."""

from __future__ import annotations

import json
from typing import Any

from schemas.log import LogEvent
from schemas.policy import Policy
from streams.agents.offline import decide as decide_offline
from streams.domain.plan import Plan
from streams.intake.companies import Directory, Matches
from streams.intake.decoding import decode_object
from streams.intake.intake import Accepted, Intake, IntakeSettings


def decide(
    policy: dict[str, Any], records: list[dict[str, Any]], until_ms: int | None = None, go_live_ms: int | None = None
) -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    """Signals and public states by the domain; records as the oracle takes them."""
    checked = Policy.model_validate(policy)
    intake = Intake(_intake_settings(checked), Directory())
    plan = Plan(checked)
    ordered = sorted(records, key=lambda record: record["received_ms"])
    decisions = decide_offline(
        plan, ((_event(intake, record), record["received_ms"]) for record in ordered), until_ms, go_live_ms
    )
    return decisions.signals, {state["customer_id"]: state for state in decisions.public_states(until_ms)}


def _intake_settings(policy: Policy) -> IntakeSettings:
    return IntakeSettings(policy.max_future_s, policy.currency.base, frozenset(policy.currency.rates))


def _event(intake: Intake, record: dict[str, Any]) -> LogEvent:
    topic, received_ms, value = record["topic"], record["received_ms"], record["value"]
    if value is None:
        return LogEvent(topic=topic, type="account_removed", customer_id=record["customer_id"])
    matched = None
    if topic == "press-releases":
        matched = Matches((record["customer_id"],), record.get("matched_by", "corporate_number"))
    fields = decode_object(json.dumps(value).encode())
    taken = intake.take_value(topic, fields, received_ms, matched=matched)
    assert isinstance(taken, Accepted), (taken, record)
    return taken.events[0]
