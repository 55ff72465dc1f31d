"""How a signal reads: its id, its cause and its ledger; it must not decide whether there is one.

A signal is a dict in the form that subscribers get, `detected_at` left out: when it was found is not the domain's
to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from hashlib import sha256
from json.encoder import encode_basestring as _quoted
from typing import Any

import msgspec

from schemas.log import LogEvent
from streams.domain import lifecycle, potential, value
from streams.domain.numbers import Exact, shown
from streams.domain.plan import Plan, Voice
from streams.domain.potential import Row
from streams.domain.state import Match, State
from streams.domain.zone import iso_instant

Signal = dict[str, Any]
TITLE_CHARS = 120
_TITLE_FIELDS = {"page_view": "path", "download": "document"}


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Both axes at one instant."""

    value: Exact
    potential: float


class Cause(msgspec.Struct, frozen=True):
    """What made signals: an event (then `event` and its id), or time alone; with the axes before and after.

    `coming` is what time alone will do next, as `streams.domain.course` says it.
    """

    kind: str
    at_ms: int
    before: Standing
    after: Standing
    historical: bool
    coming: dict[str, Any] | None
    event: LogEvent | None = None
    event_id: str = ""
    occurred_ms: int = 0
    late_by_s: int = 0
    matched: frozenset[str] = frozenset()  # ids of the point rules and facts that the event moved


def standing(state: State, at_ms: int, plan: Plan) -> Standing:
    """Both axes at an instant not before the state's clock, if nothing is applied until then."""
    day = plan.zone.day(at_ms)
    return Standing(value.amount_on(state, day, plan), potential.score(state, at_ms, plan))


def signal_id(customer_id: str, rule: str, cause: Cause, count: int) -> str:
    """32 hex digits that name the signal for ever: by its event, or by how many of its kind time has caused."""
    if cause.event is not None:
        named = [customer_id, rule, "event", cause.event.topic, cause.event_id]
        text = ",".join([_quoted(part) for part in named])
    else:
        text = f'{_quoted(customer_id)},{_quoted(rule)},"time",{count}'
    return sha256(f"[{text}]".encode("utf-8", "surrogatepass")).hexdigest()[:32]


def signal(
    state: State, plan: Plan, cause: Cause, *, type_: str, rule: str, voice: Voice, count: int = 0, suppressed: int = 0
) -> Signal:
    """The signal as subscribers get it, on the state after the cause; evidence and change are still to be added."""
    if state.lifecycle == lifecycle.ONBOARDING:
        onboarding = plan.lifecycles[lifecycle.ONBOARDING]
        voice = Voice(onboarding.audiences, voice.severity, onboarding.playbook)
    account = state.account
    return {
        "signal_id": signal_id(state.customer_id, rule, cause, count),
        "type": type_,
        "customer_id": state.customer_id,
        "rule": rule,
        "audiences": voice.audiences,
        "severity": voice.severity,
        "historical": cause.historical,
        "effective_at": iso_instant(cause.at_ms),
        "segment": state.segment,
        "lifecycle": state.lifecycle,
        "value": {"before": shown(cause.before.value), "after": shown(cause.after.value), "high": state.value_high},
        "potential": {
            "before": cause.before.potential,
            "after": cause.after.potential,
            "high": state.potential_high,
        },
        "cause": _cause(cause),
        "evidence": [],
        "playbook": voice.playbook,
        "owners": {"sales": account and account.sales_owner, "cs": account and account.cs_owner},
        "next_transition": transition(cause.coming),
        "suppressed": suppressed,
        "policy_version": plan.policy_version,
    }


def transition(found: dict[str, Any] | None) -> dict[str, Any] | None:
    """A next transition with its instant written out."""
    return None if found is None else {**found, "at": iso_instant(found["at"])}


def ledger(rows: Sequence[Row], cause: Cause) -> list[dict[str, Any]]:
    """The score's rows as evidence; the title only where the causing event is the row's newest."""
    return [_ledger_row(row, cause) for row in rows]


def matches(rule: str, label: str, found: Sequence[Match], cause: Cause) -> list[dict[str, Any]]:
    """The matching events of a rule as evidence, newest first."""
    rows = [
        {
            "rule": rule,
            "label": label,
            "events": 1,
            "event_id": match.event_id,
            "occurred_at": iso_instant(match.occurred_ms),
        }
        for match in found
    ]
    causing = (cause.event_id, cause.occurred_ms)
    for row, match in zip(rows, found, strict=True):
        if cause.event is not None and (match.event_id, match.occurred_ms) == causing:
            row |= _public(cause.event)
            break  # an id may come again once it is no longer remembered; the later applied stands first
    return rows


def contribution(row: Row) -> dict[str, Any]:
    """A row of the public state's ledger."""
    return {
        "rule": row.rule,
        "label": row.label,
        "points": row.shown,
        "events": row.events,
        "last": None if row.occurred_ms is None else iso_instant(row.occurred_ms),
    }


def _cause(cause: Cause) -> dict[str, Any]:
    if cause.event is None:
        return {"kind": cause.kind}
    return {
        "kind": cause.kind,
        "topic": cause.event.topic,
        "event_id": cause.event_id,
        "late_by_s": cause.late_by_s,
    }


def _ledger_row(row: Row, cause: Cause) -> dict[str, Any]:
    found: dict[str, Any] = {"rule": row.rule, "label": row.label, "points": row.shown, "events": row.events}
    if row.event_id is not None and row.occurred_ms is not None:
        found |= {"event_id": row.event_id, "occurred_at": iso_instant(row.occurred_ms)}
        if cause.event is not None and row.rule in cause.matched and row.event_id == cause.event_id:
            found |= _public(cause.event)
    return found


def _public(event: LogEvent) -> dict[str, str]:
    """What may be shown of an event: a public title, its address and how its company was found."""
    title = getattr(event, _TITLE_FIELDS.get(event.type, "headline"))
    found = {"title": title[:TITLE_CHARS]} if title else {}
    if event.url:
        found["url"] = event.url
    if event.matched_by:
        found["matched_by"] = event.matched_by
    return found
