from __future__ import annotations

import asyncio
from collections.abc import Iterable

import pytest

from streams.engine import mirror as module
from streams.engine.fold import Output, View
from streams.engine.mirror import Mirror
from streams.engine.projection import Update
from streams.engine.stats import PartitionStats
from streams.errors import FencedError, ViewError


class Store:
    """A projection in memory that can be away."""

    def __init__(self) -> None:
        self.shown: dict[bytes, bytes | None] = {}
        self.outputs: list[bytes] = []
        self.at: tuple[int, int] | None = None
        self.away = False
        self.writes = 0

    async def write(self, partition: int, epoch: int, next_offset: int, updates: list[Update]) -> None:
        if self.away:
            raise ViewError("away")
        if self.at and self.at[0] > epoch:
            raise FencedError("newer epoch")
        self.writes += len(updates)
        self.shown |= {u.key: u.view.public for u in updates}
        self.outputs += [o.value for u in updates for o in u.outputs]
        self.at = (epoch, next_offset)

    async def reached(self, partition: int) -> tuple[int, int] | None:
        if self.away:
            raise ViewError("away")
        return self.at


def _update(key: str, value: str, *outputs: str) -> Update:
    return Update(key.encode(), 1, View(value.encode(), None), [Output(key.encode(), o.encode(), []) for o in outputs])


class Side:
    """A mirror, and the states it may be asked to show."""

    def __init__(
        self, store: Store, expected: Iterable[tuple[int, int] | None] = (), missed: Iterable[str] = ()
    ) -> None:
        self.states: dict[str, str] = {}
        self.stats = PartitionStats()
        keys = lambda: [k.encode() for k in self.states]  # noqa: E731
        self.mirror = Mirror(store, 0, 2, expected, {k.encode(): [] for k in missed}, keys, self.stats)

    async def turn(self, next_offset: int, *updates: Update) -> None:
        """What a partition does in one turn."""
        for _ in range(4):  # a store that is away is asked beside the work
            self.mirror._ask_at = 0.0  # it is always time to ask
            await self.mirror.connect()
            await asyncio.sleep(0.001)
        self.states |= {u.key.decode(): (u.view.public or b"").decode() for u in updates}
        touched = {u.key for u in updates}
        lacking = [_update(k.decode(), self.states[k.decode()]) for k in self.mirror.take(()) if k not in touched]
        if lacking or updates:
            await self.mirror.write(next_offset, lacking + list(updates))

    def as_shown(self) -> dict[bytes, bytes]:
        return {k.encode(): v.encode() for k, v in self.states.items()}


def test_a_store_that_was_away_gets_only_what_it_missed_outputs_in_order() -> None:
    async def story() -> None:
        store = Store()
        side = Side(store)
        await side.turn(1, _update("A", "a1", "s1"), _update("B", "b1"))
        store.away = True
        await side.turn(2, _update("A", "a2", "s2"))
        await side.turn(3, _update("A", "a3", "s3"), _update("C", "c1"))
        assert side.stats.view_behind
        assert store.shown == {b"A": b"a1", b"B": b"b1"}
        store.away, store.writes = False, 0
        await side.turn(4, _update("A", "a4", "s4"))
        assert store.writes == 2, "A and C"
        assert store.shown == side.as_shown()
        assert store.outputs == [b"s1", b"s2", b"s3", b"s4"]
        assert not side.stats.view_behind

    asyncio.run(story())


@pytest.mark.parametrize("comes_back", ["empty", "older"])
def test_a_store_that_lost_something_gets_everything(comes_back: str) -> None:
    async def story() -> None:
        store = Store()
        side = Side(store)
        await side.turn(1, _update("A", "a1"))
        await side.turn(2, _update("B", "b1"))
        store.shown, store.at = ({}, None) if comes_back == "empty" else ({b"A": b"a1"}, (2, 1))
        await side.turn(3)
        await side.turn(3)
        assert store.shown == side.as_shown()
        assert not side.mirror.behind

    asyncio.run(story())


def test_everything_is_written_in_portions_between_live_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SLICE_KEYS", 10)

    async def story() -> None:
        store = Store()
        side = Side(store)
        side.states = {f"k{i}": f"v{i}" for i in range(35)}
        lacking = []
        for turn in range(4):
            assert turn == 0 or side.mirror.behind
            lacking.append(side.stats.views_behind)
            store.writes = 0
            await side.turn(turn, _update("live", f"v{turn}"))
            assert store.writes <= 11
            assert store.shown[b"live"] == b"v%d" % turn
        assert store.shown == side.as_shown()
        assert not side.mirror.behind
        assert [*lacking, side.stats.views_behind] == [0, 25, 15, 5, 0]

    asyncio.run(story())


