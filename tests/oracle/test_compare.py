"""The comparison sees every difference; it must not know who makes the two sides."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.oracle.compare import diff
from tests.oracle.samples import buy, policy, run, see

Change = Callable[[list[dict[str, Any]], dict[str, dict[str, Any]]], Any]


def sides() -> tuple[list[dict[str, Any]], dict[str, dict[str, Any]]]:
    return run(policy(), buy("2026-03-01 12:00"), see("2026-03-01 13:00"), until="2026-03-30")


def test_equal_sides_have_no_differences() -> None:
    assert diff(*sides(), *copy.deepcopy(sides())) == []


def test_when_a_signal_was_found_is_no_difference() -> None:
    signals, states = sides()
    found = [one | {"detected_at": "2026-03-01T12:00:00.000Z"} for one in signals]
    assert diff(found, states, signals, states) == []


def test_floats_are_compared_to_four_decimals() -> None:
    signals, states = sides()
    near = copy.deepcopy(signals)
    near[1]["potential"]["after"] += 0.00004
    assert diff(near, states, signals, states) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda signals, states: signals.pop(), "only in b"),
        (lambda signals, states: signals.append({**signals[0], "signal_id": "0"}), "only in a"),
        (lambda signals, states: signals.reverse(), "order of signals"),
        (lambda signals, states: signals[1]["potential"].update(after=8.0001), "potential.after: 8.0001 != 8.0"),
        (lambda signals, states: signals[1]["potential"].update(high=1), "potential.high: 1 != True"),
        (lambda signals, states: signals[1]["evidence"].pop(), "evidence[0]"),
        (lambda signals, states: signals[0].update(extra=None), ".extra: None != '(missing)'"),
        (lambda signals, states: signals[0].update(effective_at="2026-03-01T12:00:00.001Z"), "12:00:00.001Z' != "),
        (lambda signals, states: states["C1"].pop("months"), "state.months: '(missing)' != "),
        (lambda signals, states: states["C1"]["value"].update(amount="0.0"), "state.value.amount: '0.0' != '0'"),
        (lambda signals, states: states.clear(), "C1: state: None != "),
    ],
)
def test_every_other_difference_is_named(change: Change, words: str) -> None:
    signals, states = sides()
    other_signals, other_states = copy.deepcopy((signals, states))
    change(other_signals, other_states)
    assert words in "\n".join(diff(other_signals, other_states, signals, states))


def test_the_order_across_customers_is_compared_too() -> None:
    first, states = sides()
    second = [{**one, "customer_id": "C2"} for one in first]
    assert "order of all signals" in diff([*first, *second], states, [*second, *first], states)[0]
