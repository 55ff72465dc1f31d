"""What the page needs of the JSON in Redis, read in one go; it must not know what is done with it.

Readers ignore unknown keys: version 1 of states and signals may gain some.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec

_T = TypeVar("_T")


class ValueRecord(msgspec.Struct, frozen=True):
    """The value axis; `amount` is a decimal string."""

    measure: str
    amount: str
    high: bool = False

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        float(self.amount)


class RfmRecord(msgspec.Struct, frozen=True):
    """Of recency, frequency and monetary what a list shows."""

    monetary: str = "0"

    def __post_init__(self) -> None:
        """Refuse what is no number."""
        float(self.monetary)


class LifetimeRecord(msgspec.Struct, frozen=True):
    """Of a customer's purchases the newest day, ISO."""

    last_day: str | None = None


class TermRecord(msgspec.Struct, frozen=True):
    """One term of the potential score; `last` is the instant of its newest event."""

    points: float = 0.0
    last: str | None = None


class PotentialRecord(msgspec.Struct, frozen=True):
    """The potential axis in points."""

    score: float
    high: bool = False
    contributions: list[TermRecord] = []


class TransitionRecord(msgspec.Struct, frozen=True):
    """What time alone changes next."""

    at: str
    to: str
    because: str = ""


class OwnersRecord(msgspec.Struct, frozen=True):
    """Who looks after the customer."""

    sales: str | None = None
    cs: str | None = None


class Silence(msgspec.Struct, frozen=True):
    """When a rule told that a customer has gone quiet, and when it was heard of last, both in epoch ms."""

    told_ms: int
    heard_ms: int


class OutcomeRecord(msgspec.Struct, frozen=True):
    """What somebody reported back about a signal; `revenue_since` is a decimal string where it is known exactly."""

    signal_id: str
    outcome: str
    at: str = ""
    author: str | None = None
    revenue_since: str | None = None


class MonthRecord(msgspec.Struct, frozen=True):
    """A calendar month's purchases; `amount` is a decimal string."""

    month: str
    purchases: int = 0
    amount: str = "0"


class StateRecord(msgspec.Struct, frozen=True):
    """Of a public state what matrix and boards show."""

    customer_id: str
    as_of: str
    lifecycle: Literal["onboarding", "active", "former"]
    segment: Literal["retain", "nurture", "expand", "streamline"]
    value: ValueRecord
    potential: PotentialRecord
    segment_since: str = ""
    rfm: RfmRecord = RfmRecord()
    lifetime: LifetimeRecord = LifetimeRecord()
    departments: list[str] = []
    owners: OwnersRecord = OwnersRecord()
    months: list[MonthRecord] = []
    next_transition: TransitionRecord | None = None
    outcomes: list[OutcomeRecord] = []

    @property
    def revenue(self) -> float:
        """What the summary counts as this customer's revenue, in the base currency."""
        return float(self.rfm.monetary if self.value.measure == "rfm" else self.value.amount)


class AccountRecord(msgspec.Struct, frozen=True):
    """Of an account what lists show and filter by."""

    name: str = ""
    industry: str | None = None
    plan: str | None = None


class CauseRecord(msgspec.Struct, frozen=True):
    """What made a signal."""

    kind: str


class SignalRecord(msgspec.Struct, frozen=True):
    """Of a signal what decides where it is shown."""

    signal_id: str
    customer_id: str
    effective_at: str
    rule: str = ""
    cause: CauseRecord = CauseRecord("event")


def _reader(kind: type[_T]) -> Callable[[bytes], _T | None]:
    decode = msgspec.json.Decoder(kind).decode

    def read(stored: bytes) -> _T | None:
        """The record, or None for what cannot be read: one damaged value must not blind the page."""
        try:
            return decode(stored)
        except (msgspec.MsgspecError, UnicodeDecodeError):
            return None

    return read


read_state = _reader(StateRecord)
read_account = _reader(AccountRecord)
read_signal = _reader(SignalRecord)


def read_object(stored: bytes | None) -> dict[str, Any] | None:
    """A whole JSON object, or None for what is missing or none."""
    if stored is None:
        return None
    try:
        found = msgspec.json.decode(stored)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        return None
    return found if isinstance(found, dict) else None
