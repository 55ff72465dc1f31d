"""Whatever is written in whatever order, lists and sums are those of the customers' last states."""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from streams.adapters.redis_view import RedisView

SEGMENTS = ("retain", "nurture", "expand", "streamline")


@dataclass(frozen=True)
class Change:
    """One customer's state after one record; erased: it has none."""

    customer: int
    segment: str
    former: bool
    erased: bool
    revenue: Decimal
    next_at_ms: int | None


CHANGES = st.builds(
    Change,
    customer=st.integers(0, 5),
    segment=st.sampled_from(SEGMENTS),
    former=st.booleans(),
    erased=st.integers(0, 5).map(lambda n: n == 0),
    revenue=st.decimals(-(10**15), 10**15, places=6),
    next_at_ms=st.none() | st.integers(1, 2_000_000_000_000),
)
BATCHES = st.lists(st.lists(CHANGES, max_size=6), max_size=6)


def test_lists_and_sums_are_those_of_the_last_states(away: Any) -> None:
    with asyncio.Runner() as runner:
        view = away.view()

        @settings(max_examples=60)
        @given(batches=BATCHES)
        def check(batches: list[list[Change]]) -> None:
            away.redis.flushall()
            last = runner.run(write_all(away, view, batches))
            agree(away, {f"C{n}": change for n, change in last.items() if not change.erased})

        try:
            check()
        finally:
            runner.run(view.close())


async def write_all(away: Any, view: RedisView, batches: list[list[Change]]) -> dict[int, Change]:
    """Write the batches as two partitions' owners would, a new epoch each; returns every customer's last change."""
    last: dict[int, Change] = {}
    for partition in (0, 1):
        assert await view.reached(partition) is None
    for epoch, batch in enumerate(batches, 1):
        for partition in (0, 1):
            changes = [c for c in batch if c.customer % 2 == partition]
            updates = [update(away, change, 100 * epoch + n) for n, change in enumerate(changes)]
            await view.write(partition, epoch, 100 * epoch + 99, updates)
        last.update({change.customer: change for change in batch})
    return last


def update(away: Any, change: Change, offset: int) -> Any:
    facts = {"segment": change.segment, "former": change.former, "revenue": change.revenue}
    if change.erased:
        return away.update(f"C{change.customer}", offset, public=None, erased_at_ms=offset, **facts)
    return away.update(f"C{change.customer}", offset, next_at_ms=change.next_at_ms, **facts)


def agree(away: Any, shown: dict[str, Change]) -> None:
    places = {name: "former" if change.former else change.segment for name, change in shown.items()}
    for place in (*SEGMENTS, "former"):
        key = "lifecycle:former" if place == "former" else f"segment:{place}"
        assert set(away.zset(key)) == {name for name, where in places.items() if where == place}
    assert away.zset("next") == {name: float(c.next_at_ms) for name, c in shown.items() if c.next_at_ms is not None}
    assert {key.decode() for key in away.redis.keys(away.key("customer:*"))} == {
        away.key(f"customer:{n}") for n in shown
    }
    summary, counts = away.summary(), Counter(places.values())
    for place in (*SEGMENTS, "former"):
        revenue = sum((c.revenue for name, c in shown.items() if places[name] == place), Decimal(0))
        assert int(summary.get(f"customers:{place}", 0)) == counts[place]
        assert Decimal(summary.get(f"revenue:{place}", 0)) == revenue
