"""What always holds of the fold, whatever the log: looks, restarts and repeats change nothing, and the sums add up.

Nothing is compared with expected values here: each invariant compares two ways of going through the same log.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

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
from tests.unit.domain.lives import Case, as_history, cases

Between = Callable[[State, int], tuple[State, list[Signal]]]
YEAR_2100_MS = 4_102_444_800_000
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
    assert abs(sum(rows) - score) <= 0.00005 * (len(rows) + 1) + 1e-9


@any_life
@given(cases())
def test_signals_and_public_states_are_as_their_readers_were_promised(case: Case) -> None:
    def check(state: State, until_ms: int) -> tuple[State, list[Signal]]:
        if state.started:
            shown = public_state(state, case.plan)
            PublicState.model_validate(shown)
            _adds_up([row["points"] for row in shown["potential"]["contributions"]], shown["potential"]["score"])
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
