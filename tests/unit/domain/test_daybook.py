"""The day book: sums of windows, and where running totals pass a bound; against lists of days added up one by one."""

from __future__ import annotations

from itertools import accumulate

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from streams.domain.daybook import Day, DayBook

HUGE = 10**30  # beyond 64 bits: entries lie otherwise then
_days = st.lists(st.tuples(st.integers(0, 40), st.integers(-30, 60)), min_size=1, max_size=40)


def book(days: list[tuple[int, int]], scale: int = 1) -> DayBook:
    """A purchase of that much value on each of those days, a refund where it is negative."""
    found = DayBook()
    for day, value in days:
        found.add(Day(day, purchases=int(value >= 0), value=value * scale, money=value * scale))
    return found


def running(days: list[tuple[int, int]], scale: int = 1) -> list[int]:
    """The totals of value up to each day with bookings."""
    on_day: dict[int, int] = {}
    for day, value in days:
        on_day[day] = on_day.get(day, 0) + value * scale
    return list(accumulate(on_day[day] for day in sorted(on_day)))


def test_a_total_is_passed_for_the_first_time_before_a_refund_takes_it_back() -> None:
    # After each day: 5, 25, 13, 23, 30.
    found = book([(1, 5), (2, 20), (3, -12), (4, 10), (5, 7)])
    assert [found.first_worth_more(bound, 0, 5) for bound in (4, 5, 13, 24, 25, 29, 30)] == [0, 1, 1, 1, 4, 4, 5]
    assert found.first_worth_more(20, 2, 5) == 3
    assert found.first_worth_more(24, 2, 4) == 4  # there is none
    assert [found.first_worth_at_most(bound, 1, 5) for bound in (25, 24, 13, 12)] == [1, 2, 2, 5]


def test_days_of_refunds_are_known_while_they_are_one() -> None:
    found = book([(1, 5), (2, -20)])
    assert found.falling == {2: -20}
    found.add(Day(2, purchases=1, value=15, money=15))
    assert found.falling == {2: -5}
    found.add(Day(2, purchases=1, value=5, money=5))
    assert found.falling == {}
    found.add(Day(2, value=-1, money=-1))
    found.drop(2)
    assert (found.falling, found.before, found.many) == ({}, (3, 4, 4), 0)


@pytest.mark.parametrize("scale", [1, HUGE])
@settings(max_examples=200, deadline=None)
@given(_days, st.integers(-200, 600), st.data())
def test_the_first_total_beyond_a_bound_is_the_one_that_counting_finds(
    scale: int, days: list[tuple[int, int]], bound: int, data: st.DataObject
) -> None:
    found, totals = book(days, scale), running(days, scale)
    first = data.draw(st.integers(0, len(totals) - 1))
    last = data.draw(st.integers(first + 1, len(totals)))
    more = [at for at in range(first, last) if totals[at] > bound * scale]
    at_most = [at for at in range(first, last) if totals[at] <= bound * scale]
    assert found.first_worth_more(bound * scale, first, last) == (more[0] if more else last)
    assert found.first_worth_at_most(bound * scale, first, last) == (at_most[0] if at_most else last)


@settings(max_examples=100, deadline=None)
@given(_days, st.integers(-5, 45))
def test_what_a_day_and_all_later_ones_come_to_is_their_sum(days: list[tuple[int, int]], since: int) -> None:
    _, value, money = book(days).since(since)
    assert value == money == sum(value for day, value in days if day >= since)
