"""Signals and customers as pages show them, and that the two languages say the same things."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from streams.dashboard import pages
from streams.dashboard.customer_view import CustomerViews, value_terms
from streams.dashboard.quiet import Quiet
from streams.dashboard.records import CauseRecord, SignalRecord, Silence
from streams.dashboard.signal_view import SignalViews, customer_path
from streams.policy_file import load_policy
from tests.unit.dashboard.kit import NOON, leads_to, public, row, scored, signal, worth
from tests.unit.domain.kit import policy, rule

ROOT = Path(__file__).parents[3]
POLICY = load_policy(ROOT / "policies" / "b2b.yaml")
BOOK = {"title": "{company}", "talk_track": "{department|別の部署}の「{document|資料}」 {link}", "actions": ["{owner}"]}


def views(found: dict[str, Any] = BOOK) -> SignalViews:
    made = SignalViews(POLICY)
    made.playbooks = {"offer": found}
    return made


def shown(departments: list[str], **changes: Any) -> dict[str, Any]:
    return views().view(signal(playbook="offer", **changes), {"name": "架空商事"}, departments)


def test_a_download_of_another_department_is_told_whole() -> None:
    found = shown(
        ["経理部"],
        rule="request-from-another-department",
        evidence=[{"rule": "r", "label": "別部署からの資料請求", "title": "導入ガイド.pdf", "events": 1}],
    )
    assert found["playbook"] == {
        "title": "架空商事",
        "talk_track": "経理部の「導入ガイド.pdf」 /customers/C1",
        "actions": ["営業 見本"],
    }
    assert found["label"] == "別部署からの資料請求"


def test_what_a_signal_does_not_say_takes_the_fallback() -> None:
    cause = {"kind": "silence"}
    found = shown(["製造部"], rule="gone-quiet", cause=cause, evidence=[], owners={"sales": None, "cs": "CS 見本"})
    assert found["playbook"]["talk_track"] == "別の部署の「資料」 /customers/C1"
    assert found["playbook"]["actions"] == ["CS 見本"]


def test_the_causing_event_comes_first_then_the_strongest() -> None:
    rows = [
        {"rule": "a", "points": 1.0},
        {"rule": "b", "points": -9.0},
        {"rule": "c", "points": 5.0},
        {"rule": "d", "points": 0.5, "title": "見出し"},
        {"rule": "e", "points": 2.0},
    ]
    found = shown([], type="segment.changed", rule="segment", change={"from": "expand", "to": "retain"}, evidence=rows)
    assert [found["rule"] for found in found["evidence"]] == ["d", "b", "c", "e"]


def test_what_the_clamp_takes_off_is_no_reason_while_there_is_another() -> None:
    rows = [{"rule": "a", "points": 60.0}, {"rule": "limit", "label": "上限", "points": -90.0}]
    found = shown([], type="segment.changed", rule="segment", change={"from": "expand", "to": "retain"}, evidence=rows)
    assert [found["rule"] for found in found["evidence"]] == ["a", "limit"]


def test_ids_cannot_leave_their_place_in_an_address() -> None:
    assert customer_path("../boards?x=1#y/株") == "/customers/..%2Fboards%3Fx%3D1%23y%2F%E6%A0%AA"


def customer(state: dict[str, Any], signals: list[dict[str, Any]]) -> Any:
    made = SignalViews(POLICY)
    made.playbooks = {name: book.model_dump() for name, book in POLICY.playbooks.items()}
    return CustomerViews(POLICY, made, lambda signal_id: None, lambda signal_id: []).view(
        state, {"name": "架空商事"}, signals
    )


def test_a_customers_terms_add_up_and_say_how_they_age() -> None:
    state = public(
        segment="nurture",
        potential=scored(row("funding-announced", 17.4), row("plan-upgrade", 8.0), row("industry-growth", 5.0)),
        next_transition=leads_to("2027-01-01T00:00:00.000Z", "streamline"),
    )
    found = customer(state, [])
    assert sum(term["points"] for term in found["terms"]) == pytest.approx(state["potential"]["score"])
    ages = [(term["rule"], term["half_life_days"], term["expires_days"]) for term in found["terms"]]
    assert ages == [("funding-announced", 120.0, None), ("plan-upgrade", None, 180.0), ("industry-growth", None, None)]
    assert found["playbook"]["talk_track"].startswith("「label of funding-announced」を確認。")


def test_whoever_left_or_came_gets_the_playbook_of_that() -> None:
    assert customer(public(lifecycle="former"), [])["playbook"]["title"] == "解約"
    assert customer(public(lifecycle="onboarding"), [])["playbook"]["title"] == "オンボーディング"
    assert customer(public(segment="expand"), [])["playbook"]["title"] == "クロスセル・アップセルの仮説づくり"


def test_an_outcome_in_the_state_is_shown_at_its_signal() -> None:
    told = [{"signal_id": f"{1:032x}", "outcome": "worked", "at": NOON}]
    found = customer(public() | {"outcomes": told}, [signal(1), signal(2)])
    assert [shown.get("outcome") for shown in found["signals"]] == [told[0], None]


def test_the_terms_of_a_score_from_1_to_5_add_up() -> None:
    by_score = policy(value={"measure": "rfm", "high": {"enter": 4, "leave": 3}}, rfm={"weights": {"monetary": 2}})
    state = public(value=worth("3.25", measure="rfm"))  # (5 + 2 + 2 x 3) / 4
    terms = value_terms(state, by_score)
    assert [(term["key"], term["amount"]) for term in terms] == [("r", 1.25), ("f", 0.5), ("m", 1.5)]


def test_revenue_is_told_by_the_months_of_its_window() -> None:
    """365 local days up to 20 November 2026 begin on 21 November 2025: of that month only ten days are within."""
    by_amount = policy(value={"measure": "revenue", "window_days": 365, "high": {"enter": 400, "leave": 300}})
    months = [
        {"month": month, "purchases": 1, "amount": amount}
        for month, amount in (("2025-11", "70"), ("2025-12", "30.5"), ("2026-11", "-10"))
    ]
    state = public(value=worth("60.5", measure="revenue"), months=months, as_of="2026-11-20T03:00:00.000Z")
    terms = value_terms(state, by_amount)
    assert [(term["key"], term["amount"]) for term in terms] == [("earlier", 40), ("2025-12", 30.5), ("2026-11", -10)]
    assert value_terms(state | {"value": worth("20.5", measure="revenue")}, by_amount)[0]["key"] == "2025-12"


def test_contracts_are_told_one_by_one_and_those_in_grace_as_ended() -> None:
    """20 November 2026 in Tokyo begins at 15:00Z of the 19th: what ended on the 19th has ended then."""
    rows = [
        {"kind": "contract", "contract": "K-1", "from": "2026-04-01", "until": "2026-11-20", "amount": "1200000.5"},
        {"kind": "contract", "from": "2025-11-20", "until": "2026-11-19", "amount": "300000"},
        {"kind": "others", "contracts": 3, "amount": "0.25"},
        {"kind": "purchases", "amount": "-0.75"},
    ]
    state = public(value=worth("1500000"), contracts=rows, as_of="2026-11-19T15:00:00.000Z")
    assert value_terms(state, POLICY) == [
        {
            **{"key": "contract", "contract": "K-1", "from": "2026-04-01", "until": "2026-11-20"},
            **{"amount": 1_200_000.5, "ended": False},
        },
        {"key": "contract", "from": "2025-11-20", "until": "2026-11-19", "amount": 300_000.0, "ended": True},
        {"key": "others", "contracts": 3, "amount": 0.25, "ended": False},
        {"key": "purchases", "amount": -0.75, "ended": False},
    ]
    assert not any(term["ended"] for term in value_terms(state | {"as_of": "2026-11-19T14:59:59.999Z"}, POLICY))


def test_without_a_contract_the_value_is_what_was_bought() -> None:
    assert value_terms(public(value=worth("40.5")), POLICY) == [{"key": "purchases", "amount": 40.5, "ended": False}]
    assert value_terms(public(value=worth("0")), POLICY) == []


def test_silence_is_heard_and_ends_with_an_event() -> None:
    quiet = Quiet(policy(rules=[rule("still", type="churn_risk", silent_days=60, event="page_view")]))
    silent = SignalRecord("s", "C1", "2026-11-20T12:00:00.000Z", "still", CauseRecord("silence"))
    quiet.hear(silent)
    assert quiet.silences == {"C1": Silence(1_795_176_000_000, 1_789_992_000_000)}  # 2026-09-21T12:00Z, 60 days before
    quiet.hear(SignalRecord("s", "C1", "2026-11-21T12:00:00.000Z", "segment", CauseRecord("decay")))
    assert "C1" in quiet.silences
    quiet.hear(SignalRecord("s", "C1", "2026-11-22T12:00:00.000Z", "offer", CauseRecord("event")))
    assert quiet.silences == {}


# ---------------------------------------------------------------- texts


def flat(texts: dict[str, Any], before: str = "") -> dict[str, str]:
    found = {}
    for name, text in texts.items():
        found |= flat(text, f"{before}{name}.") if isinstance(text, dict) else {before + name: text}
    return found


def texts(language: str) -> dict[str, str]:
    return flat(json.loads((pages.TEXTS / f"{language}.json").read_bytes()))


def test_both_languages_say_the_same_things_with_the_same_values() -> None:
    ja, en = texts("ja"), texts("en")
    assert ja.keys() == en.keys()
    values = {name: (re.findall(r"\{(\w+)\}", ja[name]), re.findall(r"\{(\w+)\}", en[name])) for name in ja}
    assert {name: both for name, both in values.items() if sorted(both[0]) != sorted(both[1])} == {}


def test_every_text_that_a_script_asks_for_is_there() -> None:
    known = texts("ja")
    asked = {
        name
        for script in pages.ASSETS.rglob("*.js")
        for name in re.findall(r"""\bt\(["']([\w.]+)["']""", script.read_text())
    }
    assert len(asked) > 50
    assert asked - known.keys() == set()


def test_nothing_on_the_page_makes_html_or_code_of_text() -> None:
    forbidden = (
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|setAttribute\(\"on"
    )
    found = {script.name for script in pages.ASSETS.rglob("*.js") if re.search(forbidden, script.read_text())}
    assert found == set()
    foreign = r"(?:https?:)?//(?!www\.w3\.org)[a-z0-9-]+\.[a-z]"
    for file in [*pages.ASSETS.rglob("*.*"), *pages.TEMPLATES.rglob("*.html")]:
        assert not re.search(foreign, re.sub(r"^\s*//.*$|/\*.*?\*/", "", file.read_text(), flags=re.M | re.S)), file
