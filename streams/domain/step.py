"""The fold of one customer's log: a state and a record give the next state and the signals it caused.

It must not know where records come from or where signals go. `step` consumes the state it is given: go on with the
one it returns. Same policy, same records: same states and signals.
"""

from __future__ import annotations

from streams.domain import course
from streams.domain.application import apply
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.record import History, Record
from streams.domain.signals import Signal
from streams.domain.state import State
from streams.domain.taken import Taken
from streams.domain.zone import iso_instant

ERASE = "erase"
ACCOUNTS = "accounts"


def step(state: State, record: Record, plan: Plan) -> tuple[State, list[Signal]]:
    """Apply one record: its customer's clock moves to its receipt, then it counts, then rules are asked.

    Raises:
        PolicyError: The record's currency is not in the policy.
    """
    event, received_ms, counts_late = record.event, record.received_ms, False
    if event.type == ERASE:
        found = advance(state, received_ms, plan)  # what had come before, whether looked at or not
        return State(state.customer_id, erased_ms=received_ms), found
    if record.history is not None:
        received_ms, counts_late = _receipt(state, record, record.history)
    own_ms = record.received_ms if event.occurred_ms is None else event.occurred_ms  # of history, its own receipt
    occurred_ms = min(own_ms, received_ms)
    if state.erased_ms is not None and occurred_ms < state.erased_ms:
        return state, []
    _note_load(state, record, counts_late)
    is_first = not state.started
    found = _move_clock(state, received_ms, event.topic == ACCOUNTS, plan)
    if event.event_id is None or state.seen.admit(f"{event.topic}\n{event.event_id}", plan.dedup_events):
        late_ms = received_ms - occurred_ms
        late_by_s = late_ms // 1000 if counts_late or late_ms > plan.late_after_ms else None
        event_id = _account_id(state, record.received_ms) if event.event_id is None else event.event_id
        found += apply(
            state, Taken(event, event_id, occurred_ms, late_by_s, record.history is not None, is_first), plan
        )
    return state, found


def _account_id(state: State, received_ms: int) -> str:
    """The id of an account record that brought none: its receipt, numbered within one ms."""
    state.account_count = state.account_count + 1 if state.account_at_ms == received_ms else 1
    state.account_at_ms = received_ms
    number = f"#{state.account_count}" if state.account_count > 1 else ""
    return f"account@{iso_instant(received_ms)}{number}"


def _receipt(state: State, record: Record, history: History) -> tuple[int, bool]:
    """When the record counts as received, and whether it counts as late whatever its age.

    History is lived through by a customer without earlier records (accounts aside); to any other it comes now.
    """
    if state.accounts_only or state.load_id == history.load_id:
        return record.received_ms, False
    return record.appended_ms, True


def _note_load(state: State, record: Record, counts_late: bool) -> None:
    if record.history is None:
        state.load_id = None
        return
    state.go_live_ms = max(state.go_live_ms, record.history.go_live_ms)
    if record.event.topic != ACCOUNTS and not counts_late:
        state.load_id = record.history.load_id


def _move_clock(state: State, received_ms: int, is_account: bool, plan: Plan) -> list[Signal]:
    if state.accounts_only and _begins(state, received_ms, is_account):
        _set_clock(state, received_ms, plan)
        return []
    found = advance(state, received_ms, plan)
    if received_ms > state.as_of_ms:
        state.as_of_ms, state.shown_high = received_ms, (state.value_high, state.potential_high)
    if state.as_of_ms > state.clock_ms:
        state.clock_ms = state.as_of_ms
    return found


def _begins(state: State, received_ms: int, is_account: bool) -> bool:
    """Does the record set the clock? Accounts alone do not hold it: the first of another kind may set it back."""
    state.accounts_only = is_account
    return not state.started or (not is_account and received_ms < state.clock_ms)


def _set_clock(state: State, at_ms: int, plan: Plan) -> None:
    state.as_of_ms = state.clock_ms = at_ms
    state.started = True
    if state.changed_ms is None:
        state.segment_since_ms = at_ms
    course.look_ahead(state, plan)
    state.due_ms = course.soonest(state, plan)
