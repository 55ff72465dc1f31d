"""What running contracts are worth a year; it must not know segments.

Days are local day numbers. A period [from_day, to_day] is worth money x 365 / days a year while it runs, and for the
policy's grace after the last one of its contract has ended.
"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from functools import lru_cache

from streams.domain.numbers import Exact
from streams.domain.plan import Plan
from streams.domain.state import MOST_PERIODS, Cancellation, Contracts, Period

_AMOUNTS_REMEMBERED = 10_000
_Rank = tuple[bool, int, int, int]


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
    kept.periods = [period for period in kept.periods if period.to_day + grace_days >= today]
    if len(kept.periods) > 1:
        kept.periods = _mattering(kept.periods, today)


def _mattering(periods: list[Period], today: int) -> list[Period]:
    """Those that can count today or later, in order of application.

    A period that has begun is out of the question once another of its contract has begun that began later (or was
    applied later) and ends no sooner: the other one goes before it while both run and when both have ended, and no
    cancellation ends that one alone, as it ends what began before its day.
    """
    kept: list[Period] = []
    latest_end: dict[str | None, int] = {}
    for period in sorted(periods, key=lambda period: (period.from_day, period.order), reverse=True):
        if period.from_day > today:
            kept.append(period)
        elif period.to_day > latest_end.get(period.contract, period.to_day - 1):
            kept.append(period)
            latest_end[period.contract] = period.to_day
    kept.sort(key=lambda period: period.order)
    return kept


def yearly(kept: Contracts, day: int, grace_days: int) -> Exact:
    """Yearly micro-units of all contracts on a local day, if nothing is applied until then."""
    total: Exact = 0
    for period in counting(kept, day, grace_days):
        amount = _a_year(period.money, period.to_day - period.from_day + 1)
        total = total + amount if total else amount  # adding zero to a fraction takes as long as adding any
    return total


def counting(kept: Contracts, day: int, grace_days: int) -> list[Period]:
    """The period of each contract that counts on a local day, in no order."""
    found: dict[str | None, Period] = {}
    may_have_ended = kept.cancellations or kept.ended_day is not None or kept.pending_day is not None
    for period in kept.periods:
        if period.from_day > day or (may_have_ended and _ended(kept, period, day)):
            continue
        best = found.get(period.contract)
        if best is None or _rank(period, day) > _rank(best, day):
            found[period.contract] = period
    return [period for period in found.values() if day - period.to_day <= grace_days]


def yearly_at_most(kept: Contracts) -> Exact:
    """What the yearly amount does not exceed on any day, if nothing is applied until then."""
    return sum([_a_year(period.money, period.to_day - period.from_day + 1) for period in kept.periods])


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


def _rank(period: Period, day: int) -> _Rank:
    """Of several begun periods of a contract the greatest counts: one that runs, else the one ended last."""
    if period.to_day >= day:
        return True, period.from_day, 0, period.order
    return False, period.to_day, period.from_day, period.order


@lru_cache(_AMOUNTS_REMEMBERED)
def _a_year(money: int, days: int) -> Exact:
    whole, part = divmod(money * 365, days)
    return Fraction(money * 365, days) if part else whole


def _ended(kept: Contracts, period: Period, day: int) -> bool:
    if any(end is not None and period.from_day < end <= day for end in (kept.ended_day, kept.pending_day)):
        return True
    return any(c.contract == period.contract and period.from_day < c.day <= day for c in kept.cancellations)
