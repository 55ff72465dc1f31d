"""Appends of several writers to the same partitions, joined into as few batches as possible.

aiokafka sends one batch to a partition at a time, however small, so that of many small ones each would wait for the
answers to all before it. Here whatever comes while one is on its way goes into the next. It must not know what is
appended.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from streams.engine.batches import Item, send_all

Place = tuple[str, int]  # topic, partition


class Appends:
    """One batch on its way to each partition, in the order in which records were given.

    `producer` gives the running aiokafka producer.
    """

    def __init__(self, producer: Callable[[], Any]) -> None:
        self._producer = producer
        self._waiting: dict[Place, list[tuple[Sequence[Item], asyncio.Future[None]]]] = {}
        self._busy: dict[Place, asyncio.Task[None]] = {}

    def append(self, place: Place, items: Sequence[Item]) -> asyncio.Future[None]:
        """Append the items in order; what is returned resolves once the broker has all of them.

        It fails with a KafkaError when something of the batch they were in was not appended, or nobody knows.
        """
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(place, []).append((items, done))
        if place not in self._busy:
            self._busy[place] = asyncio.ensure_future(self._serve(place))
        return done

    async def _serve(self, place: Place) -> None:
        """Send what waits, and what comes meanwhile, until nothing does."""
        try:
            while given := self._waiting.pop(place, None):
                try:
                    await send_all(self._producer(), *place, [item for items, _ in given for item in items])
                except Exception as error:
                    _tell(given, error)
                else:
                    _tell(given, None)
        finally:
            del self._busy[place]


def _tell(given: list[tuple[Sequence[Item], asyncio.Future[None]]], error: Exception | None) -> None:
    """Let those who wait go on; one who was called off meanwhile does not wait any more."""
    for _, done in given:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
