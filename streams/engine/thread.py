"""The thread that talks to Kafka for the consumer group: fetching without sleeping through a rebalance.

It must not know what is done with records; it is asked by the consumer in the main thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Collection, Mapping
from time import monotonic
from typing import Any

from aiokafka import TopicPartition
from faust.transport.drivers import aiokafka as driver

from streams.engine.pace import Pace

# How long a broker may keep a request for records waiting. aiokafka has one such request to a broker at a time, without
# the partitions whose records it still holds: those would be held up by the silence of the others.
FETCH_MAX_WAIT_MS = 10
GATHER_BYTES = 64 << 10  # a request that gathers is answered at once when there is that much
IDLE_MAX_WAIT_MS = 500  # of a request for all partitions, which the first record on any of them answers

Drained = Mapping[TopicPartition, tuple[list[Any], int, int]]  # records, next offset to fetch, end of what can be read


class Listener(driver.ConsumerRebalanceListener):  # type: ignore[misc]
    """Counts a new assignment as a sign of life: the broker has just given it to us."""

    async def on_partitions_assigned(self, assigned: Collection[TopicPartition]) -> None:
        """Called in this thread when the group has settled."""
        self._thread.last_beat_s = monotonic()
        await super().on_partitions_assigned(assigned)


class Thread(driver.AIOKafkaConsumerThread):  # type: ignore[misc]
    """Faust's consumer thread, reading committed records only and telling when a heartbeat was answered well."""

    last_beat_s = 0.0  # monotonic time at which the last heartbeat that was answered well had been sent

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._pace = Pace()

    def _create_worker_consumer(self, transport: Any) -> Any:
        consumer = super()._create_worker_consumer(transport)
        consumer._fetch_max_wait_ms = FETCH_MAX_WAIT_MS
        consumer._isolation_level = "read_committed"
        consumer._partition_assignment_strategy = (self.app.assignor,)
        return consumer

    async def on_start(self) -> None:
        """Start the aiokafka consumer, listen to its heartbeats, and let it wait longer while nothing happens."""
        await super().on_start()
        _wait_by_need(self._consumer._fetcher, self._pace)
        coordinator = self._consumer._coordinator
        heartbeat = coordinator._do_heartbeat

        async def timed_heartbeat() -> bool:
            sent_s = monotonic()
            if answered := bool(await heartbeat()):
                self.last_beat_s = sent_s
            return answered

        coordinator._do_heartbeat = timed_heartbeat

    def generation(self) -> int:
        """The group generation this member is in; -1 when it was put out of the group. Callable from any thread."""
        consumer = self._consumer
        return -1 if consumer is None else int(consumer._coordinator.generation)

    async def drain(self, wanted: list[TopicPartition], timeout_s: float, session: int) -> Drained:
        """Fetched records of the wanted partitions; nothing when the session is over."""
        drained: Drained = await self.call_thread(self._drain, wanted, timeout_s, session)
        return drained

    async def _drain(self, wanted: list[TopicPartition], timeout_s: float, session: int) -> Drained:
        consumer = self._ensure_consumer()
        records: dict[TopicPartition, list[Any]] = {}
        for wait_s in (timeout_s, 0):
            # getmany() with a timeout would sleep through a rebalance and then take the next assignment's records;
            # without any partition it would take those of all
            if consumer._subscription.reassignment_in_progress or self.consumer.session != session or not wanted:
                return {}
            records = await consumer.getmany(*wanted, timeout_ms=0)
            if records or not wait_s:
                break
            await self._wait_for_fetch(consumer, wait_s)
        self._pace.note(sum(map(len, records.values())))
        return {tp: (records.get(tp, []), *found) for tp in wanted if (found := _standing(consumer, tp))}

    async def _wait_for_fetch(self, consumer: Any, wait_s: float) -> None:
        waiter = consumer._fetcher._create_fetch_waiter()
        await asyncio.wait([waiter], timeout=wait_s)
        if waiter.done():
            waiter.result()
        else:
            waiter.cancel()

    async def rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        """Let fetching go on from these offsets."""
        await self.call_thread(self._rewind, offsets)

    async def _rewind(self, offsets: Mapping[TopicPartition, int]) -> None:
        consumer = self._ensure_consumer()
        for tp, offset in offsets.items():
            if tp in consumer.assignment():
                consumer.seek(tp, offset)

    async def ends(self, tps: Collection[TopicPartition]) -> dict[TopicPartition, int]:
        """The ends of what can be read, asked from the broker."""
        found: dict[TopicPartition, int] = await self.call_thread(self._ends, list(tps))
        return found

    async def _ends(self, tps: list[TopicPartition]) -> dict[TopicPartition, int]:
        return dict(await self._ensure_consumer().end_offsets(tps))


def _wait_by_need(fetcher: Any, pace: Pace) -> None:
    """Let an aiokafka fetcher ask on while records wait to be taken, and decide how long each request may wait.

    By itself it would ask for no partition until the records of all others were taken.
    """
    make_requests = fetcher._get_actions_per_node
    fetcher._prefetch_backoff = 0.0

    def timed_requests(assignment: Any) -> Any:
        gather_ms = pace.gather_ms()
        fetcher._fetch_max_wait_ms = gather_ms or (FETCH_MAX_WAIT_MS if fetcher._records else IDLE_MAX_WAIT_MS)
        fetcher._fetch_min_bytes = GATHER_BYTES if gather_ms else 1
        requests, resets, wait_s, *others = make_requests(assignment)
        # A request that ended in the instant in which records were taken is known as ended, but its broker as busy
        # until callbacks have run. aiokafka would look again after 0.2 s only, unless another broker answers.
        if len(fetcher._in_flight) > len(fetcher._pending_tasks):
            wait_s = 0
        return requests, resets, wait_s, *others

    fetcher._get_actions_per_node = timed_requests


def _standing(consumer: Any, tp: TopicPartition) -> tuple[int, int] | None:
    """Position and end of what can be read, taken in the same instant as the records; None while not known."""
    assignment = consumer._subscription.subscription.assignment
    if assignment is None or tp not in assignment.tps:
        return None
    state = assignment.state_value(tp)
    if not state.has_valid_position or state.lso is None:
        return None
    return state.position, state.lso
