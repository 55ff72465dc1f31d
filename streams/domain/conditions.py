"""When an event matches a rule: the policy's conditions made ready to ask; it must not know points or signals."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction

from schemas.log import LogEvent
from schemas.policy_conditions import Conditions
from streams.domain.text import bare_path, glob_pattern, normalised, phrase_pattern

_PATHS_REMEMBERED = 10_000


class Vocabulary:
    """The policy's page groups and press categories."""

    def __init__(
        self,
        pages: Mapping[str, Iterable[str]],
        press_categories: Mapping[str, Iterable[str]],
        search_body: bool,
    ) -> None:
        self._pages = [(name, glob_pattern(globs)) for name, globs in pages.items()]
        self._categories = [(name, phrase_pattern(phrases)) for name, phrases in press_categories.items()]
        self._search_body = search_body
        self._known_paths: dict[str, str | None] = {}

    def page(self, path: str | None) -> str | None:
        """The first page group that the path belongs to."""
        if path is None:
            return None
        if path in self._known_paths:
            return self._known_paths[path]
        bare = bare_path(path)
        found = next((name for name, pattern in self._pages if pattern.fullmatch(bare)), None)
        if len(self._known_paths) >= _PATHS_REMEMBERED:
            self._known_paths.clear()
        self._known_paths[path] = found
        return found

    def categories(self, event: LogEvent) -> frozenset[str]:
        """The release's own categories and those its headline (and body, where asked) names."""
        text = normalised(event.headline or "")
        if self._search_body and event.body:
            text += "\n" + normalised(event.body)
        return frozenset(event.categories) | {name for name, pattern in self._categories if pattern.search(text)}


class Reading:
    """One event as the conditions look at it; what takes work is done once and only when asked."""

    __slots__ = ("_categories", "_page", "_text", "_vocabulary", "event", "previous_count")

    def __init__(self, event: LogEvent, vocabulary: Vocabulary, last_open_count: int | None) -> None:
        self.event = event
        self._vocabulary = vocabulary
        self.previous_count = event.previous_count if event.previous_count is not None else last_open_count
        self._text: str | None = None
        self._page: str | None = ""
        self._categories: frozenset[str] | None = None

    @property
    def text(self) -> str:
        """The event's free text, normalised; empty without one."""
        if self._text is None:
            self._text = normalised(self.event.text or "")
        return self._text

    @property
    def page(self) -> str | None:
        """The page group of the event's path."""
        if self._page == "":
            self._page = self._vocabulary.page(self.event.path)
        return self._page

    @property
    def categories(self) -> frozenset[str]:
        """The categories of a release."""
        if self._categories is None:
            self._categories = self._vocabulary.categories(self.event)
        return self._categories


PAGE = "page"
Holds = Callable[[Reading], bool]


@dataclass(frozen=True, slots=True)
class Check:
    """One condition; `field` names what alone decides it, `PAGE` or an event's field, where events have few values."""

    holds: Holds
    field: str | None = None


def checks_of(rule: Conditions) -> tuple[Check, ...]:
    """Everything but the event type that must hold for the rule, cheapest first."""
    found: list[Check] = []
    if rule.page:
        found.append(Check(_page_in(frozenset(rule.page)), PAGE))
    for field in ("action", "direction"):
        if wanted := getattr(rule, field):
            found.append(Check(_field_in(field, frozenset(wanted)), field))
    if rule.attended is not None:
        found.append(Check(_attended_is(rule.attended), "attended"))
    if rule.nps_at_most is not None:
        found.append(Check(_nps_at_most(rule.nps_at_most), "score"))
    if rule.growth_at_least is not None:
        found.append(Check(_growth_at_least(Fraction(str(rule.growth_at_least)))))
    if rule.increase_at_least is not None:
        found.append(Check(_increase_at_least(rule.increase_at_least)))
    if rule.categories:
        found.append(Check(_category_in(frozenset(rule.categories))))
    if rule.text_any:
        found.append(Check(_text_has(phrase_pattern(rule.text_any))))
    if rule.text_none:
        found.append(Check(_text_lacks(phrase_pattern(rule.text_none))))
    return tuple(found)


def _page_in(groups: frozenset[str]) -> Holds:
    return lambda reading: reading.page in groups


def _field_in(field: str, wanted: frozenset[str]) -> Holds:
    return lambda reading: getattr(reading.event, field) in wanted


def _attended_is(wanted: bool) -> Holds:
    return lambda reading: reading.event.attended is wanted


def _nps_at_most(most: int) -> Holds:
    return lambda reading: reading.event.score is not None and reading.event.score <= most


def _growth_at_least(least: Fraction) -> Holds:
    def check(reading: Reading) -> bool:
        now, before = reading.event.open_count, reading.previous_count
        if now is None or before is None:
            return False
        return now > 0 if before == 0 else Fraction(now - before, before) >= least

    return check


def _increase_at_least(least: int) -> Holds:
    def check(reading: Reading) -> bool:
        now, before = reading.event.open_count, reading.previous_count
        return now is not None and before is not None and now - before >= least

    return check


def _category_in(wanted: frozenset[str]) -> Holds:
    return lambda reading: not wanted.isdisjoint(reading.categories)


def _text_has(pattern: re.Pattern[str]) -> Holds:
    return lambda reading: pattern.search(reading.text) is not None


def _text_lacks(pattern: re.Pattern[str]) -> Holds:
    return lambda reading: pattern.search(reading.text) is None
