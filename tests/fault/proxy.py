"""A TCP proxy on the loopback that can cut, hold, slow and slice what passes; it must not know what that means.

It runs in a thread of its own with its own event loop; `mode` may be set from anywhere and holds for both directions
and all connections, present and future.
"""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

HOST = "127.0.0.1"
OPEN, CUT, HOLD, SLOW, SLICE = "open", "cut", "hold", "slow", "slice"
PIECE_BYTES = 64 << 10
SLICE_BYTES = 11  # a request header comes in several pieces
SLOW_S = 0.15  # per piece and direction
LOOK_S = 0.01


class Proxy:
    """`with Proxy(port_of_the_server) as proxy:` listens on `proxy.port`.

    In `HOLD` what was sent stays here and passes, late, when the mode changes; in `CUT` connections end and what was
    on the way is lost.
    """

    def __init__(self, target_port: int = 0, port: int = 0) -> None:
        self.target_port, self.port, self.mode = target_port, port, OPEN
        self.connections = self.lost = self.held = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="proxy")
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    def __enter__(self) -> Self:
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def address(self) -> str:
        return f"{HOST}:{self.port}"

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._serve, HOST, self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        self.connections += 1
        with suppress(OSError, asyncio.CancelledError):
            await self._connect(reader, writer)
        writer.transport.abort()
        self._tasks.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.mode == CUT:
            self.lost += 1
            return
        there, back = await asyncio.open_connection(HOST, self.target_port)
        ways = [asyncio.ensure_future(self._pass(*way)) for way in ((reader, back), (there, writer))]
        ways.append(asyncio.ensure_future(self._until_cut()))
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            back.transport.abort()

    async def _until_cut(self) -> None:
        while self.mode != CUT:
            await asyncio.sleep(LOOK_S)
        self.lost += 1

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while piece := await reader.read(SLICE_BYTES if self.mode == SLICE else PIECE_BYTES):
            if self.mode == SLOW:
                await asyncio.sleep(SLOW_S)
            if self.mode == HOLD:
                self.held += len(piece)
            while self.mode == HOLD:
                await asyncio.sleep(LOOK_S)
            writer.write(piece)
            await writer.drain()
