"""The instant at which decay takes a score below `leave`, against the same sum computed with 50 digits by mpmath.

The oracle knows the formula and nothing of the domain: it adds min(cap, sum of points * 2^(-age / half-life)) over
rules as exact numbers, clamps, and rounds half-up to four decimals.
"""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any

import pytest
from mpmath import floor, mp, mpf

from tests.unit.domain.kit import DAY_MS, Life, points, scoring

NOON = "2026-03-01 12:00"
TYPES = ("page_view", "download", "webinar", "form", "action", "usage")
RATING = {"id": "rating", "label": "r", "rating": {"high": 8, "medium": "2.5", "low": -8}, "expires_days": 60}


@dataclass
class Rule:
    """One point rule and the ages of its events at noon, ms."""

    points: str
    half_life_days: str | None = None
    expires_days: str | None = None
    cap: str | None = None
    ages_ms: list[int] = field(default_factory=list)

    def at(self, after_ms: int) -> mpf:
        total = mp.fsum(self._worth(age + after_ms) for age in self.ages_ms)
        return total if self.cap is None else min(total, _exact(self.cap))

    def _worth(self, age_ms: int) -> mpf:
        if self.half_life_days is not None:
            return _exact(self.points) * mpf(2) ** (-mpf(age_ms) / (_exact(self.half_life_days) * DAY_MS))
        lives = self.expires_days is None or age_ms < Fraction(self.expires_days) * DAY_MS
        return _exact(self.points) if lives else mpf(0)

    def written(self, event: str) -> dict[str, Any]:
        keys = {"half_life_days": self.half_life_days, "expires_days": self.expires_days, "cap": self.cap}
        return points(f"by {event}".replace(" ", "-"), self.points, event=event, **keys)


def _exact(number: str) -> mpf:
    fraction = Fraction(number)
    return mpf(fraction.numerator) / fraction.denominator


@pytest.fixture(autouse=True)
def fifty_digits() -> object:
    with mp.workdps(50):
        yield


def rounded(rules: list[Rule], after_ms: int, cap: str, rating: str | None = None) -> mpf:
    """The score that long after noon, in units of the fourth decimal."""
    facts = {"high": 8, "medium": mpf("2.5"), "low": -8}[rating] if rating and after_ms < 60 * DAY_MS else 0
    total = mp.fsum(rule.at(after_ms) for rule in rules) + facts
    return floor(min(max(total, mpf(0)), _exact(cap)) * 10_000 + mpf("0.5"))


def lived(rules: list[Rule], cap: str, rating: str | None = None, shuffled: random.Random | None = None) -> Life:
    """A customer with all those events, applied at noon in the order of the dice."""
    written = [rule.written(event) for rule, event in zip(rules, TYPES, strict=False)]
    life = Life(potential=scoring(*written, facts=[RATING], cap=cap)).at(NOON)
    noon_ms = life.ms(NOON)
    events = [(event, noon_ms - age) for rule, event in zip(rules, TYPES, strict=False) for age in rule.ages_ms]
    if shuffled is not None:
        shuffled.shuffle(events)
    if rating is not None:
        life.rate(rating)
    for event, occurred_ms in events:
        life.apply(event, occurred_ms)
    return life


def first_fall(life: Life) -> tuple[int, str]:
    """When potential alone takes the customer down, ms after noon, and why."""
    life.signals.clear()
    life.wait("2100-01-01")
    fall = next(signal for signal in life.signals if signal["change"]["to"] == "streamline")
    return life.ms_of(fall["effective_at"]) - life.ms(NOON), fall["cause"]["kind"]


def test_one_term_falls_at_the_millisecond_that_its_logarithm_says() -> None:
    # 24 * 2^(-t / 10 days) < 11.99995 from t = 864,000,000 * log2(24 / 11.99995) = 864,005,193.71… ms on.
    life = lived([Rule("24", half_life_days="10", ages_ms=[0])], "100")
    assert first_fall(life) == (864_005_194, "decay")


