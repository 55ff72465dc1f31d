"""The contract life of one customer: which plan at which price from when to when.

It must not know visits, notes or the press.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from random import Random

from streams.sample.archetypes import Archetype
from streams.sample.clock import months_before, workday, year_after
from streams.sample.companies import Company
from streams.sample.plans import plan_of, price_between, tidy

_BILLING = ("yearly", "monthly", "none")
_NEW_DAYS = 110  # customers of the archetype `new` began at most so long ago


@dataclass(frozen=True, slots=True)
class Span:
    """One plan at one yearly price (JPY) from a day up to, not including, another."""

    first: date
    until: date
    yearly_price: int
    contract_id: str

    @property
    def plan(self) -> str:
        """The plan's name."""
        return plan_of(self.yearly_price)


@dataclass(frozen=True, slots=True)
class Life:
    """A customer's contracts over the whole time.

    `window` is the first day of which everything is known, `end` the day on which the data end. `gap` is a time
    without any contact, `cancelled` the day of a cancellation and `leaves` the day it takes effect, `withdrawn` the
    day a renewal took it back.
    """

    company: Company
    archetype: Archetype
    billing: str
    currency: str
    window: date
    end: date
    spans: tuple[Span, ...]
    gap: tuple[date, date] | None = None
    cancelled: date | None = None
    leaves: date | None = None
    withdrawn: date | None = None
    changes: tuple[tuple[date, str], ...] = field(default=())  # upgrades and downgrades, by day

    @property
    def first(self) -> date:
        """The day the customer's first contract began."""
        return self.spans[0].first

    def span_at(self, day: date) -> Span | None:
        """The contract in force on a day."""
        return next((span for span in reversed(self.spans) if span.first <= day < span.until), None)


def live_out(company: Company, archetype: Archetype, rng: Random, end: date, months: int) -> Life:
    """A life for a company, ending on `end`; contracts in force at its beginning are up to a year older."""
    window = months_before(end, months)
    first = _first_day(archetype, rng, window, end)
    price = price_between(*archetype.price, rng)
    abroad = company.english and rng.random() < 0.5
    contract = Span(first, end + timedelta(days=400), price, f"CT-{company.customer_id}-1")
    life = Life(
        company=company,
        archetype=archetype,
        billing=rng.choices(_BILLING, archetype.billing)[0],
        currency=rng.choice(("USD", "EUR")) if abroad else "JPY",
        window=max(window, first),
        end=end,
        spans=(contract,),
    )
    names, weights = zip(*archetype.changes.items(), strict=True)
    return _CHANGES[rng.choices(names, weights)[0]](life, rng)


def _first_day(archetype: Archetype, rng: Random, window: date, end: date) -> date:
    if archetype.name == "new":
        return workday(end - timedelta(days=rng.randint(12, _NEW_DAYS)))
    joined_within = rng.random() < 0.15  # some older customers came during the time shown
    span = (end - window).days - 120
    back = -rng.randint(10, span) if joined_within and span > 20 else rng.randint(5, 360)
    return workday(window - timedelta(days=back))


def _some_day(life: Life, rng: Random, latest_days: int, earliest_share: float = 0.15) -> date:
    """A workday between a share of the time shown and so many days before its end."""
    days = (life.end - life.window).days
    early = min(int(days * earliest_share), days - 1)
    return workday(life.window + timedelta(days=rng.randint(early, max(early + 1, days - latest_days))))


def _change_price(life: Life, day: date, factor: float, name: str) -> Life:
    last = life.spans[-1]
    if day <= last.first + timedelta(days=40):
        return life
    after = replace(last, first=day, yearly_price=tidy(last.yearly_price * factor))
    if after.yearly_price == last.yearly_price:
        return life
    spans = (*life.spans[:-1], replace(last, until=day), after)
    return replace(life, spans=spans, changes=(*life.changes, (day, name)))


def _none(life: Life, _: Random) -> Life:
    return life


def _upgrade(life: Life, rng: Random) -> Life:
    is_small = life.spans[-1].yearly_price < 1_000_000
    factor = rng.uniform(1.8, 3.8) if is_small else rng.uniform(1.2, 1.7)
    return _change_price(life, _some_day(life, rng, 5, 0.3), factor, "upgrade")


def _downgrade(life: Life, rng: Random) -> Life:
    return _change_price(life, _some_day(life, rng, 5, 0.4), rng.uniform(0.3, 0.65), "downgrade")


def _gap(life: Life, rng: Random) -> Life:
    start = _some_day(life, rng, 20, 0.2)
    return replace(life, gap=(start, start + timedelta(days=rng.randint(66, 130))))


def _cancel(life: Life, rng: Random) -> Life:
    day = _some_day(life, rng, 2, 0.35)
    leaves = _leaving_day(life, day)
    last = replace(life.spans[-1], until=leaves)
    return replace(life, spans=(*life.spans[:-1], last), cancelled=day, leaves=leaves)


def _leaving_day(life: Life, day: date) -> date:
    """The first of a month after next month's end, or of a contract year's end if that is soon."""
    notice = date(day.year + (day.month + 1) // 12, (day.month + 1) % 12 + 1, 1)
    due = next_period(life.spans[-1].first, day, life.billing)
    return due if 0 < (due - day).days < 60 else notice


def _cancel_and_return(life: Life, rng: Random) -> Life:
    left = _cancel(life, rng)
    assert left.leaves is not None
    back = workday(left.leaves + timedelta(days=rng.randint(30, 150)))
    price = tidy(life.spans[-1].yearly_price * rng.uniform(0.5, 1.1))
    again = Span(back, life.end + timedelta(days=400), price, f"CT-{life.company.customer_id}-2")
    return replace(left, spans=(*left.spans, again)) if back < life.end else left


def _withdrawn(life: Life, rng: Random) -> Life:
    day = _some_day(life, rng, 70, 0.4)
    leaves = _leaving_day(life, day)
    return replace(life, cancelled=day, leaves=leaves, withdrawn=workday(day + timedelta(days=rng.randint(5, 14))))


_CHANGES = {
    "none": _none,
    "upgrade": _upgrade,
    "downgrade": _downgrade,
    "gap": _gap,
    "cancel": _cancel,
    "cancel_and_return": _cancel_and_return,
    "withdrawn": _withdrawn,
}


def next_period(first: date, after: date, billing: str) -> date:
    """The first day later than `after` on which a contract that began on `first` is billed anew."""
    day = first
    while day <= after:
        day = year_after(day) if billing == "yearly" else _month_after(day)
    return day


def _month_after(day: date) -> date:
    return date(day.year + day.month // 12, day.month % 12 + 1, min(day.day, 28))
