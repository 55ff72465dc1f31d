"""Writes the account master of a customer: when it begins and whenever something in it changes.

It must not know what the changes mean.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from streams.sample.clock import DAY_S, HOUR_S, midnight_s
from streams.sample.life import Life, next_period
from streams.sample.people import Contact
from streams.sample.writer import Writer


def account(life: Life, day: date, newcomers: tuple[Contact, ...] = ()) -> dict[str, Any]:
    """The account as the master has it on a day, with people met since."""
    company, span = life.company, life.span_at(day)
    known = [
        {"id": p.id, "name": p.name, "email": p.email, "department": p.department, "title": p.title}
        for p in company.people
    ]
    content = {
        "customer_id": company.customer_id,
        "name": company.name,
        "aliases": list(company.aliases),
        "corporate_number": company.corporate_number,
        "domains": [company.domain],
        "external_ids": {"crm": f"CRM-{company.customer_id[2:]}"},
        "kind": "b2b",
        "industry": company.industry,
        "industry_growth": company.industry_growth,
        "employees": company.employees,
        "departments": list(dict.fromkeys((*company.departments, *(c["department"] for c in newcomers)))),
        "contacts": known + [dict(contact) for contact in newcomers],
        "plan": span.plan if span else None,
        "contract_end": _contract_end(life, day) if span else None,
        "sales_owner": company.sales_owner,
        "cs_owner": company.cs_owner,
    }
    return {name: value for name, value in content.items() if value is not None}


def _contract_end(life: Life, day: date) -> str | None:
    if life.billing == "none":
        return None
    span = life.span_at(day)
    assert span is not None
    return (next_period(span.first, day, life.billing) - timedelta(days=1)).isoformat()


def write_accounts(life: Life, newcomers: dict[date, Contact], writer: Writer) -> None:
    """The first record days before the first contract, then one on every day something in it changed."""
    first = life.first - timedelta(days=writer.rng.randint(1, 6))
    writer.account(midnight_s(first) + 10 * HOUR_S + writer.rng.uniform(0, 5 * HOUR_S), account(life, life.first))
    met: tuple[Contact, ...] = ()
    for day in sorted(_days_of_change(life) | newcomers.keys()):
        if day in newcomers and writer.rng.random() < 0.5:  # not everybody is entered
            met = (*met, newcomers[day])
        writer.account(_night_after_s(day, writer), account(life, day, met))
    if life.leaves is not None and life.withdrawn is None and len(life.spans) == 1 and writer.rng.random() < 0.1:
        writer.removed(midnight_s(life.leaves) + 45 * DAY_S + 4 * HOUR_S)


def _days_of_change(life: Life) -> set[date]:
    days = {day for day, _ in life.changes}
    if life.leaves is not None and life.withdrawn is None:
        days.add(life.leaves)
    days.update(span.first for span in life.spans[1:])
    if life.billing != "yearly":
        return days
    for span in life.spans:
        day = next_period(span.first, span.first, life.billing)
        while day < min(span.until, life.end):
            days.add(day)
            day = next_period(span.first, day, life.billing)
    return days


def _night_after_s(day: date, writer: Writer) -> float:
    return midnight_s(day) + DAY_S + 3 * HOUR_S + writer.rng.uniform(0, HOUR_S)
