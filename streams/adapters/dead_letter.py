"""One dead letter as it is found again, and which ones are meant; it must not know Kafka's clients."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

from schemas.dead_letters import DeadLetter, Headers
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Letter:
    """A refused record as it lies in `dead-letters`; `headers` are those it had in its source topic.

    `partition` and `offset` are its place among the dead letters, `source` says where it came from and why it was
    refused, `at_ms` when (epoch ms).
    """

    partition: int
    offset: int
    at_ms: int
    source: DeadLetter
    key: bytes | None
    value: bytes | None
    headers: Headers
    replayed: bool

    @property
    def name(self) -> str:
        """How a person names this letter: `partition:offset`."""
        return f"{self.partition}:{self.offset}"

    def is_of(self, customers: Collection[str]) -> bool:
        """Whether its key or the `customer_id` in its value, as far as that can be read, is one of these."""
        return _text(self.key) in customers or _customer_in(self.value) in customers


@dataclass(frozen=True, slots=True)
class Selection:
    """Which letters are meant; what is empty or None does not narrow. `topics` are without prefix.

    `since_ms` ≤ refused at < `before_ms`. `replayed` takes those that were sent again, too.
    """

    topics: Collection[str] = ()
    reasons: Collection[str] = ()
    names: Collection[str] = ()
    customers: Collection[str] = ()
    since_ms: int | None = None
    before_ms: int | None = None
    replayed: bool = False

    def narrows(self) -> bool:
        """Whether anything is left out, but for those sent again."""
        named = self.topics or self.reasons or self.names or self.customers
        return bool(named) or self.since_ms is not None or self.before_ms is not None

    def takes(self, letter: Letter, settings: Settings) -> bool:
        """Whether the letter is meant; one already replayed only if `replayed`."""
        return (
            (self.replayed or not letter.replayed)
            and (not self.topics or settings.without_prefix(letter.source.topic) in self.topics)
            and (not self.reasons or letter.source.reason in self.reasons)
            and (not self.names or letter.name in self.names)
            and (self.since_ms is None or letter.at_ms >= self.since_ms)
            and (self.before_ms is None or letter.at_ms < self.before_ms)
            and (not self.customers or letter.is_of(self.customers))
        )


def _text(key: bytes | None) -> str | None:
    return None if key is None else key.decode("utf-8", "backslashreplace")


def _customer_in(value: bytes | None) -> str | None:
    try:
        found = json.loads(value or b"null")
    except (ValueError, RecursionError):
        return None
    named = found.get("customer_id") if isinstance(found, dict) else None
    return named if isinstance(named, str) else None
