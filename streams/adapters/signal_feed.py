"""Brings published signals into Redis: customers' lists, the live stream, the channels.

It must not know the states beside them, nor which worker published a signal.

The topic is the record, Redis remembers per partition the position up to which it has been fed, and each step
compares and moves that position in the same script. So two feeds of one partition disturb nobody, a signal published
while Redis was away is fed later, and a Redis that came back empty is fed from the topic's beginning: nobody has to
be told. What was already fed once does not go to the live stream again (see signal_stream).
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Sequence
from time import monotonic
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from streams.adapters import redis_scripts
from streams.adapters.kafka_read import start
from streams.adapters.redis_client import Client, view_errors
from streams.adapters.signal_stream import STREAM_KEPT, SignalStream
from streams.errors import KakuhanError, ViewError
from streams.settings import Settings

KEPT_PER_CUSTOMER = 20
# Signals in one call of the script: at most about 3 ms of Redis.
SIGNALS_PER_CALL = 100
# How long the list of a customer that is not in the view stays. Lists are normally ahead of their customer by
# milliseconds; after Redis came back empty, by as long as it takes to write all customers again.
LIST_WITHOUT_CUSTOMER_S = 21_600
# An idle feed asks again that often whether it owns more partitions; signals themselves wake it at once.
IDLE_S = 0.2
# How often it is looked whether the stream is there and rid of erased customers; a lost one shows at the next signal.
CARE_S = 0.2
# After a failure of Redis or Kafka: first and longest pause.
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 5.0
# A step is at most one answer of Redis or Kafka away from its end, or a restored stream: that one is cut short.
STEP_ENDS_WITHIN_S = 5.0

log = logging.getLogger(__name__)


class Fed(msgspec.Struct, frozen=True):
    """Of a signal, what its way into Redis depends on."""

    signal_id: str
    customer_id: str
    effective_at: str
    audiences: list[str] = []
    historical: bool = False


_decode = msgspec.json.Decoder(Fed).decode


class SignalFeed:
    """One background task that feeds the owned partitions; begins with the first and ends with `close`."""

    def __init__(self, redis: Client, settings: Settings) -> None:
        self._redis, self._settings = redis, settings
        self._feed = redis.register_script(redis_scripts.FEED)
        self._stream = SignalStream(redis, settings)
        self._epochs: dict[int, int | None] = {}
        self._next: dict[int, str] = {}
        self._assigned: set[int] = set()
        self._task: asyncio.Task[None] | None = None
        self._caught_up = asyncio.Condition()
        self._closing = asyncio.Event()
        self._served, self._pause_s, self._care_at_s = True, RETRY_FIRST_S, 0.0

    def own(self, partition: int, epoch: int | None) -> None:
        """Feed this partition from now on; `epoch` None: until somebody else does."""
        if epoch is not None or partition not in self._epochs:
            self._epochs[partition] = epoch
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._run(), name="signal feed")

    def recheck(self, partition: int, held: str) -> None:
        """Hear that Redis holds `held` as this partition's position ('' = none): it may have lost some, or all."""
        if partition in self._assigned and self._next.get(partition) != held:
            self._assigned.discard(partition)

    def disown(self, partition: int) -> None:
        """Feed this partition no longer."""
        self._epochs.pop(partition, None)

    async def settled(self) -> None:
        """Wait until what the owned partitions held when this was called is fed."""
        if self._task is None:
            return
        consumer = self._consumer()
        try:
            await start(consumer)
            tps = [self._tp(p) for p in self._epochs]
            ends = await consumer.end_offsets(tps)
        finally:
            await consumer.stop()
        async with self._caught_up:
            await self._caught_up.wait_for(lambda: self._holds(ends))

    async def close(self) -> None:
        """End the task between two steps; only one that hangs is cancelled."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STEP_ENDS_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    def _holds(self, ends: dict[Any, int]) -> bool:
        fed = {tp.partition: end for tp, end in ends.items() if tp.partition in self._epochs}
        return all(p in self._assigned and int(self._next.get(p) or 0) >= end for p, end in fed.items())

    def _tp(self, partition: int) -> Any:
        return TopicPartition(self._settings.signals, partition)

    def _consumer(self) -> Any:
        return AIOKafkaConsumer(
            bootstrap_servers=self._settings.brokers, enable_auto_commit=False, auto_offset_reset="earliest"
        )

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._serve()
            except (KakuhanError, KafkaError, OSError) as error:
                log.log(logging.WARNING if self._served else logging.DEBUG, "signals do not reach Redis: %s", error)
                self._pause_s = RETRY_FIRST_S if self._served else min(self._pause_s * 2, RETRY_MOST_S)
                self._served = False
            except Exception:  # nobody else would notice that signals no longer reach Redis
                log.exception("signals do not reach Redis")
                self._pause_s = RETRY_MOST_S
            await self._pause(self._pause_s)

    async def _pause(self, seconds: float) -> None:
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(seconds):
                await self._closing.wait()

    async def _serve(self) -> None:
        """Feed until something fails."""
        self._assigned, self._care_at_s = set(), 0.0
        consumer = self._consumer()
        try:
            await start(consumer)
            while not self._closing.is_set():
                if monotonic() >= self._care_at_s:
                    await self._stream.ensure()
                    await self._stream.sweep()
                    self._care_at_s = monotonic() + CARE_S
                if self._assigned != self._epochs.keys():
                    await self._assign(consumer)
                await self._feed_once(consumer)
                self._served = True
        finally:
            await consumer.stop()

    async def _assign(self, consumer: Any) -> None:
        wanted = sorted(self._epochs)
        consumer.assign([self._tp(p) for p in wanted])
        for p in wanted:
            await self._reposition(consumer, p)
        self._assigned = set(wanted)
        await self._tell()

    async def _reposition(self, consumer: Any, partition: int) -> None:
        """Go on from where Redis says that the partition is fed."""
        with view_errors("asking how far signals are fed"):
            held = await self._redis.hget(f"{self._settings.redis_prefix}view:partition:{partition}", "signals_next")
        self._next[partition] = "" if held is None else held.decode()
        await self._seek(consumer, partition)

    async def _seek(self, consumer: Any, partition: int) -> None:
        tp, held = self._tp(partition), self._next[partition]
        first, end = (await consumer.beginning_offsets([tp]))[tp], (await consumer.end_offsets([tp]))[tp]
        if held and int(held) > end:
            log.warning("%s-%d was made anew: its signals are fed from its beginning", tp.topic, partition)
            await self._stream.forget()
            held = ""
        consumer.seek(tp, max(first, int(held or 0)))

    async def _feed_once(self, consumer: Any) -> None:
        if not self._assigned:
            await self._pause(IDLE_S)
            return
        fetched = await consumer.getmany(timeout_ms=int(IDLE_S * 1000), max_records=1_000)
        for tp, records in fetched.items():
            for first in range(0, len(records), SIGNALS_PER_CALL):
                if not await self._feed_part(tp.partition, records[first : first + SIGNALS_PER_CALL]):
                    await self._reposition(consumer, tp.partition)
                    break
        if fetched:
            await self._tell()

    async def _feed_part(self, partition: int, records: Sequence[Any]) -> bool:
        """Feed these records of one partition; False when the rest of what was fetched must be left."""
        if partition not in self._epochs:
            return False
        epoch, held, after = self._epochs[partition], self._next[partition], str(records[-1].offset + 1)
        head = [self._settings.redis_prefix, self._settings.app, partition, "" if epoch is None else epoch]
        arguments: list[Any] = [*head, held, after, KEPT_PER_CUSTOMER, STREAM_KEPT, LIST_WITHOUT_CUSTOMER_S]
        for record in records:
            arguments += _arguments(record)  # nothing for what is no signal: somebody else wrote it there
        with view_errors("feeding signals"):
            said = [part.decode() for part in await self._feed(args=arguments)]
        if said[0] == "ok":
            self._next[partition] = after
            return True
        if said[0] == "fenced" or (said[0] == "moved" and said[1]):
            if said[0] == "fenced" or epoch is None:
                self.disown(partition)  # another worker feeds it
            return False
        raise ViewError(f"the signals of partition {partition} must be asked for again ({said[0]})")

    async def _tell(self) -> None:
        async with self._caught_up:
            self._caught_up.notify_all()


def _arguments(record: Any) -> tuple[Any, ...]:
    """The arguments of one signal, in the script's order; none for a record that is no signal."""
    try:
        signal = _decode(record.value or b"")
    except msgspec.MsgspecError:
        log.warning("%s-%d@%d is no signal and is passed over", record.topic, record.partition, record.offset)
        return ()
    live = "0" if signal.historical else "1"
    head = (signal.customer_id, record.offset, signal.signal_id, signal.effective_at, live, record.value)
    return (*head, len(signal.audiences), *signal.audiences)
