"""The kinds of customer the sample company has, and how each kind lives.

It must not know segments: where a customer of a kind ends up is for the policy to say.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from random import Random


@dataclass(frozen=True, slots=True)
class Archetype:
    """A kind of customer.

    `price` is the range of yearly prices (JPY), `billing` the weights of yearly, monthly and no contract period,
    `visits` the mean number of visits a week, `usage` whether the product's weekly figures come, `fall` the share of
    visits lost by the end, `changes` the weights of what happens to the contract, `stories` how often a story happens
    per year, `lately` the same for the last months only, `ratings` the weights of high, medium and low.
    """

    name: str
    share: float
    price: tuple[int, int]
    billing: tuple[int, int, int]
    visits: float
    usage: bool
    fall: float
    changes: dict[str, float]
    stories: dict[str, float]
    lately: dict[str, float] = field(default_factory=dict)
    ratings: tuple[int, int, int] = (1, 3, 1)
    fast_industry: float = 0.2
    webinars: float = 0.03
    contented: float = 8.0


_OFTEN = {"report": 3.0, "inquiry": 2.0, "nps": 0.8, "rating": 0.8, "mention": 0.2}

ARCHETYPES: tuple[Archetype, ...] = (
    Archetype(
        "steady", 0.11, (1_400_000, 12_000_000), (7, 3, 0), 1.1, True, 0.0,
        {"none": 15, "upgrade": 1, "downgrade": 1, "gap": 5},
        _OFTEN | {"refusal": 0.4, "promising": 0.7, "evaluation": 0.6, "new_use": 0.6, "department": 0.6,
                  "transfer": 0.3, "funding": 0.04, "unhappy": 0.1, "refund": 0.15},
        ratings=(0, 3, 2), fast_industry=0.08,
    ),
    Archetype(
        "ambassador", 0.10, (1_800_000, 15_000_000), (8, 2, 0), 2.1, True, -0.2,
        {"none": 5, "upgrade": 4, "withdrawn": 0.3},
        _OFTEN | {"promising": 1.2, "evaluation": 1.4, "department": 1.0, "new_use": 0.9, "strategic": 0.7,
                  "promotion": 0.5, "transfer": 0.2, "new_business": 0.6, "hiring": 0.5, "funding": 0.2,
                  "m_and_a": 0.15},
        lately={"strategic": 1.5, "evaluation": 2.5, "download": 3.0, "promotion": 0.6},
        ratings=(4, 1, 0), fast_industry=0.75, webinars=0.22, contented=9.0,
    ),
    Archetype(
        "growing", 0.10, (180_000, 800_000), (5, 5, 0), 1.6, True, -0.5,
        {"none": 7, "upgrade": 3},
        _OFTEN | {"promising": 0.9, "hiring": 0.6, "new_business": 0.3, "funding": 0.15, "new_use": 0.6,
                  "department": 0.4},
        lately={"funding": 1.8, "evaluation": 2.2, "strategic": 1.5, "download": 2.5, "promotion": 0.6, "hiring": 1.5},
        ratings=(3, 2, 0), fast_industry=0.7, webinars=0.18,
    ),
    Archetype(
        "declining", 0.07, (1_250_000, 3_600_000), (6, 4, 0), 1.2, True, 0.85,
        {"downgrade": 6, "none": 2, "cancel": 2},
        {"report": 2.0, "inquiry": 2.0, "nps": 1.0, "rating": 0.8, "refusal": 0.8, "refund": 0.4, "transfer": 0.4},
        lately={"unhappy": 1.6}, ratings=(0, 1, 3), fast_industry=0.05, contented=5.0,
    ),
    Archetype(
        "seasonal", 0.06, (450_000, 1_700_000), (0, 0, 1), 0.6, False, 0.0,
        {"none": 1},
        {"report": 1.0, "inquiry": 1.0, "nps": 0.4, "evaluation": 0.1, "refund": 0.5, "mention": 0.2},
    ),
    Archetype(
        "quiet", 0.13, (120_000, 1_500_000), (8, 2, 0), 0.12, False, 0.3,
        {"none": 9, "gap": 4, "downgrade": 0.5},
        {"report": 0.5, "inquiry": 0.3, "nps": 0.3, "rating": 0.2},
        ratings=(0, 1, 2), fast_industry=0.05, webinars=0.0, contented=7.0,
    ),
    Archetype(
        "churned", 0.06, (150_000, 4_000_000), (5, 5, 0), 0.8, True, 0.6,
        {"cancel": 7, "cancel_and_return": 3},
        {"report": 1.5, "inquiry": 1.5, "nps": 0.8, "unhappy": 0.6, "refusal": 0.5},
        ratings=(0, 1, 3), fast_industry=0.05, contented=5.0,
    ),
    Archetype(
        "new", 0.05, (180_000, 1_900_000), (6, 4, 0), 2.0, True, 0.0,
        {"none": 1},
        {"report": 10.0, "inquiry": 8.0, "nps": 1.0, "rating": 1.0, "promising": 0.3},
        ratings=(1, 3, 1), fast_industry=0.25, webinars=0.12,
    ),
    Archetype(
        "small", 0.32, (120_000, 900_000), (5, 5, 0), 0.75, True, 0.1,
        {"none": 30, "upgrade": 1.5, "downgrade": 2, "gap": 2, "cancel": 0.5},
        _OFTEN | {"refusal": 0.4, "promising": 0.6, "evaluation": 0.3, "new_use": 0.15, "department": 0.15,
                  "transfer": 0.15, "funding": 0.05, "new_business": 0.1, "unhappy": 0.1, "refund": 0.1},
        ratings=(0, 3, 2), fast_industry=0.15,
    ),
)  # fmt: skip


def deal(count: int, rng: Random) -> list[Archetype]:
    """So many archetypes in random order, each as often as its share says, to the nearest whole number."""
    dealt = [kind for kind in ARCHETYPES for _ in range(round(kind.share * count))]
    small = ARCHETYPES[-1]
    dealt = (dealt + [small] * count)[:count]
    rng.shuffle(dealt)
    return dealt
