"""One event that counts, applied to a state whose clock has moved; it must not know how the clock moves.

Most events can change so little that nobody has to be told; they are through after `_is_quiet`. Where the axes stood
before and where they stand now is worked out only as far as the event can have moved them, or when a signal is told.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.domain import course, departments, lifecycle, outlook, potential, rules, segments, value
from streams.domain.contracts import settle
from streams.domain.facts import COUNTS, MOVES_POTENTIAL, MOVES_VALUE, booking_of, pays_for_period
from streams.domain.numbers import Exact
from streams.domain.plan import Plan, Points, SignalRule
from streams.domain.signals import Cause, Signal, Standing
from streams.domain.speech import speak
from streams.domain.state import State
from streams.domain.taken import Taken
from streams.domain.terms import add_event
from streams.domain.zone import NEVER_MS


def apply(state: State, taken: Taken, plan: Plan) -> list[Signal]:
    """Let the event count, then let lifecycle, segment and rules follow; the signals, in order of emission."""
    event = taken.event
    points, asked = plan.matching.met_by(event, state.open_count)
    names = departments.named_by(event)
    new_department = departments.first_new(state, names) if names else None
    firing = [rule for rule in asked if rules.hear(state, rule, taken, new_department is not None, plan)]
    found: list[Signal] = []
    if firing or taken.is_first or event.type in COUNTS or not _is_quiet(state, points, plan):
        found = _Application(state, taken, points, plan).run(firing, new_department)
    elif points:
        _add_points(state, points, taken, plan)
    if names and event.account is None:  # an account's departments are known as long as it stands
        departments.remember(state, names)
    state.due_ms = course.soonest(state, plan)
    return found


def _is_quiet(state: State, points: Sequence[Points], plan: Plan) -> bool:
    """Can points turn nothing? A high axis they only keep high for longer, a low one they may leave far below."""
    if not points or state.potential_high:
        return True
    return state.most_points + sum([rule.points for rule in points]) < plan.safely_low


def _add_points(state: State, points: Sequence[Points], taken: Taken, plan: Plan) -> list[str]:
    """Let the event count for its point rules; the ids of those it counted for."""
    counted = [rule for rule in points if add_event(state, rule, taken.occurred_ms, taken.event_id, plan)]
    for rule in counted:
        state.most_points += rule.points
    if counted and state.potential_high:
        state.potential_turns_by = ""
    return [rule.id for rule in counted]


class _Application:
    """An event that may change how the customer stands, or make a rule speak."""

    def __init__(self, state: State, taken: Taken, points: Sequence[Points], plan: Plan) -> None:
        self._state, self._taken, self._points, self._plan = state, taken, points, plan
        self._today = plan.zone.day(state.as_of_ms)
        # the measure `rfm` is 1 without any purchase, which may be high from the first record on
        self._moves_value = taken.is_first or taken.event.type in MOVES_VALUE
        self._keeps_value = self._moves_value and not taken.is_first and self._pushes_further()
        self._moves_potential = bool(points) or taken.event.type in MOVES_POTENTIAL
        self._stood = state.value_high, state.potential_high, state.lifecycle, state.segment
        self._before = self._amount(), self._score()

    def run(self, firing: Sequence[SignalRule], new_department: str | None) -> list[Signal]:
        """Count the event, then let axes, lifecycle, segment and rules follow."""
        state, plan = self._state, self._plan
        moved = self._count()
        self._after = self._amount(), self._score()
        self._turn_axes()
        self._follow()
        self._look_ahead()
        _, _, life, segment = self._stood
        life_changed = state.lifecycle != life and not self._taken.is_first
        spoken = [rule for rule in firing if rules.speaks(state, rule, state.as_of_ms)]
        if not (life_changed or state.segment != segment or spoken):
            return []
        cause = self._cause(moved)
        found = [segments.lifecycle_changed(state, life, cause, plan)] if life_changed else []
        if state.segment != segment:
            found.append(segments.segment_changed(state, segment, cause, plan))
        return found + [self._speak(rule, cause, new_department) for rule in spoken]

    def _pushes_further(self) -> bool:
        """Does the event move the value only away from where its axis turns, on this day and on all to come?

        A period may take the place of one that was worth more, and what ends one may let another count again. With a
        period whose year is everybody's, an instant that is known too early would be so for all at one midnight.
        """
        event = self._taken.event
        if self._state.value_high:
            return event.type in ("purchase", "renewal") and not pays_for_period(event, self._plan)
        return event.type == "refund"

    def _amount(self) -> Exact | None:
        """The value, if the event can turn its axis, or if it cannot be told afterwards."""
        if not self._moves_value or (self._keeps_value and self._plan.measure != "rfm"):
            return None
        return value.amount_on(self._state, self._today, self._plan)

    def _score(self) -> float | None:
        """The potential, if the event can move it."""
        return potential.score(self._state, self._state.as_of_ms, self._plan) if self._moves_potential else None

    def _count(self) -> frozenset[str]:
        """Apply what the event itself says, and its points; the ids of rules and facts whose row it may have made."""
        state, taken, plan = self._state, self._taken, self._plan
        event = taken.event
        if self._moves_value:
            settle(state.contracts, self._today, plan.grace_days)
        count = COUNTS.get(event.type)
        if count is not None:
            count(state, event, taken.event_id, taken.occurred_ms, plan)
        moved = _add_points(state, self._points, taken, plan)
        if event.type == "sales_rating":
            moved += [fact.id for fact in plan.rating_points]
        elif event.type in MOVES_POTENTIAL:
            moved += [fact.id for fact in plan.account_points]
        return frozenset(moved)

    def _turn_axes(self) -> None:
        state, plan = self._state, self._plan
        amount, score = self._after
        if amount is not None:
            state.value_high = plan.value_axis.turned(state.value_high, amount)
        if score is not None:
            state.potential_high = plan.potential_axis.turned(state.potential_high, score)
            state.most_points = potential.most_points(state, state.as_of_ms, plan)
        state.shown_high = state.value_high, state.potential_high

    def _follow(self) -> None:
        """Let lifecycle and segment follow."""
        state, plan = self._state, self._plan
        was_former = state.lifecycle == lifecycle.FORMER
        if self._moves_value:
            state.lifecycle = self._lifecycle()
        segment = segments.wanted(state, was_former, plan)
        if segment != state.segment:
            segments.move(state, segment, state.as_of_ms, self._kind())

    def _lifecycle(self) -> str:
        state, pending = self._state, self._state.contracts.pending_day
        if pending is not None and pending <= self._today:
            settle(state.contracts, self._today, self._plan.grace_days)
            return lifecycle.FORMER
        came_back = self._taken.event.type in ("purchase", "renewal")
        if state.lifecycle == lifecycle.FORMER and not came_back:
            return lifecycle.FORMER
        return lifecycle.of_present(state, self._today, self._plan)

    def _look_ahead(self) -> None:
        """Work out again what time may do next, where the event can have brought it nearer."""
        state, plan = self._state, self._plan
        if self._keeps_value:  # it turns later: the known instant may be early now
            state.is_value_turn_exact = state.value_turn_ms >= NEVER_MS
        elif self._moves_value:
            course.look_at_value(state, state.clock_ms, plan)
        if self._moves_value:
            state.lifecycle_turn_ms = lifecycle.next_turn(state, state.lifecycle, state.clock_ms, plan)[0]
        _, was_high, _, _ = self._stood
        if was_high and state.potential_high and self._taken.event.type not in MOVES_POTENTIAL:
            return  # likewise, with points that were added
        if self._moves_potential:
            outlook.look_ahead(state, state.clock_ms, plan)

    def _kind(self) -> str:
        if self._taken.event.type == "refund":
            return "refund"
        return "event" if self._taken.late_by_s is None else "late"

    def _cause(self, moved: frozenset[str]) -> Cause:
        """What is told of the event with every signal."""
        state, taken, plan = self._state, self._taken, self._plan
        at_ms = state.as_of_ms
        (amount, score), (amount_before, score_before) = self._after, self._before
        if amount is None or amount_before is None:
            amount = value.amount_on(state, self._today, plan)
            amount_before = amount - self._booked() if self._keeps_value else amount
        if score is None or score_before is None:
            score = score_before = potential.score(state, at_ms, plan)
        return Cause(
            self._kind(),
            at_ms,
            Standing(amount_before, score_before),
            Standing(amount, score),
            taken.is_history or at_ms < max(state.go_live_ms, plan.go_live_ms),
            course.next_transition(state, plan),
            taken.event,
            taken.event_id,
            taken.occurred_ms,
            taken.late_by_s or 0,
            moved,
        )

    def _booked(self) -> int:
        """What a booking brought to a value that is a sum."""
        booking = booking_of(self._taken.event, self._taken.occurred_ms, self._plan)
        return booking.value if self._today - booking.day < self._plan.value_window_days else 0

    def _speak(self, rule: SignalRule, cause: Cause, new_department: str | None) -> Signal:
        match = rules.match_of(rule, self._taken, self._plan)
        assert match is not None, "a rule that counts contacts fires for an event with one only"
        found = speak(self._state, rule, match, cause, self._plan)
        if rule.new_department:
            rows = found["evidence"]
            row = next(row for row in rows if row["event_id"] == self._taken.event_id)
            row["department"] = new_department
        return found
