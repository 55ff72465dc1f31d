"""Two ways to decide one log, counted and put into words."""

from __future__ import annotations

from streams.adapters.comparison import Comparison, Shown
from streams.cli.comparison_text import comparison_lines

SMALL = Shown("streamline", "active", "10", 0.5)
LARGE = Shown("retain", "active", "5000000", 30.25)
GONE = Shown("former", "former", "0", 0.0)


def compared(most: int = 5) -> Comparison:
    found = Comparison()
    found.add("C1", SMALL, SMALL, most)
    found.add("C2", SMALL, LARGE, most)
    found.add("C3", SMALL, LARGE, most)
    found.add("C4", LARGE, GONE, most)
    found.add("C5", None, SMALL, most)
    found.signals_before["segment.changed", "segment"] = 3
    found.signals_after["churn_risk.detected", "gone-quiet"] = 1_200
    return found


def test_customers_are_counted_by_place_and_moves_by_pair() -> None:
    found = compared()
    assert found.customers_before == {"streamline": 3, "retain": 1}
    assert found.customers_after == {"streamline": 2, "retain": 2, "former": 1}
    assert found.changed == 4
    assert found.moves == {("streamline", "retain"): 2, ("retain", "former"): 1, ("", "streamline"): 1}


def test_only_so_many_are_named_and_all_are_counted() -> None:
    found = compared(most=1)
    assert [differing.customer_id for differing in found.differences] == ["C2"]
    assert "    … and 3 more" in list(comparison_lines(found, "old", "new", 30))


def test_it_is_told_in_lines() -> None:
    lines = list(comparison_lines(compared(), "old", "new", 7))
    assert lines[0].split() == ["customers", "old", "new"]
    assert lines[1].split() == ["retain", "1", "2"]
    assert "4 customers stand elsewhere" in lines
    assert "  streamline → retain: 2" in lines
    assert "  unknown → streamline: 1" in lines
    assert "    C2: streamline (value 10, potential 0.5000) → retain (value 5000000, potential 30.2500)" in lines
    assert lines[-2].split() == ["churn_risk.detected", "gone-quiet", "0", "1,200"]
    assert lines[-1].split() == ["segment.changed", "segment", "3", "0"]


def test_for_a_program_it_is_plain() -> None:
    told = compared().as_dict()
    assert told["moves"][0] == {"from": "streamline", "to": "retain", "customers": 2}
    assert told["differences"][0]["after"] == {
        "place": "retain",
        "lifecycle": "active",
        "value": "5000000",
        "potential": 30.25,
    }
    assert told["signals"]["before"] == [{"type": "segment.changed", "rule": "segment", "signals": 3}]
