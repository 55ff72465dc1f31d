"""The policy: every threshold, weight, window, phrase and playbook by which customers are judged, as frozen numbers.

It must not know files and lines, nor how any of its numbers is applied.

`Policy.model_validate(data)` takes the plain data of the YAML file (see docs/policy.md for every key) and raises
`pydantic.ValidationError` with all faults found; `streams.policy_file.load_policy` adds file and line.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from decimal import Decimal
from functools import lru_cache
from typing import Annotated, Any, Literal
from zoneinfo import available_timezones

from pydantic import AfterValidator, BeforeValidator, Field, PrivateAttr

from schemas.policy_axes import Potential, Rfm, Value
from schemas.policy_parts import Fault, PolicyPart, fault, found, suggestion
from schemas.policy_references import reference_faults
from schemas.policy_rules import Lifecycle, Rule, Segments, Told
from schemas.policy_scalars import (
    CountFromOne,
    CountFromZero,
    Name,
    Number,
    OneOrSeveral,
    PositiveNumber,
    SpanDays,
    Text,
)
from schemas.policy_texts import CategoryPhrases, Glob, Playbook, PressMatch

POLICY_FORMAT = 1
VERSION_DIGITS = 8  # of the digest: enough to tell policies of one company apart
_CURRENCY = re.compile(r"[A-Z]{3}", re.ASCII)


@lru_cache(maxsize=1)
def _timezones() -> frozenset[str]:
    return frozenset(available_timezones())


# Whose nearest name would be another place: MST is in America, and Etc/GMT+9 west of Greenwich.
_MEANT_ZONES = dict.fromkeys(("JST", "UTC+9", "GMT+9", "UTC+09:00", "GMT+09:00"), "Asia/Tokyo")


def _timezone(value: str) -> str:
    if value not in _timezones():
        hint = suggestion(_MEANT_ZONES.get(value.upper(), value), sorted(_timezones()))
        raise fault(f"found {found(value)}; {hint if 'mean' in hint else 'write an IANA name such as Asia/Tokyo'}")
    return value


def _currency(value: object) -> str:
    if not isinstance(value, str) or not _CURRENCY.fullmatch(value):
        raise fault(f"found {found(value)}; write a currency code of 3 capital letters such as JPY")
    return value


def _format(value: object) -> int:
    if value != POLICY_FORMAT or isinstance(value, bool):
        raise fault(f"found {found(value)}; this program reads policy_format: {POLICY_FORMAT}")
    return POLICY_FORMAT


CurrencyCode = Annotated[str, BeforeValidator(_currency)]


class Currency(PolicyPart):
    """The currency in which customers are compared."""

    base: CurrencyCode
    """Code of the base currency."""
    rates: dict[CurrencyCode, PositiveNumber] = Field(default_factory=dict)
    """Code → worth of one unit in base currency."""

    def contradictions(self) -> Iterator[Fault]:
        """The base has no rate."""
        if self.base in self.rates:
            yield Fault(("rates", self.base), "is the base currency, which is worth 1; remove this rate")


class Policy(PolicyPart):
    """Everything that decides; one policy decides one log."""

    policy_format: Annotated[Literal[1], BeforeValidator(_format)]
    """Format of the file."""
    version: Text
    """Name of this version, chosen by its author."""
    timezone: Annotated[Text, AfterValidator(_timezone)]
    """IANA name of the zone whose calendar days count."""
    max_future_s: CountFromZero = 300
    """Seconds by which an event may be dated after its receipt."""
    late_after_s: CountFromZero = 3600
    """Seconds after which an event counts as late."""
    min_dwell_days: SpanDays = Decimal(0)
    """Days of 24 hours a segment stays at least after a change."""
    dedup_events: CountFromOne = 256
    """How many of a customer's last event ids are remembered to recognise repeats."""
    currency: Currency
    """Base currency and rates."""
    value: Value
    """What the customer is worth now."""
    rfm: Rfm
    """Recency, frequency, monetary."""
    pages: dict[Name, Annotated[tuple[Glob, ...], OneOrSeveral]] = Field(default_factory=dict)
    """Group → globs on the path; the first group that matches, in the order written."""
    press_categories: dict[Name, CategoryPhrases] = Field(default_factory=dict)
    """Category → phrases that give it to a release."""
    industry_growth: dict[Text, Number] = Field(default_factory=dict)
    """Industry → yearly growth as a ratio, for accounts without their own."""
    press_match: PressMatch = PressMatch()
    """Where phrases are looked for."""
    potential: Potential
    """What the customer may become."""
    rules: tuple[Rule, ...] = ()
    """In the order in which they are evaluated."""
    lifecycle: Lifecycle
    """Onboarding, active, former."""
    segments: Segments
    """The four segments."""
    playbooks: dict[Name, Playbook] = Field(default_factory=dict)
    """Id → what to do."""

    _digest: str = PrivateAttr(default="")

    @property
    def policy_version(self) -> str:
        """`version@` and the first 8 hex digits of the SHA-256 of the policy as written, in canonical JSON."""
        return f"{self.version}@{self._digest}"

    def audiences(self) -> set[str]:
        """Everybody whom a signal may be for."""
        of, life = self.segments, self.lifecycle
        kinds = (of.retain, of.nurture, of.expand, of.streamline)
        told: list[Rule | Told] = [*self.rules, *kinds, life.onboarding, life.active, life.former]
        guarded = [kind.upsell_guard.then_audiences for kind in kinds if kind.upsell_guard is not None]
        return {name for names in [*(each.audiences for each in told), *guarded] for name in names}

    @classmethod
    def raw_faults(cls, data: Mapping[str, Any]) -> Iterator[Fault]:
        """Names that point nowhere, ids that are taken."""
        return reference_faults(data)

    def remember(self, data: Mapping[str, Any]) -> None:
        """Keep the digest of the plain data."""
        self._digest = hashlib.sha256(canonical_json(data)).hexdigest()[:VERSION_DIGITS]


def canonical_json(data: Mapping[str, Any]) -> bytes:
    """Plain data as JSON with sorted keys, no spaces, nothing escaped that need not be, in UTF-8.

    Numbers are written as Python's `json` writes them (the shortest decimal that reads back as the same number).
    """
    text = json.dumps(data, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode()
