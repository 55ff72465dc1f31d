"""From a validated fact to its form in the `events` log.

It must not know why a fact is taken in or whose it is; nothing is checked here any more.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from schemas.accounts import Account
from schemas.facts import Contact, Event
from schemas.fields import decimal_text
from schemas.log import LogAccount, LogContact


def log_fields(event: Event) -> dict[str, Any]:
    """The fields of the log's form of an event, all but topic, customer of a release and `matched_by`.

    The currency is still as written, and `occurred_ms` not yet compared with the receipt.
    """
    fields = event.__dict__.copy()
    for name, convert in _conversions(type(event)):
        if fields[name] is not None:
            fields[name] = convert(fields[name])
    return fields


def log_account(account: Account) -> LogAccount:
    """The log's form of an account, whole."""
    return LogAccount(
        name=account.name,
        aliases=account.aliases,
        corporate_number=account.corporate_number,
        domains=account.domains,
        external_ids=account.external_ids,
        kind=account.kind,
        industry=account.industry,
        industry_growth=None if account.industry_growth is None else decimal_text(account.industry_growth),
        employees=account.employees,
        departments=account.departments,
        contacts=[LogContact(**contact.__dict__) for contact in account.contacts],
        plan=account.plan,
        contract_end=None if account.contract_end is None else account.contract_end.isoformat(),
        sales_owner=account.sales_owner,
        cs_owner=account.cs_owner,
    )


def _log_contact(contact: Contact) -> LogContact:
    return LogContact(contact.id, contact.department, contact.title)


def _log_items(items: list[Any]) -> list[dict[str, Any]]:
    return [
        {
            "sku": item.sku,
            **({} if item.category is None else {"category": item.category}),
            "quantity": decimal_text(item.quantity),
            "unit_price": decimal_text(item.unit_price),
        }
        for item in items
    ]


_Conversions = tuple[tuple[str, Callable[[Any], Any]], ...]
_CONVERT: dict[str, Callable[[Any], Any]] = {
    "amount": decimal_text,
    "value": decimal_text,
    "licensed": decimal_text,
    "period_from": date.isoformat,
    "period_to": date.isoformat,
    "effective_on": date.isoformat,
    "contact": _log_contact,
    "items": _log_items,
}
_known_conversions: dict[type[Event], _Conversions] = {}


def _conversions(model: type[Event]) -> _Conversions:
    """What has to be converted of a model; found once, as most types need nothing."""
    known = _known_conversions.get(model)
    if known is None:
        known = tuple((name, _CONVERT[name]) for name in model.model_fields if name in _CONVERT)
        _known_conversions[model] = known
    return known
