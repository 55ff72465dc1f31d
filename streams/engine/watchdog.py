"""Ends a worker that has records to read and does not get on; it must not know why.

Kafka clients have been seen to stop fetching a partition after a broker restart without any error. What can be read
is therefore asked from the broker, not taken from the last fetch.
"""

from __future__ import annotations

import logging
from time import monotonic
from typing import Any

from aiokafka import TopicPartition
from mode import Service

from streams.engine.fatal import die

logger = logging.getLogger(__name__)


class Watchdog(Service):  # type: ignore[misc]
    """Looks several times per stall limit at every open partition."""

    def __init__(self, app: Any, stall_s: float, **kwargs: Any) -> None:
        self._app, self._stall_s = app, stall_s
        self._idle_since_s = monotonic()
        self._moved: dict[TopicPartition, tuple[int, float]] = {}  # next offset, and since when it is that
        self._session = -1  # of the consumer, in which that was seen
        super().__init__(**kwargs)

    @Service.task  # type: ignore[untyped-decorator]
    async def _watch(self) -> None:
        while not self.should_stop:
            await self.sleep(self._stall_s / 6)
            if self.should_stop:
                return
            self._expect_tasks()
            if self._app.consumer.tasks:
                await self._look()

    def _expect_tasks(self) -> None:
        consumer = self._app.consumer
        joined = consumer._thread.generation() >= 0
        if consumer.tasks or self._app.is_restoring or not (joined and consumer.assignment()):
            self._idle_since_s = monotonic()
        elif monotonic() - self._idle_since_s >= self._stall_s:
            die(f"partitions are assigned and were not opened for {self._stall_s:.0f} s")

    async def _look(self) -> None:
        consumer = self._app.consumer
        try:
            ends = await consumer._thread.ends(list(consumer.tasks))
        except Exception as error:  # a broker that is away is not a stall, and requests have their own limits
            logger.warning("the ends of the partitions cannot be asked: %r", error)
            return
        if consumer.session != self._session:  # partitions that were closed meanwhile did not stand still
            self._session, self._moved = consumer.session, {}
        now_s, moved = monotonic(), dict[TopicPartition, tuple[int, float]]()
        for tp, task in consumer.tasks.items():
            at = task.stats.next_offset
            seen, since_s = self._moved.get(tp, (-2, now_s))
            moved[tp] = (at, since_s) if at == seen and at < ends.get(tp, 0) else (at, now_s)
            if now_s - moved[tp][1] >= self._stall_s:
                die(f"{tp.topic}[{tp.partition}] stands at offset {at} of {ends[tp]} for {self._stall_s:.0f} s")
        self._moved = moved
