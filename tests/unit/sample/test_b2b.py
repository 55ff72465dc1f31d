"""The made-up company: what its data look like, and what becomes of them."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from streams.intake.corporate_number import check
from streams.sample import b2b
from streams.sample.companies import corporate_number, make_companies
from streams.sample.words import ENGLISH_MARKS, MARKS

pytestmark = pytest.mark.timeout(600)  # the whole history is decided once, half a minute on a busy machine

END = datetime.fromisoformat("2026-11-01T00:00:00+09:00")
TYPES = {
    "purchases": {"purchase", "renewal", "refund", "plan_change", "cancellation"},
    "web-behaviour": {"page_view", "download", "webinar", "form", "action", "usage"},
    "crm-activities": {
        *("cs_report", "inquiry", "support_ticket", "churn_survey", "contact_promoted", "contact_transferred"),
        *("sales_rating", "nps_response", "deal_opened", "deal_won", "deal_lost"),
    },
    "press-releases": {"press_release", "media_mention", "job_postings"},
}


def at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_it_is_of_a_size_to_work_with(b2b_lines: list[dict[str, Any]]) -> None:
    assert 60_000 <= len(b2b_lines) <= 150_000
    customers = {line["value"]["customer_id"] for line in b2b_lines if line["topic"] == "purchases"}
    assert len(customers) == 500


def test_lines_come_in_the_order_of_receipt_and_nothing_before_it_happened(b2b_lines: list[dict[str, Any]]) -> None:
    received = [at(line["received_at"]) for line in b2b_lines]
    assert received == sorted(received)
    assert received[-1] < END
    values = [(line["value"], moment) for line, moment in zip(b2b_lines, received, strict=True) if line["value"]]
    assert all(at(value["occurred_at"]) <= moment for value, moment in values if "occurred_at" in value)


def test_everything_seen_on_the_web_lies_in_the_last_18_months(b2b_lines: list[dict[str, Any]]) -> None:
    visits = [at(line["value"]["occurred_at"]) for line in b2b_lines if line["topic"] == "web-behaviour"]
    assert min(visits) >= at("2025-05-01T00:00:00+09:00") - timedelta(days=14)  # a story may begin days earlier
    assert min(visits) < at("2025-05-10T00:00:00+09:00")


def test_every_type_of_event_occurs(b2b_lines: list[dict[str, Any]]) -> None:
    found: dict[str, set[str]] = {topic: set() for topic in TYPES}
    for line in b2b_lines:
        if line["topic"] in TYPES:
            found[line["topic"]].add(line["value"]["type"])
    assert found == TYPES
    assert any(line["topic"] == "accounts" and line["value"] is None for line in b2b_lines)


def test_ids_differ_but_where_a_source_delivers_twice(b2b_lines: list[dict[str, Any]]) -> None:
    contents: dict[tuple[str, str], str] = {}
    repeats = 0
    for line in b2b_lines:
        value = line["value"] or {}
        if "event_id" not in value:
            continue
        key = (line["topic"], value["event_id"])
        repeats += key in contents
        assert contents.setdefault(key, repr(value)) == repr(value)
    assert 0 < repeats < len(b2b_lines) / 200


def test_the_same_seed_gives_the_same_and_another_something_else() -> None:
    def digest(seed: int) -> str:
        return hashlib.sha256(repr(list(b2b.history(seed, END, accounts=40, months=4))).encode()).hexdigest()

    assert digest(1) == digest(1)
    assert digest(1) != digest(2)


def test_no_order_of_a_set_shows_in_it() -> None:
    command = [sys.executable, "-m", "streams.sample", "b2b", "--seed", "3", "--end", END.isoformat()]
    command += ["--accounts", "40", "--months", "3"]
    root = Path(__file__).parents[3]
    texts = [
        subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, cwd=root, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    ]
    assert texts[0] == texts[1]
    assert texts[0].count(b"\n") > 500


def test_nobody_in_it_exists() -> None:
    companies = make_companies(1, 2000)
    marks = [mark for mark, _ in MARKS] + list(ENGLISH_MARKS)
    assert all(any(mark in company.name for mark in marks) for company in companies)
    assert all(company.domain.endswith(".example") for company in companies)
    assert all(person.email.endswith(".example") for company in companies for person in company.people)
    numbers = [company.corporate_number for company in companies if company.corporate_number]
    assert all(check(number)[1:5] == "9999" for number in numbers)


def test_names_domains_and_numbers_are_shared_by_the_twins_alone() -> None:
    companies = make_companies(1, 500)

    def shared(values: list[str | None]) -> int:
        return sum(count > 1 for value, count in Counter(values).items() if value is not None)

    assert shared([company.name for company in companies]) == 1
    assert shared([company.domain for company in companies]) == 1
    assert shared([company.corporate_number for company in companies]) == 1
    assert len({company.customer_id for company in companies}) == 500


# The base 999999000003 from the right: 3 0 0 0 0 0 9 9 9 9 9 9, with weights 1 2 1 2 …: 3·1 + 9·(1+2+1+2+1+2) = 84;
# 84 mod 9 is 3, and 9 - 3 is 6.
def test_a_numbers_first_digit_checks_the_others() -> None:
    assert corporate_number(3) == "6999999000003"


@pytest.mark.parametrize(("accounts", "months"), [(0, 18), (2001, 18), (10, 0), (10, 61)])
def test_sizes_out_of_range_are_refused(accounts: int, months: int) -> None:
    with pytest.raises(ValueError, match="to"):
        b2b.history(1, END, accounts, months)


def test_an_end_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="no time zone"):
        b2b.history(1, datetime(2026, 11, 1))


def test_intake_takes_everything_but_what_names_two_companies(b2b_outcome: Any) -> None:
    assert set(b2b_outcome.refused) == {"ambiguous_company"}
    assert 1 <= b2b_outcome.refused["ambiguous_company"] <= 30
    assert b2b_outcome.unmatched > 50


def test_the_four_segments_have_believable_shares(b2b_outcome: Any) -> None:
    present = Counter(state["segment"] for state in b2b_outcome.states if state["lifecycle"] != "former")
    share = {segment: count / len(b2b_outcome.states) for segment, count in present.items()}
    assert len(b2b_outcome.states) == 500
    assert 0.08 <= share["retain"] <= 0.15
    assert 0.05 <= share["nurture"] <= 0.12
    assert 0.15 <= share["expand"] <= 0.25
    assert share["streamline"] > 0.45


def test_every_rule_speaks_and_every_lifecycle_comes(b2b_outcome: Any) -> None:
    rules = {signal["rule"] for signal in b2b_outcome.signals}
    assert rules == {rule.id for rule in b2b_outcome.policy.rules} | {"segment", "lifecycle"}
    moves = {(s["change"]["from"], s["change"]["to"]) for s in b2b_outcome.signals if s["rule"] == "lifecycle"}
    assert moves >= {("onboarding", "active"), ("active", "former"), ("former", "active")}
    causes = {signal["cause"]["kind"] for signal in b2b_outcome.signals}
    assert causes >= {"event", "late", "decay", "window", "expiry", "dwell", "silence", "lifecycle"}


def test_sales_gets_a_handful_of_signals_a_day(b2b_outcome: Any) -> None:
    since = (END - timedelta(days=90)).astimezone(tz=None)
    late = [s for s in b2b_outcome.signals if at(s["effective_at"]) >= since]
    assert 1 <= sum("sales" in signal["audiences"] for signal in late) / 90 <= 8
