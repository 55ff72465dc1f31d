"""How a comparison of two applications is put into words; it must not know where it was read."""

from __future__ import annotations

from collections.abc import Iterator

from streams.adapters.comparison import Comparison, Shown

PLACES = ("retain", "nurture", "expand", "streamline", "former")
UNKNOWN = "unknown"


def comparison_lines(found: Comparison, old: str, new: str, days: int | None = None) -> Iterator[str]:
    """Customers by segment, who stands elsewhere, and signals by rule, of the last `days` or all, old beside new."""
    yield f"{'customers':<56}{old:>14}{new:>14}"
    for place in PLACES:
        yield f"  {place:<54}{found.customers_before[place]:>14,}{found.customers_after[place]:>14,}"
    yield f"{found.changed:,} customers stand elsewhere"
    for (before, after), many in found.moves.most_common():
        yield f"  {before or UNKNOWN} → {after or UNKNOWN}: {many:,}"
    for differing in found.differences:
        yield f"    {differing.customer_id}: {_shown(differing.before)} → {_shown(differing.after)}"
    if found.changed > len(found.differences) > 0:
        yield f"    … and {found.changed - len(found.differences):,} more"
    heading = "signals" if days is None else f"signals of the last {days} days"
    yield f"{heading:<56}{old:>14}{new:>14}"
    for type_, rule in sorted(found.signals_before.keys() | found.signals_after.keys()):
        name, before_after = f"{type_} {rule}", (found.signals_before[type_, rule], found.signals_after[type_, rule])
        yield f"  {name:<54}{before_after[0]:>14,}{before_after[1]:>14,}"


def _shown(side: Shown | None) -> str:
    if side is None:
        return UNKNOWN
    return f"{side.place} (value {side.value}, potential {side.potential:.4f})"
