"""What is kept of one customer between two records; it must not know how it came about.

A state is consumed and returned by the fold: `step` may change the object it is given. Its encoded form is one JSON
array, read back exactly. Its size is bounded:

- recent days: one entry a local day with purchases or refunds within the largest window (at least 400 days);
- older purchase days: one bit each; older days with refunds alone: the last `MOST_REFUNDED_DAYS`;
- duplicates: 8 bytes for each of the last `dedup_events` (256) events;
- terms: one per point rule; per-day counts for 8 days; at most `MOST_INSTANTS` living events of an expiring rule;
- contracts: at most `MOST_PERIODS` periods that still matter and `MOST_PERIODS` cancellations;
- departments: at most `MOST_DEPARTMENTS` names; rules: the newest `at_least` matches each.
"""

from __future__ import annotations

import msgspec

from streams.domain.zone import NEVER_MS

FORMAT = 1  # raise when the encoded form changes
MOST_INSTANTS = 1_000
MOST_PERIODS = 1_000
MOST_DEPARTMENTS = 300
MOST_REFUNDED_DAYS = 100


class Day(msgspec.Struct, array_like=True):
    """What was booked on one local day; money in micro-units, `periodic` the part that belongs to contract periods."""

    day: int
    purchases: int = 0
    full_refunds: int = 0
    money: int = 0
    periodic: int = 0

    @property
    def count(self) -> int:
        """Purchases left on that day."""
        return max(0, self.purchases - self.full_refunds)


class Purchases(msgspec.Struct, array_like=True):
    """Running totals of purchases; windows are as of local day `today`."""

    today: int = 0
    days: list[Day] = msgspec.field(default_factory=list)  # ascending
    value_money: int = 0
    rfm_money: int = 0
    rfm_count: int = 0
    first_day: int | None = None
    last_day: int | None = None
    purchase_days: int = 0
    money_on_days: int = 0  # on all purchase days
    first_money: int = 0  # on the first day, once that is older than the recent days
    older: dict[int, int] = msgspec.field(default_factory=dict)  # day // 60 -> bit per purchase day
    refunded: list[Day] = msgspec.field(default_factory=list)  # older days with refunds and no purchase left
    months: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)  # month -> purchases, money


class Period(msgspec.Struct, array_like=True):
    """A contract period, inclusive local days; worth `money` x 365 / days a year."""

    contract: str | None
    from_day: int
    to_day: int
    money: int
    order: int


class Cancellation(msgspec.Struct, array_like=True):
    """The end of one contract from a local day on."""

    contract: str | None
    day: int


class Contracts(msgspec.Struct, array_like=True):
    """Periods that still matter and what has ended them."""

    periods: list[Period] = msgspec.field(default_factory=list)
    cancellations: list[Cancellation] = msgspec.field(default_factory=list)
    ended_day: int | None = None  # the latest all-scope cancellation that took effect
    pending_day: int | None = None  # one that has not yet
    applied: int = 0


class Term(msgspec.Struct, array_like=True):
    """What one point rule has gathered.

    A decaying rule keeps one sum `value` as of `ref_ms`, moved only by its own events; an expiring rule keeps the
    instants of its living events; a rule with neither keeps their number.
    """

    value: float = 0.0
    ref_ms: int = 0
    events: int = 0
    newest_ms: int = 0
    newest_id: str = ""
    instants: list[int] = msgspec.field(default_factory=list)  # ascending
    by_day: dict[int, int] = msgspec.field(default_factory=dict)


class Rating(msgspec.Struct, array_like=True):
    """The sales rating that stands."""

    rating: str
    occurred_ms: int
    event_id: str


class AccountFacts(msgspec.Struct, array_like=True):
    """What decisions need of the account last applied."""

    event_id: str
    occurred_ms: int
    industry: str | None
    industry_growth: str | None
    employees: int | None
    departments: list[str]
    sales_owner: str | None
    cs_owner: str | None


class Match(msgspec.Struct, array_like=True):
    """An event that counted for a rule; `unit` is its local day or contact where those must differ."""

    occurred_ms: int
    event_id: str
    unit: str | int | None = None


class RuleState(msgspec.Struct, array_like=True):
    """What one rule remembers of a customer."""

    emitted_ms: int | None = None
    held_back: int = 0
    by_time: int = 0  # time-caused signals so far
    matches: list[Match] = msgspec.field(default_factory=list)  # newest first
    newest: Match | None = None  # of a silence rule
    deadline_ms: int | None = None


class Change(msgspec.Struct, array_like=True):
    """One change of segment."""

    at_ms: int
    before: str
    after: str
    cause: str


class State(msgspec.Struct, array_like=True):
    """One customer, as of `as_of_ms`; time has been worked off up to `clock_ms`."""

    customer_id: str
    as_of_ms: int = 0
    clock_ms: int = 0
    due_ms: int = NEVER_MS  # nothing happens by time alone before that; may be early, never late
    started: bool = False
    accounts_only: bool = True
    erased_ms: int | None = None
    load_id: str | None = None
    go_live_ms: int = 0
    seen: bytes = b""
    account_at_ms: int = 0
    account_count: int = 0
    account: AccountFacts | None = None
    account_json: msgspec.Raw = msgspec.Raw(b"null")  # the account as last applied, for readers
    named_departments: list[str] = msgspec.field(default_factory=list)
    open_count: int | None = None
    purchases: Purchases = msgspec.field(default_factory=Purchases)
    contracts: Contracts = msgspec.field(default_factory=Contracts)
    terms: dict[int, Term] = msgspec.field(default_factory=dict)  # by position of the point rule
    rating: Rating | None = None
    account_points: float = 0.0
    value_high: bool = False
    potential_high: bool = False
    shown_high: tuple[bool, bool] = (False, False)  # value and potential as of `as_of_ms`, which time may have left
    segment: str = "streamline"
    segment_since_ms: int = 0
    changed_ms: int | None = None  # the last change of segment; the start is none
    history: list[Change] = msgspec.field(default_factory=list)
    lifecycle: str = ""
    segments_by_time: int = 0
    lifecycles_by_time: int = 0
    rules: dict[int, RuleState] = msgspec.field(default_factory=dict)  # by position of the rule
    buying_signals: list[int] = msgspec.field(default_factory=list)  # newest emissions, ascending


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(State)


def encode_state(state: State) -> bytes:
    """The state's exact stored form."""
    return _encoder.encode(state)


def decode_state(stored: bytes) -> State:
    """The state that was encoded.

    Raises:
        msgspec.DecodeError: The bytes are of another format.
    """
    return _decoder.decode(stored)
