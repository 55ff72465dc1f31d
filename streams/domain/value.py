"""The value axis: what a customer is worth now, by the policy's measure, and when time alone turns it.

It must not know potential, segments or signals. Amounts are exact micro-units (scores of `rfm`: millionths).

By itself the amount changes where a day leaves the window, and on the days of `_fixed_days`: contracts begin and end,
recency passes a cut point. Between two of those it only falls, but for days on which more went back than came in.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable
from math import floor

from streams.domain import contracts, rfm
from streams.domain.daybook import DayBook
from streams.domain.numbers import Exact
from streams.domain.plan import Plan
from streams.domain.state import State


def amount_on(state: State, day: int, plan: Plan) -> Exact:
    """The amount on a local day not before the last booking, if nothing is applied until then."""
    if plan.measure == "rfm":
        return rfm.mean(rfm.rfm_on(state.purchases, day, plan).scores(plan), plan)
    return _with_yearly(_bought(state, day, plan), _yearly(state, day, plan))


def next_turn_day(state: State, after_day: int, high: bool, plan: Plan) -> int | None:
    """The first local day after `after_day` with which time alone turns an axis that stands so; None if none does."""
    if not high and not _may_rise(state, after_day, plan):
        return None
    turn_day = _turn_day_of_scores if plan.measure == "rfm" else _turn_day_of_sum
    found = turn_day(state, after_day, high, plan)
    if found is None or plan.zone.lived(found) == found:
        return found
    return _next_turn_of_any_day(state, after_day, high, plan)


def _bought(state: State, day: int, plan: Plan) -> int:
    """What was bought less refunds in the window of a day."""
    return state.purchases.days.since(day - plan.value_window_days + 1)[1]


def _yearly(state: State, day: int, plan: Plan) -> Exact:
    """What running contracts are worth on a day, where the policy counts them."""
    return contracts.yearly(state.contracts, day, plan.grace_days) if plan.measure == "contract" else 0


def _with_yearly(money: int, yearly: Exact) -> Exact:
    return money + yearly if money else yearly  # adding zero to a fraction takes as long as adding any


def _may_rise(state: State, after_day: int, plan: Plan) -> bool:
    """Might time alone bring a low amount to where the axis is high? Without days of refunds, purchases only leave."""
    if state.purchases.days.falling:
        return True
    if plan.measure != "contract" or not state.contracts.periods:
        return False
    return _bought(state, after_day, plan) + contracts.yearly_at_most(state.contracts) >= plan.value_axis.enter


def _fixed_days(state: State, after_day: int, plan: Plan) -> list[int]:
    """Days after `after_day` on which the amount might change though no day leaves the window, ascending."""
    days: Iterable[int] = ()
    if plan.measure == "contract":
        days = contracts.change_days(state.contracts, plan)
    elif plan.measure == "rfm" and state.purchases.last_day is not None:
        days = [state.purchases.last_day + cut + 1 for cut in plan.recency_cuts]
    return sorted({plan.zone.lived(day) for day in days if day > after_day})


def _turn_day_of_sum(state: State, after_day: int, high: bool, plan: Plan) -> int | None:
    """The same where the amount is a sum: what is in the window, and contracts, which change on fixed days alone."""
    days, window_days, axis = state.purchases.days, plan.value_window_days, plan.value_axis
    all_of_it, least = days.totals(days.many)[1], axis.leave if high else axis.enter
    first_beyond = days.first_worth_more if high else days.first_worth_at_most  # what has left turns the axis
    first, yearly = days.first(after_day - window_days + 1), _yearly(state, after_day, plan)
    for end in [*_fixed_days(state, after_day, plan), None]:
        last = days.many if end is None else days.first(end - window_days)
        if first < last and days.is_worth_anything:
            found = first_beyond(floor(_with_yearly(all_of_it, yearly) - least), first, last)
            if found < last:
                return days.day_at(found) + window_days
        if end is None:
            return None
        first = last + 1 if last < days.many and days.day_at(last) == end - window_days else last
        yearly = _yearly(state, end, plan)
        if axis.turned(high, _with_yearly(all_of_it - days.totals(first)[1], yearly)) != high:
            return end
    return None


def _turn_day_of_scores(state: State, after_day: int, high: bool, plan: Plan) -> int | None:
    """The same where the amount is a mean of scores, of which recency changes on fixed days alone."""
    days, window_days, start = state.purchases.days, plan.rfm_window_days, after_day
    for end in [*_fixed_days(state, after_day, plan), None]:
        first = days.first(start - window_days + 1)
        last = days.many if end is None else days.first(end - window_days)
        if first < last:
            found = _first_turn(days, first, last, high, _turned_without(state, start, high, plan))
            if found is not None:
                return days.day_at(found) + window_days
        if end is None or plan.value_axis.turned(high, amount_on(state, end, plan)) != high:
            return end
        start = end
    return None


def _turned_without(state: State, day: int, high: bool, plan: Plan) -> Callable[[int], bool]:
    """Whether the score of `rfm` has turned the axis once the entries up to a position have left, as on `day`."""
    days, axis = state.purchases.days, plan.value_axis
    all_of_it = days.totals(days.many)
    recency = rfm.rfm_on(state.purchases, day, plan).scores(plan)[0]

    def turned(at: int) -> bool:
        count, _, money = days.totals(at + 1)
        frequency = 1 + bisect_right(plan.frequency_cuts, all_of_it[0] - count)
        monetary = 1 + bisect_right(plan.monetary_cuts, all_of_it[2] - money)
        return axis.turned(high, rfm.mean((recency, frequency, monetary), plan)) != high

    return turned


def _first_turn(days: DayBook, first: int, last: int, high: bool, turned: Callable[[int], bool]) -> int | None:
    """The first position from `first` to before `last` with whose leaving the axis has turned."""
    rising = [at for at in map(days.first, sorted(days.falling)) if first <= at < last]
    if not high:
        return next((at for at in rising if turned(at)), None)
    start = first
    for end in [*rising, last]:  # from each to the next the amount only falls, so the last tells of all
        if end > start and turned(end - 1):
            return bisect_left(range(start, end), True, key=turned) + start
        start = max(start, end)
    return None


def _next_turn_of_any_day(state: State, after_day: int, high: bool, plan: Plan) -> int | None:
    """The same, day by day: near a day that a zone skipped, what leaves on it is missed a day later."""
    days = state.purchases.days
    leaving = [days.day_at(at) + plan.measured_days for at in range(days.many)]
    following = sorted(
        {plan.zone.lived(day) for day in leaving if day > after_day} | {*_fixed_days(state, after_day, plan)}
    )
    for day in following:
        if plan.value_axis.turned(high, amount_on(state, day, plan)) != high:
            return day
    return None
