"""What always holds of the fold, whatever the log: looks, restarts and repeats change nothing, and the sums add up.

Nothing is compared with expected values here: each invariant compares two ways of going through the same log.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from schemas.log import LogEvent
from schemas.signals import Signal as PublishedSignal
from schemas.states import PublicState
from streams.domain.clock import advance
from streams.domain.plan import SEGMENT_OF, Plan
from streams.domain.public import public_state
from streams.domain.record import Record
from streams.domain.signals import Signal
from streams.domain.state import State, decode_state, encode_state
from streams.domain.step import step
from tests.unit.domain.lives import DAY_MS, PLANS, Case, as_history, cases

Between = Callable[[State, int], tuple[State, list[Signal]]]
YEAR_2100_MS = 4_102_444_800_000
NOW_MS = 1_772_330_400_000  # 2026-03-01 11:00 in Tokyo
any_life = settings(max_examples=200, deadline=None)


def nothing(state: State, until_ms: int) -> tuple[State, list[Signal]]:
    return state, []


def lived(
    case: Case, between: Between = nothing, records: Sequence[Record] | None = None
) -> tuple[list[Signal], State]:
    """All signals of a log, and the state after a last event long after it; `between` goes before each record."""
    state, found = State("C1"), []
    for record in [*(case.records if records is None else records), _last(case)]:
        state, looked = between(state, record.received_ms)
        found += looked
        state, caused = step(state, record, case.plan)
        found += caused
    return found, state


def _last(case: Case) -> Record:
    event = LogEvent(topic="web-behaviour", type="webinar", customer_id="C1", event_id="last", occurred_ms=case.end_ms)
    return Record(event, case.end_ms, case.end_ms)


def same(one: tuple[list[Signal], State], other: tuple[list[Signal], State]) -> None:
    assert one[0] == other[0]
    assert encode_state(one[1]) == encode_state(other[1])


def looking(case: Case, dice: random.Random, always: bool = False) -> Between:
    """Look for due work up to three times before each record; `always`: though nothing is said to be due."""

    def look(state: State, until_ms: int) -> tuple[State, list[Signal]]:
        found: list[Signal] = []
        for _ in range(dice.randint(0, 3)):
            if always:
                state.due_ms = 0
            at_ms = dice.choice([until_ms, dice.randint(min(state.clock_ms, until_ms), until_ms), state.due_ms])
            found += advance(state, min(at_ms, until_ms), case.plan) if state.started else []
        if always:
            state.due_ms = 0
        return state, found

    return look


@any_life
@given(cases(), st.randoms(use_true_random=False))
def test_how_often_due_work_is_looked_at_changes_nothing(case: Case, dice: random.Random) -> None:
    same(lived(case), lived(case, looking(case, dice)))


@any_life
@given(cases(), st.randoms(use_true_random=False))
def test_due_work_is_never_found_later_than_it_was_said_to_be_due(case: Case, dice: random.Random) -> None:
    same(lived(case), lived(case, looking(case, dice, always=True)))


@any_life
@given(cases())
def test_storing_the_state_between_any_two_records_changes_nothing(case: Case) -> None:
    same(lived(case), lived(case, lambda state, _: (decode_state(encode_state(state)), [])))


@any_life
@given(cases(), st.randoms(use_true_random=False))
def test_repeated_events_change_nothing_but_the_clock(case: Case, dice: random.Random) -> None:
    records: list[Record] = []
    for record in case.records:
        records.append(record)
        known = _since_erasure(records)
        if known and dice.random() < 0.7:
            again = dice.choice(known)
            records.append(Record(again.event, record.received_ms, record.received_ms))
    same(lived(case), lived(case, records=records))


def _since_erasure(records: list[Record]) -> list[Record]:
    erased = [at for at, record in enumerate(records) if record.event.type == "erase"]
    return [record for record in records[(erased or [-1])[-1] + 1 :] if record.event.event_id is not None]


@any_life
@given(cases())
def test_history_lived_through_comes_to_what_it_came_to_live(case: Case) -> None:
    live, loaded = lived(case)[0], lived(as_history(case))[0]
    assert [{**signal, "historical": None} for signal in live] == [{**signal, "historical": None} for signal in loaded]


@any_life
@given(cases())
def test_a_signals_evidence_adds_up_to_its_score(case: Case) -> None:
    for signal in lived(case)[0]:
        if signal["type"] == "segment.changed":
            _adds_up([row["points"] for row in signal["evidence"]], signal["potential"]["after"])


def _adds_up(rows: list[float], score: float) -> None:
    assert sum(round(points * 10_000) for points in rows) == round(score * 10_000)


@any_life
@given(cases())
def test_signals_and_public_states_are_as_their_readers_were_promised(case: Case) -> None:
    def check(state: State, until_ms: int) -> tuple[State, list[Signal]]:
        if state.started:
            shown = public_state(state, case.plan)
            PublicState.model_validate(shown)
            _adds_up([row["points"] for row in shown["potential"]["contributions"]], shown["potential"]["score"])
            told = [Decimal(row["amount"]) for row in shown.get("contracts", [])]
            assert not told or sum(told) == Decimal(shown["value"]["amount"])
        return state, []

    for signal in lived(case, check)[0]:
        PublishedSignal.model_validate(signal)


@any_life
@given(cases())
def test_a_customer_is_always_in_the_one_segment_of_its_axes_unless_former_or_dwelling(case: Case) -> None:
    def check(state: State, until_ms: int) -> tuple[State, list[Signal]]:
        found = advance(state, until_ms, case.plan) if state.started else []
        _is_where_it_belongs(state, case.plan)
        return state, found

    lived(case, check)


def _is_where_it_belongs(state: State, plan: Plan) -> None:
    assert state.segment in SEGMENT_OF.values()
    dwelling = state.changed_ms is not None and state.clock_ms < state.changed_ms + plan.dwell_ms
    if state.started and state.lifecycle != "former" and not dwelling:
        assert state.segment == SEGMENT_OF[state.value_high, state.potential_high]


@any_life
@given(cases())
def test_signals_come_in_time_with_ids_of_their_own(case: Case) -> None:
    found = lived(case)[0]
    assert [signal["effective_at"] for signal in found] == sorted(signal["effective_at"] for signal in found)
    if not any(record.event.type == "erase" for record in case.records):
        assert len({signal["signal_id"] for signal in found}) == len(found)


@any_life
@given(cases())
def test_what_is_said_to_come_next_comes_next(case: Case) -> None:
    state = State("C1")
    for record in case.records:
        state, _ = step(state, record, case.plan)
    while state.started:
        coming = public_state(state, case.plan)["next_transition"]
        changes = [
            signal for signal in advance(state, _next_change_ms(state, case.plan), case.plan) if "change" in signal
        ]
        if coming is None:
            assert changes == []
            return
        assert (changes[0]["effective_at"], changes[0]["change"]["to"]) == (coming["at"], coming["to"])
        assert changes[0]["cause"]["kind"] == coming["because"]


def _next_change_ms(state: State, plan: Plan) -> int:
    """When segment or lifecycle change next by time alone; the year 2100 if never."""
    trial = decode_state(encode_state(state))
    while trial.due_ms < YEAR_2100_MS:
        if any("change" in signal for signal in advance(trial, trial.due_ms, plan)):
            return trial.clock_ms
    return YEAR_2100_MS


# ---------------------------------------------------------------- sums and sizes

_booking = st.tuples(
    st.sampled_from(["purchase", "renewal", "refund", "full refund"]),
    st.sampled_from(["0", "0.000001", "40.25", "600", "1200"]),
    st.integers(0, 398),  # days ago; older days are kept as totals, for which order may matter
)


@any_life
@given(st.lists(_booking, min_size=1, max_size=12), st.randoms(use_true_random=False))
def test_the_order_in_which_one_days_bookings_arrive_changes_no_sum(
    bookings: list[tuple[str, str, int]], dice: random.Random
) -> None:
    shuffled = dice.sample(bookings, len(bookings))
    assert _books(bookings) == _books(shuffled)


def _books(bookings: list[tuple[str, str, int]]) -> tuple[object, ...]:
    """What value, rfm, lifetime and months come to when all is received on one day."""
    state, plan = State("C1"), PLANS["revenue"]
    for number, (kind, amount, days_ago) in enumerate(bookings):
        occurred_ms = NOW_MS - days_ago * DAY_MS
        is_refund = kind.endswith("refund")
        event = LogEvent(
            topic="purchases",
            type="refund" if is_refund else kind,
            customer_id="C1",
            event_id=f"e{number}",
            occurred_ms=NOW_MS if is_refund else occurred_ms,
            order_occurred_ms=occurred_ms if is_refund else None,
            full_refund=kind == "full refund",
            amount=amount,
        )
        state, _ = step(state, Record(event, NOW_MS, NOW_MS), plan)
    shown = public_state(state, plan)
    return (
        state.purchases,
        shown["value"]["amount"],
        shown["rfm"],
        shown["lifetime"],
        shown["months"],
    )


def _busy(many: int, topic: str, type_: str, gap_ms: int, **fields: Any) -> State:
    """The state after that many events, one each `gap_ms`."""
    state, plan = State("C1"), PLANS["revenue"]
    for number in range(many):
        at_ms = NOW_MS + number * gap_ms
        event = LogEvent(
            topic=topic, type=type_, customer_id="C1", event_id=f"event-{number}", occurred_ms=at_ms, **fields
        )
        state, _ = step(state, Record(event, at_ms, at_ms), plan)
    return state


def test_ten_thousand_purchases_over_as_many_days_leave_a_small_state() -> None:
    # 401 days of about 20 bytes; one bit for each older day, 60 to an entry of at most 30 bytes; 256 ids.
    state = _busy(10_000, "purchases", "purchase", DAY_MS, amount="1234567.89")
    assert len(encode_state(state)) < 401 * 40 + 10_000 // 60 * 30 + 6_000
    assert state.purchases.purchase_days == 10_000


def test_a_hundred_thousand_page_views_leave_a_small_state() -> None:
    state = _busy(100_000, "web-behaviour", "page_view", 60_000, path="/pricing")
    assert len(encode_state(state)) < 10_000


def test_twenty_thousand_events_of_an_expiring_rule_keep_a_bounded_number_of_instants() -> None:
    state = _busy(20_000, "press-releases", "press_release", 1, headline="X raises")
    assert len(encode_state(state)) < 30_000
