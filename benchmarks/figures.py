"""What a measurement comes to: figures of several rounds, in tables; it must not know what was measured."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

Cell = Any  # text, a number, or a figure as `figure` makes it


def figure(values: Sequence[float]) -> dict[str, Any]:
    """Several rounds of one quantity: their median, and (largest - smallest) / median."""
    middle = statistics.median(values)
    spread = (max(values) - min(values)) / middle if middle else 0.0
    return {"median": middle, "spread": spread, "values": list(values)}


def median_of(cell: Cell) -> float:
    """The number a cell stands for."""
    return float(cell["median"] if isinstance(cell, dict) else cell)


@dataclass(slots=True)
class Table:
    """Rows under columns; `name` is how documents refer to it."""

    name: str
    columns: list[str]
    rows: list[list[Cell]] = field(default_factory=list)

    def add(self, *cells: Cell) -> None:
        self.rows.append(list(cells))

    def as_dict(self) -> dict[str, Any]:
        return {"columns": self.columns, "rows": self.rows}


def rounds(count: int, measure: Callable[[], float]) -> dict[str, Any]:
    """A figure of `count` rounds of a measurement."""
    return figure([measure() for _ in range(count)])


def markdown(columns: Sequence[str], rows: Sequence[Sequence[Cell]]) -> str:
    """The table as documents show it."""
    lines = ["| " + " | ".join(columns) + " |", "|" + "|".join(["---"] + ["---:"] * (len(columns) - 1)) + "|"]
    lines += ["| " + " | ".join(map(_shown, row)) + " |" for row in rows]
    return "\n".join(lines)


def _shown(cell: Cell) -> str:
    if isinstance(cell, dict):
        return f"{_number(cell['median'])} ± {cell['spread'] * 50:.0f} %"  # half the range, to both sides
    return _number(cell) if isinstance(cell, int | float) and not isinstance(cell, bool) else str(cell)


def _number(value: float) -> str:
    if isinstance(value, int) or abs(value) >= 1000:
        return f"{value:,.0f}"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
