"""Random lives of a customer for the invariants: policies with short spans, and logs that visit every kind of event.

Spans are days where real ones are months, so that a short log sees windows end, scores fall, dwells, silences and
cooldowns pass. Times are whole hours or their neighbours by a millisecond, so that instants often coincide.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from hypothesis import strategies as st

from schemas.log import LogAccount, LogContact, LogEvent
from schemas.policy_events import SOURCE_TOPIC
from streams.domain.plan import Plan
from streams.domain.record import History, Record
from tests.unit.domain.kit import points, policy, rule, scoring

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
POINTS = (
    points("view", 9, event="page_view", half_life_days=2, cap=20, per_day=2),
    points("pricing", "4.75", event=["page_view", "download"], page="pricing", half_life_days="0.7"),
    points("fund", 10, event="press_release", categories=["funding"], expires_days=3, cap=25),
    points("stays", "1.5", event="form", cap=6),
    points("login", 7, event="action", expires_days="1.25", per_day=1),
)
FACTS = (
    {"id": "growth", "label": "g", "account": "industry_growth", "at_least": "0.1", "points": 5},
    {"id": "size", "label": "s", "account": "employees", "at_least": 100, "points": -3},
    {"id": "opinion", "label": "o", "rating": {"high": 8, "medium": 0, "low": -12}, "expires_days": 3},
)
RULES = (
    rule("viewed", event="page_view", segments=["nurture", "retain", "expand"], cooldown_days=1),
    rule("often", event="page_view", page="pricing", count={"at_least": 2, "within_days": 2, "distinct": "day"}),
    rule("many", event="download", count={"at_least": 2, "within_days": 3, "distinct": "contact"}, cooldown_days=2),
    rule("elsewhere", event=["download", "inquiry"], new_department=True),
    rule("asked", event="inquiry", text_any=["budget"], text_none=["no budget"]),
    rule("quiet", event=["page_view", "inquiry"], silent_days=2, cooldown_days=1, type="churn_risk"),
    rule("hushed", event="download", silent_days="1.5", segments=["expand", "retain"], type="churn_risk"),
    rule("hiring", event="job_postings", growth_at_least="0.5"),
)
GUARD = {"buying_signals": 2, "within_days": 3, "then_audiences": ["care"]}
_COMMON: dict[str, Any] = {
    "potential": scoring(*POINTS, facts=FACTS, cap=40),
    "rules": RULES,
    "lifecycle": {"onboarding": {"days": 4}},
    "segments": {name: {"upsell_guard": GUARD} for name in ("nurture", "retain")},
    "rfm": {"window_days": 6, "recency_days": [1, 2, 3, 5], "frequency": [1, 2, 3, 4]},
}
_REVENUE = {"value": {"window_days": 5}}
_CONTRACT = {
    "value": {"measure": "contract", "window_days": 4, "grace_days": 2, "high": {"enter": 5000, "leave": 4000}}
}
_RFM = {"value": {"measure": "rfm", "high": {"enter": 3, "leave": "2.5"}}}

PLANS = {
    "revenue": Plan(policy(**_COMMON, **_REVENUE)),
    "revenue, dwell, Sao Paulo": Plan(policy(**_COMMON, **_REVENUE, min_dwell_days=2, timezone="America/Sao_Paulo")),
    "contract, Apia": Plan(policy(**_COMMON, **_CONTRACT, timezone="Pacific/Apia")),
    "contract, dwell": Plan(policy(**_COMMON, **_CONTRACT, min_dwell_days="1.5")),
    "rfm, dwell": Plan(policy(**_COMMON, **_RFM, min_dwell_days=1)),
}
STARTS_MS = {  # shortly before a day of 25 or 23 hours, a day that was skipped, a leap day
    "Sao Paulo, October 2018": 1_541_000_000_000,
    "Apia, December 2011": 1_325_000_000_000,
    "Tokyo, February 2028": 1_835_000_000_000,
}


@dataclass(frozen=True, repr=False)
class Case:
    """A plan by name and a log in order of receipt."""

    plan_name: str
    records: tuple[Record, ...]

    def __repr__(self) -> str:
        """What was applied when, with nothing that is not said."""
        lines = []
        for record in self.records:
            event = record.event
            named = {field: getattr(event, field) for field in event.__struct_fields__}
            said = {field: value for field, value in named.items() if value and field not in ("topic", "customer_id")}
            lines.append(f"  {record.received_ms} {said}")
        return "\n".join([f"Case({self.plan_name!r}", *lines]) + ")"

    @property
    def plan(self) -> Plan:
        return PLANS[self.plan_name]

    @property
    def end_ms(self) -> int:
        """Long after the last record, when nothing is left to come but what never ends."""
        return self.records[-1].received_ms + 60 * DAY_MS


_days = st.sampled_from(["2011-12-28", "2011-12-31", "2018-11-02", "2018-11-05", "2028-02-27", "2028-03-01"])
_amounts = st.sampled_from(["0", "40", "250.5", "600", "1000", "1200", "1200"])
_contacts = st.builds(
    LogContact, id=st.sampled_from(["p1", "p2", "p3"]), department=st.sampled_from([None, "Sales", "法務 部", "IT"])
)
_contracts = st.sampled_from([None, "A"])
_periods: st.SearchStrategy[dict[str, str]] = st.one_of(
    st.just({}), st.tuples(_days, _days).map(lambda pair: {"period_from": min(pair), "period_to": max(pair)})
)
_orders = st.builds(lambda amount, c, p: {"amount": amount, "contract_id": c, **p}, _amounts, _contracts, _periods)
_paths = st.sampled_from(["/pricing", "/pricing/a?x", "/help/1", "/about"])

_KINDS: dict[str, st.SearchStrategy[dict[str, Any]]] = {
    "purchase": _orders,
    "renewal": _orders,
    "refund": st.fixed_dictionaries({"amount": _amounts, "full_refund": st.booleans()}),
    "cancellation": st.fixed_dictionaries(
        {
            "effective_on": st.one_of(st.none(), _days),
            "scope": st.sampled_from(["all", "contract"]),
            "contract_id": _contracts,
        }
    ),
    "page_view": st.fixed_dictionaries({"path": _paths}),
    "download": st.fixed_dictionaries({"document": st.just("d"), "path": _paths, "contact": st.none() | _contacts}),
    "form": st.just({"form": "f"}),
    "action": st.just({"action": "login"}),
    "inquiry": st.fixed_dictionaries({"text": st.sampled_from(["budget", "no budget"]), "contact": _contacts}),
    "press_release": st.fixed_dictionaries({"headline": st.sampled_from(["X raises", "X grows"])}),
    "job_postings": st.fixed_dictionaries({"open_count": st.integers(0, 3)}),
    "sales_rating": st.fixed_dictionaries({"rating": st.sampled_from(["high", "medium", "low"])}),
    "account": st.builds(
        lambda growth, size, departments: {
            "account": LogAccount(name="X", industry_growth=growth, employees=size, departments=departments)
        },
        st.sampled_from([None, "0.2"]),
        st.sampled_from([None, 500]),
        st.lists(st.sampled_from(["Sales", "Legal"]), max_size=2),
    ),
    "account_removed": st.just({}),
    "erase": st.just({}),
}
_WEIGHTED = [*_KINDS, *("purchase", "page_view", "download", "press_release") * 6, *("renewal", "refund") * 3]
_gaps_ms = st.builds(
    lambda hours, ms: max(0, hours * HOUR_MS + ms),
    st.sampled_from([0, 0, 0, 1, 5, 12, 12, 24, 24, 30, 48, 72, 120]),
    st.sampled_from([0, 0, 0, -1, 1]),
)
_lateness_ms = st.sampled_from([0, 0, 0, 0, -60_000, HOUR_MS, HOUR_MS + 1, DAY_MS, 3 * DAY_MS, 9 * DAY_MS])


@st.composite
def cases(draw: st.DrawFn, most: int = 25) -> Case:
    """A log of up to `most` records, live from the first to the last."""
    at_ms = STARTS_MS[draw(st.sampled_from(list(STARTS_MS)))]
    records = []
    for number in range(draw(st.sampled_from(range(1, most + 1)))):
        at_ms += draw(_gaps_ms)
        records.append(_record(draw, number, at_ms))
    return Case(draw(st.sampled_from(list(PLANS))), tuple(records))


def _record(draw: st.DrawFn, number: int, at_ms: int) -> Record:
    type_ = draw(st.sampled_from(_WEIGHTED))
    fields = draw(_KINDS[type_])
    topic = "events" if type_ == "erase" else SOURCE_TOPIC.get(type_, "accounts")
    if topic not in ("events", "accounts"):
        fields = {**fields, "event_id": f"e{number}", "occurred_ms": at_ms - draw(_lateness_ms)}
    if type_ == "refund":
        fields = {**fields, "order_occurred_ms": draw(st.none() | st.just(fields["occurred_ms"] - 2 * DAY_MS))}
    event = LogEvent(topic=topic, type=type_, customer_id="C1", **fields)
    return Record(event, at_ms, at_ms)


def as_history(case: Case) -> Case:
    """The same log, loaded an hour after its end."""
    loaded_ms = case.records[-1].received_ms + HOUR_MS
    history = History("file-1", loaded_ms)
    records = (Record(record.event, record.received_ms, loaded_ms, history) for record in case.records)
    return Case(case.plan_name, tuple(records))
