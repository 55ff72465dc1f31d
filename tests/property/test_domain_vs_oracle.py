"""The domain decides as the oracle does, on the same records, signal by signal and state by state.

It must not know how either side works.
"""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.oracle import domain_side, oracle
from tests.oracle.compare import diff
from tests.oracle.histories import Case, cases, replay_lines, seeded_case
from tests.oracle.samples import at, buy
from tests.unit.domain.kit import BASE

SEEDS = 100
BLOCK = 10
TODAY = date(2026, 3, 10)


def disagreement(case: Case) -> list[str]:
    """Where the two differ on a case: at its end, and looked at after a third and two thirds of the records."""
    lines = []
    cuts = [case.records[len(case.records) * part // 3]["received_ms"] for part in (1, 2)]
    for until_ms in (case.until_ms, *cuts):
        ours = domain_side.decide(case.policy, case.records, until_ms, case.go_live_ms)
        theirs = oracle.decide(case.policy, case.records, until_ms, case.go_live_ms)
        lines += [f"until {until_ms}: {line}" for line in diff(*ours, *theirs)]
    return lines


@pytest.mark.parametrize("first", range(0, SEEDS, BLOCK))
def test_the_domain_agrees_with_the_oracle_on_long_histories(first: int) -> None:
    for seed in range(first, first + BLOCK):
        case = seeded_case(seed)
        lines = disagreement(case)
        assert not lines, f"seed {seed}, domain != oracle:\n" + "\n".join(lines)


@settings(max_examples=150, deadline=None, suppress_health_check=list(HealthCheck), print_blob=True)
@given(cases())
def test_the_domain_agrees_with_the_oracle_on_any_short_history(case: Case) -> None:
    lines = disagreement(case)
    context = f"{case.policy}\n{replay_lines(case.records)}until {case.until_ms}, go-live {case.go_live_ms}"
    assert not lines, "domain != oracle:\n" + "\n".join(lines) + "\n" + context


periods = st.tuples(st.integers(0, 13), st.integers(1, 9_999_999), st.integers(-40, 3), st.integers(1, 60))


@settings(max_examples=60, deadline=None, print_blob=True)
@given(st.lists(periods, min_size=12, max_size=30))
def test_the_domain_agrees_with_the_oracle_on_many_contracts(paid: list[tuple[int, int, int, int]]) -> None:
    """Each period: which contract, micro-units, first day from the last receipt on, days."""
    rules = {**BASE, "timezone": "UTC", "value": {**BASE["value"], "measure": "contract", "grace_days": 5}}
    records = [
        buy(
            "2026-03-10 12:00",
            f"{money / 1_000_000:.6f}",
            event_id=f"p{number}",
            customer_id="C1",
            period_from=(TODAY + timedelta(days=first)).isoformat(),
            period_to=(TODAY + timedelta(days=first + days - 1)).isoformat(),
            contract_id=f"k-{contract}",
        )
        for number, (contract, money, first, days) in enumerate(paid)
    ]
    for until in ("2026-03-10 12:00", "2026-03-12", "2026-03-30"):
        sides = [side.decide(rules, records, at(until)) for side in (domain_side, oracle)]
        assert diff(*sides[0], *sides[1]) == []
