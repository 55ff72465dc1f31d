"""The event fields a table's column may feed, by topic, and what kind of text each expects.

It must not know how a file is read or how a column is chosen.
"""

from __future__ import annotations

from difflib import get_close_matches
from enum import Enum

from streams.errors import SettingsError


class Kind(Enum):
    """What a cell holds, and so how its text is read."""

    TEXT = "text"
    ID = "identifier"
    MONEY = "amount"
    INTEGER = "whole number"
    NUMBER = "number"
    FLAG = "yes or no"
    DATE = "date"
    INSTANT = "date and time"
    LIST = "list"
    HOSTS = "list of hosts"
    CORPORATE_NUMBER = "法人番号"


_CONTACT = {"contact.id": Kind.ID, "contact.department": Kind.TEXT, "contact.title": Kind.TEXT}
_EVENT = {
    "customer_id": Kind.ID,
    "type": Kind.TEXT,
    "occurred_at": Kind.INSTANT,
    "amount": Kind.MONEY,
    "currency": Kind.TEXT,
    "text": Kind.TEXT,
    **_CONTACT,
}

FIELDS: dict[str, dict[str, Kind]] = {
    "purchases": {
        **_EVENT,
        "order_id": Kind.ID,
        "contract_id": Kind.ID,
        "period_from": Kind.DATE,
        "period_to": Kind.DATE,
        "items.sku": Kind.ID,
        "items.category": Kind.TEXT,
        "items.quantity": Kind.NUMBER,
        "items.unit_price": Kind.MONEY,
        "order_occurred_at": Kind.INSTANT,
        "full_refund": Kind.FLAG,
        "from_plan": Kind.TEXT,
        "to_plan": Kind.TEXT,
        "direction": Kind.TEXT,
        "effective_on": Kind.DATE,
        "scope": Kind.TEXT,
        "reason": Kind.TEXT,
    },
    "crm-activities": {
        **_EVENT,
        "author": Kind.TEXT,
        "new_title": Kind.TEXT,
        "new_department": Kind.TEXT,
        "rating": Kind.TEXT,
        "score": Kind.INTEGER,
        "deal_id": Kind.ID,
        "signal_id": Kind.ID,
        "outcome": Kind.TEXT,
    },
    "accounts": {
        "customer_id": Kind.ID,
        "occurred_at": Kind.INSTANT,
        "name": Kind.TEXT,
        "aliases": Kind.LIST,
        "corporate_number": Kind.CORPORATE_NUMBER,
        "domains": Kind.HOSTS,
        "kind": Kind.TEXT,
        "industry": Kind.TEXT,
        "industry_growth": Kind.NUMBER,
        "employees": Kind.INTEGER,
        "departments": Kind.LIST,
        "contacts.id": Kind.ID,
        "contacts.name": Kind.TEXT,
        "contacts.email": Kind.TEXT,
        "contacts.department": Kind.TEXT,
        "contacts.title": Kind.TEXT,
        "plan": Kind.TEXT,
        "contract_end": Kind.DATE,
        "sales_owner": Kind.TEXT,
        "cs_owner": Kind.TEXT,
    },
}
"""Topic → field → kind; `items.*` and `contacts.*` make a list of the one entry that a row can hold."""

REQUIRED: dict[str, tuple[str, ...]] = {
    "purchases": ("customer_id", "occurred_at"),
    "crm-activities": ("customer_id", "occurred_at", "type"),
    "accounts": ("customer_id", "name", "kind"),
}
"""Fields that a mapping must fill, in every row."""

DEFAULT_TYPE: dict[str, str | None] = {"purchases": "purchase", "crm-activities": None, "accounts": None}
"""The `type` of rows where the mapping names none."""

SINGLE_ENTRY_LISTS = frozenset({"items", "contacts"})
_EXTERNAL_IDS = "external_ids."


def kind_of(topic: str, field: str) -> Kind:
    """The kind of a topic's field.

    Raises:
        SettingsError: No table can be loaded into the topic, or it has no such field.
    """
    fields = FIELDS.get(topic)
    if fields is None:
        raise SettingsError(f"topic {topic!r}: CSV can be loaded into {', '.join(FIELDS)}")
    if topic == "accounts" and field.startswith(_EXTERNAL_IDS) and len(field) > len(_EXTERNAL_IDS):
        return Kind.ID
    kind = fields.get(field)
    if kind is None:
        raise SettingsError(_unknown_field(topic, field, list(fields)))
    return kind


def _unknown_field(topic: str, field: str, known: list[str]) -> str:
    if field == "event_id":
        return "event_id is not mapped: name its column with --id"
    close = get_close_matches(field, known, n=1)
    meant = f"; did you mean {close[0]}?" if close else "."
    extra = ["external_ids.NAME"] if topic == "accounts" else []
    return f"{topic} has no field {field!r}{meant} Fields: {', '.join(known + extra)}"
