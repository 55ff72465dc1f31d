"""Why a customer stands where it does, in words."""

from __future__ import annotations

from pathlib import Path

from streams.cli.explanation import explanation
from streams.policy_file import load_policy
from tests.unit.dashboard.kit import public, worth

POLICY = load_policy(Path(__file__).parents[3] / "policies" / "b2b.yaml")


def test_the_value_of_contracts_is_told_contract_by_contract() -> None:
    rows = [
        {"kind": "contract", "contract": "K-1", "from": "2026-04-01", "until": "2027-03-31", "amount": "1200000"},
        {"kind": "contract", "from": "2026-04-01", "until": "2027-03-31", "amount": "300000.5"},
        {"kind": "others", "contracts": 3, "amount": "900"},
        {"kind": "purchases", "amount": "-15"},
    ]
    lines = list(explanation(public(value=worth("1500885.5"), contracts=rows), None, [], POLICY))
    begin = next(at for at, line in enumerate(lines) if "K-1" in line)
    assert lines[begin : begin + 4] == [
        "        1,200,000  contract K-1 (2026-04-01 to 2027-03-31)",
        "        300,000.5  contract without an id (2026-04-01 to 2027-03-31)",
        "              900  3 more contracts",
        "              -15  purchases without a period, less refunds",
    ]
