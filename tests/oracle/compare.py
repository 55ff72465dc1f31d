"""Two results of `decide` side by side, and in words where they differ.

It must not know which of the two is right.
"""

from __future__ import annotations

from typing import Any

Signals = list[dict[str, Any]]
States = dict[str, dict[str, Any]]
LEFT_OUT = frozenset({"detected_at"})
MISSING = "(missing)"
SHOWN = 40


def diff(
    signals_a: Signals,
    states_a: States,
    signals_b: Signals,
    states_b: States,
    ignore: frozenset[str] = LEFT_OUT,
) -> list[str]:
    """The differences as one line each, none when both sides agree.

    Everything is compared exactly, floats after rounding to four decimals, null in a list's rows as missing.
    Signals are compared per customer in their order, paired by signal_id; fields in `ignore` are left out everywhere.
    """
    lines = []
    for customer in sorted({one["customer_id"] for one in [*signals_a, *signals_b]} | set(states_a) | set(states_b)):
        mine = [[one for one in side if one["customer_id"] == customer] for side in (signals_a, signals_b)]
        lines += [f"{customer}: {line}" for line in diff_signals(mine[0], mine[1], ignore)]
        state = fields(states_a.get(customer), states_b.get(customer), "state", ignore)
        lines += [f"{customer}: {line}" for line in state]
    if not lines and names(signals_a) != names(signals_b):
        lines.append(f"order of all signals: {names(signals_a)} != {names(signals_b)}")
    return lines[:SHOWN] + [f"and {len(lines) - SHOWN} more"] * (len(lines) > SHOWN)


def diff_signals(side_a: Signals, side_b: Signals, ignore: frozenset[str]) -> list[str]:
    """The differences between one customer's signals."""
    ids_a, ids_b = [one["signal_id"] for one in side_a], [one["signal_id"] for one in side_b]
    lines = [f"only in a: {name(one)}" for one in side_a if one["signal_id"] not in ids_b]
    lines += [f"only in b: {name(one)}" for one in side_b if one["signal_id"] not in ids_a]
    shared_a = [one for one in side_a if one["signal_id"] in ids_b]
    shared_b = [one for one in side_b if one["signal_id"] in ids_a]
    if [one["signal_id"] for one in shared_a] != [one["signal_id"] for one in shared_b]:
        lines.append(f"order of signals: {names(shared_a)} != {names(shared_b)}")
        shared_a, shared_b = (sorted(side, key=lambda one: str(one["signal_id"])) for side in (shared_a, shared_b))
    for one, other in zip(shared_a, shared_b, strict=False):
        lines += fields(one, other, name(one), ignore)
    return lines


def fields(a: Any, b: Any, path: str, ignore: frozenset[str]) -> list[str]:
    """The differences between two JSON values, with the path to each."""
    if isinstance(a, dict) and isinstance(b, dict):
        keys = [key for key in [*a, *(key for key in b if key not in a)] if key not in ignore]
        if path.endswith("]"):  # in a row of a list null means missing
            a, b = ({key: field for key, field in side.items() if field is not None} for side in (a, b))
        pairs = [(key, a.get(key, MISSING), b.get(key, MISSING)) for key in keys]
        return [line for key, one, other in pairs for line in fields(one, other, f"{path}.{key}", ignore)]
    if isinstance(a, list) and isinstance(b, list):
        longest = range(max(len(a), len(b)))
        return [line for at in longest for line in fields(item(a, at), item(b, at), f"{path}[{at}]", ignore)]
    return [] if same(a, b) else [f"{path}: {a!r} != {b!r}"]


def item(values: list[Any], at: int) -> Any:
    """An element, or the mark of a missing one."""
    return values[at] if at < len(values) else MISSING


def same(a: Any, b: Any) -> bool:
    """Whether two scalars are equal; a truth value is no number."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, int | float) and isinstance(b, int | float):
        return round(a, 4) == round(b, 4)
    return bool(a == b)


def name(signal: dict[str, Any]) -> str:
    """A signal in a few words."""
    change = signal.get("change")
    turn = f" {change['from']}→{change['to']}" if change else ""
    return f"{signal['effective_at']} {signal['rule']}{turn} ({signal['cause']['kind']})"


def names(signals: Signals) -> list[str]:
    """Several signals in a few words."""
    return [f"{signal['customer_id']} {name(signal)}" for signal in signals]
