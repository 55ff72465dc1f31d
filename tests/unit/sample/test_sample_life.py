"""Contract lives and the calendar they keep to."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from random import Random

import pytest

from streams.sample.archetypes import ARCHETYPES, deal
from streams.sample.b2b import history, lives
from streams.sample.clock import day_of, midnight_s, months_before, rfc3339, workday, year_after
from streams.sample.life import next_period
from streams.sample.plans import plan_of, tidy

END = datetime.fromisoformat("2026-11-01T00:00:00+09:00")


def test_days_begin_in_japan_nine_hours_before_utc() -> None:
    assert midnight_s(date(1970, 1, 1)) == -32_400
    assert midnight_s(date(2026, 11, 1)) == END.timestamp()
    assert day_of(END.timestamp()) == date(2026, 11, 1)
    assert day_of(END.timestamp() - 0.001) == date(2026, 10, 31)
    assert rfc3339(END.timestamp() - 0.001) == "2026-10-31T23:59:59.999+09:00"


def test_work_is_done_on_workdays() -> None:
    assert workday(date(2026, 10, 30)) == date(2026, 10, 30)  # a Friday
    assert workday(date(2026, 10, 31)) == date(2026, 11, 2)
    assert workday(date(2026, 11, 1)) == date(2026, 11, 2)


def test_months_and_years_end_where_the_calendar_does() -> None:
    assert months_before(date(2026, 11, 1), 18) == date(2025, 5, 1)
    assert months_before(date(2026, 3, 31), 1) == date(2026, 2, 28)
    assert year_after(date(2024, 2, 29)) == date(2025, 2, 28)


@pytest.mark.parametrize(
    ("billing", "after", "expected"),
    [
        ("yearly", date(2026, 5, 10), date(2027, 4, 15)),
        ("yearly", date(2026, 4, 14), date(2026, 4, 15)),
        ("yearly", date(2026, 4, 15), date(2027, 4, 15)),
        ("monthly", date(2026, 5, 10), date(2026, 5, 15)),
        ("monthly", date(2025, 12, 15), date(2026, 1, 15)),
    ],
)
def test_the_next_period_begins_on_the_contracts_day(billing: str, after: date, expected: date) -> None:
    assert next_period(date(2025, 4, 15), after, billing) == expected


def test_prices_have_plans() -> None:
    assert [plan_of(price) for price in (0, 479_999, 480_000, 1_400_000, 4_000_000)] == [
        *("ライト", "ライト", "スタンダード", "プロ", "エンタープライズ"),
    ]
    assert (tidy(1_000_001), tidy(1)) == (996_000, 12_000)


def test_kinds_of_customer_are_dealt_by_their_shares() -> None:
    dealt = [kind.name for kind in deal(500, Random(1))]
    assert len(dealt) == 500
    assert sum(kind.share for kind in ARCHETYPES) == pytest.approx(1.0)
    assert {kind.name: dealt.count(kind.name) for kind in ARCHETYPES} == {
        kind.name: round(kind.share * 500) for kind in ARCHETYPES
    }


def test_periods_of_a_contract_follow_each_other_without_gap() -> None:
    periods: dict[str, list[tuple[str, str]]] = {}
    untouched = {life.company.customer_id for life in lives(1, END, 120) if not life.changes and life.cancelled is None}
    for line in history(1, END, 120):
        value = line["value"] or {}
        if value.get("customer_id") in untouched and "period_from" in value:
            periods.setdefault(value["contract_id"], []).append((value["period_from"], value["period_to"]))
    assert len(periods) > 60
    for found in periods.values():
        ordered = sorted(set(found))
        for (_, until), (begin, _) in pairwise(ordered):
            assert (date.fromisoformat(begin) - date.fromisoformat(until)).days == 1


def test_a_live_demo_meets_the_customers_as_the_history_of_that_day_left_them() -> None:
    later = datetime.fromisoformat("2026-11-01T23:59:00+09:00")
    assert lives(1, END, 60) == lives(1, later, 60)
