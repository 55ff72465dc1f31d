"""Keeps book, news and health like Redis, and tells the pages what changed; it must not know HTTP.

One set of readers per process, however many pages are open: Redis tells which customers changed, the stream of
signals is followed by its last id, the summary is read once a second. After any failure everything is read again, so
nothing that was missed meanwhile stays unseen.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import deque
from collections.abc import Callable, Container, Sequence
from contextlib import suppress
from typing import Any

from schemas.policy import Policy
from streams.dashboard.book import Book
from streams.dashboard.health import Health
from streams.dashboard.hub import CUSTOMER, EVERYBODY, Hub
from streams.dashboard.instants import epoch_ms
from streams.dashboard.news import News
from streams.dashboard.records import read_account, read_state
from streams.dashboard.store import CUSTOMERS_PER_READ, Changes, Store
from streams.dashboard.thrift import give_back
from streams.errors import ViewError

SUMMARY_EVERY_S = 1.0
# Customers that changed are read together that often: a burst costs as much as a trickle.
GATHER_S = 0.1
# More changes at once than that are not sent one by one: pages fetch everything again, at most that often.
CHANGES_SENT = 1_500
RELOAD_EVERY_S = 5.0
# When that share of the rows stands empty (another application took the view over), the book is made anew.
MOST_GONE, GONE_AT_LEAST = 0.5, 1_000
# Messages of changes kept for pages that come back after a short break.
MOVES_KEPT = 300
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 2.0

log = logging.getLogger(__name__)


class Follower:
    """The one reader of Redis of this process."""

    def __init__(self, store: Store, policy: Policy, hub: Hub, now_ms: Callable[[], int]) -> None:
        self.store, self.hub = store, hub
        self.book, self.news = Book(), News(store, policy, hub)
        self.health = Health(policy.policy_version)
        self._now_ms = now_ms
        self._changed: set[str] = set()
        self._some_changed = asyncio.Event()
        self._told: dict[str, Any] = {}
        self._reloaded_s = 0.0
        self._reload_owed = False
        self._recent: deque[tuple[int, list[Any]]] = deque(maxlen=MOVES_KEPT)

    async def run(self) -> None:
        """Follow for ever, whatever becomes of Redis meanwhile."""
        pause_s = RETRY_FIRST_S
        while True:
            begun_s = time.monotonic()
            try:
                await self._follow()
            except* Exception as group:
                self._failed(_first(group))
            pause_s = RETRY_FIRST_S if time.monotonic() - begun_s > RETRY_MOST_S else min(pause_s * 2, RETRY_MOST_S)
            await asyncio.sleep(pause_s)

    def _failed(self, error: BaseException) -> None:
        """Whatever it was: a follower that ended would leave every page with old data that looks fresh."""
        expected = isinstance(error, (ViewError, OSError))
        log.log(logging.WARNING if expected else logging.ERROR, "%s", error, exc_info=None if expected else error)
        self.health.redis_is_away(str(error) or type(error).__name__)
        self._tell_health()

    def refresh(self, customer_id: str) -> None:
        """Read a customer again soon."""
        self._changed.add(customer_id)
        self._some_changed.set()

    def missed(self, epoch: str, seq: int) -> list[dict[str, Any]]:
        """What a page that holds the book as of `seq` must hear to hold it as it is now."""
        book = self.book
        if (epoch, seq) == (book.epoch, book.seq):
            return []
        later = [(number, rows) for number, rows in self._recent if number > seq]
        if epoch == book.epoch and [number for number, _ in later] == list(range(seq + 1, book.seq + 1)):
            return [_moves(number, rows) for number, rows in later]
        return [self._reload_message()]

    async def _follow(self) -> None:
        async with self.store.changes() as changes:
            await self.news.read_again()  # open pages have not heard what came while Redis was away
            self.health.redis_is_back()
            async with asyncio.TaskGroup() as group:
                group.create_task(self._watch_summary(), name="page summary")
                group.create_task(self._hear_changes(changes), name="page changes")
                group.create_task(self.news.follow(), name="page signals")
                await self._read_everybody()
                group.create_task(self._read_changed(), name="page customers")
                group.create_task(self.news.quiet.look_back(self.store, self.book), name="page quiet")

    # ------------------------------------------------------------ customers

    async def _read_everybody(self) -> None:
        ids = await self.store.customer_ids()
        if not len(self.book):
            self.health.loading(0, len(ids))
        for start in range(0, len(ids), CUSTOMERS_PER_READ):
            await self._read(ids[start : start + CUSTOMERS_PER_READ])
            self.health.loading(min(start + CUSTOMERS_PER_READ, len(ids)), len(ids))
        for customer_id in self.book.rows.keys() - set(ids):
            self.book.drop(customer_id)
        self.health.loaded()
        self.book.names.pack()
        give_back()
        self.book.seq += 1
        self._tell_reload()
        self._tell_health()

    async def _read(self, ids: Sequence[str]) -> list[int]:
        """Read these customers into the book; their rows."""
        rows = []
        for customer_id, (state_json, account_json) in zip(ids, await self.store.customers(ids), strict=True):
            state = read_state(state_json) if state_json is not None else None
            account = read_account(account_json) if account_json is not None else None
            row = self.book.drop(customer_id) if state_json is None else None
            if state is not None and state.customer_id == customer_id:
                before = self.book.departments_of(customer_id)
                added = [] if before is None else [name for name in state.departments if name not in before]
                self.news.newcomers.take(customer_id, state.as_of, added)
                row = self.book.put(state, account)
            if row is not None:
                rows.append(row)
        return rows

    async def _hear_changes(self, changes: Changes) -> None:
        while True:
            changed = await changes.following()
            if changed is None:
                raise ViewError("Redis was emptied: everything is read again")
            if changed.playbooks:
                await self.news.read_again()
            if changed.customers:
                self._changed |= changed.customers
                self._some_changed.set()

    async def _read_changed(self) -> None:
        while True:
            await self._woken()
            self._some_changed.clear()
            changed, self._changed = sorted(self._changed), set()
            before, rows = self.book.gone, list[int]()
            for start in range(0, len(changed), CUSTOMERS_PER_READ):
                rows += await self._read(changed[start : start + CUSTOMERS_PER_READ])
            if self.book.gone > before:
                self.news.forget(customer_id for customer_id in changed if customer_id not in self.book.rows)
            await self.news.renew(set(changed))
            if rows:
                self._tell_changes(rows, changed)
            if self.book.gone > max(GONE_AT_LEAST, MOST_GONE * len(self.book)):
                await self._begin_anew()
            if self._reload_owed and time.monotonic() - self._reloaded_s > RELOAD_EVERY_S:
                self._tell_reload()

    async def _begin_anew(self) -> None:
        """A book without empty rows; pages fetch it whole, because it has another epoch."""
        acted, self.book = self.book.acted, Book()
        self.book.acted = acted
        await self._read_everybody()

    async def _woken(self) -> None:
        """Wait for changes and let some gather; or until a reload that is owed is due."""
        with suppress(TimeoutError):
            async with asyncio.timeout(RELOAD_EVERY_S if self._reload_owed else None):
                await self._some_changed.wait()
        await asyncio.sleep(GATHER_S)

    def _tell_changes(self, rows: list[int], changed: Sequence[str]) -> None:
        self.book.seq += 1
        self.hub.publish("boards", {"t": "boards"})
        self.news.tell_outcomes(self.book, rows)
        self._tell_shown(set(changed))
        if len(rows) > CHANGES_SENT:
            self._recent.clear()
            self._reload_owed = True
            return
        changes = [self.book.change(row) for row in rows]
        self._recent.append((self.book.seq, changes))
        self.hub.publish("matrix", _moves(self.book.seq, changes))

    def _tell_shown(self, changed: Container[str] | None = None) -> None:
        """Have the pages that show one of these (None: anybody) fetch it again, an erased one, too."""
        shown = [topic.removeprefix(CUSTOMER) for topic in self.hub.topics() if topic.startswith(CUSTOMER)]
        for customer_id in shown:
            if changed is None or customer_id in changed:
                self.hub.publish(CUSTOMER + customer_id, {"t": "customer", "id": customer_id})

    def _tell_reload(self) -> None:
        """Have the pages fetch everything again."""
        self._tell_shown()
        self._reloaded_s, self._reload_owed = time.monotonic(), False
        self._recent.clear()
        self.hub.publish("matrix", self._reload_message())
        self.hub.publish("boards", {"t": "boards"})

    def _reload_message(self) -> dict[str, Any]:
        return {"t": "reload", "epoch": self.book.epoch, "seq": self.book.seq}

    # ------------------------------------------------------------ summary

    async def _watch_summary(self) -> None:
        while True:
            summary = await self.store.texts("summary")
            self.health.take(summary, time.monotonic())
            seen_ms = epoch_ms(summary.get("seen_at"))
            if seen_ms is not None:
                self.health.trust(abs(self._now_ms() - seen_ms) / 1000, time.monotonic())
            self._tell_health()
            await asyncio.sleep(SUMMARY_EVERY_S)

    def _tell_health(self) -> None:
        report = self.health.report(time.monotonic())
        if {**report, "seen_at": None} != {**self._told, "seen_at": None}:
            self._told = report
            self.hub.publish(EVERYBODY, report)


def _moves(seq: int, changes: list[Any]) -> dict[str, Any]:
    return {"t": "moves", "seq": seq, "rows": changes}


def _first(group: BaseException) -> BaseException:
    """The one error behind a group of groups."""
    while isinstance(group, BaseExceptionGroup):
        group = group.exceptions[0]
    return group
