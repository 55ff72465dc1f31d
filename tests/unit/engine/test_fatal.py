"""What a worker says of work that does not come to an end."""

from __future__ import annotations

import asyncio

from streams.engine.fatal import waits_in


async def _inner(gate: asyncio.Event) -> None:
    await gate.wait()


async def _outer(gate: asyncio.Event) -> None:
    await _inner(gate)


async def _said() -> str:
    gate = asyncio.Event()
    work = asyncio.ensure_future(_outer(gate))
    await asyncio.sleep(0)
    said = waits_in(work)
    gate.set()
    await work
    return said


def test_the_innermost_places_come_first() -> None:
    places = [place.split(" in ")[1] for place in asyncio.run(_said()).split(" < ")]
    assert places == ["wait", "_inner", "_outer"]


def test_what_is_no_task_waits_nowhere_known() -> None:
    assert waits_in(None) == "an unknown place"