def test_a_term_under_its_cap_begins_to_fall_when_it_sinks_below_the_cap() -> None:
    # Four times 12 are 48, capped at 24 for ten days; then as above.
    life = lived([Rule("12", half_life_days="10", cap="24", ages_ms=[0] * 4)], "100")
    assert first_fall(life) == (864_000_000 + 864_005_194, "decay")


def test_a_sum_over_the_total_cap_begins_to_fall_when_it_sinks_below_it() -> None:
    life = lived([Rule("48", half_life_days="10", ages_ms=[0])], "24")
    assert first_fall(life) == (864_000_000 + 864_005_194, "decay")


def _mix(seed: int) -> tuple[list[Rule], str, str | None, random.Random]:
    """Rules of all kinds with events of random ages, that together begin high and cannot stay so."""
    dice = random.Random(seed)
    rules = []
    for _ in range(dice.randint(1, 5)):
        days = f"{dice.uniform(0.5, 200):.{dice.randint(0, 3)}f}"
        kind = dice.choice(["half_life_days", "half_life_days", "expires_days"])
        keys = {kind: days if float(days) else "1", "cap": dice.choice([None, "7.5", "15", "22.25"])}
        ages = [dice.randint(0, 20 * DAY_MS) for _ in range(dice.randint(1, 6))]
        rules.append(Rule(f"{dice.uniform(1, 12):.{dice.randint(0, 4)}f}", ages_ms=ages, **keys))
    rules.append(Rule("3.25", ages_ms=[0]))  # stays, below leave
    rules[0] = Rule("20", half_life_days=f"{dice.uniform(3, 90):.2f}", cap=dice.choice([None, "18.5"]), ages_ms=[0, 0])
    return rules, dice.choice(["100", "21", "30.5"]), dice.choice([None, "high", "medium"]), dice


@pytest.mark.parametrize("seed", range(60))
def test_a_mix_falls_at_the_first_millisecond_whose_rounded_score_is_below_leave(seed: int) -> None:
    rules, cap, rating, dice = _mix(seed)
    at, because = first_fall(lived(rules, cap, rating, dice))
    assert rounded(rules, at, cap, rating) < 120_000 <= rounded(rules, at - 1, cap, rating)
    drops = {
        int(Fraction(rule.expires_days) * DAY_MS) - age for rule in rules if rule.expires_days for age in rule.ages_ms
    }
    assert because == ("expiry" if at in drops | {60 * DAY_MS if rating else -1} else "decay")


@pytest.mark.parametrize("seed", range(60, 80))
def test_between_two_falls_the_shown_score_is_the_sum(seed: int) -> None:
    rules, cap, rating, dice = _mix(seed)
    life = lived(rules, cap, rating, dice)
    for _ in range(20):
        after_ms = dice.randint(0, 400 * DAY_MS)
        assert life.score(life.ms(NOON) + after_ms) * 10_000 == pytest.approx(
            float(rounded(rules, after_ms, cap, rating)), abs=1e-6
        )


@pytest.mark.parametrize("half_life_days", ["3650", "36525"])
def test_even_a_decay_of_decades_is_found_to_the_millisecond(half_life_days: str) -> None:
    # Near the end the score loses some 1e-11 points a millisecond: floats still tell one from the next.
    rules = [Rule("13.3", half_life_days=half_life_days, ages_ms=[0]), Rule("10", half_life_days="1", ages_ms=[0])]
    life = lived(rules, "100")
    expected = mp.log(mpf("13.3") / mpf("11.99995"), 2) * _exact(half_life_days) * DAY_MS
    at, _ = first_fall(life)
    assert at - 1 <= expected < at


def test_a_fall_after_the_end_of_the_calendar_is_none() -> None:
    # 1e15 points that halve in a century and 4.999949999999 that stay: 4.99995 after 90 halvings.
    life = Life(
        potential=scoring(
            points("lasting", "999999999999999", event="page_view", half_life_days="36525"),
            points("staying", "4.999949999999", event="page_view"),
            high={"enter": "10", "leave": "5"},
        )
    )
    life.at(NOON).view()
    assert life.public()["potential"]["high"]
    assert life.next() is None
