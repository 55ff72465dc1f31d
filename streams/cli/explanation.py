"""How a customer's standing is put into words; it must not know where the facts were read."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from schemas.policy import Policy
from schemas.policy_axes import PointRule
from streams.cli.plain_text import counted

_LIFECYCLES = {"onboarding": "導入期 onboarding", "active": "利用中 active", "former": "解約済み former"}
_BECAUSE = {
    "decay": "the potential score decays below the threshold",
    "window": "purchases or contracts leave the value window at local midnight",
    "expiry": "points expire",
    "dwell": "the minimum stay is over and the axes have moved",
    "lifecycle": "the lifecycle changes",
}


def explanation(
    state: dict[str, Any], account: dict[str, Any] | None, signals: list[dict[str, Any]], policy: Policy
) -> Iterator[str]:
    """Lines that say where the customer is, why by both axes, and what comes next if nothing happens."""
    zone = ZoneInfo(policy.timezone)
    yield from _heading(state, account, policy, zone)
    if state["policy_version"] != policy.policy_version:
        yield ""
        yield f"Note: decided by policy {state['policy_version']}, but thresholds below are of {policy.policy_version};"
        yield "  --policy or KAKUHAN_POLICY gives the file it was decided by."
    yield from _value(state, policy)
    yield from _potential(state, policy, zone)
    yield from _next(state["next_transition"], zone)
    yield from _signals(signals, policy, zone)
    yield from _outcomes(state.get("outcomes") or [], signals, zone)


def _heading(state: dict[str, Any], account: dict[str, Any] | None, policy: Policy, zone: ZoneInfo) -> Iterator[str]:
    name = f"{account['name']} ({state['customer_id']})" if account else state["customer_id"]
    label = getattr(policy.segments, state["segment"]).label
    yield f"{name}: {label} `{state['segment']}` since {_local(state['segment_since'], zone)}"
    owners = [f"{role} {owner}" for role, owner in state["owners"].items() if owner]
    lifecycle = _LIFECYCLES[state["lifecycle"]]
    when = f"{_local(state['as_of'], zone)} ({zone.key})"
    yield f"  {lifecycle}; as of {when}" + (f"; owners: {', '.join(owners)}" if owners else "")


def _value(state: dict[str, Any], policy: Policy) -> Iterator[str]:
    value, rfm, lifetime, high = state["value"], state["rfm"], state["lifetime"], policy.value.high
    yield ""
    yield f"現在の価値 value ({value['measure']}): {_amount(value['amount'])}, {_side(value['high'])}"
    yield f"  turns high at {_amount(str(high.enter))}, low below {_amount(str(high.leave))}"
    for row in state.get("contracts") or []:
        yield f"  {_amount(row['amount']):>15}  {_contract(row)}"
    recency = "never bought" if rfm["recency_days"] is None else f"bought {counted(rfm['recency_days'], 'day')} ago"
    yield (
        f"  RFM {rfm['code']} (score {rfm['score']}): {recency}, {counted(rfm['frequency'], 'purchase')} and "
        f"{_amount(rfm['monetary'])} in {policy.rfm.window_days} days"
    )
    if lifetime["first_day"]:
        yield f"  customer since {lifetime['first_day']}, {counted(lifetime['repeat_days'], 'repeat purchase day')}"


def _contract(row: dict[str, Any]) -> str:
    if row["kind"] == "purchases":
        return "purchases without a period, less refunds"
    if row["kind"] == "others":
        return counted(row["contracts"], "more contract")
    return f"contract {row.get('contract') or 'without an id'} ({row['from']} to {row['until']})"


def _potential(state: dict[str, Any], policy: Policy, zone: ZoneInfo) -> Iterator[str]:
    potential, high = state["potential"], policy.potential.high
    yield ""
    yield f"成長ポテンシャル potential: {potential['score']:.4f}, {_side(potential['high'])}"
    yield f"  turns high at {high.enter}, low below {high.leave}"
    rules = {rule.id: rule for rule in policy.potential.points}
    for row in potential["contributions"]:
        yield f"  {row['points']:>+9.4f}  {row['label']} `{row['rule']}`{_behind(row, rules, zone)}"
    if potential["contributions"]:
        yield f"  {potential['score']:>9.4f}  in all"


def _behind(row: dict[str, Any], rules: dict[str, PointRule], zone: ZoneInfo) -> str:
    if not row.get("last"):
        return ""
    events = f"{counted(row['events'], 'event')}, newest {_local(row['last'], zone)}"
    rule = rules.get(row["rule"])
    if rule is None:
        return f" ({events})"
    if rule.half_life_days is not None:
        return f" ({events}; halves every {rule.half_life_days} days)"
    return f" ({events}; until {rule.expires_days} days old)" if rule.expires_days is not None else f" ({events})"


def _next(transition: dict[str, Any] | None, zone: ZoneInfo) -> Iterator[str]:
    yield ""
    if transition is None:
        yield "If nothing more happens, it stays there."
        return
    because = _BECAUSE[transition["because"]]
    yield f"If nothing more happens: `{transition['to']}` on {_local(transition['at'], zone)}, because {because}."


def _signals(signals: list[dict[str, Any]], policy: Policy, zone: ZoneInfo) -> Iterator[str]:
    if not signals:
        return
    labels = {rule.id: rule.label for rule in policy.rules}
    yield ""
    yield "Newest signals:"
    for signal in signals:
        change = signal.get("change")
        what = f"{change['from']} → {change['to']}" if change else labels.get(signal["rule"], signal["rule"])
        yield f"  {_local(signal['effective_at'], zone)}  {signal['type']}: {what} ({signal['cause']['kind']})"


def _outcomes(outcomes: list[dict[str, Any]], signals: list[dict[str, Any]], zone: ZoneInfo) -> Iterator[str]:
    """What was reported back, the newest first; of which signal, where that is among those told."""
    if not outcomes:
        return
    told = {signal["signal_id"]: signal for signal in signals}
    yield ""
    yield "Reported back:"
    for row in reversed(outcomes):
        signal = told.get(row["signal_id"])
        about = f" on {signal['type']} of {_local(signal['effective_at'], zone)}" if signal else ""
        since = _amount(row["revenue_since"])
        yield f"  {_local(row['at'], zone)}  {row['outcome']}{about}; revenue from that day on {since}"


def _local(instant: str, zone: ZoneInfo) -> str:
    return f"{datetime.fromisoformat(instant).astimezone(zone):%Y-%m-%d %H:%M}"


def _amount(text: str) -> str:
    whole, point, part = text.partition(".")
    return f"{int(whole):,}{point}{part}" if whole.lstrip("-").isdigit() else text


def _side(high: bool) -> str:
    return "high" if high else "low"
