"""Signals in memory, and how news reaches pages: in order, together, and never at the pace of the slowest."""

from __future__ import annotations

import asyncio
import json

import pytest

from streams.dashboard.feed import KEPT, Feed, Item, order
from streams.dashboard.hub import EVERYBODY, QUEUE_MOST, Hub, Page
from streams.dashboard.records import OutcomeRecord
from tests.unit.dashboard.kit import NOON


def feed_of(*ids: str) -> Feed:
    feed = Feed()
    feed.restart(Item(found, {"signal_id": found}) for found in ids)
    return feed


def missed(feed: Feed, since: str) -> list[str] | None:
    found = feed.since(since)
    return None if found is None else [item.id for item in found]


@pytest.mark.parametrize(
    ("text", "sorts_as"),
    [("5-1", (5, 1)), ("5", (5, 0)), ("", (0, 0)), ("x-1", (0, 0)), ("5-x", (0, 0)), ("+", (0, 0))],
)
def test_stream_ids_sort_as_numbers(text: str, sorts_as: tuple[int, int]) -> None:
    assert order(text) == sorts_as


def test_a_page_that_comes_back_gets_what_it_missed() -> None:
    feed = feed_of("9-0", "10-0", "10-1")
    assert missed(feed, "9-0") == ["10-0", "10-1"]
    assert missed(feed, "10-1") == []
    assert missed(feed, "8-5") == ["9-0", "10-0", "10-1"]


def test_a_page_that_missed_more_than_is_held_is_told_so() -> None:
    feed = feed_of(*(f"{number}-0" for number in range(1, KEPT + 2)))
    assert missed(feed, "2-0") == [f"{number}-0" for number in range(3, KEPT + 2)]
    assert missed(feed, "1-0") is None  # maybe nothing in between was lost; it cannot be known


def test_an_outcome_is_noted_once() -> None:
    feed = feed_of("1-0")
    later, worked = (
        {"outcome": "later", "at": NOON},
        OutcomeRecord("1-0", "worked", NOON.replace("12:", "13:"), "tanaka"),
    )
    assert feed.mark("1-0", later)
    assert not feed.mark("1-0", later)
    assert feed.mark("1-0", worked)
    assert not feed.mark("unknown", worked)
    assert not feed.mark("1-0", later)  # a state that does not know of the newer one yet
    assert not feed.mark("1-0", {"outcome": "worked", "at": worked.at})  # nor of its author
    feed.restart([Item("1-0", {"signal_id": "1-0", "outcome": later}), Item("2-0", {"signal_id": "2-0"})])
    assert feed.outcomes() == [worked]


def test_pages_hear_what_they_asked_for_in_one_frame_and_in_order() -> None:
    async def work() -> list[object]:
        hub, matrix, boards = Hub(), Page(["matrix", "signals"]), Page(["boards"])
        hub.pages |= {matrix, boards}
        running = asyncio.create_task(hub.run())
        for topic, what in (("matrix", 1), ("signals", 2), ("boards", 3), (EVERYBODY, 4), ("nobody", 5)):
            hub.publish(topic, {"t": what})
        frames = [json.loads(await asyncio.wait_for(page.frames.get(), 5)) for page in (matrix, boards)]
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return frames

    assert asyncio.run(work()) == [[{"t": 1}, {"t": 2}, {"t": 4}], [{"t": 3}, {"t": 4}]]


def test_a_page_that_takes_nothing_is_cut_off_and_holds_nobody_up() -> None:
    async def work() -> tuple[bool, bool, int]:
        hub, slow, quick = Hub(), Page(["matrix"]), Page(["matrix"])
        hub.pages |= {slow, quick}
        running, taken = asyncio.create_task(hub.run()), 0
        for number in range(QUEUE_MOST + 1):
            hub.publish("matrix", {"n": number})
            taken += json.loads(await asyncio.wait_for(quick.frames.get(), 5))[0]["n"] == number
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        return slow.cut_off.is_set(), quick.cut_off.is_set(), taken

    assert asyncio.run(work()) == (True, False, QUEUE_MOST + 1)
