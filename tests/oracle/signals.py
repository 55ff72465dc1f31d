"""How a signal looks: identity, audiences, cause, evidence.

It must not know whether a signal is due.
"""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from tests.oracle.amounts import exact, half_up, show_amount, show_points
from tests.oracle.book import Book
from tests.oracle.clock import show_instant
from tests.oracle.facts import Fact
from tests.oracle.lifecycle import ONBOARDING
from tests.oracle.matching import one_of
from tests.oracle.potential import PLACES, Row, rows, total_of
from tests.oracle.rules import new_departments
from tests.oracle.standing import Standing

TITLE_CHARACTERS = 120
UNITS = 10**PLACES


@dataclass(frozen=True, slots=True)
class Moment:
    """One instant at which something changed: both axes before and after, and where the customer stands then.

    `fact` is the event that did it, None when time alone did.
    """

    at_ms: int
    fact: Fact | None
    value: tuple[Fraction, Fraction]
    potential: tuple[Fraction, Fraction]
    before: Standing
    after: Standing
    next_transition: dict[str, Any] | None


def compact(thing: Any) -> bytes:
    """Compact UTF-8 JSON."""
    return json.dumps(thing, separators=(",", ":"), ensure_ascii=False).encode()


def signal_id(customer_id: str, rule: str, fact: Fact | None, nth: int) -> str:
    """The id of a signal an event caused, or of the nth (from 0) of a rule that time caused."""
    source: list[Any] = ["time", nth] if fact is None else ["event", fact.topic, fact.event_id]
    return hashlib.sha256(compact([customer_id, rule, *source])).hexdigest()[:32]


def policy_version(policy: dict[str, Any]) -> str:
    """The policy's version with the digest of its canonical JSON (sorted keys, compact)."""
    canonical = json.dumps(policy, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
    return f"{policy['version']}@{hashlib.sha256(canonical).hexdigest()[:8]}"


def late_by_s(policy: dict[str, Any], fact: Fact) -> int:
    """By how many whole seconds the event is late, 0 when it is not."""
    late_ms = fact.received_ms - fact.occurred_ms
    return late_ms // 1000 if late_ms > exact(policy.get("late_after_s", 3600)) * 1000 else 0


def event_kind(policy: dict[str, Any], fact: Fact) -> str:
    """Which kind of cause an event is."""
    if fact.type == "refund":
        return "refund"
    late_ms = fact.received_ms - fact.occurred_ms
    return "late" if late_ms > exact(policy.get("late_after_s", 3600)) * 1000 else "event"


def show_cause(policy: dict[str, Any], fact: Fact | None, time_kind: str) -> dict[str, Any]:
    """The cause of a signal; what time alone did has its kind only."""
    if fact is None:
        return {"kind": time_kind}
    kind = event_kind(policy, fact)
    return {"kind": kind, "topic": fact.topic, "event_id": fact.event_id, "late_by_s": late_by_s(policy, fact)}


def show_event(fact: Fact | None, cause: Fact | None) -> dict[str, Any]:
    """An event's id and time, and its public title, url and match if it is the cause."""
    if fact is None:
        return {}
    shown: dict[str, Any] = {"event_id": fact.event_id, "occurred_at": show_instant(fact.occurred_ms)}
    if fact is not cause:
        return shown
    title = fact.get("headline") or fact.get("document") or fact.get("path")
    public = {"title": title and title[:TITLE_CHARACTERS], "url": fact.get("url"), "matched_by": fact.matched_by}
    return shown | {name: text for name, text in public.items() if text is not None}


def show_row(row: Row, points: Fraction, cause: Fact | None) -> dict[str, Any]:
    """An evidence row of a segment change."""
    head = {"rule": row.rule, "label": row.label, "points": show_points(points), "events": row.events}
    return head | show_event(row.newest, cause)


def segment_evidence(book: Book, at_ms: int, cause: Fact | None) -> list[dict[str, Any]]:
    """A row per rule and fact with points, and what the clamp did; in ten-thousandths they add up to the score."""
    given = rows(book, at_ms)
    worth = [math.floor(row.points * UNITS) for row in given]
    lost = [round(row.points * UNITS - units, 6) for row, units in zip(given, worth, strict=True)]
    missing = int(half_up(total_of(given), PLACES) * UNITS) - sum(worth)
    for position in sorted(range(len(given)), key=lambda one: (-lost[one], one))[:missing]:
        worth[position] += 1
    return [show_row(row, Fraction(units, UNITS), cause) for row, units in zip(given, worth, strict=True) if units]


def rule_evidence(book: Book, rule: dict[str, Any], events: list[Fact], cause: Fact | None) -> list[dict[str, Any]]:
    """A row per event that made a rule fire; points belong to the score, so these rows have none.

    Where the rule is about a new department, the row of the cause names it.
    """
    shown = []
    for fact in events:
        row = {"rule": rule["id"], "label": rule["label"], "events": 1, **show_event(fact, cause)}
        named = sorted(new_departments(book, fact)) if rule.get("new_department") and fact is cause else []
        shown.append(row | ({"department": named[0]} if named else {}))
    return shown


def contributions(book: Book, at_ms: int) -> list[dict[str, Any]]:
    """The evidence rows of the score at an instant; the time of the newest event is called `last` here."""
    evidence = segment_evidence(book, at_ms, None)
    named = {"rule": "rule", "label": "label", "points": "points", "events": "events", "occurred_at": "last"}
    return [{named[name]: field for name, field in row.items() if name in named} for row in evidence]


def owners(book: Book) -> dict[str, str | None]:
    """Who looks after the customer."""
    account = book.account()
    return {role: None if account is None else account.get(f"{role}_owner") for role in ("sales", "cs")}


def place(policy: dict[str, Any], group: dict[str, Any], lifecycle: str | None) -> dict[str, Any]:
    """Audiences, severity and playbook of a rule, segment or lifecycle; onboarding overrides two of them."""
    new = policy["lifecycle"].get("onboarding", {}) if lifecycle == ONBOARDING else group
    return {
        "audiences": list(one_of(new["audiences"])),
        "severity": group.get("severity"),
        "playbook": new.get("playbook"),
    }


def build(book: Book, customer_id: str, moment: Moment, own: dict[str, Any]) -> dict[str, Any]:
    """A signal: what all signals have, and its own part."""
    return {
        "customer_id": customer_id,
        "effective_at": show_instant(moment.at_ms),
        "segment": moment.after.segment,
        "lifecycle": moment.after.lifecycle,
        "value": {
            **dict(zip(("before", "after"), map(show_amount, moment.value), strict=True)),
            "high": moment.after.value_high,
        },
        "potential": {
            **dict(zip(("before", "after"), map(show_points, moment.potential), strict=True)),
            "high": moment.after.potential_high,
        },
        "owners": owners(book),
        "next_transition": moment.next_transition,
        "suppressed": 0,
        "policy_version": policy_version(book.policy),
        **own,
    }
