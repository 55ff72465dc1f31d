"""What a policy may say but its author probably does not mean; it must not know files and lines."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from typing import Final

from schemas.policy import Policy
from schemas.policy_conditions import Conditions
from schemas.policy_rules import SEGMENTS, Rule, Told
from streams.policy_globs import overlap
from streams.policy_reach import reach_warnings

LOOKS_LIKE: Final = 0.8  # of difflib's ratio: sale and sales have 0.89
UNLIKELY_RATE: Final = Decimal(1)  # 100 % a year: 12 was written for 0.12

KeyPath = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class PolicyWarning:
    """A text and the keys it is about (list positions count from 0)."""

    path: KeyPath
    text: str


def policy_warnings(policy: Policy) -> list[PolicyWarning]:
    """All warnings, in the order of the sections."""
    checks = (_value, _rates, _potential, reach_warnings, _facts, _conditions, _rules, _guards, _pages, _unused)
    return [PolicyWarning(path, text) for check in checks for path, text in check(policy)]


_Warnings = Iterator[tuple[KeyPath, str]]


def _value(policy: Policy) -> _Warnings:
    high = policy.value.high
    if policy.value.measure == "rfm" and high.enter > 5:
        yield ("value", "high", "enter"), f"nobody is ever high: rfm goes from 1 to 5 and enter is {high.enter}"
    if policy.value.measure == "rfm" and high.leave <= 1:
        yield ("value", "high", "leave"), f"nobody ever falls: rfm is at least 1 and leave is {high.leave}"
    if policy.value.measure != "contract" and policy.value.grace_days:
        yield ("value", "grace_days"), "only the measure contract has a grace; it changes nothing here"
    for axis, band in (("value", high), ("potential", policy.potential.high)):
        if band.enter == band.leave:
            yield (axis, "high", "leave"), "is equal to enter: customers near it go up and down; set it lower"


def _rates(policy: Policy) -> _Warnings:
    for industry, rate in policy.industry_growth.items():
        if abs(rate) >= UNLIKELY_RATE:
            yield ("industry_growth", industry), f"{rate} means {rate * 100:f} % a year; 12 % is written 0.12"
    for at, fact in enumerate(policy.potential.facts):
        if fact.account == "industry_growth" and fact.at_least is not None and fact.at_least >= UNLIKELY_RATE:
            where = ("potential", "facts", at, "at_least")
            yield where, f"{fact.at_least} means {fact.at_least * 100:f} % a year; 12 % is written 0.12"


def _potential(policy: Policy) -> _Warnings:
    potential = policy.potential
    if potential.cap < potential.high.enter:
        yield ("potential", "cap"), f"nobody is ever high: it is below high.enter {potential.high.enter}"
    for at, rule in enumerate(potential.points):
        if rule.cap is not None and rule.cap < rule.points:
            where: KeyPath = ("potential", "points", at, "cap")
            yield where, f"is below the {rule.points} points of one event: none counts whole"
    best = sum((rule.cap or Decimal("Infinity") for rule in potential.points), _most_facts(policy))
    if best < potential.high.enter <= potential.cap:
        where = ("potential", "high", "enter")
        yield where, f"nobody is ever high: all points and facts together give at most {best}"


def _most_facts(policy: Policy) -> Decimal:
    best = Decimal()
    for fact in policy.potential.facts:
        given = [fact.points or Decimal()]
        if fact.rating is not None:
            given = [fact.rating.high, fact.rating.medium, fact.rating.low]
        best += max(Decimal(), *given)
    return best


def _facts(policy: Policy) -> _Warnings:
    enter = policy.potential.high.enter
    if _most_facts(policy) >= enter:
        where = ("potential", "high", "enter")
        yield where, f"facts alone ({_most_facts(policy)} points) make a customer high for as long as they hold"
    for at, fact in enumerate(policy.potential.facts):
        if fact.rating is not None and not fact.rating.high >= fact.rating.medium >= fact.rating.low:
            yield ("potential", "facts", at, "rating"), "a better rating gives fewer points than a worse one"


def _conditions(policy: Policy) -> _Warnings:
    places: list[tuple[KeyPath, Conditions]] = [
        *((("potential", "points", at), rule) for at, rule in enumerate(policy.potential.points)),
        *((("rules", at), rule) for at, rule in enumerate(policy.rules)),
    ]
    for path, rule in places:
        dead = [kind for kind in rule.event if kind not in rule.possible_events()]
        if dead:
            yield (*path, "event"), f"{', '.join(dead)} can never meet the other conditions; remove or separate"


def _rules(policy: Policy) -> _Warnings:
    for at, rule in enumerate(policy.rules):
        if rule.count is not None and rule.count.distinct is None and rule.count.at_least > 1:
            text = f"{rule.count.at_least} events of a single day are enough; distinct: day asks for different days"
            yield ("rules", at, "count"), text
        if rule.count is not None and rule.count.at_least == 1:
            yield ("rules", at, "count", "at_least"), "1 is what a rule without count asks"
        for name in rule.audiences:
            if meant := _probably_meant(name, policy):
                yield ("rules", at, "audiences"), f"{name!r} is nowhere else; {meant!r} is, and hears nothing of this"
        if not rule.cooldown_days:
            yield ("rules", at), "has no cooldown_days, so every match is a signal, however soon it repeats"


def _probably_meant(name: str, policy: Policy) -> str | None:
    """An audience of others that a name which is used once looks like."""
    uses = [audience for told in _told(policy) for audience in told.audiences]
    if uses.count(name) > 1:
        return None
    return next(iter(get_close_matches(name, policy.audiences() - {name}, n=1, cutoff=LOOKS_LIKE)), None)


def _told(policy: Policy) -> list[Rule | Told]:
    """Whatever tells somebody something."""
    changes = (policy.lifecycle.onboarding, policy.lifecycle.active, policy.lifecycle.former)
    return [*policy.rules, *map(policy.segments.named, SEGMENTS), *changes]


def _guards(policy: Policy) -> _Warnings:
    for name in SEGMENTS:
        guard = policy.segments.named(name).upsell_guard
        selling = [rule for rule in policy.rules if rule.type == "buying_signal" and name in rule.segments]
        if guard is None:
            continue
        where: KeyPath = ("segments", name, "upsell_guard")
        if not selling:
            yield where, f"no buying_signal rule is for the segment {name}; the guard never acts"
        elif all(_same_people(rule, guard.then_audiences) for rule in selling):
            yield (*where, "then_audiences"), "are those of the rules already; the guard changes nothing"


def _same_people(rule: Rule, audiences: tuple[str, ...]) -> bool:
    return set(rule.audiences) == set(audiences)


def _pages(policy: Policy) -> _Warnings:
    groups = list(policy.pages.items())
    for later, (name, globs) in enumerate(groups):
        for earlier, others in groups[:later]:
            for at, glob in _overlapping(globs, others):
                text = (
                    f"overlaps {glob} of {earlier}, which comes first and wins; keep them apart, or change version"
                    " when you reorder them, because the digest in policy_version does not see the order"
                )
                yield ("pages", name, at), text


def _overlapping(globs: tuple[str, ...], others: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    for at, glob in enumerate(globs):
        first = next((other for other in others if overlap(glob, other)), None)
        if first is not None:
            yield at, first


def _unused(policy: Policy) -> _Warnings:
    matching = (*policy.potential.points, *policy.rules)
    told = _told(policy)
    used = {
        "pages": {name for rule in matching for name in rule.page},
        "press_categories": {name for rule in matching for name in rule.categories},
        "playbooks": {item.playbook for item in told if item.playbook is not None},
    }
    for section, names in used.items():
        for name in getattr(policy, section):
            if name not in names:
                yield (section, name), "is used nowhere"
