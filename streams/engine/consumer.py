"""Faust's consumer, handing out chunks of one partition instead of single records, with offsets of its own.

It must not know what a chunk causes; it knows when partitions come and go.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable
from time import time
from typing import Any

from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver
from faust.types import TP

from streams.engine.failpoints import failpoint
from streams.engine.fatal import describe, die, waits_in
from streams.engine.producer import Producer
from streams.engine.task import Chunk, Lane, Task
from streams.engine.thread import Listener, Thread

logger = logging.getLogger(__name__)

# Where records wait for work anyway, those of a small fetch are followed by a pause: fewer fetches and chunks.
FEW_RECORDS, LINGER_S = 500, 0.005
FETCH_WAIT_S, IMPATIENT_WAIT_S = 0.5, 0.02
NO_TASK_S = 0.05


class Consumer(driver.Consumer):  # type: ignore[misc]
    """Opens a task per partition after a restore, and closes them all before partitions are given up.

    A session is the time between two closings; what was fetched in another one is dropped.
    """

    RebalanceListener = Listener

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.session = 0
        self.tasks: dict[TopicPartition, Task] = {}
        self._runners: list[asyncio.Task[None]] = []
        self._in_flight: dict[Chunk, asyncio.Future[None] | None] = {}
        self._durable: dict[TopicPartition, int] = {}
        self._committed: dict[TopicPartition, int] = {}
        self._assigned = False

    def _new_consumer_thread(self) -> Thread:
        return Thread(self, loop=self.loop, beacon=self.beacon)

    # -- partitions come and go

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Faust's callback at the beginning of a rebalance."""
        self._assigned = False
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Faust's callback when the group has settled."""
        self._assigned = True
        await super().on_partitions_assigned(assigned, generation_id)

    def open_tasks(self, tasks: Iterable[Task]) -> None:
        """Begin to work; the tasks are those of the current assignment."""
        if self.tasks or not self._assigned:
            return
        self.tasks = {TopicPartition(task.topic, task.partition): task for task in tasks}
        lanes: dict[type[Task], list[Task]] = {}
        for task in self.tasks.values():
            lanes.setdefault(type(task), []).append(task)
        self._runners = [asyncio.ensure_future(self._run(Lane(lane))) for lane in lanes.values()]

    async def wait_empty(self) -> None:
        """Finish what has begun, commit, and forget the rest: Faust is about to give up all partitions, or to stop."""
        self.session += 1
        for task in self.tasks.values():
            task.closed = True
            task.changed.set()
        await self._finish_begun()
        try:
            await asyncio.gather(*(task.close() for task in self.tasks.values()))
            self.app.keep(list(self.tasks.values()))
        except Exception as error:
            die(f"closing: {describe(error)}")
        if not await self.commit():  # False also when it only waited for a commit that had begun before
            await self.commit()
        for runner in self._runners:
            runner.cancel()
        for store in (self.tasks, self._runners, self._in_flight, self._durable, self._committed):
            store.clear()

    async def _finish_begun(self) -> None:
        for chunk, work in self._in_flight.items():
            if work is not None and chunk.task.cancellable():
                work.cancel()
        begun = [chunk.done for chunk in self._in_flight if chunk.started]
        if not begun:
            return
        _, late = await asyncio.wait(begun, timeout=self.app.conf.broker_session_timeout)
        if late:
            stuck = [
                f"{chunk.task.topic}[{chunk.task.partition}] waits in {waits_in(work)}"
                for chunk, work in self._in_flight.items()
                if chunk.done in late
            ]
            die(f"not durable before its partition had to be given up: {'; '.join(stuck)}")

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Faust's stall detector watches a path that is not used here; see watchdog."""

    def close(self) -> None:
        """Nothing: Faust calls it when a rebalance meets a worker that stops, and would mark the client as closed.

        Its thread, about to end, would then not leave the group, which would wait a session timeout for this member.
        """

    # -- records to chunks

    async def _run(self, lane: Lane) -> None:
        try:
            while chunks := await lane.next_chunks():
                self._in_flight |= dict.fromkeys(chunks)
                await self.callback(self._message(chunks))
        except Exception as error:
            die(f"{lane}: {describe(error)}")

    def _message(self, chunks: list[Chunk]) -> Any:
        """Chunks as a message to the agent of the first one's topic."""
        first = chunks[0]
        where = TP(first.task.topic, first.task.partition)
        message = driver.ConsumerMessage(
            where.topic, where.partition, first.next_offset, time(), 0, [], None, chunks, None, 0, 0, where,
            generation_id=first.task.generation,
        )  # fmt: skip
        return message

    def begin(self, chunk: Chunk, work: asyncio.Future[None]) -> None:
        """Note that a chunk is being worked on."""
        chunk.started = True
        self._in_flight[chunk] = work
        # work that is cancelled before its first step never runs, so it cannot say itself that it has ended
        work.add_done_callback(lambda _: self.drop(chunk))

    def is_current(self, chunk: Chunk) -> bool:
        """Whether the chunk is of a task that is still open."""
        return chunk in self._in_flight and not chunk.task.closed

    def finish(self, chunk: Chunk) -> None:
        """All effects of the chunk are durable: its offset may be committed."""
        self._durable[TopicPartition(chunk.task.topic, chunk.task.partition)] = chunk.next_offset
        self.drop(chunk)

    def drop(self, chunk: Chunk) -> None:
        """The chunk is out of work without having caused anything."""
        self._in_flight.pop(chunk, None)
        if not chunk.done.done():
            chunk.done.set_result(None)

    # -- fetching

    async def _drain_messages(self, fetcher: Any) -> None:
        try:
            while not (self.should_stop or fetcher.should_stop):
                await self._fetch()
        except asyncio.CancelledError:
            if not self.app.should_stop:  # else Faust's fetcher takes a stop during a rebalance for a crash
                raise
        except Exception as error:
            if not self.app.should_stop:
                die(f"fetching: {describe(error)}")

    async def _fetch(self) -> None:
        session = self.session
        await self._rewind()
        wanted = [tp for tp, task in self.tasks.items() if task.wants_more()]
        if not wanted:
            await asyncio.sleep(IMPATIENT_WAIT_S if self.tasks else NO_TASK_S)
            return
        impatient = any(task.waiting for task in self.tasks.values())
        drained = await self._thread.drain(wanted, IMPATIENT_WAIT_S if impatient else FETCH_WAIT_S, session)
        if session != self.session:
            return
        for tp, (records, position, readable) in drained.items():
            self.tasks[tp].feed(records, position, readable)
        if impatient and sum(len(records) for records, _, _ in drained.values()) < FEW_RECORDS:
            await asyncio.sleep(LINGER_S)

    async def _rewind(self) -> None:
        """Seek between two drains, so that none of them mixes records from before and after."""
        session = self.session
        offsets = {tp: task.seek_to for tp, task in self.tasks.items() if task.seek_to is not None}
        if not offsets:
            return
        await self._thread.rewind(offsets)
        if session == self.session:
            for tp, offset in offsets.items():
                self.tasks[tp].sought(offset)

    # -- own offsets, through Faust's commit timer and lock

    async def force_commit(self, topics: Any = None, start_new_transaction: bool = True) -> bool:
        """Commit what is durable and not yet committed; called by Faust with its lock held."""
        offsets = {tp: o for tp, o in self._durable.items() if self._committed.get(tp) != o}
        if not offsets:
            return False
        failpoint("before-commit")
        if not await self._commit(offsets):
            return False
        self._committed.update(offsets)
        return True


class Transport(driver.Transport):  # type: ignore[misc]
    """Faust's Kafka transport with our consumer and our producers."""

    Consumer = Consumer
    Producer = Producer
