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


def test_what_was_reported_back_is_told_with_its_signal() -> None:
    signal = {"signal_id": "a" * 32, "effective_at": "2026-11-01T00:30:00.000Z", "type": "segment.changed"}
    signal |= {"change": {"from": "streamline", "to": "nurture"}, "cause": {"kind": "event"}, "rule": None}
    reported = [
        {"signal_id": "b" * 32, "outcome": "no_interest", "at": "2026-11-02T00:00:00.000Z", "revenue_since": "0"},
        {"signal_id": "a" * 32, "outcome": "worked", "at": "2026-11-03T01:00:00.000Z", "revenue_since": "1200000"},
    ]
    state = public(outcomes=reported, policy_version=POLICY.policy_version)
    lines = list(explanation(state, None, [signal], POLICY))
    assert lines[lines.index("Reported back:") + 1 :] == [
        "  2026-11-03 10:00  worked on segment.changed of 2026-11-01 09:30; revenue from that day on 1,200,000",
        "  2026-11-02 09:00  no_interest; revenue from that day on 0",
    ]


def test_another_policy_than_the_one_that_decided_is_told_before_its_thresholds() -> None:
    lines = list(explanation(public(policy_version="old@00000000"), None, [], POLICY))
    note = next(at for at, line in enumerate(lines) if line.startswith("Note: decided by policy old@00000000"))
    assert POLICY.policy_version in lines[note]
    assert note < next(at for at, line in enumerate(lines) if "turns high at" in line)
    same = explanation(public(policy_version=POLICY.policy_version), None, [], POLICY)
    assert not any("Note" in line for line in same)
