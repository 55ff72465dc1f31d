"""What an event must be for a point rule or a rule to match it: the conditions, all of which must hold.

It must not know how a condition is evaluated.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Mapping
from typing import Annotated, Literal

from pydantic import BeforeValidator

from schemas.policy_events import EVENT_TYPES, HOLDS_FOR
from schemas.policy_parts import Fault, Path, PolicyPart, fault, found
from schemas.policy_scalars import CountFromOne, Names, OneOrSeveral, Phrases, PositiveNumber, YesNo, one_of, whole

EventType = Annotated[str, one_of(*EVENT_TYPES)]
Direction = Annotated[Literal["upgrade", "downgrade", "lateral"], one_of("upgrade", "downgrade", "lateral")]


def _nps(value: object) -> int:
    score = whole(value)
    if not 0 <= score <= 10:
        raise fault(f"found {found(value)}; write an NPS score from 0 to 10")
    return score


class Conditions(PolicyPart):
    """What an event must be; empty or None means that the condition is not asked."""

    event: Annotated[tuple[EventType, ...], OneOrSeveral] = ()
    """Event types; empty: any type."""
    page: Names = ()
    """Groups of `pages`, one of which the event's path must belong to."""
    categories: Names = ()
    """Categories of `press_categories`, one of which the release must have."""
    action: Names = ()
    """Names of web actions."""
    direction: Annotated[tuple[Direction, ...], OneOrSeveral] = ()
    """Directions of a plan change."""
    attended: YesNo | None = None
    """Whether the webinar was attended."""
    text_any: Phrases = ()
    """Phrases, one of which the text must contain."""
    text_none: Phrases = ()
    """Phrases none of which the text may contain."""
    nps_at_most: Annotated[int, BeforeValidator(_nps)] | None = None
    """Highest NPS score that matches, 0 to 10."""
    growth_at_least: PositiveNumber | None = None
    """Least relative growth of open positions, a ratio (0.3 = 30 %)."""
    increase_at_least: CountFromOne | None = None
    """Least absolute growth of open positions."""

    def asked(self) -> tuple[str, ...]:
        """The names of the conditions besides `event` that are asked, in the order of the documentation."""
        return tuple(key for key in HOLDS_FOR if key in Conditions.model_fields and _is_asked(getattr(self, key)))

    def condition_faults(self, further: Mapping[str, Path] | None = None) -> Iterator[Fault]:
        """Conditions that can never hold together; `further` asks more keys of `HOLDS_FOR`, with their places."""
        places = {**{key: (key,) for key in self.asked()}, **(further or {})}
        never = [key for key in places if not HOLDS_FOR[key].intersection(self.event or EVENT_TYPES)]
        for key in never:
            yield Fault(places[key], f"means nothing for {', '.join(self.event)}; only for {_listed(HOLDS_FOR[key])}")
        if not never and not self.possible_events(tuple(further or ())):
            yield Fault((), f"no event can have {' and '.join(places)} together; make them separate entries")
        none_of = {_folded(phrase) for phrase in self.text_none}
        for at, phrase in enumerate(self.text_any):
            if _folded(phrase) in none_of:
                yield Fault(("text_any", at), f'"{phrase}" is in text_none too, so it can never match; remove one')

    def possible_events(self, further: tuple[str, ...] = ()) -> tuple[str, ...]:
        """The event types for which every asked condition can hold; what has no text has no forbidden phrase."""
        keys = {*self.asked(), *further} - {"text_none"}
        return tuple(kind for kind in self.event or EVENT_TYPES if all(kind in HOLDS_FOR[key] for key in keys))


def _is_asked(value: object) -> bool:
    return value is not None and value != ()


def _listed(names: frozenset[str]) -> str:
    return ", ".join(name for name in EVENT_TYPES if name in names)


def _folded(phrase: str) -> str:
    return unicodedata.normalize("NFKC", phrase).casefold()
