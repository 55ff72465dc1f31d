"""A compacted topic followed into memory: read to its end first, then for as long as it is wanted.

It must not know what its records say.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from typing import Any

from aiokafka.errors import KafkaError

from streams.adapters.kafka_read import behind, fetch, reading
from streams.errors import BrokerError

RETRY_S = 1.0  # after a failure of Kafka: what is known serves on meanwhile
STEP_ENDS_WITHIN_S = 6.0  # orderly end: one read is at most that far from its end

log = logging.getLogger(__name__)


class TopicFollower:
    """Hands every record to `take`, each partition in its order; `start` returns when all that was there is taken.

    `taken` is called after each batch that comes later.
    """

    def __init__(
        self, brokers: str, topic: str, take: Callable[[Any], None], taken: Callable[[], None] = lambda: None
    ) -> None:
        self._brokers, self._topic, self._take, self._taken = brokers, topic, take, taken
        self._next: dict[int, int] = {}
        self._moved = asyncio.Condition()
        self._closing, self._caught_up = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def next_offset(self, partition: int) -> int:
        """The next offset to be taken of a partition."""
        return self._next.get(partition, 0)

    async def passes(self, places: Mapping[int, int], within_s: float) -> bool:
        """Whether these offsets, by partition, are taken (or were never there) within that time."""
        async with self._moved:
            try:
                async with asyncio.timeout(within_s):
                    await self._moved.wait_for(lambda: all(self.next_offset(p) > at for p, at in places.items()))
            except TimeoutError:
                return False
        return True

    async def ends(self) -> dict[int, int]:
        """The end of each partition now, asked from the broker.

        Raises:
            BrokerError: Kafka is away.
        """
        async with reading(self._brokers, self._topic) as consumer:
            return {tp.partition: end for tp, end in (await consumer.end_offsets(consumer.assignment())).items()}

    async def begins(self) -> dict[int, int]:
        """The first offset that is still there of each partition, asked from the broker.

        Raises:
            BrokerError: Kafka is away.
        """
        async with reading(self._brokers, self._topic) as consumer:
            return {tp.partition: at for tp, at in (await consumer.beginning_offsets(consumer.assignment())).items()}

    async def start(self) -> None:
        """Take what is there, and follow from then on.

        Raises:
            BrokerError: Kafka is away, or there is no such topic.
        """
        self._task = asyncio.create_task(self._run(), name=f"following {self._topic}")
        ready = asyncio.create_task(self._caught_up.wait())
        try:
            await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._task.done():
            await self._task

    async def close(self) -> None:
        """Follow no longer."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STEP_ENDS_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._follow()
            except (BrokerError, KafkaError, OSError) as error:
                if not self._caught_up.is_set():
                    raise
                log.warning("%s is not followed for the moment: %s", self._topic, error)
                await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        async with reading(self._brokers, self._topic) as consumer:
            for tp in consumer.assignment():
                if tp.partition in self._next:
                    consumer.seek(tp, self._next[tp.partition])
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while not self._closing.is_set():
                if not self._caught_up.is_set() and not await behind(consumer, ends):
                    self._caught_up.set()
                await self._take_all(await fetch(consumer))

    async def _take_all(self, fetched: dict[Any, list[Any]]) -> None:
        for tp, records in fetched.items():
            for record in records:
                self._take(record)
            self._next[tp.partition] = records[-1].offset + 1
        if not fetched:
            return
        if self._caught_up.is_set():
            self._taken()
        async with self._moved:
            self._moved.notify_all()
