"""Which rules fire on a state, what held them back, and the events they show as evidence.

It must not know how a signal looks or where it goes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tests.oracle.amounts import exact
from tests.oracle.book import Book
from tests.oracle.clock import span_ms
from tests.oracle.facts import Fact, departments_of_account, departments_of_event
from tests.oracle.lifecycle import FORMER
from tests.oracle.matching import matched, matching, one_of
from tests.oracle.standing import Standing
from tests.oracle.timeline import silence_deadline


@dataclass(frozen=True, slots=True)
class Firing:
    """A rule that would fire at an instant; `emitted` is false when its cooldown held it back."""

    rule: dict[str, Any]
    at_ms: int
    emitted: bool


def is_within(earlier_ms: int, at_ms: int, days: Any) -> bool:
    """Whether an instant lies within that many days before another."""
    return 0 <= at_ms - earlier_ms < span_ms(exact(days))


def known_departments(book: Book, before_position: int) -> set[str]:
    """The departments named by the events before that place and by the account as it stood there."""
    earlier = [fact for fact in book.facts if fact.position < before_position]
    accounts = [fact for fact in earlier if fact.topic == "accounts"]
    standing = departments_of_account(accounts[-1]) if accounts else set()
    return standing.union(*(departments_of_event(fact) for fact in earlier))


def new_departments(book: Book, fact: Fact) -> set[str]:
    """The departments an event or account names that were not named before, where at least one was."""
    known = known_departments(book, fact.position)
    named = departments_of_account(fact) if fact.type == "account" else departments_of_event(fact)
    return named - known if known else set()


def counted_events(book: Book, rule: dict[str, Any], at_ms: int) -> list[Fact]:
    """The matching events inside the count's span, newest first; of each day or contact only the newest."""
    count = rule["count"]
    found = [fact for fact in matching(book, rule) if is_within(fact.occurred_ms, at_ms, count["within_days"])]
    newest_of: dict[Any, Fact] = {}
    for fact in sorted(found, key=lambda one: one.newness):
        newest_of[distinct_key(count.get("distinct"), fact)] = fact
    kept = [fact for key, fact in newest_of.items() if key is not None]
    return sorted(kept, key=lambda one: one.newness, reverse=True)


def counted_with_cause(book: Book, rule: dict[str, Any], at_ms: int, cause: Fact | None) -> list[Fact]:
    """The newest counted events, as many as are needed; the causing one is always among them."""
    counted, needed = counted_events(book, rule, at_ms), int(exact(rule["count"]["at_least"]))
    if cause is None or cause in counted[:needed]:
        return counted[:needed]
    kind = rule["count"].get("distinct")
    others = [one for one in counted if kind is None or distinct_key(kind, one) != distinct_key(kind, cause)]
    return sorted([*others[: needed - 1], cause], key=lambda one: one.newness, reverse=True)


def distinct_key(distinct: str | None, fact: Fact) -> Any:
    """What makes two events count as two; None for an event that names no contact where contacts are counted."""
    if distinct == "contact":
        return (fact.get("contact") or {}).get("id")
    return fact.day if distinct == "day" else fact.position


def count_holds(book: Book, rule: dict[str, Any], fact: Fact) -> bool:
    """Whether the event is one that counts and there are enough; what does not count does not fire either."""
    if rule.get("count") is None:
        return True
    count = rule["count"]
    enough = len(counted_events(book, rule, fact.received_ms)) >= exact(count["at_least"])
    inside = is_within(fact.occurred_ms, fact.received_ms, count["within_days"])
    return enough and inside and distinct_key(count.get("distinct"), fact) is not None


def allows(rule: dict[str, Any], standing: Standing) -> bool:
    """Whether the rule is for customers that stand there."""
    segments = rule.get("segments")
    return standing.lifecycle != FORMER and (segments is None or standing.segment in one_of(segments))


def fires_on_event(book: Book, rule: dict[str, Any], fact: Fact, standing: Standing) -> bool:
    """Whether the event just applied makes the rule fire, cooldown aside."""
    return (
        rule.get("silent_days") is None
        and allows(rule, standing)
        and matched(book, rule, fact)
        and count_holds(book, rule, fact)
        and (not rule.get("new_department") or bool(new_departments(book, fact)))
    )


def fires_on_silence(book: Book, rule: dict[str, Any], at_ms: int, standing: Standing) -> bool:
    """Whether a silence rule is due at exactly this instant, cooldown aside."""
    due = silence_deadline(book, rule)
    return due is not None and due[0] == at_ms and allows(rule, standing)


def evidence_of(book: Book, rule: dict[str, Any], at_ms: int, cause: Fact | None) -> list[Fact]:
    """The events that made the rule fire, newest first."""
    if rule.get("count") is not None:
        return counted_with_cause(book, rule, at_ms, cause)
    due = silence_deadline(book, rule)
    newest = cause if due is None else due[1]
    return [] if newest is None else [newest]


def is_cooling(rule: dict[str, Any], firings: list[Firing], at_ms: int) -> bool:
    """Whether the rule fired so recently that it is held back."""
    cooldown = exact(rule.get("cooldown_days", 0))
    return any(is_within(one.at_ms, at_ms, cooldown) for one in emitted_of(rule, firings))


def emitted_of(rule: dict[str, Any], firings: list[Firing]) -> list[Firing]:
    """The firings of a rule that were emitted."""
    return [one for one in firings if one.rule["id"] == rule["id"] and one.emitted]


def held_back_since(rule: dict[str, Any], firings: list[Firing]) -> int:
    """How many firings of the rule were held back since the last emitted one."""
    mine = [one.emitted for one in firings if one.rule["id"] == rule["id"]]
    return mine[::-1].index(True) if True in mine else len(mine)


def is_guarded(guard: dict[str, Any] | None, firings: list[Firing], at_ms: int) -> bool:
    """Whether so many buying signals were emitted lately that a further one is diverted."""
    if guard is None:
        return False
    lately = [
        one
        for one in firings
        if one.emitted and one.rule["type"] == "buying_signal" and is_within(one.at_ms, at_ms, guard["within_days"])
    ]
    return len(lately) >= exact(guard["buying_signals"])
