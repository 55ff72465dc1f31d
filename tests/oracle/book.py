"""Everything applied so far for one customer, together with the policy it is read under.

It must not know what is decided from it; the memo only spares repeated work, its keys say what it holds.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from tests.oracle.amounts import exact
from tests.oracle.clock import span_ms
from tests.oracle.facts import Fact

T = TypeVar("T")
AT_LEAST_KEPT_DAYS = 400


@dataclass(slots=True)
class Book:
    """The policy and the facts in order of application; facts are only ever appended."""

    policy: dict[str, Any]
    zone: ZoneInfo
    facts: list[Fact] = field(default_factory=list)
    memo: dict[tuple[Any, ...], Any] = field(default_factory=dict)

    def once(self, key: tuple[Any, ...], work: Callable[[], T]) -> T:
        """The result of `work` for these facts, worked out the first time."""
        full = (len(self.facts), *key)
        if full not in self.memo:
            self.memo[full] = work()
        found: T = self.memo[full]
        return found

    def of_type(self, *types: str) -> list[Fact]:
        """The facts of these types in order of application."""
        return [fact for fact in self.facts if fact.type in types]

    def account(self) -> Fact | None:
        """The account record applied last, None without one or after its removal."""
        records = self.of_type("account", "account_removed")
        return records[-1] if records and records[-1].type == "account" else None

    def number(self, group: str, key: str, default: Any = None) -> Fraction:
        """A number of one of the policy's groups."""
        return exact(self.policy.get(group, {}).get(key, default))

    def kept_days(self) -> int:
        """The age in local days up to which a day's purchases can still be taken off."""
        return max(AT_LEAST_KEPT_DAYS, self.window_days("value"), self.window_days("rfm"))

    def window_days(self, group: str) -> int:
        """The local days of the window of `value` or `rfm`."""
        return int(self.number(group, "window_days", 365))

    def dwell_ms(self) -> int:
        """How long a segment stays after a change."""
        return span_ms(exact(self.policy.get("min_dwell_days", 0)))