def test_a_store_that_goes_away_in_the_middle_of_being_filled_is_filled_to_the_end(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(module, "SLICE_KEYS", 10)

    async def story() -> None:
        store = Store()
        side = Side(store)
        side.states = {f"k{i}": f"v{i}" for i in range(35)}
        await side.turn(1)
        store.away = True
        await side.turn(2, _update("k3", "new"))
        await side.turn(3)
        store.away = False
        for turn in range(4, 9):
            await side.turn(turn)
        assert store.shown == side.as_shown()
        assert not side.mirror.behind

    asyncio.run(story())


def test_after_a_takeover_only_keys_of_the_last_chunk_are_written_when_the_store_is_as_expected() -> None:
    async def story() -> None:
        store = Store()
        store.at, store.shown = (1, 50), {b"A": b"a", b"B": b"b"}
        side = Side(store, expected=[(1, 50), (1, 60)], missed=["A"])
        side.states = {"A": "a2", "B": "b"}
        await side.turn(60)
        assert store.writes == 1
        assert store.shown == side.as_shown()
        assert side.mirror.projected == (2, 60)

    asyncio.run(story())


def test_a_store_that_hangs_holds_up_one_turn_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("WRITE_TIMEOUT_S", "ASK_TIMEOUT_S"):
        monkeypatch.setattr(module, name, 0.05)

    class Hanging(Store):
        async def write(self, *args: object) -> None:
            await asyncio.sleep(60)

        async def reached(self, partition: int) -> tuple[int, int] | None:
            return await asyncio.sleep(60)

    async def story() -> None:
        side = Side(Hanging())
        began = asyncio.get_running_loop().time()
        await side.turn(1, _update("A", "a"))
        for turn in range(2, 20):
            await side.turn(turn, _update("A", f"a{turn}"))
        assert asyncio.get_running_loop().time() - began < 0.5
        assert side.mirror.behind
        await side.mirror.close()

    asyncio.run(story())


def test_an_offset_is_lacking_only_where_all_views_are_shown() -> None:
    async def story() -> None:
        store = Store()
        side = Side(store)
        assert not side.mirror.lacks_offset(1), "nobody has asked the store yet"
        await side.turn(3, _update("A", "a1"))
        assert [side.mirror.lacks_offset(offset) for offset in (2, 3, 4)] == [False, False, True]
        await side.mirror.write(4, [])
        assert store.at == (2, 4)
        assert not side.mirror.lacks_offset(4)
        store.away = True
        await side.turn(5, _update("A", "a2"))
        assert not side.mirror.lacks_offset(6), "a view comes first"
        store.away = False
        await side.turn(6)
        assert store.at == (2, 6)

    asyncio.run(story())


def test_a_store_that_can_only_be_read_is_told_of_once_and_tried_ever_less_often(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    now_s = 1000.0
    monkeypatch.setattr(module, "monotonic", lambda: now_s)

    async def story() -> list[float]:
        nonlocal now_s
        store, tried = Store(), list[float]()
        side = Side(store)
        await side.turn(1, _update("A", "a1"))
        works = store.write

        async def refuse(*_: object) -> None:
            tried.append(now_s)
            raise ViewError("READONLY")

        monkeypatch.setattr(store, "write", refuse)
        await side.mirror.write(2, [_update("A", "a2")])
        while now_s < 1060:
            now_s += 0.1
            if now_s > 1050:
                monkeypatch.setattr(store, "write", works)
            if side.mirror.has_work():
                await side.mirror.connect()
                await asyncio.sleep(0.001)
                if keys := side.mirror.take(()):
                    await side.mirror.write(2, [_update(key.decode(), "a2") for key in keys])
        assert not side.mirror.behind
        return tried

    tried = asyncio.run(story())
    assert 10 <= len(tried) <= 18, "after 0.2, 0.4, 0.8, 1.6, 3.2 and then every 5 seconds"
    said = [found.getMessage() for found in caplog.records]
    assert said == [
        "partition 0: the projection is away, folding goes on: READONLY",
        "partition 0: the projection is back",
    ]


def test_a_missed_key_that_is_put_off_hands_its_outputs_over() -> None:
    async def story() -> None:
        store = Store()
        side = Side(store)
        await side.turn(1)
        store.away = True
        await side.turn(2, _update("A", "a2", "s1"), _update("B", "b2", "s2"))
        store.away = False
        for _ in range(4):  # it is asked beside the work
            side.mirror._ask_at = 0.0
            await side.mirror.connect()
            await asyncio.sleep(0.001)
        assert side.mirror.take({b"B": ()}) == [b"A"]
        assert [output.value for output in side.mirror.hand_over(b"B")] == [b"s2"]
        assert side.mirror.take(()) == [b"A"]
        assert side.mirror.hand_over(b"B") == []

    asyncio.run(story())


def test_a_newer_owner_ends_it() -> None:
    async def story() -> None:
        store = Store()
        side = Side(store)
        await side.turn(1, _update("A", "a"))
        store.at = (3, 9)
        await side.mirror.write(2, [_update("A", "b")])

    with pytest.raises(FencedError):
        asyncio.run(story())
