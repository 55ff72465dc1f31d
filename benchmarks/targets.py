"""What the figures are to come to, beside what they have come to; it must not know how they were measured."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from benchmarks.figures import Table, median_of

Tables = dict[str, dict[str, Any]]  # as in the JSON: name → columns, rows


BUSY, QUIET = "busy: µs an event", "quiet: µs an event"
MILLION, DUE = 1_000_000, 100_000  # customers for which targets are set


@dataclass(frozen=True, slots=True)
class Target:
    """A bound on one number; `at_most` or at least."""

    text: str
    unit: str
    bound: float
    at_most: bool
    measured: Callable[[Tables], float]

    def met(self, value: float) -> bool:
        return value <= self.bound if self.at_most else value >= self.bound


def cell(tables: Tables, table: str, row: object, column: str, also: object = None) -> float:
    """The number in a row, found by its first cell (and second, with `also`), and a column."""
    found = tables[table]
    place = found["columns"].index(column)
    rows = [r for r in found["rows"] if r[0] == row and (also is None or r[1] == also)]
    return median_of(rows[0][place])


def _times(system: str) -> Callable[[Tables], float]:
    return lambda t: cell(t, "fold.systems", system, "Kakuhan is × as fast")


def _latency(rate: int, to: str) -> Callable[[Tables], float]:
    def best(tables: Tables) -> float:
        found = tables["latency.rates"]
        place = found["columns"].index(f"{to} p99, ms")
        return min(median_of(row[place]) for row in found["rows"] if row[0] == rate)

    return best


def _pipeline(tables: Tables) -> float:
    rows = tables["pipeline.processes"]["rows"]
    best = max(median_of(row[1]) for row in rows if str(row[0]).startswith("two"))
    return best / cell(tables, "fold.systems", "Kakuhan", "events/s")


def _growth(table: str, column: str, few: int, many: int) -> Callable[[Tables], float]:
    return lambda tables: cell(tables, table, many, column) / cell(tables, table, few, column)


def _million(table: str, column: str) -> Callable[[Tables], float]:
    return lambda tables: cell(tables, table, MILLION, column)


def _midnight(tables: Tables) -> float:
    if tables["midnight.work"]["rows"][0][0] != DUE:
        raise KeyError("fewer customers")
    return cell(tables, "midnight.live", "while midnight's work is done", "Redis p99, ms")


TARGETS = (
    Target("fold, beside stock Faust", "×", 12, False, _times("Faust")),
    Target("fold, beside Quix Streams", "×", 1.5, False, _times("Quix Streams")),
    Target("fold, beside Bytewax", "×", 1, False, _times("Bytewax")),
    Target("fold, beside Kafka Streams' light aggregate", "×", 0.8, False, _times("Kafka Streams, a light aggregate")),
    Target("whole pipeline with two processes, beside the fold alone", "×", 0.6, False, _pipeline),
    Target("source to Redis at 1,000 events/s, p99", "ms", 40, True, _latency(1_000, "Redis")),
    Target("source to `signals` at 1,000 events/s, p99", "ms", 40, True, _latency(1_000, "signals")),
    Target("source to Redis at 10,000 events/s, p99", "ms", 100, True, _latency(10_000, "Redis")),
    Target("source to `signals` at 10,000 events/s, p99", "ms", 100, True, _latency(10_000, "signals")),
    Target("restart with 1M customers, beside raw consume", "×", 2.5, True, _million("million.recovery", "× raw")),
    Target("the same, reading the state alone", "×", 2.5, True, _million("million.recovery", "the state alone, × raw")),
    Target(
        "an event with 1M customers, beside 1k, busy",
        "×",
        1.15,
        True,
        _growth("growth.customers", BUSY, 1_000, MILLION),
    ),
    Target(
        "an event with 1M customers, beside 1k, quiet",
        "×",
        1.15,
        True,
        _growth("growth.customers", QUIET, 1_000, MILLION),
    ),
    Target(
        "an event after 10,000 past ones, beside 10", "×", 1.15, True, _growth("growth.history", "step, µs", 10, 10_000)
    ),
    Target("a worker with 1M customers, resident", "MB", 1_500, True, _million("million.holding", "resident, MB")),
    Target("Redis, a customer", "bytes", 2_500, True, _million("million.holding", "Redis, bytes a customer")),
    Target("1M idle customers", "% of a core", 1, True, _million("million.holding", "of it by the customers")),
    Target("live events while 100,000 are due, Redis p99", "ms", 250, True, _midnight),
)


def judged(tables: Tables) -> Table:
    """Every target whose figures are there, with whether it is met."""
    table = Table("targets", ["target", "wanted", "measured", "met"])
    for target in TARGETS:
        try:
            value = target.measured(tables)
        except (KeyError, IndexError, ValueError):
            table.add(target.text, _wanted(target), "not measured", "–")
            continue
        table.add(target.text, _wanted(target), f"{value:,.2f} {target.unit}", "yes" if target.met(value) else "**no**")
    return table


def _wanted(target: Target) -> str:
    return f"{'≤' if target.at_most else '≥'} {target.bound:g} {target.unit}"
