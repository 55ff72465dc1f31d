"""The department that a signal is about: known from the states around it, or not at all."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from streams.dashboard.newcomers import Newcomers
from streams.dashboard.records import SignalRecord, read_signal
from streams.policy_file import load_policy
from tests.unit.dashboard.kit import NOON, signal

POLICY = load_policy(Path(__file__).parents[3] / "policies" / "b2b.yaml")
EARLIER = NOON.replace("12:", "11:")


def told(number: int = 1, **changes: Any) -> SignalRecord:
    found = read_signal(json.dumps(signal(number, rule="request-from-another-department", **changes)).encode())
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("states", "known"),
    [
        ([(NOON, ["人事部"])], ["人事部"]),
        ([(EARLIER, ["経理部"]), (NOON, ["人事部"])], ["人事部"]),  # of before the signal
        ([(NOON, []), (NOON, ["人事部"])], []),  # the state had it already when it was first seen
        ([(NOON, ["人事部", "経理部"])], []),  # one of them
        ([], []),
    ],
)
def test_it_is_the_one_that_the_state_has_more(states: list[tuple[str, list[str]]], known: list[str]) -> None:
    newcomers = Newcomers(POLICY)
    newcomers.hear(told())
    for as_of, added in states:
        newcomers.take("C1", as_of, added)
    assert newcomers.of(told().signal_id) == known


def test_other_rules_and_customers_have_none() -> None:
    newcomers = Newcomers(POLICY)
    newcomers.hear(told(customer_id="C2"))
    newcomers.take("C1", NOON, ["人事部"])
    assert newcomers.of(told().signal_id) == []


def test_an_erased_customer_is_waited_for_no_longer() -> None:
    newcomers = Newcomers(POLICY)
    newcomers.hear(told())
    newcomers.forget({"C1", "C2"})
    newcomers.take("C1", NOON, ["人事部"])
    assert newcomers.of(told().signal_id) == []
