"""Everything that one customer's page shows; it must not know Redis or HTTP."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from schemas.policy import Policy
from schemas.policy_axes import PointRule
from streams.dashboard.curve import curve
from streams.dashboard.feed import reported_at
from streams.dashboard.records import OutcomeRecord
from streams.dashboard.signal_view import SignalViews, outcome_in
from streams.domain.plan import Plan

# Of an account what a page shows; people appear here, from the account alone.
_ACCOUNT_SHOWN = (
    *("name", "aliases", "kind", "industry", "employees", "departments", "contacts", "plan", "contract_end"),
    *("sales_owner", "cs_owner", "corporate_number", "domains"),
)
_CONTRACT_SHOWN = ("contract", "from", "until", "contracts")
OutcomeOf = Callable[[str], OutcomeRecord | None]
NewcomersOf = Callable[[str], list[str]]


class CustomerViews:
    """Makes the views of single customers."""

    def __init__(
        self, policy: Policy, signal_views: SignalViews, outcome_of: OutcomeOf, newcomers_of: NewcomersOf
    ) -> None:
        self._policy, self._plan = policy, Plan(policy)
        self._signals, self._outcome_of, self._newcomers_of = signal_views, outcome_of, newcomers_of
        self._rules: dict[str, PointRule] = {rule.id: rule for rule in policy.potential.points}

    def view(self, state: dict[str, Any], account: dict[str, Any] | None, signals: Sequence[dict[str, Any]]) -> Any:
        """The page's data: the public state, terms with how they age, the curve ahead, signals, what to do."""
        known = account or {}
        ahead = curve(state, self._plan)
        name = known.get("name") or state["customer_id"]
        return {
            "id": state["customer_id"],
            "name": name,
            "state": state,
            "account": {field: known[field] for field in _ACCOUNT_SHOWN if known.get(field) not in (None, [], {})},
            "terms": [self._term(row) for row in state["potential"]["contributions"]],
            "value_terms": value_terms(state, self._policy),
            "curve": {"points": ahead.points, "exact": ahead.exact},
            "signals": [self._signal(signal, state, known) for signal in signals],
            "playbook": self._playbook(state, name),
        }

    def _term(self, row: dict[str, Any]) -> dict[str, Any]:
        rule = self._rules.get(row["rule"])
        half_life, expires = (rule.half_life_days, rule.expires_days) if rule else (None, None)
        return {
            **{field: row.get(field) for field in ("rule", "label", "points", "events", "last")},
            "half_life_days": half_life and float(half_life),
            "expires_days": expires and float(expires),
        }

    def _signal(self, signal: dict[str, Any], state: dict[str, Any], account: dict[str, Any]) -> dict[str, Any]:
        view = self._signals.view(signal, account, self._newcomers_of(signal["signal_id"]))
        known = (self._outcome_of(signal["signal_id"]), outcome_in(state, signal["signal_id"]))
        # Of two from the same moment ours stands, which has an author.
        outcome = max(filter(None, known), key=reported_at, default=None)
        return view | ({"outcome": outcome} if outcome else {})

    def _playbook(self, state: dict[str, Any], name: str) -> dict[str, Any] | None:
        """What to do for a customer that stands there, whatever happened last."""
        lifecycle = getattr(self._policy.lifecycle, state["lifecycle"])
        segment = self._policy.segments.named(state["segment"])
        playbook = segment.playbook if state["lifecycle"] == "active" else lifecycle.playbook
        return self._signals.standing(playbook, state, name)


def value_terms(state: dict[str, Any], policy: Policy) -> list[dict[str, Any]]:
    """The value axis as terms that add up to its amount, to be drawn in this order.

    `rfm`: each digit's share in the weighted mean. `revenue`: the calendar months that lie in the window whole, and
    `earlier` for what is left of it. `contract`: the rows of the public state; where no contract counts, `purchases`.
    """
    measure = state["value"]["measure"]
    if measure == "revenue":
        return _by_month(state, policy)
    return _by_contract(state, policy) if measure == "contract" else _by_digit(state, policy)


def _by_digit(state: dict[str, Any], policy: Policy) -> list[dict[str, Any]]:
    weights, rfm = policy.rfm.weights, state["rfm"]
    total = weights.recency + weights.frequency + weights.monetary
    shares = {"r": weights.recency, "f": weights.frequency, "m": weights.monetary}
    return [{"key": key, "amount": float(Decimal(rfm[key]) * weight / total)} for key, weight in shares.items()]


def _by_contract(state: dict[str, Any], policy: Policy) -> list[dict[str, Any]]:
    rows = state.get("contracts") or [{"kind": "purchases", "amount": state["value"]["amount"]}]
    today = _local_day(state, policy).isoformat()
    return [
        {
            "key": row["kind"],
            "amount": float(row["amount"]),
            **{field: row[field] for field in _CONTRACT_SHOWN if row.get(field) is not None},
            "ended": row.get("until", today) < today,
        }
        for row in rows
        if float(row["amount"])
    ]


def _by_month(state: dict[str, Any], policy: Policy) -> list[dict[str, Any]]:
    first = _local_day(state, policy) - timedelta(days=policy.value.window_days - 1)
    whole = [month for month in state["months"] if date.fromisoformat(f"{month['month']}-01") >= first]
    rest = Decimal(state["value"]["amount"]) - sum(Decimal(month["amount"]) for month in whole)
    terms = [{"key": month["month"], "amount": float(month["amount"])} for month in whole]
    return [{"key": "earlier", "amount": float(rest)}, *terms] if rest else terms


def _local_day(state: dict[str, Any], policy: Policy) -> date:
    return datetime.fromisoformat(state["as_of"]).astimezone(ZoneInfo(policy.timezone)).date()
