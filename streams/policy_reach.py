"""How little it takes to make the potential axis high: one event, one day, or one event every so often.

Pure arithmetic over a policy; it must not know how a warning is shown.

For a rule with points p, half-life h and an event every T days the score just after an event tends to
p / (1 - 2^(-T/h)) (geometric series); it reaches e < infinity exactly while T <= -h * log2(1 - p/e).
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from decimal import Decimal
from itertools import groupby

from schemas.policy import Policy
from schemas.policy_axes import PointRule
from schemas.policy_events import EVENT_TYPES, SOURCE_TOPIC

WEEK_DAYS = 7  # what comes more often than weekly is taken as behaviour, not as a schedule


def reach_warnings(policy: Policy) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """Key path and text for each way in which a single event, day or schedule makes a customer high."""
    enter = policy.potential.high.enter
    alone = set()
    for at, rule in enumerate(policy.potential.points):
        text = _alone(rule, enter)
        if text:
            alone.add(rule.id)
            yield ("potential", "points", at), text
    rest = [rule for rule in policy.potential.points if rule.id not in alone]
    yield from _together(rest, enter)


def day_points(rule: PointRule) -> Decimal:
    """Most points that the events of one local day can give; infinite without `per_day` and `cap`."""
    most = Decimal("Infinity") if rule.per_day is None else rule.points * rule.per_day
    return most if rule.cap is None else min(most, rule.cap)


def longest_period_days(rule: PointRule, enter: Decimal) -> float:
    """Longest time between two regular events that still bring the rule to `enter`; 0 if none does."""
    if rule.cap is not None and rule.cap < enter:
        return 0.0
    if rule.points >= enter:
        return math.inf
    if rule.half_life_days is not None:
        return -float(rule.half_life_days) * math.log2(1 - float(rule.points / enter))
    if rule.expires_days is not None:
        # n events fit strictly within the span when (n - 1) periods are shorter than it.
        return float(rule.expires_days) / (math.ceil(enter / rule.points) - 1)
    return math.inf


def _alone(rule: PointRule, enter: Decimal) -> str:
    if rule.cap is not None and rule.cap < enter:
        return ""
    if rule.points >= enter:
        return f"a single event ({_n(rule.points)}) makes a customer high (enter {_n(enter)}); meant only for rare news"
    ways = []
    if day_points(rule) >= enter:
        ways.append(f"{math.ceil(enter / rule.points)} events of one day")
    period = longest_period_days(rule, enter)
    if math.isinf(period):
        ways.append("repeated events (their points never fade)")
    elif period >= WEEK_DAYS:
        ways.append(f"one event every {math.floor(period)} days")
    if not ways:
        return ""
    return (
        f"{' or '.join(ways)} alone can make a customer high (enter {_n(enter)}); a cap below {_n(enter)} prevents it"
    )


def _together(rules: list[PointRule], enter: Decimal) -> Iterator[tuple[tuple[int | str, ...], str]]:
    """The narrowest of one event, one source in a day, or one day that is enough, of rules not enough alone."""
    place = ("potential", "high", "enter")
    events = {kind: [rule for rule in rules if kind in rule.possible_events()] for kind in EVENT_TYPES}
    singles = {kind: _best_single(matching) for kind, matching in events.items()}
    for kind, points in singles.items():
        if points >= enter:
            yield place, f"a single {kind} that meets several point rules ({_n(points)}) makes a customer high"
    if any(points >= enter for points in singles.values()):
        return
    topics = {topic: list(kinds) for topic, kinds in groupby(EVENT_TYPES, key=SOURCE_TOPIC.__getitem__)}
    sums = {topic: _day_sum(rules, set(kinds)) for topic, kinds in topics.items()}
    enough = [topic for topic, points in sums.items() if points >= enter]
    for topic in enough:
        yield place, f"one day of {topic} events alone ({_most(sums[topic])}) makes a customer high"
    total = _day_sum(rules, set(EVENT_TYPES))
    if not enough and total >= enter:
        yield place, f"the events of one day alone ({_most(total)}) make a customer high"


def _best_single(rules: list[PointRule]) -> Decimal:
    """Most points of one event: it has only one path, one action name, one direction, one attendance."""
    choices = {choice for rule in rules for choice in _choices(rule)} or {("", None)}
    return max(sum((_once(rule) for rule in rules if _open_to(rule, choice)), Decimal()) for choice in choices)


def _choices(rule: PointRule) -> set[tuple[str, object]]:
    listed = {(key, value) for key in ("page", "action", "direction") for value in getattr(rule, key)}
    return listed if rule.attended is None else {("attended", rule.attended)}


def _open_to(rule: PointRule, choice: tuple[str, object]) -> bool:
    own = _choices(rule)
    return not own or choice in own


def _once(rule: PointRule) -> Decimal:
    return rule.points if rule.cap is None else min(rule.points, rule.cap)


def _day_sum(rules: list[PointRule], kinds: set[str]) -> Decimal:
    return sum((day_points(rule) for rule in rules if kinds.intersection(rule.possible_events())), Decimal())


def _most(points: Decimal) -> str:
    return f"up to {_n(points)} points" if points.is_finite() else "points without limit"


def _n(points: Decimal) -> str:
    return f"{points.normalize():f}"
