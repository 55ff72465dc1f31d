"""The one WebSocket of a page: what it missed, then everything new; it must not know where news comes from."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import Any

import msgspec
from starlette.websockets import WebSocket, WebSocketDisconnect

from streams.dashboard.feed import Item
from streams.dashboard.follower import Follower
from streams.dashboard.hub import CUSTOMER, Page

TOPICS = frozenset({"matrix", "signals", "boards"})
MOST_TOPICS = 8
# RFC 6455, section 7.4.1 and the IANA registry of close codes.
TRY_AGAIN_LATER = 1013
# A page that takes nothing for that long is cut off, so that what it holds up is let go.
SEND_WITHIN_S = 15.0


class Live:
    """Serves WebSockets; every page has its own task, so a broken one stops nobody."""

    def __init__(self, follower: Follower) -> None:
        self._follower = follower
        self._newest: tuple[tuple[str, int], str] | None = None  # the same first frame serves many pages

    async def serve(self, socket: WebSocket) -> None:
        """Serve one page until it leaves or cannot keep up."""
        page = Page(_topics(socket))
        await socket.accept()
        hub = self._follower.hub
        hub.pages.add(page)
        try:
            await self._serve(socket, page)
        finally:
            hub.pages.discard(page)

    async def _serve(self, socket: WebSocket, page: Page) -> None:
        page.offer(self._first_frame(socket, page))
        tasks = [
            asyncio.create_task(_send(socket, page), name="page send"),
            asyncio.create_task(_listen(socket), name="page listen"),
            asyncio.create_task(page.cut_off.wait(), name="page cut off"),
        ]
        try:
            await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        if page.cut_off.is_set():
            async with asyncio.timeout(SEND_WITHIN_S):
                await socket.close(TRY_AGAIN_LATER)

    def _first_frame(self, socket: WebSocket, page: Page) -> str:
        """How things stand, and what the page missed since it was last here."""
        follower, asked = self._follower, socket.query_params
        messages: list[dict[str, Any]] = [follower.health.report(time.monotonic())]
        if "matrix" in page.topics and asked.get("epoch"):
            messages += follower.missed(asked["epoch"], _whole(asked.get("seq", "")))
        if asked.get("again") and "boards" in page.topics:
            messages.append({"t": "boards"})
        # Also to a page that is new: what it fetches beside this may have left before this line stood.
        messages += [{"t": "customer", "id": topic[len(CUSTOMER) :]} for topic in page.topics if _customer(topic)]
        frame = msgspec.json.encode(messages).decode()
        return frame[:-1] + f",{self._signals(asked.get('signal', ''))}]" if "signals" in page.topics else frame

    def _signals(self, last_id: str) -> str:
        """Signals since the last one a page has, and the outcomes; `signals_anew` where it missed more than is held."""
        feed = self._follower.news.feed
        missed = feed.since(last_id) if last_id else None
        if missed is not None:
            told = [msgspec.json.encode({"t": "outcome", "outcome": found}).decode() for found in feed.outcomes()]
            return ",".join([_message("signals", missed), *told])
        if self._newest is None or self._newest[0] != (feed.last_id, feed.marks):
            self._newest = ((feed.last_id, feed.marks), _message("signals_anew", feed.first()))
        return self._newest[1]


def _message(kind: str, items: Sequence[Item]) -> str:
    return msgspec.json.encode({"t": kind, "items": [{"id": item.id, "signal": item.view} for item in items]}).decode()


async def _send(socket: WebSocket, page: Page) -> None:
    while True:
        frame = await page.frames.get()
        try:
            async with asyncio.timeout(SEND_WITHIN_S):
                await socket.send_text(frame)
        except (TimeoutError, WebSocketDisconnect, RuntimeError):
            return


async def _listen(socket: WebSocket) -> None:
    """Pages say nothing; this ends when one leaves."""
    while (await socket.receive())["type"] != "websocket.disconnect":
        pass


def _topics(socket: WebSocket) -> set[str]:
    asked = socket.query_params.get("topics", "").split(" ")[:MOST_TOPICS]
    return {topic for topic in asked if topic in TOPICS} | set(filter(_customer, [socket.query_params.get("show", "")]))


def _customer(topic: str) -> bool:
    return topic.startswith(CUSTOMER)


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 16 else -1
