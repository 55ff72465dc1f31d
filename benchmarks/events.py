"""Seeded events: what a source would send, and the same as records of the log, made by the real intake.

It must not know what is measured with them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

import msgspec

from schemas.log import LogAccount, LogEvent
from streams.domain.zone import DAY_MS, iso_instant
from streams.intake.companies import Directory
from streams.intake.intake import Accepted, Intake, IntakeSettings, Raw

PATHS = ["/", "/blog/a", "/docs/start", "/pricing", "/plans/team", "/enterprise", "/products/new/x", "/help/export"]
PATH_WEIGHTS = [30, 25, 25, 6, 4, 4, 4, 2]
HEADLINES = ["新製品の発売について", "30億円の資金調達を実施", "新規事業を開始", "年次報告書を公開"]
NOTES = ["定例の打ち合わせ。特に問題なし。", "来期予算が付きそうとのこと。", "全社展開を検討したい。"]
ACTIONS = ["login", "favorite", "mail_click", "cart_add"]

# How often what happens, in thousandths; personal fields are sealed by intake, so the log of the fold has none.
LOG_MIX = {
    "page_view": 420, "action": 150, "usage": 110, "purchase": 120, "renewal": 20, "refund": 15, "plan_change": 5,
    "download": 60, "webinar": 25, "press_release": 25, "media_mention": 15, "job_postings": 10, "sales_rating": 10,
    "nps_response": 15,
}  # fmt: skip
SOURCE_MIX = LOG_MIX | {"page_view": 380, "inquiry": 20, "cs_report": 20}
PERSONAL = ("inquiry", "cs_report", "support_ticket", "contact_transferred", "account")
KINDS = (*LOG_MIX, "form", *PERSONAL, "cancellation", "signal_outcome")
PAST_DAYS = {"purchase": 365, "renewal": 365, "refund": 300}  # how far back events lie; others: a few days
RECENT_DAYS = 6


def customer_name(number: int) -> str:
    """The id of the number-th customer."""
    return f"C{number:07d}"


def account_of(number: int) -> dict[str, Any]:
    """The account master of a customer."""
    return {
        "customer_id": customer_name(number), "name": f"見本第{number}商事株式会社", "kind": "b2b",
        "domains": [f"c{number:07d}.example"], "industry": "情報通信業" if number % 3 else "卸売業", "employees": 120,
        "departments": ["経理部", "情報システム部"], "sales_owner": "架空 太郎", "cs_owner": "架空 花子",
    }  # fmt: skip


def directory_of(customers: int) -> Directory:
    """Everybody's account, so that releases find their company."""
    directory = Directory()
    for number in range(customers):
        found = account_of(number)
        directory.put(found["customer_id"], LogAccount(name=found["name"], domains=found["domains"]))
    return directory


class Maker:
    """Makes events of made-up customers; the same seed and base give the same ones. `base_ms`: none is later."""

    def __init__(self, seed: int, customers: int, base_ms: int) -> None:
        self._rng, self._customers, self._base_ms, self._made = Random(seed), customers, base_ms, 0

    def value(self, kind: str, number: int | None = None, occurred_ms: int | None = None) -> tuple[str, dict[str, Any]]:
        """Topic and JSON object of one event; of a customer by lot without a `number`."""
        rng = self._rng
        who = rng.randrange(self._customers) if number is None else number
        if occurred_ms is None:
            occurred_ms = self._base_ms - int(rng.random() * PAST_DAYS.get(kind, RECENT_DAYS) * DAY_MS)
        self._made += 1
        topic, more = _fields(kind, rng, who)
        value = {"event_id": f"{kind}-{self._made}", "occurred_at": iso_instant(occurred_ms), "type": kind, **more}
        if topic != "press-releases":
            value["customer_id"] = customer_name(who)
        return topic, value

    def mixed(self, count: int, mix: dict[str, int]) -> Iterator[tuple[str, dict[str, Any]]]:
        """That many events of a mix."""
        for kind in self.kinds(count, mix):
            yield self.value(kind)

    def kinds(self, count: int, mix: dict[str, int]) -> list[str]:
        """That many types by lot, in the proportions of a mix."""
        return self._rng.choices(list(mix), list(mix.values()), k=count)


