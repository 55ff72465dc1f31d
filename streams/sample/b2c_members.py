"""The sample shop's members and what kinds of shopper they are; nobody of them exists.

It must not know segments: where a member ends up is for the policy to say.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from streams.sample.words import FAMILY_NAMES, GIVEN_NAMES

MAX_MEMBERS = 50_000


@dataclass(frozen=True, slots=True)
class Shopper:
    """A kind of member.

    `orders` is the mean number of orders a year, `basket` the range of an order's amount (JPY), `visits` the mean
    number of visits a month, `mail` the chance of a click on the weekly mail, `active` from which to which share of
    the time shown the member shops.
    """

    name: str
    share: float
    orders: float
    basket: tuple[int, int]
    visits: float
    mail: float
    active: tuple[float, float]


SHOPPERS: tuple[Shopper, ...] = (
    Shopper("loyal", 0.06, 9.0, (2_500, 9_000), 4.0, 0.22, (0.0, 1.0)),
    Shopper("collector", 0.03, 5.0, (6_000, 20_000), 1.2, 0.04, (0.0, 1.0)),
    Shopper("regular", 0.15, 3.2, (2_000, 6_000), 1.2, 0.06, (0.0, 1.0)),
    Shopper("fading", 0.04, 8.0, (3_000, 9_000), 2.5, 0.12, (0.0, 0.75)),
    Shopper("lapsed", 0.22, 3.0, (1_500, 6_000), 0.8, 0.03, (0.0, 0.5)),
    Shopper("new", 0.08, 4.0, (1_800, 6_000), 4.0, 0.2, (0.88, 1.0)),
    Shopper("browsing", 0.06, 0.4, (1_500, 4_000), 2.8, 0.2, (0.0, 1.0)),
    Shopper("occasional", 0.36, 1.2, (1_500, 6_000), 0.35, 0.03, (0.0, 1.0)),
)


@dataclass(frozen=True, slots=True)
class Member:
    """One member: `first` and `last` bound the days on which they shop."""

    customer_id: str
    name: str
    shopper: Shopper
    first: date
    last: date


def make_members(seed: int, count: int, window: date, end: date) -> list[Member]:
    """So many members, the same for the same seed, window and end.

    Raises:
        ValueError: `count` is not 1 to `MAX_MEMBERS`.
    """
    if not 1 <= count <= MAX_MEMBERS:
        raise ValueError(f"members: 1 to {MAX_MEMBERS}, not {count}")
    rng = Random(f"{seed}/members")
    kinds = rng.choices(SHOPPERS, [shopper.share for shopper in SHOPPERS], k=count)
    return [_member(number, shopper, rng, window, end) for number, shopper in enumerate(kinds, start=1)]


def _member(number: int, shopper: Shopper, rng: Random, window: date, end: date) -> Member:
    days = (end - window).days
    begins, stops = shopper.active
    latest = begins + (0.1 if begins else 0.35) * rng.random()
    first = window + timedelta(days=int(days * min(latest, 0.99)))
    ends = min(1.0, stops + rng.uniform(-0.12, 0.12)) if stops < 1.0 else 1.0
    last = window + timedelta(days=max(1, int(days * ends)))
    return Member(f"M-{number:05d}", f"{rng.choice(FAMILY_NAMES)} {rng.choice(GIVEN_NAMES)}", shopper, first, last)
