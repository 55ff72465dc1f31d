"""How many dead letters wait for somebody, kept from the topic itself; it must not know why they were refused.

A letter waits until it was sent again, was purged, or has outlived the topic's retention. Only places are held, some
hundred bytes each.
"""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

from schemas.dead_letters import DeadLetter
from streams.adapters.dead_letters import MOVED, REPLAYED
from streams.adapters.topic_follower import TopicFollower
from streams.errors import BrokerError
from streams.settings import Settings

# A topic that is missing yet, or a broker that does not answer at the start.
RETRY_S = 5.0
# What retention and purges delete leaves no record: where the topic begins is asked that often.
BEGINS_EVERY_S = 60.0

log = logging.getLogger(__name__)


class DeadLetterCount:
    """Follows `dead-letters` in the background; a worker works on without it."""

    def __init__(self, settings: Settings) -> None:
        self._follower = TopicFollower(settings.brokers, settings.dead_letters, self.take)
        self._waiting: set[tuple[int, int]] = set()
        self._moved: dict[tuple[int, int], int] = {}
        self._known = False
        self._task: asyncio.Task[None] | None = None

    @property
    def waiting(self) -> int | None:
        """Letters not seen to; None before the topic was read."""
        return len(self._waiting) if self._known else None

    def take(self, record: Any) -> None:
        """Count what one record of the topic says."""
        for name, text in record.headers:
            if name == REPLAYED:
                self._waiting.discard((record.partition, int(text)))
                return
            if name == MOVED:
                before = record.partition, int(text)
                self._waiting.discard(before)
                if self._moved.setdefault(before, record.offset) != record.offset:
                    return  # a second copy of the same letter
        if _is_letter(record):
            self._waiting.add((record.partition, record.offset))

    def cut(self, begins: dict[int, int]) -> None:
        """Forget what lies before these offsets, by partition."""
        gone = [place for place in self._waiting if place[1] < begins.get(place[0], 0)]
        self._waiting.difference_update(gone)
        self._moved = {place: to for place, to in self._moved.items() if to >= begins.get(place[0], 0)}

    def start(self) -> None:
        """Begin to follow; returns at once."""
        self._task = asyncio.create_task(self._run(), name="counting dead letters")

    async def close(self) -> None:
        """Follow no longer."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._follower.close()

    async def _run(self) -> None:
        while not self._known:
            try:
                await self._follower.start()
                self._known = True
            except BrokerError as error:
                log.warning("dead letters are not counted yet: %s", error)
                await asyncio.sleep(RETRY_S)
        while True:
            asked_s = time.monotonic()
            try:
                self.cut(await self._follower.begins())
            except BrokerError as error:
                log.warning("where dead letters begin is not known: %s", error)
            await asyncio.sleep(max(0.0, asked_s + BEGINS_EVERY_S - time.monotonic()))


def _is_letter(record: Any) -> bool:
    try:
        DeadLetter.from_headers(record.headers)
    except ValueError:
        return False
    return True
