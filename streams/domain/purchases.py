"""Purchases and refunds by local day: months and the figures of a customer's lifetime.

It must not know rules, contracts' terms or the potential axis. Days are local day numbers, money is micro-units.
"""

from __future__ import annotations

from streams.domain.daybook import Day
from streams.domain.plan import Plan
from streams.domain.state import MOST_REFUNDED_DAYS, Purchases
from streams.domain.zone import month_of

MONTHS_SHOWN = 13
_BLOCK_DAYS = 60


def book(kept: Purchases, booking: Day, today: int, plan: Plan) -> None:
    """Add what one purchase, renewal or refund brings to a day not after `today`."""
    _age(kept, today - plan.recent_days)
    if today - booking.day >= plan.recent_days:
        _book_older(kept, booking)
        return
    before, after = kept.days.add(booking)
    _count_month(kept, booking.day, after.count - before.count, booking.money, month_of(today) - MONTHS_SHOWN)
    _count_lifetime(kept, before, after)


def first_money(kept: Purchases) -> int:
    """Money of the first purchase day."""
    if kept.days.many and kept.first_day is not None and kept.first_day >= kept.days.day_at(0):
        return kept.days.on(kept.first_day).money
    return kept.first_money


def repeat_spend(kept: Purchases) -> tuple[int, int]:
    """Money of all purchase days after the first, and how many they are."""
    repeats = max(0, kept.purchase_days - 1)
    return (kept.money_on_days - first_money(kept) if repeats else 0), repeats


def _count_month(kept: Purchases, day: int, purchases: int, money: int, newest_gone: int) -> None:
    month = month_of(day)
    if month <= newest_gone:
        return
    if month not in kept.months:
        kept.months = {other: sums for other, sums in kept.months.items() if other > newest_gone}
    had_purchases, had_money = kept.months.get(month, (0, 0))
    kept.months[month] = (had_purchases + purchases, had_money + money)


def _count_lifetime(kept: Purchases, before: Day, after: Day) -> None:
    """Follow a day from what was booked on it to what is now."""
    was_one, is_one = before.count > 0, after.count > 0
    if was_one:
        kept.money_on_days -= before.money
    if is_one:
        kept.money_on_days += after.money
    if is_one and not was_one:
        _add_purchase_day(kept, after.day)
    elif was_one and not is_one:
        _remove_purchase_day(kept, after.day)


def _add_purchase_day(kept: Purchases, day: int) -> None:
    kept.purchase_days += 1
    if kept.first_day is None or day < kept.first_day:
        kept.first_day = day
    if kept.last_day is None or day > kept.last_day:
        kept.last_day = day


def _remove_purchase_day(kept: Purchases, day: int) -> None:
    kept.purchase_days -= 1
    days, many = kept.days, kept.days.many
    if day == kept.first_day:  # then no older day is a purchase day
        kept.first_day = next((entry.day for entry in map(days.entry, range(many)) if entry.count), None)
    if day == kept.last_day:
        newest_first = map(days.entry, range(many - 1, -1, -1))
        kept.last_day = next((entry.day for entry in newest_first if entry.count), _last_older(kept))


def _age(kept: Purchases, last_older_day: int) -> None:
    """Turn recent days into older ones: a bit for each purchase day, and the first day's money."""
    gone = kept.days.first(last_older_day + 1)
    if not gone:
        return
    for entry in map(kept.days.entry, range(gone)):
        if not entry.count:
            _remember_refunded(kept, entry)
            continue
        _mark(kept, entry.day)
        if entry.day == kept.first_day:
            kept.first_money = entry.money
    kept.days.drop(gone)


def _remember_refunded(kept: Purchases, entry: Day) -> None:
    """Keep what was given back on a day without a purchase left: its purchase may come later still."""
    if entry.money or entry.full_refunds > entry.purchases:
        kept.refunded.append(entry)
        del kept.refunded[:-MOST_REFUNDED_DAYS]


def _book_older(kept: Purchases, booking: Day) -> None:
    """A day older than every window: purchases may add it, refunds change money alone."""
    if _marked(kept, booking.day):
        kept.money_on_days += booking.money
        if booking.day == kept.first_day:
            kept.first_money += booking.money
        return
    before = next((entry for entry in kept.refunded if entry.day == booking.day), Day(booking.day))
    kept.refunded = [entry for entry in kept.refunded if entry is not before]
    after = Day(
        booking.day,
        before.purchases + booking.purchases,
        before.full_refunds,
        before.value,
        before.money + booking.money,
    )
    if not after.count:
        _remember_refunded(kept, after)
        return
    _mark(kept, after.day)
    if kept.first_day is None or after.day < kept.first_day:
        kept.first_money = after.money
    _add_purchase_day(kept, after.day)
    kept.money_on_days += after.money


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
