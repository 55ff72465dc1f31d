"""One applied record as the oracle reads it: the known fields of its type and nothing else.

It must not know the policy's thresholds or what a fact leads to.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

from tests.oracle.clock import local_day, parse_instant, show_instant

BOUGHT = {"amount", "currency", "order_id", "contract_id", "period_from", "period_to", "items", "contact"}
SAID = {"text", "author", "contact"}
DEAL = {"amount", "currency", "deal_id"}
RELEASE = {"company", "headline", "body", "categories", "amount", "currency", "url"}
MOVED = {"contact", "new_title", "new_department"}

FIELDS: dict[str, set[str]] = {
    "purchase": BOUGHT,
    "renewal": BOUGHT,
    "refund": {"amount", "currency", "order_occurred_at", "full_refund"},
    "plan_change": {"from_plan", "to_plan", "direction", "amount", "currency"},
    "cancellation": {"effective_on", "scope", "contract_id", "reason", "text"},
    "page_view": {"path", "title", "contact"},
    "download": {"document", "path", "contact"},
    "webinar": {"title", "attended", "contact"},
    "form": {"form", "text", "contact"},
    "action": {"action", "item", "amount", "currency", "contact"},
    "usage": {"metric", "value", "licensed", "contact"},
    "cs_report": SAID,
    "inquiry": SAID,
    "support_ticket": SAID,
    "churn_survey": SAID,
    "contact_promoted": MOVED,
    "contact_transferred": MOVED,
    "sales_rating": {"rating", "author"},
    "nps_response": {"score", "text", "contact"},
    "deal_opened": DEAL,
    "deal_won": DEAL,
    "deal_lost": DEAL,
    "signal_outcome": {"signal_id", "outcome", "author", "text"},
    "press_release": RELEASE,
    "media_mention": RELEASE,
    "job_postings": {"company", "open_count", "previous_count"},
    "account": {
        *("name", "aliases", "corporate_number", "domains", "external_ids", "kind", "industry", "industry_growth"),
        *("employees", "departments", "contacts", "plan", "contract_end", "sales_owner", "cs_owner"),
    },
    "account_removed": set(),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """A record that counts; `position` is its place in the order of application, from 0."""

    position: int
    topic: str
    type: str
    event_id: str
    received_ms: int
    occurred_ms: int
    day: date
    received_day: date
    fields: dict[str, Any]
    matched_by: str | None

    def get(self, name: str) -> Any:
        """A field of the event, None where it is missing."""
        return self.fields.get(name)

    @property
    def newness(self) -> tuple[int, int]:
        """Order by when it happened, ties by when it was applied."""
        return self.occurred_ms, self.position


def read_fact(record: dict[str, Any], position: int, nth_at_ms: int, zone: ZoneInfo) -> Fact:
    """The record as a fact; `nth_at_ms` counts account records without an id at its ms, this one included."""
    value = {name: field for name, field in (record["value"] or {}).items() if field is not None}
    kind = event_type(record)
    received = record["received_ms"]
    happened = parse_instant(value["occurred_at"]) if "occurred_at" in value else received
    happened = min(happened, received)  # within the tolerated future it is taken as happening on receipt
    return Fact(
        position=position,
        topic=record["topic"],
        type=kind,
        event_id=value.get("event_id") or account_id(received, nth_at_ms),
        received_ms=received,
        occurred_ms=happened,
        day=local_day(happened, zone),
        received_day=local_day(received, zone),
        fields={name: field for name, field in value.items() if name in FIELDS[kind]},
        matched_by=record.get("matched_by"),
    )


def event_type(record: dict[str, Any]) -> str:
    """The event's type; a tombstone has one of its own."""
    if record["value"] is None:
        return "account_removed"
    return str(record["value"].get("type") or "account")


def own_id(record: dict[str, Any]) -> str | None:
    """The event_id the record brought, None for account records without."""
    return None if record["value"] is None else record["value"].get("event_id")


def account_id(received_ms: int, nth_at_ms: int) -> str:
    """The id of an account record that brought none."""
    suffix = f"#{nth_at_ms}" if nth_at_ms > 1 else ""
    return f"account@{show_instant(received_ms)}{suffix}"


def same_department(name: str) -> str:
    """A department's name in the form in which two are compared."""
    return "".join(unicodedata.normalize("NFKC", name).split())


def departments_of_event(fact: Fact) -> set[str]:
    """The departments an event names, normalised."""
    contact = fact.get("contact") or {}
    named = [contact.get("department"), fact.get("new_department")]
    return {same_department(name) for name in named if name and same_department(name)}


def departments_of_account(fact: Fact | None) -> set[str]:
    """The departments an account record names itself and through its contacts, normalised."""
    if fact is None:
        return set()
    contacts = fact.get("contacts") or []
    named = [*(fact.get("departments") or []), *(contact.get("department") for contact in contacts)]
    return {same_department(name) for name in named if name and same_department(name)}
