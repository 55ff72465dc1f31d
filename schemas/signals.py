"""A signal as consumers of the topic `signals` may rely on it; it must not know how a signal comes about.

Signals travel as CloudEvents in Kafka's binary mode: the record's value is the JSON of one `Signal`, its headers are
`ce_type` (`kakuhan.<type>.v1`), `ce_id` (signal_id), `ce_time` (effective_at) and `ce_subject` (customer_id).

Readers ignore unknown keys, because version 1 may gain some; a test that wants to find them validates with
`Signal.model_validate(value, extra="forbid")`. Keys that may be missing have a default.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

Instant = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$")]
"""An instant in UTC with three decimals; as text it sorts in time."""
DecimalText = Annotated[str, Field(pattern=r"^(0|-?[1-9]\d*|-?(0|[1-9]\d*)\.\d{0,3}[1-9])$")]
"""An exact amount: at most 4 decimals, no exponent, no trailing zeros."""
Points = Annotated[float, Field(allow_inf_nan=False)]
"""Points of the potential axis, rounded half-up to 4 decimals."""
Count = Annotated[int, Field(ge=0)]
SegmentName = Literal["retain", "nurture", "expand", "streamline"]
LifecycleName = Literal["onboarding", "active", "former"]
SignalType = Literal["segment.changed", "buying_signal.detected", "churn_risk.detected", "lifecycle.changed"]
EventCause = Literal["event", "late", "refund"]
TimeCause = Literal["decay", "window", "expiry", "dwell", "silence", "lifecycle"]
SourceTopic = Literal["purchases", "web-behaviour", "crm-activities", "press-releases", "accounts"]
MatchedBy = Literal["corporate_number", "domain", "name"]

CHANGES: Mapping[SignalType, tuple[str, ...]] = {
    "segment.changed": ("retain", "nurture", "expand", "streamline"),
    "lifecycle.changed": ("onboarding", "active", "former"),
}


class Published(BaseModel):
    """A block of what is published: frozen, ignoring keys it does not know."""

    model_config = ConfigDict(frozen=True, extra="ignore", populate_by_name=True, use_attribute_docstrings=True)


class Change(Published):
    """From which segment or lifecycle to which."""

    before: str = Field(alias="from")
    """The one that ended."""
    after: str = Field(alias="to")
    """The one that began."""


class ValueMove(Published):
    """The value axis around the cause, in base currency (for the measure `rfm`: 1 to 5)."""

    before: DecimalText
    """After the clock moved and before the cause; for time one millisecond earlier."""
    after: DecimalText
    """After the cause."""
    high: bool
    """Whether the axis is high after the cause."""


class PotentialMove(Published):
    """The potential axis around the cause, in points."""

    before: Annotated[Points, Field(ge=0)]
    """After the clock moved and before the cause; for time one millisecond earlier."""
    after: Annotated[Points, Field(ge=0)]
    """After the cause."""
    high: bool
    """Whether the axis is high after the cause."""


class Cause(Published):
    """What made the signal: an event, or time alone."""

    kind: EventCause | TimeCause
    """`event`, `late`, `refund` for what an event caused; else what time brought about."""
    topic: SourceTopic | None = None
    """Source topic of the event, without prefix; only for events."""
    event_id: str | None = None
    """The event; only for events."""
    late_by_s: Count | None = None
    """Whole seconds from the event to its receipt, 0 unless `kind` is `late` or a late refund; only for events."""

    @property
    def is_event(self) -> bool:
        """Whether an event caused the signal."""
        return self.kind in ("event", "late", "refund")

    @model_validator(mode="after")
    def _an_event_has_a_name(self) -> Self:
        if self.is_event != (self.event_id is not None) or self.is_event != (self.topic is not None):
            raise ValueError("topic and event_id are there exactly when an event is the cause")
        return self


class EvidenceRow(Published):
    """One term of the potential score, or one event that matched a rule; never free text or names of people."""

    rule: str
    """Id of the point rule, fact or rule; `limit` where the clamp to 0 and the cap acts."""
    label: str | None = None
    """What a salesperson reads."""
    points: Points | None = None
    """What the row adds to the score, may be negative; None for an event that matched a rule."""
    events: Count | None = None
    """How many events count in the row."""
    event_id: str | None = None
    """The newest event of the row."""
    occurred_at: Instant | None = None
    """When that event happened."""
    title: Annotated[str, Field(max_length=120)] | None = None
    """Headline, path or document; only on the row of the causing event."""
    url: str | None = None
    """Address of the release; only on the row of the causing event."""
    matched_by: MatchedBy | None = None
    """What the release's company was recognised by; only on the row of the causing event."""
    department: str | None = None
    """The department that asked for the first time; only where the rule is about a new department."""


class Owners(Published):
    """Who looks after the customer, as the account names them."""

    sales: str | None = None
    """Sales owner."""
    cs: str | None = None
    """Customer success owner."""


class NextTransition(Published):
    """The next change of segment or lifecycle if nothing more happens."""

    at: Instant
    """When."""
    to: SegmentName | LifecycleName
    """Segment or lifecycle that begins then."""
    because: TimeCause
    """What time brings about."""


class Signal(Published):
    """One thing that somebody should know now."""

    signal_id: Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]
    """The same for the same signal however often it is published or recomputed."""
    type: SignalType
    """What kind of news."""
    customer_id: Annotated[str, Field(min_length=1, max_length=200)]
    """The customer."""
    rule: str
    """Id of the rule; `segment` or `lifecycle` for changes."""
    audiences: tuple[str, ...]
    """Who should know."""
    severity: Literal["low", "medium", "high"]
    """How pressing it is."""
    historical: bool
    """Whether it tells of the past (loaded history) and belongs in no live feed."""
    effective_at: Instant
    """The exact instant at which it became true, by the customer's clock."""
    detected_at: Instant | None = None
    """When it was found, by the worker's clock; not part of the decision and missing in replayed output."""
    segment: SegmentName
    """After the cause."""
    lifecycle: LifecycleName
    """After the cause."""
    change: Change | None = None
    """Only for `segment.changed` and `lifecycle.changed`."""
    value: ValueMove
    """What the customer is worth, around the cause."""
    potential: PotentialMove
    """What it may become, around the cause."""
    cause: Cause
    """What made the signal."""
    evidence: tuple[EvidenceRow, ...]
    """For a segment change the whole ledger, which adds up to `potential.after`; for a rule the matching events."""
    playbook: str | None = None
    """What to do."""
    owners: Owners = Owners()
    """Who looks after the customer."""
    next_transition: NextTransition | None = None
    """What comes next by time alone; None: nothing."""
    suppressed: Count
    """Repeats of the rule held back since its last signal."""
    policy_version: Annotated[str, Field(pattern=r"@[0-9a-f]{8}$")]
    """The policy that decided."""

    @model_validator(mode="after")
    def _a_change_names_both_sides(self) -> Self:
        known = CHANGES.get(self.type)
        if (known is None) != (self.change is None):
            raise ValueError("change is there exactly for segment.changed and lifecycle.changed")
        if known is not None and self.change is not None and not {self.change.before, self.change.after} <= {*known}:
            raise ValueError(f"change of {self.type} must be between {', '.join(known)}")
        return self
