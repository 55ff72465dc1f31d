"""A department not named before: who may name one, how names are compared, and what the account adds."""

from __future__ import annotations

from schemas.log import LogContact
from tests.unit.domain.kit import Life, rule


def life() -> Life:
    anything = ["download", "page_view", "contact_promoted", "contact_transferred", "purchase"]
    return Life(rules=[rule("new", event=anything, new_department=True)]).at("2026-03-01 09:00")


def test_the_first_department_ever_named_is_not_new() -> None:
    customer = life()
    assert customer.download(of="Sales") == []
    assert customer.public()["departments"] == ["Sales"]


def test_a_department_not_named_before_is_new_once() -> None:
    customer = life()
    customer.download(of="Sales")
    assert customer.download(of="Sales") == []
    assert [signal["rule"] for signal in customer.download(of="Legal")] == ["new"]
    assert customer.download(of="Legal") == []
    assert customer.public()["departments"] == ["Legal", "Sales"]


def test_names_are_compared_after_nfkc_and_without_spaces() -> None:
    customer = life()
    customer.download(of="経理 部")
    assert customer.download(of="経理部") == []
    assert customer.download(of=" 経理\u3000部 ") == []
    customer.download(of="ＩＴ部")
    assert customer.download(of="IT 部") == []
    assert customer.public()["departments"] == ["IT部", "経理部"]


def test_case_makes_another_department() -> None:
    customer = life()
    customer.download(of="IT")
    assert customer.download(of="it")


def test_a_contact_without_department_names_none() -> None:
    customer = life()
    customer.download(of="Sales")
    assert customer.download(by="p9") == []
    assert customer.download() == []
    assert customer.download(of="  ") == []


def test_any_event_with_a_contact_names_its_department() -> None:
    customer = life()
    customer.download(of="Sales")
    legal = LogContact(id="p2", department="Legal")
    customer.apply("inquiry", text="hello", contact=legal)  # no event of the rule, and yet named
    assert customer.view(contact=legal) == []
    assert customer.buy(1, contact=LogContact(id="p3", department="Purchasing"))


def test_promotions_and_transfers_name_the_new_department_too() -> None:
    for type_ in ("contact_promoted", "contact_transferred"):
        customer = life()
        customer.download(of="Sales")
        found = customer.apply(type_, contact=LogContact(id="p1", department="Sales"), new_department="Legal")
        assert [signal["rule"] for signal in found] == ["new"]
        assert customer.public()["departments"] == ["Legal", "Sales"]


def test_departments_of_the_account_and_of_its_contacts_are_named() -> None:
    customer = life()
    customer.account(departments=["Sales"], contacts=[LogContact(id="p1", department="Legal"), LogContact(id="p2")])
    assert customer.public()["departments"] == ["Legal", "Sales"]
    assert customer.download(of="Legal") == []
    assert customer.download(of="Purchasing")


def test_the_accounts_departments_end_with_it_and_those_of_events_stay() -> None:
    customer = life()
    customer.account(departments=["Sales", "Legal"])
    customer.download(of="Sales")
    customer.remove_account()
    assert customer.public()["departments"] == ["Sales"]
    assert customer.download(of="Legal")


def test_a_new_account_replaces_the_departments_of_the_old() -> None:
    customer = life()
    customer.account(departments=["Sales"])
    customer.account(departments=["Legal"])
    assert customer.public()["departments"] == ["Legal"]


def test_an_account_that_names_a_new_department_is_asked_like_any_event() -> None:
    customer = Life(rules=[rule("new", event="account", new_department=True)]).at("2026-03-01 09:00")
    assert customer.account(departments=["Sales"]) == []  # the first ever named
    found = customer.account(departments=["Sales"], contacts=[LogContact(id="p1", department="Legal")])
    assert [signal["rule"] for signal in found] == ["new"]
    assert customer.account(departments=["Legal"]) == []


def test_a_department_that_only_an_earlier_account_named_is_new_again() -> None:
    customer = Life(rules=[rule("new", event="account", new_department=True)]).at("2026-03-01 09:00")
    customer.account(departments=["Sales", "Legal"])
    customer.account(departments=["Sales"])
    assert customer.account(departments=["Sales", "Legal"])


def test_the_signal_names_the_department_for_its_playbook() -> None:
    customer = life()
    customer.download(of="Sales")
    assert customer.download(of="法務 部")[0]["evidence"][0]["department"] == "法務部"


def test_a_cooldown_holds_new_departments_back() -> None:
    customer = Life(rules=[rule("new", event="download", new_department=True, cooldown_days=30)])
    customer.at("2026-03-01 09:00").download(of="A")
    assert customer.download(of="B")
    assert customer.download(of="C") == []
    assert customer.at("2026-04-01 09:00").download(of="D")[0]["suppressed"] == 1
