"""Purchases and refunds by local day: windows, months and the figures of a customer's lifetime.

It must not know rules, contracts' terms or the potential axis. Days are local day numbers, money is micro-units.
"""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from fractions import Fraction
from operator import attrgetter

from streams.domain.numbers import Exact
from streams.domain.plan import Plan
from streams.domain.state import MOST_REFUNDED_DAYS, Day, Purchases
from streams.domain.zone import month_of

MONTHS_SHOWN = 13
_BLOCK_DAYS = 60
_by_day = attrgetter("day")


@dataclass(frozen=True, slots=True)
class Booking:
    """What one purchase, renewal or refund adds to a local day; `periodic` is money within a contract period."""

    day: int
    purchases: int = 0
    full_refunds: int = 0
    money: int = 0
    periodic: int = 0


def roll(kept: Purchases, today: int, plan: Plan) -> None:
    """Move the windows to local day `today`; never back."""
    if today <= kept.today:
        return
    for entry in _leaving(kept.days, kept.today, today, plan.value_window_days):
        kept.value_money -= value_part(entry, plan)
    for entry in _leaving(kept.days, kept.today, today, plan.rfm_window_days):
        kept.rfm_money -= entry.money
        kept.rfm_count -= entry.count
    kept.today = today
    _age(kept, today - plan.recent_days)
    _forget_months(kept, month_of(today) - MONTHS_SHOWN)


def restart(kept: Purchases, today: int) -> None:
    """Set the day of empty books, earlier days included."""
    kept.today = today


def book(kept: Purchases, booking: Booking, plan: Plan) -> None:
    """Book onto a day not after `kept.today`."""
    if kept.today - booking.day >= plan.recent_days:
        _book_older(kept, booking)
        return
    entry = _entry(kept.days, booking.day)
    count, money = entry.count, entry.money
    entry.purchases += booking.purchases
    entry.full_refunds += booking.full_refunds
    entry.money += booking.money
    entry.periodic += booking.periodic
    if kept.today - booking.day < plan.value_window_days:
        kept.value_money += value_part(booking, plan)
    if kept.today - booking.day < plan.rfm_window_days:
        kept.rfm_money += booking.money
        kept.rfm_count += entry.count - count
    _count_month(kept, booking.day, entry.count - count, booking.money)
    _count_lifetime(kept, entry, count, money)


def value_part(booked: Day | Booking, plan: Plan) -> int:
    """What counts as revenue for the value axis: under `contract`, only what belongs to no period."""
    return booked.money - booked.periodic if plan.measure == "contract" else booked.money


def first_money(kept: Purchases) -> int:
    """Money of the first purchase day."""
    if kept.days and kept.first_day is not None and kept.first_day >= kept.days[0].day:
        return _entry(kept.days, kept.first_day).money
    return kept.first_money


def mean_repeat_spend(kept: Purchases) -> Exact | None:
    """Mean money of the purchase days after the first, None without any."""
    repeats = kept.purchase_days - 1
    return Fraction(kept.money_on_days - first_money(kept), repeats) if repeats > 0 else None


def _leaving(days: list[Day], before: int, today: int, window_days: int) -> list[Day]:
    first = bisect_left(days, before - window_days + 1, key=_by_day)
    return days[first : bisect_left(days, today - window_days + 1, key=_by_day)]


def _entry(days: list[Day], day: int) -> Day:
    """The entry of a day, made where there is none."""
    at = len(days) if not days or days[-1].day < day else bisect_left(days, day, key=_by_day)
    if at == len(days) or days[at].day != day:
        days.insert(at, Day(day))
    return days[at]


def _count_month(kept: Purchases, day: int, purchases: int, money: int) -> None:
    month = month_of(day)
    if month > month_of(kept.today) - MONTHS_SHOWN:
        had_purchases, had_money = kept.months.get(month, (0, 0))
        kept.months[month] = (had_purchases + purchases, had_money + money)


def _forget_months(kept: Purchases, newest_gone: int) -> None:
    for month in [month for month in kept.months if month <= newest_gone]:
        del kept.months[month]


def _count_lifetime(kept: Purchases, entry: Day, count: int, money: int) -> None:
    """Follow a day's entry from `count` purchases and `money` to what it holds now."""
    if count:
        kept.money_on_days -= money
    if entry.count:
        kept.money_on_days += entry.money
    if entry.count and not count:
        _add_purchase_day(kept, entry.day)
    elif count and not entry.count:
        _remove_purchase_day(kept, entry.day)


def _add_purchase_day(kept: Purchases, day: int) -> None:
    kept.purchase_days += 1
    kept.first_day = day if kept.first_day is None else min(day, kept.first_day)
    kept.last_day = day if kept.last_day is None else max(day, kept.last_day)


def _remove_purchase_day(kept: Purchases, day: int) -> None:
    kept.purchase_days -= 1
    if day == kept.first_day:  # then no older day is a purchase day
        kept.first_day = next((entry.day for entry in kept.days if entry.count), None)
    if day == kept.last_day:
        kept.last_day = next((entry.day for entry in reversed(kept.days) if entry.count), _last_older(kept))


def _age(kept: Purchases, last_older_day: int) -> None:
    """Turn recent days into older ones: a bit for each purchase day, and the first day's money."""
    gone = bisect_left(kept.days, last_older_day + 1, key=_by_day)
    for entry in kept.days[:gone]:
        if not entry.count:
            _remember_refunded(kept, entry)
            continue
        _mark(kept, entry.day)
        if entry.day == kept.first_day:
            kept.first_money = entry.money
    del kept.days[:gone]


def _remember_refunded(kept: Purchases, entry: Day) -> None:
    """Keep what was given back on a day without a purchase left: its purchase may come later still."""
    if entry.money or entry.full_refunds > entry.purchases:
        kept.refunded.append(entry)
        del kept.refunded[:-MOST_REFUNDED_DAYS]


def _book_older(kept: Purchases, booking: Booking) -> None:
    """A day older than every window: purchases may add it, refunds change money alone."""
    if _marked(kept, booking.day):
        kept.money_on_days += booking.money
        if booking.day == kept.first_day:
            kept.first_money += booking.money
        return
    entry = next((entry for entry in kept.refunded if entry.day == booking.day), None) or Day(booking.day)
    kept.refunded = [other for other in kept.refunded if other is not entry]
    entry.purchases += booking.purchases
    entry.money += booking.money
    if not entry.count:
        _remember_refunded(kept, entry)
        return
    _mark(kept, entry.day)
    if kept.first_day is None or entry.day < kept.first_day:
        kept.first_money = entry.money
    _add_purchase_day(kept, entry.day)
    kept.money_on_days += entry.money


def _mark(kept: Purchases, day: int) -> None:
    block, bit = divmod(day, _BLOCK_DAYS)
    kept.older[block] = kept.older.get(block, 0) | 1 << bit


def _marked(kept: Purchases, day: int) -> bool:
    block, bit = divmod(day, _BLOCK_DAYS)
    return bool(kept.older.get(block, 0) >> bit & 1)


def _last_older(kept: Purchases) -> int | None:
    if not kept.older:
        return None
    block = max(kept.older)
    return block * _BLOCK_DAYS + kept.older[block].bit_length() - 1
