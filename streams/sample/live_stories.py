"""Short stories for a watcher: what can happen at a customer within a minute.

It must not know when they happen, nor which of them a policy makes a signal of.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random
from typing import Any

from streams.sample import notes
from streams.sample.headlines import categories, headline
from streams.sample.life import Life
from streams.sample.master import account
from streams.sample.people import contact_of, promoted_title, somebody, stranger
from streams.sample.plans import plan_of, tidy
from streams.sample.stories_crm import remark

Happening = tuple[str, dict[str, Any]]
"""A source topic and an event without id, customer and time."""

_BIG = 1_200_000  # yearly price (JPY) of a customer that is looked after closely
_PRICING = ("/pricing", "/plans/compare", "/enterprise", "/enterprise/security")


@dataclass(slots=True)
class Desk:
    """How things stand with a customer right now; `contract` counts its contracts from 1."""

    life: Life
    yearly_price: int
    present: bool
    contract: int = 1

    @property
    def is_big(self) -> bool:
        """Does the customer pay much?"""
        return self.present and self.yearly_price >= _BIG


@dataclass(frozen=True, slots=True)
class LiveStory:
    """A story, how often it is told against the others, and at whom."""

    weight: float
    fits: Callable[[Desk], bool]
    tell: Callable[[Desk, date, Random], list[Happening]]


def _present(desk: Desk) -> bool:
    return desk.present


def _web(kind: str, **fields: object) -> Happening:
    return "web-behaviour", {"type": kind, **fields}


def _crm(kind: str, **fields: object) -> Happening:
    return "crm-activities", {"type": kind, **fields}


def _funding(desk: Desk, day: date, rng: Random) -> list[Happening]:
    company = desk.life.company
    named: dict[str, str] = {"name": company.name}
    named |= {"corporate_number": company.corporate_number} if company.corporate_number else {"domain": company.domain}
    topic = rng.choices(("funding", "m_and_a", "new_business"), (6, 2, 1))[0]
    release = {
        "type": "press_release",
        "company": named,
        "headline": headline(topic, company.name, company.english, rng),
        "categories": categories(topic, rng),
        "url": f"https://www.{company.domain}/news/{day:%Y%m%d}",
    }
    return [("press-releases", release), _web("page_view", path=rng.choice(_PRICING))]


def _promotion(desk: Desk, day: date, rng: Random) -> list[Happening]:
    company = desk.life.company
    person = rng.choice(company.people)
    texts = notes.STRATEGIC_INQUIRIES_EN if company.english else notes.STRATEGIC_INQUIRIES
    return [
        _crm("contact_promoted", contact=contact_of(person), new_title=promoted_title(person.title)),
        _web("page_view", path="/enterprise", contact=contact_of(person)),
        _crm("inquiry", text=rng.choice(texts), contact=contact_of(person)),
    ]


def _department(desk: Desk, day: date, rng: Random) -> list[Happening]:
    visit = _web("page_view", path=f"/cases/{rng.randint(1, 60)}")
    contact = stranger(desk.life.company, rng)
    return [visit, _web("download", document=rng.choice(notes.DOCUMENTS), path="/resources", contact=contact)]


def _new_use(desk: Desk, day: date, rng: Random) -> list[Happening]:
    company = desk.life.company
    texts = notes.NEW_USE_INQUIRIES_EN if company.english else notes.NEW_USE_INQUIRIES
    kind = rng.choice(("inquiry", "support_ticket"))
    return [_crm(kind, text=rng.choice(texts), contact=somebody(company, rng))]


def _promising(desk: Desk, day: date, rng: Random) -> list[Happening]:
    return [_crm("cs_report", text=rng.choice(notes.PROMISING_REPORTS), author=desk.life.company.cs_owner)]


def _detractor(desk: Desk, day: date, rng: Random) -> list[Happening]:
    contact, score = somebody(desk.life.company, rng), rng.randint(0, 3)
    answer: dict[str, object] = {"score": score, "contact": contact}
    text = remark(score, rng)
    return [
        _crm("support_ticket", text=rng.choice(notes.COMPLAINTS), contact=contact),
        _crm("nps_response", **answer, **({"text": text} if text else {})),
    ]


def _transfer(desk: Desk, day: date, rng: Random) -> list[Happening]:
    company = desk.life.company
    contact = contact_of(rng.choice(company.people))
    return [_crm("contact_transferred", contact=contact, new_department=rng.choice(company.departments))]


def _leaving(desk: Desk, day: date, rng: Random) -> list[Happening]:
    contact = somebody(desk.life.company, rng)
    return [_web("page_view", path=path, contact=contact) for path in ("/help/cancel", "/help/export-data")]


def _downgrade(desk: Desk, day: date, rng: Random) -> list[Happening]:
    return [*_leaving(desk, day, rng)[:1], *_reprice(desk, day, rng.uniform(0.3, 0.6), "downgrade")]


def _upgrade(desk: Desk, day: date, rng: Random) -> list[Happening]:
    look = _web("page_view", path=rng.choice(_PRICING), contact=somebody(desk.life.company, rng))
    return [look, _crm("deal_won"), *_reprice(desk, day, rng.uniform(2.0, 6.0), "upgrade")]


def _reprice(desk: Desk, day: date, factor: float, direction: str) -> list[Happening]:
    """Another plan, a new year at its price, and the account master telling so."""
    before, desk.yearly_price = desk.yearly_price, tidy(desk.yearly_price * factor)
    change = {
        "type": "plan_change",
        "from_plan": plan_of(before),
        "to_plan": plan_of(desk.yearly_price),
        "direction": direction,
        "amount": str(desk.yearly_price),
    }
    return [("purchases", change), _year(desk, day, "renewal"), _master(desk, day)]


def _year(desk: Desk, day: date, kind: str) -> Happening:
    return "purchases", {
        "type": kind,
        "amount": str(desk.yearly_price),
        "contract_id": f"CT-{desk.life.company.customer_id}-{desk.contract}",
        "period_from": day.isoformat(),
        "period_to": (day + timedelta(days=364)).isoformat(),
    }


def _master(desk: Desk, day: date) -> Happening:
    end = (day + timedelta(days=364)).isoformat()
    return "accounts", account(desk.life, day) | {"plan": plan_of(desk.yearly_price), "contract_end": end}


def _cancellation(desk: Desk, day: date, rng: Random) -> list[Happening]:
    desk.present = False
    said = {"type": "cancellation", "effective_on": day.isoformat(), "reason": rng.choice(notes.LEAVING_REASONS)}
    survey = _crm("churn_survey", text=rng.choice(notes.SURVEY_ANSWERS))
    return [*_leaving(desk, day, rng), ("purchases", said), survey]


def _return(desk: Desk, day: date, rng: Random) -> list[Happening]:
    desk.present, desk.contract = True, desk.contract + 1
    return [_web("page_view", path="/pricing"), _year(desk, day, "purchase"), _master(desk, day)]


LIVE_STORIES: dict[str, LiveStory] = {
    "funding": LiveStory(20, _present, _funding),
    "promotion": LiveStory(12, _present, _promotion),
    "department": LiveStory(16, lambda desk: desk.is_big, _department),
    "new_use": LiveStory(14, lambda desk: desk.is_big or desk.life.archetype.name == "growing", _new_use),
    "promising": LiveStory(14, _present, _promising),
    "detractor": LiveStory(8, _present, _detractor),
    "transfer": LiveStory(8, lambda desk: desk.is_big, _transfer),
    "leaving": LiveStory(5, _present, _leaving),
    "downgrade": LiveStory(4, lambda desk: desk.is_big, _downgrade),
    "upgrade": LiveStory(7, lambda desk: desk.present and not desk.is_big, _upgrade),
    "cancellation": LiveStory(2, _present, _cancellation),
    "return": LiveStory(2, lambda desk: not desk.present, _return),
}
"""What a watcher sees, by name; a weight is about per cent."""
