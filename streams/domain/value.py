"""The value axis: what a customer is worth now, by the policy's measure, and when time alone changes it.

It must not know potential, segments or signals. Amounts are exact micro-units (scores of `rfm`: millionths).
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from operator import attrgetter

from streams.domain import contracts, rfm
from streams.domain.numbers import MICRO, Exact
from streams.domain.plan import Plan
from streams.domain.purchases import value_part
from streams.domain.state import Day, State

_by_day = attrgetter("day")


def amount_on(state: State, day: int, plan: Plan) -> Exact:
    """The amount on a local day not before that of the books, if nothing is applied until then."""
    if plan.measure == "rfm":
        return rfm.rfm_on(state.purchases, day, plan).mean(plan) * MICRO
    money = state.purchases.value_money
    if day > state.purchases.today:
        money -= sum(value_part(entry, plan) for entry in _leaving_by(state, day, plan.value_window_days))
    if plan.measure == "contract" and state.contracts.periods:
        return money + contracts.yearly(state.contracts, day, plan.grace_days)
    return money


def next_change_day(state: State, day: int, plan: Plan) -> int | None:
    """The first local day after `day` on which the amount might change by itself."""
    if plan.measure == "rfm":
        candidates = list(_recency_days(state, plan))
        candidates += _window_day(state, day, plan.rfm_window_days)
    else:
        candidates = _window_day(state, day, plan.value_window_days)
        if plan.measure == "contract":
            candidates += contracts.change_days(state.contracts, plan)
    return min((candidate for candidate in candidates if candidate > day), default=None)


def changes(state: State, day: int, plan: Plan) -> Iterator[tuple[int, Exact]]:
    """Days after `day`, ascending, with the amount from then on, wherever it might change by itself."""
    following = next_change_day(state, day, plan)
    while following is not None:
        following = plan.zone.lived(following)
        yield following, amount_on(state, following, plan)
        following = next_change_day(state, following, plan)


def _leaving_by(state: State, day: int, window_days: int) -> list[Day]:
    days, today = state.purchases.days, state.purchases.today
    first = bisect_left(days, today - window_days + 1, key=_by_day)
    return days[first : bisect_left(days, day - window_days + 1, key=_by_day)]


def _window_day(state: State, day: int, window_days: int) -> list[int]:
    days = state.purchases.days
    following = bisect_left(days, day - window_days + 1, key=_by_day)
    return [days[following].day + window_days] if following < len(days) else []


def _recency_days(state: State, plan: Plan) -> Iterator[int]:
    if state.purchases.last_day is not None:
        yield from (state.purchases.last_day + cut + 1 for cut in plan.recency_cuts)
