"""Which point rules and rules an event meets; it must not know what they are worth or what they say.

Rules lie sorted by event type. What the few-valued fields of an event (its page group, its action) decide is worked
out once for each of their values; only what must be looked for in texts or counts is asked of every event.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from schemas.log import LogEvent
from schemas.policy_conditions import Conditions
from streams.domain.conditions import PAGE, Holds, Reading, Vocabulary, checks_of

ACCOUNT_REMOVED = "account_removed"  # a tombstone says nothing that a rule could look at
_VALUES_REMEMBERED = 10_000  # of the few-valued fields, per event type: names of actions are free

P = TypeVar("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Asked(Generic[P, R]):
    """Point rules and rules, each in the policy's order; where not decided, with what is still to be asked."""

    is_decided: bool
    points: Sequence[P]
    rules: Sequence[R]
    open_points: Sequence[tuple[P, Holds]] = ()
    open_rules: Sequence[tuple[R, Holds]] = ()


class Matching(Generic[P, R]):
    """Finds what an event meets, among point rules and rules given with their conditions."""

    def __init__(
        self, points: Sequence[tuple[P, Conditions]], rules: Sequence[tuple[R, Conditions]], vocabulary: Vocabulary
    ) -> None:
        self._points, self._rules, self._vocabulary = points, rules, vocabulary
        self._tables: dict[str, _Table[P, R]] = {ACCOUNT_REMOVED: _Table([], [], vocabulary)}

    def met_by(self, event: LogEvent, open_count: int | None) -> tuple[Sequence[P], Sequence[R]]:
        """The point rules and rules whose conditions the event meets; `open_count` is that of the last postings."""
        table = self._tables.get(event.type)
        if table is None:
            table = self._tables[event.type] = self._table(event.type)
        asked = table.known.get(table.key(event)) or table.learn(event)
        if asked.is_decided:
            return asked.points, asked.rules
        reading = Reading(event, self._vocabulary, open_count)
        return (
            [made for made, holds in asked.open_points if holds(reading)],
            [made for made, holds in asked.open_rules if holds(reading)],
        )

    def _table(self, event_type: str) -> _Table[P, R]:
        points = [entry for entry in self._points if _looks_at(entry[1], event_type)]
        rules = [entry for entry in self._rules if _looks_at(entry[1], event_type)]
        return _Table(points, rules, self._vocabulary)


def _looks_at(conditions: Conditions, event_type: str) -> bool:
    return not conditions.event or event_type in conditions.event


def _together(checks: Sequence[Holds]) -> Holds:
    """All of the checks as one."""
    if not checks:
        return _always
    if len(checks) == 1:
        return checks[0]
    return lambda reading: all(holds(reading) for holds in checks)


def _always(reading: Reading) -> bool:
    return True


class _Table(Generic[P, R]):
    """The rules that look at one event type."""

    def __init__(
        self, points: Sequence[tuple[P, Conditions]], rules: Sequence[tuple[R, Conditions]], vocabulary: Vocabulary
    ) -> None:
        self._points = [(made, checks_of(conditions)) for made, conditions in points]
        self._rules = [(made, checks_of(conditions)) for made, conditions in rules]
        self._vocabulary = vocabulary
        checks = [check for _, of_rule in [*self._points, *self._rules] for check in of_rule]
        fields = sorted({check.field for check in checks if check.field is not None})
        self.key = _key_of(fields, vocabulary)
        self.known: dict[Any, Asked[P, R]] = {}

    def learn(self, event: LogEvent) -> Asked[P, R]:
        """What the event's few-valued fields leave; `known` from now on by their `key`."""
        if len(self.known) >= _VALUES_REMEMBERED:
            self.known.clear()
        found = self.known[self.key(event)] = self._look_at(event)
        return found

    def _look_at(self, event: LogEvent) -> Asked[P, R]:
        reading = Reading(event, self._vocabulary, None)
        points, rules = (_left(entries, reading) for entries in (self._points, self._rules))
        if any(holds is not _always for _, holds in [*points, *rules]):
            return Asked(False, (), (), points, rules)
        return Asked(True, [made for made, _ in points], [made for made, _ in rules])


def _key_of(fields: Sequence[str], vocabulary: Vocabulary) -> Callable[[LogEvent], Any]:
    """What tells the events apart whose few-valued fields differ."""
    others = [field for field in fields if field != PAGE]
    if not fields:
        return lambda event: None
    if not others:
        return lambda event: vocabulary.page(event.path)
    of_others = attrgetter(*others)
    if PAGE not in fields:
        return of_others
    return lambda event: (vocabulary.page(event.path), of_others(event))


def _left(entries: Iterable[tuple[Any, Any]], reading: Reading) -> list[tuple[Any, Holds]]:
    """Rules whose few-valued conditions hold, with the others."""
    return [
        (made, _together([check.holds for check in checks if check.field is None]))
        for made, checks in entries
        if all(check.holds(reading) for check in checks if check.field is not None)
    ]
