"""Sends what is new to every open page, each by its own bounded queue; it must not know what it sends.

A page that does not keep up is cut off: it comes back by itself and catches up, and never holds others up.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable

import msgspec

# Frames that wait for a page at most; at the usual pace that is half a minute of silence on its side.
QUEUE_MOST = 64
# Changes of that long a time go out together: short enough to be "now", long enough that bursts stay cheap.
GATHER_S = 0.08
# A page that hears nothing for a while calls its data stale, so something is said that often at least.
BEAT_S = 10.0
BEAT = b'{"t":"beat"}'

EVERYBODY = ""
CUSTOMER = "customer:"  # what the topics of single customers begin with


class Page:
    """One open page: what it wants to hear of, and the frames it has not got yet."""

    def __init__(self, topics: Iterable[str]) -> None:
        self.topics = frozenset(topics) | {EVERYBODY}
        self.frames: asyncio.Queue[str] = asyncio.Queue(QUEUE_MOST)
        self.cut_off = asyncio.Event()

    def offer(self, frame: str) -> None:
        """Queue a frame; without room the page is cut off."""
        try:
            self.frames.put_nowait(frame)
        except asyncio.QueueFull:
            self.cut_off.set()


class Hub:
    """All open pages."""

    def __init__(self) -> None:
        self.pages: set[Page] = set()
        self._waiting: list[tuple[str, bytes]] = []
        self._something = asyncio.Event()
        self._sent_at_s = 0.0

    def topics(self) -> set[str]:
        """What any page wants to hear of."""
        return {topic for page in self.pages for topic in page.topics}

    def publish(self, topic: str, message: object) -> None:
        """Tell the pages that want this topic; `EVERYBODY` reaches all."""
        if self.pages:
            self._waiting.append((topic, msgspec.json.encode(message)))
            self._something.set()

    async def run(self) -> None:
        """Send for ever."""
        while True:
            try:
                async with asyncio.timeout(BEAT_S):
                    await self._something.wait()
            except TimeoutError:
                self._waiting.append((EVERYBODY, BEAT))
            await asyncio.sleep(max(0.0, self._sent_at_s + GATHER_S - time.monotonic()))
            self._something.clear()
            self._send()

    def _send(self) -> None:
        waiting, self._waiting = self._waiting, []
        self._sent_at_s = time.monotonic()
        frames: dict[frozenset[str], str] = {}
        for page in tuple(self.pages):
            frame = frames.get(page.topics)
            if frame is None:
                frame = frames[page.topics] = _frame(waiting, page.topics)
            if frame:
                page.offer(frame)


def _frame(waiting: list[tuple[str, bytes]], topics: frozenset[str]) -> str:
    """The messages of these topics as one JSON array; empty without any."""
    heard = [message for topic, message in waiting if topic in topics]
    return f"[{b','.join(heard).decode()}]" if heard else ""
