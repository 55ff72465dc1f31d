"""Who has gone quiet: customers of whom a silence rule has told, from lists and live signals.

It must not know boards.
"""

from __future__ import annotations

import asyncio

from schemas.policy import Policy
from streams.dashboard.book import SEGMENTS, Book
from streams.dashboard.instants import epoch_ms
from streams.dashboard.records import SignalRecord, Silence, read_signal
from streams.dashboard.store import Store

# A silence signal that is not among a customer's newest few has been followed by other news.
LOOKED_AT = 3
CUSTOMERS_PER_LOOK = 100
# Pause between two looks, so that the first paint never waits for this.
BREATHE_S = 0.02
_DAY_MS = 86_400_000


class Quiet:
    """The silence of each customer that is silent."""

    def __init__(self, policy: Policy) -> None:
        self.silences: dict[str, Silence] = {}
        silences = [rule for rule in policy.rules if rule.silent_days is not None]
        self._days = {rule.id: rule.silent_days or 0 for rule in silences}
        self._segments = {SEGMENTS.index(segment) for rule in silences for segment in rule.segments}

    def hear(self, signal: SignalRecord) -> None:
        """Take one signal, in the order in which they took effect."""
        at_ms = epoch_ms(signal.effective_at)
        days = self._days.get(signal.rule)
        if days is not None and at_ms is not None:  # such a rule fires that long after what was heard last
            self.silences[signal.customer_id] = Silence(at_ms, at_ms - int(days * _DAY_MS))
        elif signal.cause.kind in ("event", "late", "refund"):
            self.silences.pop(signal.customer_id, None)

    async def look_back(self, store: Store, book: Book) -> None:
        """Find out from the customers' lists what happened before this process began to listen.

        Raises:
            ViewError: Redis is away.
        """
        if not self._days:
            return
        asked = [book.ids[row] for row in book.standing() if book.segment[row] in self._segments]
        for start in range(0, len(asked), CUSTOMERS_PER_LOOK):
            part = asked[start : start + CUSTOMERS_PER_LOOK]
            for listed in await store.customer_signals(part, LOOKED_AT):
                self._take_list(listed)
            await asyncio.sleep(BREATHE_S)

    def _take_list(self, newest_first: list[bytes]) -> None:
        for stored in reversed(newest_first):
            signal = read_signal(stored)
            if signal is not None:
                self.hear(signal)
