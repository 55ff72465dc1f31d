"""Signals from Redis as pages show them: the newest in memory, new ones told at once, older ones on request.

It must not know customers beyond their names and departments, nor HTTP.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Sequence
from typing import Any

from schemas.policy import Policy
from streams.dashboard.book import Book
from streams.dashboard.feed import KEPT, Feed, Item, order
from streams.dashboard.hub import Hub
from streams.dashboard.newcomers import Newcomers
from streams.dashboard.quiet import Quiet
from streams.dashboard.records import read_object, read_signal
from streams.dashboard.signal_view import SignalViews, outcome_in
from streams.dashboard.store import CUSTOMERS_PER_READ, SIGNALS_PER_READ, Client, Entry, Store


class News:
    """The feed, and who has gone quiet."""

    def __init__(self, store: Store, policy: Policy, hub: Hub) -> None:
        self._store, self._hub = store, hub
        self.feed, self.quiet, self.views = Feed(), Quiet(policy), SignalViews(policy)
        self.newcomers = Newcomers(policy)

    async def read(self) -> None:
        """Read the playbooks and the newest signals.

        Raises:
            ViewError: Redis is away.
        """
        texts = await self._store.texts("playbooks")
        self.views.playbooks = {name: found for name, text in texts.items() if (found := _playbook(text))}
        newest = await self._store.newest_signals(KEPT)
        self.feed.restart(await self.items(newest[::-1]))

    async def read_again(self) -> None:
        """Read all of it and have the pages begin anew: playbooks changed, or too much happened to tell one by one.

        Raises:
            ViewError: Redis is away.
        """
        await self.read()
        self._tell_anew()

    def forget(self, customers: Iterable[str]) -> None:
        """Hold and show no signal of these any more: they were erased."""
        gone = set(customers)
        self.newcomers.forget(gone)
        if self.feed.forget(gone):
            self._tell_anew()

    def _tell_anew(self) -> None:
        items = [{"id": item.id, "signal": item.view} for item in self.feed.first()]
        self._hub.publish("signals", {"t": "signals_anew", "items": items})

    async def follow(self) -> None:
        """Tell of every new signal, for ever.

        Raises:
            ViewError: Redis is away.
        """
        async with self._store.own_client() as client:
            while True:
                entries = await self._store.signals_after(self.feed.last_id, client)
                if len(entries) < SIGNALS_PER_READ:
                    await self._tell(entries)
                else:
                    await self._run_after(entries, client)

    async def _tell(self, entries: Sequence[Entry]) -> None:
        self._hear(entries)
        for item in await self.items(entries):
            if order(item.id) <= order(self.feed.last_id):  # read meanwhile
                continue
            self.feed.add(item)
            self._hub.publish("signals", {"t": "signal", "id": item.id, "signal": item.view})

    async def _run_after(self, entries: list[Entry], client: Client) -> None:
        """A flood, or a stream brought back: hear all of it, show the newest."""
        while len(entries) == SIGNALS_PER_READ:
            self._hear(entries)
            entries = await self._store.signals_after(entries[-1][0], client)
        self._hear(entries)
        await self.read_again()

    def _hear(self, entries: Sequence[Entry]) -> None:
        for _, stored in entries:
            signal = read_signal(stored)
            if signal is not None:
                self.quiet.hear(signal)
                self.newcomers.hear(signal)

    async def renew(self, customers: Container[str]) -> None:
        """Read again who the signals of these are about: a signal is in Redis before the state that it comes from.

        Raises:
            ViewError: Redis is away.
        """
        entries = [(item.id, item.stored) for item in self.feed.of(customers)]
        for item in await self.items(entries):
            if self.feed.renew(item):
                self._hub.publish("signals", {"t": "signal_again", "id": item.id, "signal": item.view})

    def tell_outcomes(self, book: Book, rows: Sequence[int]) -> None:
        """Tell what the states of these customers say was reported back, where that is news."""
        for outcome in (outcome for row in rows for outcome in book.outcomes.get(row, ())):
            if self.feed.mark(outcome.signal_id, outcome):
                self._hub.publish("signals", {"t": "outcome", "outcome": outcome})

    async def items(self, entries: Sequence[Entry]) -> list[Item]:
        """Entries of the stream as pages show them."""
        found = []
        for start in range(0, len(entries), CUSTOMERS_PER_READ):
            part = entries[start : start + CUSTOMERS_PER_READ]
            texts = dict(part)
            signals = [(stream_id, read_object(stored)) for stream_id, stored in part if read_signal(stored)]
            known = [(stream_id, signal) for stream_id, signal in signals if signal]
            stored = await self._store.customers([signal["customer_id"] for _, signal in known]) if known else []
            for (stream_id, signal), (state_json, account_json) in zip(known, stored, strict=True):
                state = read_object(state_json) or {}
                newcomers = self.newcomers.of(signal["signal_id"])
                view = self.views.view(signal, read_object(account_json) or {}, newcomers)
                outcome = outcome_in(state, signal["signal_id"])
                view |= {"outcome": outcome} if outcome else {}
                found.append(Item(stream_id, view, texts[stream_id]))
        return found


def _playbook(text: str) -> dict[str, Any] | None:
    try:
        found = json.loads(text)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