def _fields(kind: str, rng: Random, who: int) -> tuple[str, dict[str, Any]]:
    """Topic and further fields of a kind."""
    contact = {"id": f"p{who}", "department": "経理部", "title": "課長"}
    note = {"text": rng.choice(NOTES), "author": "架空 花子"}
    company = {"domain": f"www.c{who:07d}.example"}
    release = {"company": company, "headline": rng.choice(HEADLINES), "url": "https://news.example/1"}
    money = {"amount": str(rng.randrange(10, 4_000) * 100), "currency": "JPY"}
    if kind in ("purchase", "renewal", "refund", "plan_change", "cancellation"):
        return "purchases", _purchase(kind, rng, money)
    fields: dict[str, tuple[str, dict[str, Any]]] = {
        "page_view": ("web-behaviour", {"path": rng.choices(PATHS, PATH_WEIGHTS)[0], "title": "ページ"}),
        "download": ("web-behaviour", {"document": "API仕様の概要", "path": "/docs/api"}),
        "webinar": ("web-behaviour", {"title": "活用ウェビナー", "attended": rng.random() < 0.6}),
        "form": ("web-behaviour", {"form": "contact", "contact": contact}),
        "action": ("web-behaviour", {"action": rng.choice(ACTIONS), "item": "sku-1"}),
        "usage": ("web-behaviour", {"metric": "seats", "value": rng.randrange(100), "licensed": 100}),
        "inquiry": ("crm-activities", note | {"contact": contact}),
        "cs_report": ("crm-activities", note),
        "support_ticket": ("crm-activities", note | {"contact": contact}),
        "contact_transferred": ("crm-activities", {"contact": contact, "new_department": "営業部"}),
        "sales_rating": ("crm-activities", {"rating": rng.choice(["high", "medium", "low"])}),
        "nps_response": ("crm-activities", {"score": rng.randrange(11)}),
        "signal_outcome": ("crm-activities", {"signal_id": "0" * 32, "outcome": "worked"}),
        "press_release": ("press-releases", release),
        "media_mention": ("press-releases", release),
        "job_postings": ("press-releases", {"company": company, "open_count": rng.randrange(3, 40)}),
        "account": ("accounts", account_of(who)),
    }
    return fields[kind]


def _purchase(kind: str, rng: Random, money: dict[str, str]) -> dict[str, Any]:
    if kind == "plan_change":
        return {"from_plan": "light", "to_plan": "pro", "direction": rng.choice(["upgrade", "downgrade"])}
    if kind == "cancellation":
        return {"scope": "contract", "contract_id": "k1", "reason": "予算"}
    if kind == "renewal":
        period = {"contract_id": "k1", "period_from": "2026-04-01", "period_to": "2027-03-31"}
        return {"amount": str(rng.randrange(5, 30) * 100_000), "currency": "JPY", **period}
    return money | ({"order_id": f"o{rng.randrange(10**6)}"} if kind == "purchase" else {})


encode_json = msgspec.json.Encoder().encode


def raw_of(topic: str, value: dict[str, Any], received_ms: int) -> Raw:
    """The record as a source topic would have it."""
    key = value["customer_id"] if "customer_id" in value else value["event_id"]
    return Raw(topic, key.encode(), encode_json(value), (), received_ms)


def through_intake(intake: Intake, raw: Raw) -> Sequence[LogEvent]:
    """The events that the real intake makes of it, which must accept it."""
    decision = intake.take(raw)
    assert isinstance(decision, Accepted), decision
    return decision.events


def intake_for(directory: Directory) -> Intake:
    """The intake of the shipped policy for companies."""
    return Intake(IntakeSettings(300, "JPY", frozenset({"USD", "EUR"})), directory)


def log_events(seed: int, customers: int, count: int, base_ms: int) -> Iterator[LogEvent]:
    """Events for the log, none with anything to seal."""
    intake, made = intake_for(directory_of(customers)), 0
    for topic, value in Maker(seed, customers, base_ms).mixed(count, LOG_MIX):
        for event in through_intake(intake, raw_of(topic, value, base_ms)):
            made += 1
            yield event
    assert made == count, f"{made} instead of {count}"
