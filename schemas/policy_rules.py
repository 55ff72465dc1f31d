"""What is told to whom: rules, the three lifecycles, the four segments and the guard against too much selling.

It must not know how a rule is evaluated nor how a signal is sent.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Annotated, Literal, cast

from schemas.policy_conditions import Conditions
from schemas.policy_parts import Fault, Path, PolicyPart
from schemas.policy_scalars import (
    CalendarDays,
    CountFromOne,
    Name,
    Names,
    OneOrSeveral,
    PositiveSpanDays,
    SegmentName,
    Severity,
    SpanDays,
    Text,
    YesNo,
    one_of,
)

SEGMENTS: tuple[SegmentName, ...] = ("retain", "nurture", "expand", "streamline")

RuleType = Annotated[Literal["buying_signal", "churn_risk"], one_of("buying_signal", "churn_risk")]
Distinct = Annotated[Literal["day", "contact"], one_of("day", "contact")]


class Count(PolicyPart):
    """How many matching events it takes."""

    at_least: CountFromOne
    """Number of events, or of different days or contacts."""
    within_days: PositiveSpanDays
    """Days of 24 hours back from the moment of the decision."""
    distinct: Distinct | None = None
    """`day`: different local days; `contact`: different contacts; None: events."""


class Rule(Conditions):
    """A matching event, or silence, that somebody is told of."""

    id: Name
    """Unique among points, facts and rules."""
    label: Text
    """What a salesperson reads."""
    type: RuleType
    """`buying_signal` or `churn_risk`."""
    silent_days: PositiveSpanDays | None = None
    """Fires that many days after the newest matching event; None: fires at a matching event."""
    count: Count | None = None
    """How many events it takes; None: one."""
    new_department: YesNo = False
    """Only when the event names a department not named before, where at least one is."""
    segments: Annotated[tuple[SegmentName, ...], OneOrSeveral] = SEGMENTS
    """Only for customers in one of these."""
    audiences: Names
    """Who is told."""
    severity: Severity
    """How pressing it is."""
    cooldown_days: SpanDays = Decimal(0)
    """Days after a signal in which repeats are held back and counted."""
    playbook: Name | None = None
    """What to do."""

    def contradictions(self) -> Iterator[Fault]:
        """Silence with what only an event can have, no condition, or conditions that no event meets."""
        if self.silent_days is not None and self.count is not None:
            yield Fault(("count",), "silent_days is there too, and silence cannot be counted; make them two rules")
        if self.silent_days is not None and self.new_department:
            yield Fault(("new_department",), "silent_days is there too, and silence names nobody; make them two rules")
        if not self.event and not self.asked() and self.silent_days is None and not self.new_department:
            yield Fault((), 'has no condition, so every event would match; write for example "event: download"')
        yield from self.condition_faults(self._further())

    def _further(self) -> dict[str, Path]:
        further: dict[str, Path] = {"new_department": ("new_department",)} if self.new_department else {}
        if self.count is not None and self.count.distinct == "contact":
            further["contact"] = ("count", "distinct")
        return further


class Told(PolicyPart):
    """Who is told of a change, and how pressing it is."""

    audiences: Names
    """Who is told."""
    severity: Severity
    """How pressing it is."""
    playbook: Name | None = None
    """What to do."""


class Onboarding(Told):
    """The first days after the first purchase; all signals then take its audiences and playbook."""

    days: CalendarDays = 0
    """Local days from the first purchase day on; 0: no onboarding."""


class Lifecycle(PolicyPart):
    """The three lifecycles."""

    onboarding: Onboarding
    """導入期: new customers."""
    active: Told
    """稼働中: all others that did not leave."""
    former: Told
    """解約済み: customers that cancelled everything."""


class UpsellGuard(PolicyPart):
    """After so many buying signals, further ones go to other people only."""

    buying_signals: CountFromOne
    """Buying signals emitted within the span."""
    within_days: PositiveSpanDays
    """Days of 24 hours back."""
    then_audiences: Names
    """Who is told instead."""


class Segment(Told):
    """One of the four segments."""

    label: Text
    """What people call it."""
    upsell_guard: UpsellGuard | None = None
    """Guard against too much selling; None: none."""


class Segments(PolicyPart):
    """The four segments."""

    retain: Segment
    """優良維持層: high value, high potential."""
    nurture: Segment
    """最重要育成層: low value, high potential."""
    expand: Segment
    """機会発見層: high value, low potential."""
    streamline: Segment
    """効率化対象層: low value, low potential."""

    def named(self, segment: str) -> Segment:
        """The segment of that name, one of `SEGMENTS`."""
        return cast(Segment, getattr(self, segment))
