"""One customer's life: records are applied, time passes, signals come of both.

It must not know other customers, nor how long the stream is.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.amounts import exact
from tests.oracle.book import Book
from tests.oracle.clock import show_instant
from tests.oracle.facts import event_type, own_id, read_fact
from tests.oracle.potential import score
from tests.oracle.rules import (
    Firing,
    evidence_of,
    fires_on_event,
    fires_on_silence,
    held_back_since,
    is_cooling,
    is_guarded,
)
from tests.oracle.signals import (
    Moment,
    build,
    place,
    rule_evidence,
    segment_evidence,
    show_cause,
    signal_id,
)
from tests.oracle.standing import Standing, settle, value_at, why_segment
from tests.oracle.timeline import next_transition, walk

DEFAULT_DEDUP_EVENTS = 256


@dataclass(slots=True)
class Customer:
    """The facts, where they led, and every signal; `clock_ms` is how far time was looked at.

    `as_of_ms` and `shown` are what the public state says: as of the last record or transition, not of the last look.
    `changes` are the segment changes, `firings` all rules that fired or were held back, both in order.
    """

    customer_id: str
    book: Book
    go_live_ms: int | None = None
    clock_ms: int | None = None
    as_of_ms: int = 0
    first_ms: int = 0
    standing: Standing = field(default_factory=Standing)
    shown: Standing = field(default_factory=Standing)
    applied_ids: list[tuple[str, str]] = field(default_factory=list)
    account_receipts: list[int] = field(default_factory=list)
    changes: list[dict[str, Any]] = field(default_factory=list)
    firings: list[Firing] = field(default_factory=list)
    signals: list[dict[str, Any]] = field(default_factory=list)

    def move(self, to_ms: int) -> None:
        """Let time pass up to and including an instant."""
        if self.clock_ms is None:
            return
        for at_ms, before, after in walk(self.book, self.standing, self.clock_ms, to_ms):
            self.live_through(at_ms, before, after)
        self.clock_ms = max(self.clock_ms, to_ms)

    def live_through(self, at_ms: int, before: Standing, after: Standing) -> None:
        """One instant of time alone."""
        book = self.book
        self.standing, self.clock_ms = after, at_ms
        changed = (before.lifecycle, before.segment) != (after.lifecycle, after.segment)
        due = [rule for rule in book.policy.get("rules") or [] if fires_on_silence(book, rule, at_ms, after)]
        if changed:
            self.as_of_ms, self.shown = at_ms, after
        if changed or due:
            values = value_at(book, at_ms - 1), value_at(book, at_ms)
            scores = score(book, at_ms - 1), score(book, at_ms)
            moment = Moment(at_ms, None, values, scores, before, after, next_transition(book, after, at_ms))
            self.emit_changes(moment)
            self.fire_all(moment, due)

    def apply(self, record: dict[str, Any]) -> None:
        """One record: the clock moves, then the event counts unless it is a duplicate."""
        received = record["received_ms"]
        self.move(received)
        if self.clock_ms is None:
            self.clock_ms, self.first_ms = received, received
        self.as_of_ms = max(self.as_of_ms, received)
        if not self.is_duplicate(record):
            self.count(record)
        self.shown = self.standing

    def is_duplicate(self, record: dict[str, Any]) -> bool:
        """Whether the id is among the last distinct ones of its topic; if not, it is from now on."""
        event_id = own_id(record)
        if event_id is None:
            return False
        remembered = int(exact(self.book.policy.get("dedup_events", DEFAULT_DEDUP_EVENTS)))
        key = (record["topic"], event_id)
        if key in self.applied_ids[-remembered:]:
            return True
        self.applied_ids.append(key)
        return False

    def nth_account_record(self, record: dict[str, Any]) -> int:
        """Which account record without an id at its ms this is, from 1; 0 for any other record."""
        if own_id(record) is not None or not event_type(record).startswith("account"):
            return 0
        self.account_receipts.append(record["received_ms"])
        return self.account_receipts.count(record["received_ms"])

    def count(self, record: dict[str, Any]) -> None:
        """The event counts; lifecycle, segment and rules are looked at on the new state."""
        book, at_ms, before = self.book, record["received_ms"], self.standing
        fact = read_fact(record, len(book.facts), self.nth_account_record(record), book.zone)
        earlier = Book(book.policy, book.zone, list(book.facts), book.memo)
        book.facts.append(fact)
        after = self.standing = settle(book, before, at_ms)
        due = [rule for rule in book.policy.get("rules") or [] if fires_on_event(book, rule, fact, after)]
        if not due and (before.lifecycle, before.segment) == (after.lifecycle, after.segment):
            return
        values = value_at(earlier, at_ms), value_at(book, at_ms)
        scores = score(earlier, at_ms), score(book, at_ms)
        moment = Moment(at_ms, fact, values, scores, before, after, next_transition(book, after, at_ms))
        self.emit_changes(moment)
        self.fire_all(moment, due)

    def fire_all(self, moment: Moment, rules: list[dict[str, Any]]) -> None:
        """Several rules fire, in the policy's order."""
        for rule in rules:
            self.fire(moment, rule)

    def emit_changes(self, moment: Moment) -> None:
        """Signals of a changed lifecycle, then of a changed segment; the first lifecycle is silent."""
        policy, before, after = self.book.policy, moment.before, moment.after
        if before.lifecycle is not None and before.lifecycle != after.lifecycle:
            group = policy["lifecycle"].get(after.lifecycle, {})
            change = {"from": before.lifecycle, "to": after.lifecycle}
            self.emit(moment, "lifecycle", "lifecycle.changed", "lifecycle", group, {"change": change, "evidence": []})
        if before.segment != after.segment:
            kind = why_segment(self.book, before, after, moment.at_ms)
            change = {"from": before.segment, "to": after.segment}
            own = {"change": change, "evidence": segment_evidence(self.book, moment.at_ms, moment.fact)}
            self.emit(moment, "segment", "segment.changed", kind, policy["segments"][after.segment], own)
            cause = self.signals[-1]["cause"]["kind"]
            self.changes.append({"at": show_instant(moment.at_ms), **change, "cause": cause})

    def fire(self, moment: Moment, rule: dict[str, Any]) -> None:
        """A rule fires, or is held back by its cooldown."""
        if is_cooling(rule, self.firings, moment.at_ms):
            self.firings.append(Firing(rule, moment.at_ms, False))
            return
        events = evidence_of(self.book, rule, moment.at_ms, moment.fact)
        own = {
            "suppressed": held_back_since(rule, self.firings),
            "evidence": rule_evidence(self.book, rule, events, moment.fact),
        }
        guard = self.book.policy["segments"][moment.after.segment].get("upsell_guard")
        group = rule
        if rule["type"] == "buying_signal" and is_guarded(guard, self.firings, moment.at_ms):
            group = rule | {"audiences": guard["then_audiences"]}
        self.emit(moment, rule["id"], f"{rule['type']}.detected", "silence", group, own)
        self.firings.append(Firing(rule, moment.at_ms, True))

    def emit(
        self, moment: Moment, rule: str, kind: str, time_kind: str, group: dict[str, Any], own: dict[str, Any]
    ) -> None:
        """Write a signal down."""
        nth = sum(one["rule"] == rule and "event_id" not in one["cause"] for one in self.signals)
        own = own | {
            "signal_id": signal_id(self.customer_id, rule, moment.fact, nth),
            "type": kind,
            "rule": rule,
            **place(self.book.policy, group, moment.after.lifecycle),
            "historical": self.go_live_ms is not None and moment.at_ms < self.go_live_ms,
            "cause": show_cause(self.book.policy, moment.fact, time_kind),
        }
        self.signals.append(build(self.book, self.customer_id, moment, own))
