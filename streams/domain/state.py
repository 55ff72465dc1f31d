"""What is kept of one customer between two records; it must not know how it came about.

A state is consumed and returned by the fold: `step` may change the object it is given. Its stored form is the number
of its format and one MessagePack array of scalars and packed parts, read back exactly; a part is unpacked when it is
first looked at (`streams.domain.parts`). Nothing in it depends on how often anybody looked. Its size is bounded:

- recent days: one packed entry a local day with bookings within the largest window (at least 400 days);
- older purchase days: one bit each; older days with refunds alone: the last `MOST_REFUNDED_DAYS`;
- duplicates: 6 bytes for each of the last `dedup_events` (256) events;
- terms: one per point rule; per-day counts for 8 days; at most `MOST_INSTANTS` living events of an expiring rule;
- contracts: at most `MOST_PERIODS` periods that still matter and `MOST_PERIODS` cancellations;
- departments: at most `MOST_DEPARTMENTS` names; rules: the newest `at_least` matches each;
- what was reported back of signals: at most 20.
"""

from __future__ import annotations

from typing import Any

import msgspec

from streams.domain.daybook import Day, DayBook
from streams.domain.deflated import inflate
from streams.domain.parts import Part, Unpacker, pack, pack_opened
from streams.domain.seen import Seen
from streams.domain.zone import NEVER_MS
from streams.errors import EngineError

FORMAT = 4  # raise when the stored form changes; below 128, so that no such number begins a JSON or MessagePack array
MOST_INSTANTS = 1_000
MOST_PERIODS = 1_000
MOST_DEPARTMENTS = 300
MOST_REFUNDED_DAYS = 100


class Purchases(msgspec.Struct, array_like=True):
    """Bookings of the recent days and figures of the whole lifetime; money in micro-units."""

    days: DayBook = msgspec.field(default_factory=DayBook)
    first_day: int | None = None
    last_day: int | None = None
    purchase_days: int = 0
    money_on_days: int = 0  # on all purchase days
    first_money: int = 0  # on the first day, once that is older than the recent days
    older: dict[int, int] = msgspec.field(default_factory=dict)  # day // 60 -> bit per purchase day
    refunded: list[Day] = msgspec.field(default_factory=list)  # older days with refunds and no purchase left
    months: dict[int, tuple[int, int]] = msgspec.field(default_factory=dict)  # month -> purchases, money


class Period(msgspec.Struct, array_like=True, gc=False):
    """A contract period, inclusive local days; worth `money` x 365 / days a year."""

    contract: str | None
    from_day: int
    to_day: int
    money: int
    order: int


class Cancellation(msgspec.Struct, array_like=True, gc=False):
    """The end of one contract from a local day on."""

    contract: str | None
    day: int


class Contracts(msgspec.Struct, array_like=True):
    """Periods that still matter and what has ended them."""

    periods: list[Period] = msgspec.field(default_factory=list)
    cancellations: list[Cancellation] = msgspec.field(default_factory=list)
    ended_day: int | None = None  # the latest all-scope cancellation that took effect
    pending_day: int | None = None  # one that has not yet, or that nothing has looked at since it did
    applied: int = 0


class Term(msgspec.Struct, array_like=True):
    """What one point rule has gathered.

    A decaying rule keeps one sum `value` as of `ref_ms`, moved only by its own events; an expiring rule keeps the
    instants of its living events; a rule with neither keeps their number. A rule with a limit per day counts up to
    `counted_day`: a digit of `day_counts` for each day, the lowest for that one.
    """

    value: float = 0.0
    ref_ms: int = 0
    events: int = 0
    newest_ms: int = 0
    newest_id: str = ""
    instants: list[int] = msgspec.field(default_factory=list)  # ascending
    counted_day: int = 0
    day_counts: int = 0


class Rating(msgspec.Struct, array_like=True, gc=False):
    """The sales rating that stands."""

    rating: str
    occurred_ms: int
    event_id: str


class AccountFacts(msgspec.Struct, array_like=True):
    """What decisions need of the account last applied; `held` are the positions of the account facts that hold."""

    event_id: str
    occurred_ms: int
    departments: list[str]
    sales_owner: str | None
    cs_owner: str | None
    held: list[int]


