"""The fold of one customer's log: a state and a record give the next state and the signals it caused.

It must not know where records come from or where signals go. `step` consumes the state it is given: go on with the
one it returns. Same policy, same records: same states and signals.
"""

from __future__ import annotations

from hashlib import blake2b

from schemas.log import LogEvent
from streams.domain import course, departments, facts, lifecycle, potential, rules, segments
from streams.domain.clock import advance
from streams.domain.conditions import Reading
from streams.domain.contracts import settle
from streams.domain.plan import Plan, Points, SignalRule
from streams.domain.purchases import restart, roll
from streams.domain.record import Record
from streams.domain.signals import Cause, Signal, Standing, standing
from streams.domain.speech import speak
from streams.domain.state import Match, State
from streams.domain.zone import iso_instant

ERASE = "erase"
ACCOUNTS = "accounts"
_DIGEST_BYTES = 8


def step(state: State, record: Record, plan: Plan) -> tuple[State, list[Signal]]:
    """Apply one record: its customer's clock moves to its receipt, then it counts, then rules are asked.

    Raises:
        PolicyError: The record's currency is not in the policy.
    """
    event = record.event
    if event.type == ERASE:
        found = advance(state, record.received_ms, plan)  # what had come before, whether looked at or not
        return State(state.customer_id, erased_ms=record.received_ms), found
    received_ms, counts_late = _receipt(state, record)
    occurred_ms = min(received_ms if event.occurred_ms is None else event.occurred_ms, received_ms)
    if state.erased_ms is not None and occurred_ms < state.erased_ms:
        return state, []
    _note_load(state, record, counts_late)
    is_first = not state.started
    found = _move_clock(state, received_ms, event.topic == ACCOUNTS, plan)
    if not _is_repeated(state, event, plan):
        found += _Application(state, record, received_ms, occurred_ms, counts_late, plan).run(is_first)
    state.due_ms = course.soonest(state, plan)
    return state, found


def _receipt(state: State, record: Record) -> tuple[int, bool]:
    """When the record counts as received, and whether it counts as late whatever its age.

    History is lived through by a customer without earlier records (accounts aside); to any other it comes now.
    """
    if record.history is None or state.accounts_only or state.load_id == record.history.load_id:
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
    found: list[Signal] = []
    first_of_another_kind = state.accounts_only and not is_account
    if not state.started or (first_of_another_kind and received_ms < state.clock_ms):
        _set_clock(state, received_ms, plan)
    else:
        found = advance(state, received_ms, plan)
        if received_ms > state.as_of_ms:
            state.as_of_ms, state.shown_high = received_ms, (state.value_high, state.potential_high)
        state.clock_ms = max(state.clock_ms, state.as_of_ms)
    state.accounts_only = state.accounts_only and is_account
    today = plan.zone.day(state.as_of_ms)
    roll(state.purchases, today, plan)
    settle(state.contracts, today, plan.grace_days)
    return found


def _set_clock(state: State, at_ms: int, plan: Plan) -> None:
    """The first record sets the clock; accounts alone do not hold it."""
    state.as_of_ms = state.clock_ms = at_ms
    state.started = True
    restart(state.purchases, plan.zone.day(at_ms))
    if state.changed_ms is None:
        state.segment_since_ms = at_ms


def _is_repeated(state: State, event: LogEvent, plan: Plan) -> bool:
    """Is the event among the customer's last distinct ones? If not, it is from now on."""
    if event.event_id is None:
        return False
    digest = blake2b(f"{event.topic}\n{event.event_id}".encode(), digest_size=_DIGEST_BYTES).digest()
    at = state.seen.find(digest)
    while at % _DIGEST_BYTES and at != -1:
        at = state.seen.find(digest, at + 1)
    if at != -1:
        return True
    state.seen = (state.seen + digest)[-_DIGEST_BYTES * plan.dedup_events :]
    return False


