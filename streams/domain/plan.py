"""The policy made ready to decide with: numbers converted, patterns compiled, rules sorted by event type.

It must not know any customer.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import ceil

from schemas.policy import Policy
from schemas.policy_axes import Fact, PointRule
from schemas.policy_rules import Rule, Told
from streams.domain.conditions import Vocabulary
from streams.domain.matching import Matching
from streams.domain.numbers import Exact, lowest_reaching, micro_of
from streams.domain.zone import DAY_MS, Zone

SEGMENT_OF = {
    (True, True): "retain",
    (False, True): "nurture",
    (True, False): "expand",
    (False, False): "streamline",
}
RECENT_DAYS_AT_LEAST = 400
PER_DAY_LOOKS_BACK_DAYS = 7
SAFETY = 0.001  # points; more than rounding ever adds


def span_ms(days: Decimal | int) -> int:
    """A span of days of 86,400,000 ms."""
    return int(days * DAY_MS)


@dataclass(frozen=True, slots=True)
class Points:
    """A point rule: points decay with `half_life_ms`, or drop out at `expires_ms`, or stay."""

    position: int
    id: str
    label: str
    points: float
    half_life_ms: float | None
    expires_ms: int | None
    cap: float
    per_day: int | None
    enough: int | None  # living events beyond which the cap hides any further one


@dataclass(frozen=True, slots=True)
class AccountPoints:
    """Points for a numeric field of the account."""

    id: str
    label: str
    field: str
    at_least: Fraction
    points: float


@dataclass(frozen=True, slots=True)
class RatingPoints:
    """Points for the sales rating that stands, until it expires."""

    id: str
    label: str
    points: dict[str, float]
    expires_ms: int | None


@dataclass(frozen=True, slots=True)
class Guard:
    """How many buying signals within a span make a further one go elsewhere."""

    buying_signals: int
    within_ms: int
    audiences: list[str]


@dataclass(frozen=True, slots=True)
class Voice:
    """Who hears of a segment or lifecycle, how loud, and with which playbook."""

    audiences: list[str]
    severity: str
    playbook: str | None
    guard: Guard | None = None


@dataclass(frozen=True, slots=True)
class SignalRule:
    """A rule that can emit signals."""

    position: int
    id: str
    label: str
    type: str
    segments: frozenset[str]
    voice: Voice
    cooldown_ms: int
    new_department: bool
    silent_ms: int | None
    at_least: int
    within_ms: int | None
    distinct: str | None

    @property
    def is_offer(self) -> bool:
        """Does it count for the upsell guard?"""
        return self.type == "buying_signal"


@dataclass(frozen=True, slots=True)
class Axis:
    """When an axis turns: low to high at `enter` or above, high to low below `leave`."""

    enter: Exact | float
    leave: Exact | float

    def turned(self, high: bool, amount: Exact | float) -> bool:
        """Is the axis high now, given how it stood?"""
        return amount >= (self.leave if high else self.enter)


class Plan:
    """Everything the fold asks of the policy.

    `go_live_ms`: signals that take effect earlier are historical, whatever their records say.
    """

    def __init__(self, policy: Policy, go_live_ms: int = 0) -> None:
        self.policy_version = policy.policy_version
        self.go_live_ms = go_live_ms
        self.zone = Zone(policy.timezone)
        vocabulary = Vocabulary(policy.pages, policy.press_categories, policy.press_match.body)
        self.late_after_ms = policy.late_after_s * 1000
        self.dedup_events = policy.dedup_events
        self.dwell_ms = span_ms(policy.min_dwell_days)
        self.base_currency = policy.currency.base
        self.rates = {code: Fraction(rate) for code, rate in policy.currency.rates.items()}
        self._take_value(policy)
        self._take_potential(policy)
        self._take_rules(policy, vocabulary)

    def _take_value(self, policy: Policy) -> None:
        value, rfm = policy.value, policy.rfm
        self.measure = value.measure
        self.value_axis = Axis(micro_of(value.high.enter), micro_of(value.high.leave))
        self.value_window_days = value.window_days
        self.grace_days = value.grace_days
        self.rfm_window_days = rfm.window_days
        self.measured_days = rfm.window_days if value.measure == "rfm" else value.window_days
        self.recency_cuts = tuple(rfm.recency_days)
        self.frequency_cuts = tuple(rfm.frequency)
        self.monetary_cuts = tuple(micro_of(cut) for cut in rfm.monetary)
        self.weights = (Fraction(rfm.weights.recency), Fraction(rfm.weights.frequency), Fraction(rfm.weights.monetary))
        self.rfm_means: dict[tuple[int, int, int], tuple[Exact, float]] = {}  # of scores seen so far
        # days older than that may lose their detail; one of just that age has not yet
        self.recent_days = max(RECENT_DAYS_AT_LEAST, value.window_days, rfm.window_days) + 1

    def _take_potential(self, policy: Policy) -> None:
        potential = policy.potential
        self.potential_cap = float(potential.cap)
        self.potential_axis = Axis(lowest_reaching(potential.high.enter), lowest_reaching(potential.high.leave))
        self.points = tuple(_points(i, rule) for i, rule in enumerate(potential.points))
        self.account_points = tuple(_account_points(fact) for fact in potential.facts if fact.account is not None)
        self.rating_points = tuple(_rating_points(fact) for fact in potential.facts if fact.account is None)
        self.safely_low = float(self.potential_axis.enter) - SAFETY
        self.industry_growth = {industry: str(rate) for industry, rate in policy.industry_growth.items()}

    def _take_rules(self, policy: Policy, vocabulary: Vocabulary) -> None:
        self.rules = tuple(_signal_rule(i, rule) for i, rule in enumerate(policy.rules))
        points = list(zip(self.points, policy.potential.points, strict=True))
        self.matching = Matching(points, list(zip(self.rules, policy.rules, strict=True)), vocabulary)
        names = ("retain", "nurture", "expand", "streamline")
        self.segments = {name: _voice(getattr(policy.segments, name)) for name in names}
        self.lifecycles = {name: _voice(getattr(policy.lifecycle, name)) for name in ("onboarding", "active", "former")}
        self.onboarding_days = policy.lifecycle.onboarding.days
        guards = [voice.guard.buying_signals for voice in self.segments.values() if voice.guard]
        self.buying_signals_kept = max(guards, default=0)


def _points(position: int, rule: PointRule) -> Points:
    points, cap = float(rule.points), float("inf") if rule.cap is None else float(rule.cap)
    return Points(
        position,
        rule.id,
        rule.label,
        points,
        None if rule.half_life_days is None else float(rule.half_life_days) * DAY_MS,
        None if rule.expires_days is None else span_ms(rule.expires_days),
        cap,
        rule.per_day,
        None if rule.cap is None else ceil(rule.cap / rule.points),
    )


def _account_points(fact: Fact) -> AccountPoints:
    assert fact.account is not None
    assert fact.at_least is not None
    assert fact.points is not None
    return AccountPoints(fact.id, fact.label, fact.account, Fraction(fact.at_least), float(fact.points))


def _rating_points(fact: Fact) -> RatingPoints:
    assert fact.rating is not None
    points = {name: float(getattr(fact.rating, name)) for name in ("high", "medium", "low")}
    return RatingPoints(fact.id, fact.label, points, None if fact.expires_days is None else span_ms(fact.expires_days))


def _voice(entry: Told) -> Voice:
    guard = getattr(entry, "upsell_guard", None)
    return Voice(
        list(entry.audiences),
        entry.severity,
        entry.playbook,
        guard and Guard(guard.buying_signals, span_ms(guard.within_days), list(guard.then_audiences)),
    )


def _signal_rule(position: int, rule: Rule) -> SignalRule:
    count = rule.count
    return SignalRule(
        position,
        rule.id,
        rule.label,
        rule.type,
        frozenset(rule.segments),
        Voice(list(rule.audiences), rule.severity, rule.playbook),
        span_ms(rule.cooldown_days),
        rule.new_department,
        None if rule.silent_days is None else span_ms(rule.silent_days),
        1 if count is None else count.at_least,
        None if count is None else span_ms(count.within_days),
        None if count is None else count.distinct,
    )
