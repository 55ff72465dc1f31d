"""Accounts and releases in the log, whose customers are told by the key or found by the company."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from schemas.log import LogAccount, LogContact, LogEvent
from streams.intake.companies import Directory
from streams.intake.intake import Accepted, Decision, Intake, IntakeSettings, Unmatched

Send = Callable[..., Decision]
Make = Callable[..., dict[str, Any]]

ACCOUNT = {"customer_id": "C1", "name": "株式会社アルファ", "kind": "b2b"}


def test_an_account_needs_no_type_id_or_time(event: Callable[..., LogEvent]) -> None:
    assert event("accounts", ACCOUNT) == LogEvent(
        topic="accounts", type="account", customer_id="C1", account=LogAccount(name="株式会社アルファ", kind="b2b")
    )


def test_an_account_is_kept_whole(event: Callable[..., LogEvent], noon_ms: int) -> None:
    value = {
        **ACCOUNT,
        "event_id": "a1",
        "occurred_at": "2026-11-09T12:00:00+09:00",
        "type": "account",
        "kind": "b2c",
        "aliases": ["Alpha"],
        "corporate_number": "１０００００００００００１",
        "domains": ["www.alpha.example", "アルファ.example"],
        "external_ids": {"crm": "x", "billing": 7, "none": None},
        "industry": "食品",
        "industry_growth": 0.120,
        "employees": 250,
        "departments": ["経理部"],
        "contacts": [
            {"id": "p1", "name": "架空 一郎", "email": "p1@alpha.example", "department": "経理部", "title": "部長"}
        ],
        "plan": "pro",
        "contract_end": "2027-03-31",
        "sales_owner": "s",
        "cs_owner": "c",
    }
    assert event("accounts", value) == LogEvent(
        topic="accounts",
        type="account",
        customer_id="C1",
        event_id="a1",
        occurred_ms=noon_ms,
        account=LogAccount(
            name="株式会社アルファ",
            kind="b2c",
            aliases=["Alpha"],
            corporate_number="1000000000001",
            domains=["www.alpha.example", "アルファ.example"],
            external_ids={"crm": "x", "billing": "7"},
            industry="食品",
            industry_growth="0.12",
            employees=250,
            departments=["経理部"],
            contacts=[LogContact("p1", "経理部", "部長", "架空 一郎", "p1@alpha.example")],
            plan="pro",
            contract_end="2027-03-31",
            sales_owner="s",
            cs_owner="c",
        ),
    )


def test_a_corporate_number_may_be_a_json_number(event: Callable[..., LogEvent]) -> None:
    account = event("accounts", {**ACCOUNT, "corporate_number": 1000000000001}).account
    assert account is not None
    assert account.corporate_number == "1000000000001"


def test_a_tombstone_removes_the_account(event: Callable[..., LogEvent], noon_ms: int) -> None:
    assert event("accounts", None) == LogEvent(topic="accounts", type="account_removed", customer_id="C1")
    told = event("accounts", None, headers=[("ce_id", b"t1"), ("ce_time", b"2026-11-09T03:00:00Z")])
    assert told == LogEvent(
        topic="accounts", type="account_removed", customer_id="C1", event_id="t1", occurred_ms=noon_ms
    )


def test_a_release_becomes_one_event_for_each_customer_it_reaches(make_value: Make, noon_ms: int) -> None:
    directory = Directory()
    for customer_id in ("C2", "C1"):
        directory.put(customer_id, LogAccount(name=customer_id, corporate_number="1000000000001"))
    value = make_value("job_postings", company={"corporate_number": "1000000000001"})
    decision = Intake(IntakeSettings(300, "JPY"), directory).take_value("press-releases", value, noon_ms)
    assert isinstance(decision, Accepted)
    assert [event.customer_id for event in decision.events] == ["C1", "C2"]
    assert {(event.matched_by, event.open_count, event.event_id) for event in decision.events} == {
        ("corporate_number", 3, "e1")
    }


@pytest.mark.parametrize("key", [None, b"", b"anything", b"\xff"])
def test_the_key_of_a_release_is_anything(send: Send, make_value: Make, key: bytes | None) -> None:
    assert isinstance(send("press-releases", make_value("press_release"), key=key), Accepted)


def test_a_release_about_nobody_known_is_no_error(send: Send, make_value: Make) -> None:
    value = make_value("press_release", company={"name": "Unknown Inc.", "domain": "news.unknown.example"})
    decision = send("press-releases", value)
    assert isinstance(decision, Unmatched)
    assert (decision.event_id, decision.decided_by, decision.identifier) == ("e1", "domain", "unknown.example")
    assert decision.company.name == "Unknown Inc."


def test_an_account_is_found_from_the_moment_it_is_known(
    intake: Intake, directory: Directory, make_value: Make, noon_ms: int
) -> None:
    value = make_value("press_release", company={"name": "Unknown Inc."})
    assert isinstance(intake.take_value("press-releases", value, noon_ms), Unmatched)
    directory.put("C9", LogAccount(name="unknown"))
    assert isinstance(intake.take_value("press-releases", value, noon_ms), Accepted)