class Match(msgspec.Struct, array_like=True, gc=False):
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


class Change(msgspec.Struct, array_like=True, gc=False):
    """One change of segment."""

    at_ms: int
    before: str
    after: str
    cause: str


class Reported(msgspec.Struct, array_like=True, gc=False):
    """What somebody reported back about a signal."""

    signal_id: str
    outcome: str
    occurred_ms: int


class State(msgspec.Struct, array_like=True, dict=True):
    """One customer, as of `as_of_ms`; time has been worked off up to `clock_ms`.

    Of what time alone may do next, the instants are kept, `NEVER_MS` for never: `lifecycle_turn_ms` is exact,
    `value_turn_ms` and `potential_turn_ms` may be early (and are never late), `silence_ms` is the next deadline of a
    silence rule, and `due_ms` the least of all.
    """

    customer_id: str
    as_of_ms: int = 0
    clock_ms: int = 0
    due_ms: int = NEVER_MS
    value_turn_ms: int = NEVER_MS
    is_value_turn_exact: bool = True
    potential_turn_ms: int = NEVER_MS
    lifecycle_turn_ms: int = NEVER_MS
    silence_ms: int = NEVER_MS
    potential_turns_by: str = "decay"  # why the potential axis turns; empty where its instant may be early
    started: bool = False
    accounts_only: bool = True
    erased_ms: int | None = None
    load_id: str | None = None
    go_live_ms: int = 0
    seen: Seen = msgspec.field(default_factory=Seen)
    account_at_ms: int = 0
    account_count: int = 0
    open_count: int | None = None
    rating: Rating | None = None
    account_points: float = 0.0
    most_points: float = 0.0  # no less than the score's terms come to, now and until an event adds to them
    value_high: bool = False
    potential_high: bool = False
    shown_high: tuple[bool, bool] = (False, False)  # value and potential as of `as_of_ms`, which time may have left
    segment: str = "streamline"
    segment_since_ms: int = 0
    changed_ms: int | None = None  # the last change of segment; the start is none
    lifecycle: str = ""
    segments_by_time: int = 0
    lifecycles_by_time: int = 0
    buying_signals: list[int] = msgspec.field(default_factory=list)  # newest emissions, ascending
    named_departments: list[str] = msgspec.field(default_factory=list)
    outcomes: list[Reported] = msgspec.field(default_factory=list)

    packed_purchases: bytes = pack(Purchases())
    packed_contracts: bytes = pack(Contracts())
    packed_terms: bytes = pack({})
    packed_rules: bytes = pack({})
    packed_account: bytes = pack(None)
    packed_history: bytes = pack([])
    deflated_account: bytes = b""

    purchases = Part[Purchases](Purchases)
    contracts = Part[Contracts](Contracts)
    terms = Part[dict[int, Term]](dict[int, Term])  # by position of the point rule
    rules = Part[dict[int, RuleState]](dict[int, RuleState])  # by position of the rule
    account = Part[AccountFacts | None](AccountFacts | None)
    history = Part[list[Change]](list[Change])  # the last changes of segment

    @property
    def account_json(self) -> bytes:
        """The account as last applied, for readers; `null` without one."""
        return inflate(self.deflated_account) if self.deflated_account else b"null"

    def __eq__(self, other: object) -> bool:
        """Whether both have the same stored form."""
        return encode_state(self) == encode_state(other) if isinstance(other, State) else NotImplemented

    def __copy__(self) -> State:
        return decode_state(encode_state(self))

    def __deepcopy__(self, memo: dict[int, Any]) -> State:
        return decode_state(encode_state(self))


_FORMAT = bytes([FORMAT])
_unpack = Unpacker[State](State)


def encode_state(state: State) -> bytes:
    """The state's exact stored form."""
    pack_opened(state)
    return _FORMAT + pack(state)


def decode_state(stored: bytes) -> State:
    """The state that was encoded.

    Raises:
        EngineError: The bytes were written by another version.
    """
    if stored[:1] != _FORMAT:
        raise EngineError(
            f"a stored state is of format {stored[0] if stored else 'none'}, this version reads format {FORMAT}: start "
            "it under a new app name, which folds the log anew"
        )
    return _unpack(memoryview(stored)[1:])
