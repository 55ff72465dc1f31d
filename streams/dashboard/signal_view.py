"""A signal as a page shows it: with the customer's name, the playbook filled in, and what was reported back.

It must not know where signals come from.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from schemas.policy import Policy
from streams.dashboard.talk import spoken
from streams.domain.potential import LIMIT

# What a card shows of a signal; everything else stays in Redis.
_SHOWN = (
    *("signal_id", "type", "customer_id", "rule", "audiences", "severity", "effective_at", "detected_at", "segment"),
    *("lifecycle", "change", "value", "potential", "cause", "evidence", "owners", "suppressed", "historical"),
)
EVIDENCE_SHOWN = 4


class SignalViews:
    """Makes views of signals; the policy says which rules exist, Redis what their playbooks say."""

    def __init__(self, policy: Policy) -> None:
        self.playbooks: dict[str, dict[str, Any]] = {}
        self._rules = {rule.id: rule for rule in policy.rules}

    def view(self, signal: Mapping[str, Any], account: Mapping[str, Any], departments: list[str]) -> dict[str, Any]:
        """The view of one signal.

        Args:
            signal: The signal as published.
            account: At least its `name`; may be empty.
            departments: The department that a signal of a new one is about; empty where that is not known.
        """
        shown = {name: signal[name] for name in _SHOWN if signal.get(name) is not None}
        shown["evidence"] = _strongest(signal.get("evidence") or [])
        shown["name"] = account.get("name") or signal["customer_id"]
        rule = self._rules.get(signal.get("rule", ""))
        if rule is not None:
            shown["label"] = rule.label
        newcomers = departments if rule is not None and rule.new_department else []
        values = _values(signal, shown["name"], newcomers)
        shown["playbook"] = spoken(self.playbooks.get(signal.get("playbook") or ""), values)
        return shown

    def standing(self, playbook: str | None, state: Mapping[str, Any], name: str) -> dict[str, Any] | None:
        """The playbook of a segment or lifecycle, for a customer that stands there."""
        rows = [{**row, "title": None} for row in state["potential"]["contributions"]]
        signal = {"evidence": rows, "owners": state.get("owners"), "customer_id": state["customer_id"]}
        return spoken(self.playbooks.get(playbook or ""), _values(signal, name, []))


def outcome_in(state: Mapping[str, Any], signal_id: str) -> dict[str, Any] | None:
    """What a public state says was reported back of a signal, last."""
    found = [outcome for outcome in state.get("outcomes") or [] if outcome.get("signal_id") == signal_id]
    return found[-1] if found else None


def _values(signal: Mapping[str, Any], company: str, newcomers: list[str]) -> dict[str, str | None]:
    """What the closed list of placeholders stands for."""
    told = _told(signal)
    owners = signal.get("owners") or {}
    is_download = (signal.get("cause") or {}).get("topic") == "web-behaviour"
    return {
        "company": company,
        "owner": owners.get("sales") or owners.get("cs"),
        "evidence": told.get("title") or told.get("label"),
        "document": told.get("title") if is_download else None,
        "department": newcomers[-1] if newcomers else None,
        "link": told.get("url") or customer_path(signal["customer_id"]),
    }


def customer_path(customer_id: str) -> str:
    """Where a customer's page is."""
    return "/customers/" + quote(customer_id, safe="")


def _told(signal: Mapping[str, Any]) -> Mapping[str, Any]:
    """The row of the causing event, else the strongest."""
    rows = signal.get("evidence") or []
    caused = [row for row in rows if row.get("title")]
    return caused[0] if caused else next(iter(_strongest(rows)), {})


def _strongest(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that say most: the causing event's first, then by points; the clamp's own row last."""
    ordered = sorted(
        rows, key=lambda row: (not row.get("title"), row.get("rule") == LIMIT, -abs(row.get("points") or 0.0))
    )
    return ordered[:EVIDENCE_SHOWN]