class _Application:
    """One event being applied to a state whose clock has moved."""

    def __init__(
        self, state: State, record: Record, received_ms: int, occurred_ms: int, counts_late: bool, plan: Plan
    ) -> None:
        self._state, self._record, self._plan = state, record, plan
        self._event, self._occurred_ms = record.event, occurred_ms
        late_ms = received_ms - occurred_ms
        self._is_late = counts_late or late_ms > plan.late_after_ms
        self._late_by_s = late_ms // 1000 if self._is_late else 0
        self._event_id = record.event.event_id or _account_id(state, record.received_ms)

    def run(self, is_first: bool) -> list[Signal]:
        """Count the event, then lifecycle, segment and rules on the new state."""
        state, plan, event = self._state, self._plan, self._event
        before = standing(state, state.as_of_ms, plan)
        reading = Reading(event, plan.vocabulary, state.open_count)
        points, asked = plan.points_for.matching(reading), plan.rules_for.matching(reading)
        new_department = departments.first_new(state, departments.named_by(event))
        facts.count(state, event, self._event_id, self._occurred_ms, plan)
        moved = self._add_points(points)
        for rule in asked:
            rules.remember(state, rule, event, self._occurred_ms, self._event_id, plan)
        after = self._turn_axes()
        cause = self._cause(before, after, moved)
        found = self._follow(cause, is_first)
        return found + self._ask(asked, new_department, cause)

    def _add_points(self, points: list[Points]) -> frozenset[str]:
        """Let the event count for its point rules; the ids of rules and facts whose row it may have made."""
        state, plan = self._state, self._plan
        moved = {
            rule.id for rule in points if potential.add_event(state, rule, self._occurred_ms, self._event_id, plan)
        }
        if self._event.topic == ACCOUNTS:
            moved |= {fact.id for fact in plan.account_points}
        elif self._event.type == "sales_rating":
            moved |= {rated.id for rated in plan.rating_points}
        return frozenset(moved)

    def _turn_axes(self) -> Standing:
        state, plan = self._state, self._plan
        after = standing(state, state.as_of_ms, plan)
        state.value_high = plan.value_axis.turned(state.value_high, after.value)
        state.potential_high = plan.potential_axis.turned(state.potential_high, after.potential)
        state.shown_high = state.value_high, state.potential_high
        return after

    def _cause(self, before: Standing, after: Standing, moved: frozenset[str]) -> Cause:
        state, history = self._state, self._record.history
        historical = history is not None or state.as_of_ms < max(state.go_live_ms, self._plan.go_live_ms)
        kind = "refund" if self._event.type == "refund" else "late" if self._is_late else "event"
        return Cause(
            kind,
            state.as_of_ms,
            before,
            after,
            historical,
            self._event,
            self._event_id,
            self._occurred_ms,
            self._late_by_s,
            moved,
        )

    def _follow(self, cause: Cause, is_first: bool) -> list[Signal]:
        """Let lifecycle and segment follow, and tell of what changed."""
        state, plan = self._state, self._plan
        lifecycle_before, segment_before = state.lifecycle, state.segment
        state.lifecycle = self._lifecycle()
        segment = segments.wanted(state, lifecycle_before == lifecycle.FORMER, plan)
        if segment != segment_before:
            segments.move(state, segment, state.as_of_ms, cause.kind)
        found = []
        if state.lifecycle != lifecycle_before and not is_first:
            found.append(segments.lifecycle_changed(state, lifecycle_before, cause, plan))
        if segment != segment_before:
            found.append(segments.segment_changed(state, segment_before, cause, plan))
        return found

    def _lifecycle(self) -> str:
        state, today = self._state, self._plan.zone.day(self._state.as_of_ms)
        pending = state.contracts.pending_day
        if pending is not None and pending <= today:
            settle(state.contracts, today, self._plan.grace_days)
            return lifecycle.FORMER
        came_back = self._event.type in ("purchase", "renewal")
        if state.lifecycle == lifecycle.FORMER and not came_back:
            return lifecycle.FORMER
        return lifecycle.of_present(state, today, self._plan)

    def _ask(self, asked: list[SignalRule], new_department: str | None, cause: Cause) -> list[Signal]:
        """The signals of the rules that the event makes speak, in the policy's order."""
        state, found = self._state, []
        match = Match(self._occurred_ms, self._event_id)
        for rule in asked:
            fires = rules.fires(state, rule, self._event, self._occurred_ms, new_department is not None)
            if fires and rules.speaks(state, rule, state.as_of_ms):
                found.append(speak(state, rule, match, cause, self._plan))
                if rule.new_department:
                    found[-1]["evidence"][0]["department"] = new_department
        return found


def _account_id(state: State, received_ms: int) -> str:
    """The id of an account record that brought none: its receipt, numbered within one ms."""
    state.account_count = state.account_count + 1 if state.account_at_ms == received_ms else 1
    state.account_at_ms = received_ms
    number = f"#{state.account_count}" if state.account_count > 1 else ""
    return f"account@{iso_instant(received_ms)}{number}"
