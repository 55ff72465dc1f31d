"""What running contracts are worth a year; it must not know segments.

Days are local day numbers. A period [from_day, to_day] is worth money x 365 / days a year while it runs, and for the
policy's grace after the last one of its contract has ended.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from fractions import Fraction

from streams.domain.plan import Plan
from streams.domain.state import MOST_PERIODS, Cancellation, Contracts, Period


def add_period(kept: Contracts, contract: str | None, from_day: int, to_day: int, money: int) -> None:
    """A period that a purchase or renewal pays for."""
    kept.applied += 1
    kept.periods.append(Period(contract, from_day, to_day, money, kept.applied))
    if len(kept.periods) > MOST_PERIODS:
        kept.periods.remove(min(kept.periods, key=lambda period: (period.to_day, period.order)))


def cancel_contract(kept: Contracts, contract: str | None, day: int) -> None:
    """From `day` on, what the contract has from periods that began before ends."""
    kept.cancellations.append(Cancellation(contract, day))
    del kept.cancellations[:-MOST_PERIODS]


def settle(kept: Contracts, today: int, grace_days: int) -> None:
    """Let a pending all-scope cancellation take effect, and forget periods that can never count again."""
    if kept.pending_day is not None and kept.pending_day <= today:
        kept.ended_day = max(kept.pending_day, kept.ended_day or kept.pending_day)
        kept.pending_day = None
    if kept.periods:
        kept.periods = [period for period in kept.periods if period.to_day + grace_days >= today]


def yearly(kept: Contracts, day: int, grace_days: int) -> Fraction:
    """Yearly micro-units of all contracts on a local day, if nothing is applied until then."""
    by_contract: defaultdict[str | None, list[Period]] = defaultdict(list)
    for period in kept.periods:
        if period.from_day <= day and not _ended(kept, period, day):
            by_contract[period.contract].append(period)
    total = Fraction()
    for periods in by_contract.values():
        counting = _counting(periods, day, grace_days)
        if counting is not None:
            total += Fraction(counting.money * 365, counting.to_day - counting.from_day + 1)
    return total


def change_days(kept: Contracts, plan: Plan) -> Iterator[int]:
    """Every day on which the yearly amount might change by itself, in no order."""
    for period in kept.periods:
        yield period.from_day
        yield period.to_day + 1
        yield period.to_day + plan.grace_days + 1
    for cancellation in kept.cancellations:
        yield cancellation.day
    if kept.pending_day is not None:
        yield kept.pending_day


def _counting(begun: list[Period], day: int, grace_days: int) -> Period | None:
    running = [period for period in begun if period.to_day >= day]
    if running:
        return max(running, key=lambda period: (period.from_day, period.order))
    last = max(begun, key=lambda period: (period.to_day, period.from_day, period.order))
    return last if day - last.to_day <= grace_days else None


def _ended(kept: Contracts, period: Period, day: int) -> bool:
    if any(end is not None and period.from_day < end <= day for end in (kept.ended_day, kept.pending_day)):
        return True
    return any(c.contract == period.contract and period.from_day < c.day <= day for c in kept.cancellations)
