"""Calls of one script by several writers, those of a moment in one round trip to Redis.

A round trip costs a worker more than the script costs Redis. What comes while one is on its way goes with the next;
each call is judged for itself. It must not know what the script does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from hashlib import sha1
from typing import Any

from redis.exceptions import NoScriptError

from streams.adapters.redis_client import Client

_Call = tuple[Sequence[Any], asyncio.Future[Any]]


class ScriptCalls:
    """One round trip at a time, in the order in which calls were made."""

    def __init__(self, redis: Client, script: str) -> None:
        self._redis, self._script = redis, script
        self._digest = sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._waiting: list[_Call] = []
        self._busy: asyncio.Task[None] | None = None

    def call(self, arguments: Sequence[Any]) -> asyncio.Future[Any]:
        """What the script answers to these arguments.

        It fails with a RedisError, an OSError or a TimeoutError; then nobody knows whether the script was run.
        """
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self._waiting.append((arguments, answer))
        if self._busy is None:
            self._busy = asyncio.ensure_future(self._serve())
        return answer

    async def close(self) -> None:
        """Wait for the calls that were made; a connection's own time-out ends those that hang."""
        while self._busy is not None:
            await asyncio.wait([self._busy])

    async def _serve(self) -> None:
        try:
            while self._waiting:
                calls, self._waiting = self._waiting, []
                for (_, answer), found in zip(calls, await self._answers(calls), strict=True):
                    _tell(answer, found)
        finally:
            self._busy = None

    async def _answers(self, calls: list[_Call]) -> list[Any]:
        """An answer or an exception for each call."""
        try:
            found = await self._run(calls)
            if unknown := [at for at, answer in enumerate(found) if isinstance(answer, NoScriptError)]:
                await self._redis.script_load(self._script)
                again = await self._run([calls[at] for at in unknown])
                for at, answer in zip(unknown, again, strict=True):
                    found[at] = answer
        except Exception as error:
            return [error] * len(calls)
        return found

    async def _run(self, calls: list[_Call]) -> list[Any]:
        async with self._redis.pipeline(transaction=False) as pipe:
            for arguments, _ in calls:
                pipe.evalsha(self._digest, 0, *arguments)
            found: list[Any] = await pipe.execute(raise_on_error=False)
        return found


def _tell(answer: asyncio.Future[Any], found: Any) -> None:
    """Let the caller go on; one who was called off meanwhile does not wait any more."""
    if answer.done():
        return
    if isinstance(found, Exception):
        answer.set_exception(found)
    else:
        answer.set_result(found)
