"""A customer's public state as readers of `customer-states` and Redis may rely on it.

It must not know how any of it is computed.

Readers ignore unknown keys; a test that wants to find them validates with
`PublicState.model_validate(value, extra="forbid")`. An erased customer has no public state.
"""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from schemas.signals import (
    Count,
    DecimalText,
    EventCause,
    EvidenceRow,
    Instant,
    LifecycleName,
    NextTransition,
    Owners,
    Points,
    Published,
    SegmentName,
    TimeCause,
)

LocalDate = Annotated[str, Field(pattern=r"^\d{4}-\d\d-\d\d$")]
"""A calendar day in the policy's time zone."""
Digit = Annotated[int, Field(ge=1, le=5)]


class ValueState(Published):
    """The value axis."""

    measure: Literal["contract", "revenue", "rfm"]
    """What `amount` is."""
    amount: DecimalText
    """In base currency (for the measure `rfm`: 1 to 5); may be negative when refunds exceed purchases."""
    high: bool
    """Whether the axis is high."""


class RfmState(Published):
    """Recency, frequency and monetary digits."""

    recency_days: Count | None = None
    """Local days since the last purchase day; None without one."""
    frequency: Count
    """Purchases and renewals in the window."""
    monetary: DecimalText
    """Their amounts less refunds in the window, in base currency."""
    r: Digit
    """Recency digit; 1 without a purchase."""
    f: Digit
    """Frequency digit."""
    m: Digit
    """Monetary digit."""
    code: Annotated[str, Field(pattern=r"^[1-5]{3}$")]
    """The three digits."""
    score: Annotated[float, Field(ge=1, le=5)]
    """Their weighted mean, 4 decimals."""

    @model_validator(mode="after")
    def _code_is_the_digits(self) -> Self:
        if self.code != f"{self.r}{self.f}{self.m}":
            raise ValueError("code must be the digits r, f and m")
        return self


class Lifetime(Published):
    """What models of customer lifetime (BG/NBD, gamma-gamma) start from."""

    first_day: LocalDate | None = None
    """First purchase day."""
    last_day: LocalDate | None = None
    """Last purchase day."""
    repeat_days: Count
    """Different purchase days after the first."""
    mean_repeat_spend: DecimalText | None = None
    """Mean spend of those days, in base currency; None when there is none."""


class Contribution(EvidenceRow):
    """One term of the potential score."""

    last: Instant | None = None
    """When the newest event of the row happened; None for the row `limit`."""


class PotentialState(Published):
    """The potential axis."""

    score: Annotated[Points, Field(ge=0)]
    """Points, from 0 to the policy's cap."""
    high: bool
    """Whether the axis is high."""
    contributions: tuple[Contribution, ...]
    """The terms, which add up to the score."""


class SegmentChange(Published):
    """A past change of segment."""

    at: Instant
    """When."""
    before: SegmentName = Field(alias="from")
    """The one that ended."""
    after: SegmentName = Field(alias="to")
    """The one that began."""
    cause: EventCause | TimeCause
    """What brought it about."""


class Month(Published):
    """A calendar month in the policy's time zone."""

    month: Annotated[str, Field(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")]
    """Year and month."""
    purchases: Count
    """Purchases and renewals, less full refunds."""
    amount: DecimalText
    """Amounts less refunds, in base currency; may be negative."""


class ContractRow(Published):
    """One term of the value axis where its measure is `contract`."""

    kind: Literal["contract", "others", "purchases"]
    """A contract; the sum of further ones; what is bought without a period, less refunds, in the window."""
    amount: DecimalText
    """What it adds to the value axis, in base currency: a contract's yearly amount. Negative for refunds alone."""
    contract: Annotated[str, Field(min_length=1, max_length=200)] | None = None
    """The contract's id; None for the one without an id, and for other kinds."""
    from_day: LocalDate | None = Field(default=None, alias="from")
    """First day of the period that counts; None for other kinds."""
    until: LocalDate | None = None
    """Its last day; before the day of `as_of` it has ended and counts by grace. None for other kinds."""
    contracts: Annotated[int, Field(ge=2)] | None = None
    """How many contracts `others` stands for; None for other kinds."""


class ReportedOutcome(Published):
    """What somebody reported back about a signal of the customer."""

    signal_id: Annotated[str, Field(min_length=1)]
    """The signal, as the report names it."""
    outcome: Literal["acknowledged", "worked", "no_interest", "later", "wrong"]
    """対応中 acknowledged, 商談化 worked, 見送り no_interest, 後日対応 later, 誤検知 wrong."""
    at: Instant
    """When, as the report says."""
    revenue_since: DecimalText
    """Purchases less refunds from the local day of the report on, in base currency."""


class PublicState(Published):
    """Everything that is shown of a customer."""

    customer_id: Annotated[str, Field(min_length=1, max_length=200)]
    """The customer."""
    as_of: Instant
    """The customer's own clock: the moment for which all the numbers hold."""
    lifecycle: LifecycleName
    """導入期 onboarding, 稼働中 active, 解約済み former."""
    segment: SegmentName
    """A former customer keeps the one it had."""
    segment_since: Instant
    """Since when; at first the clock of the first record."""
    policy_version: Annotated[str, Field(pattern=r"@[0-9a-f]{8}$")]
    """The policy that decided."""
    value: ValueState
    """What the customer is worth now."""
    rfm: RfmState
    """Recency, frequency, monetary."""
    lifetime: Lifetime
    """First, last and repeated purchases."""
    potential: PotentialState
    """What it may become."""
    segment_history: Annotated[tuple[SegmentChange, ...], Field(max_length=12)]
    """The last 12 changes."""
    departments: tuple[str, ...]
    """Departments named so far, without spaces."""
    owners: Owners = Owners()
    """Who looks after the customer."""
    months: Annotated[tuple[Month, ...], Field(max_length=13)]
    """Of the last 13 calendar months those with purchases or an amount."""
    next_transition: NextTransition | None = None
    """What comes next by time alone; None: nothing."""
    contracts: Annotated[tuple[ContractRow, ...], Field(max_length=9)] = ()
    """The rows of a value axis with measure `contract`, the largest contract first, which add up to `value.amount`.

    At most 8 of contracts; the key is missing without any that counts."""
    outcomes: Annotated[tuple[ReportedOutcome, ...], Field(max_length=20)] = ()
    """The last outcome of each signal that has one, oldest first; the key is missing without any."""
