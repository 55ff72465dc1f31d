"""Customers' keys in their topic: followed into memory, made when one is needed; it must not know what they seal.

The key of a record in `customer-keys` is `<key id> <customer_id>`, its value the secret, without value once destroyed.
A record under `erased <customer_id>` says when that customer was erased. The topic is compacted: what was destroyed is
off the disk within a day or so (max.compaction.lag.ms).
"""

from __future__ import annotations

import asyncio
import logging
import os
import re
import time
from collections.abc import Iterable, Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.log import LogEvent
from streams.adapters.kafka_read import behind, broker_errors, fetch, reading, start
from streams.errors import BrokerError
from streams.privacy.keys import ID_BYTES, SECRET_BYTES, Key, KeyRing
from streams.privacy.sealing import KeyPlace, is_personal, open_, seal, strip
from streams.settings import Settings

ERASED = "erased"
RETRY_S = 1.0  # after a failure of Kafka: what is known serves on meanwhile
STEP_ENDS_WITHIN_S = 6.0  # orderly end: one read is at most that far from its end
DOUBT_AFTER_S = 2.0  # a key that has not come by then may be in a topic that was recreated: its end is asked

_KEY_ID = re.compile(f"[0-9a-f]{{{2 * ID_BYTES}}}")

log = logging.getLogger(__name__)


def take_record(ring: KeyRing, record: Any, now_s: float) -> None:
    """Let one record of the topic count; one that is none of ours is passed over."""
    head, _, customer_id = (record.key or b"").decode("utf-8", "replace").partition(" ")
    if head == ERASED:
        if record.value is not None and record.value.isdigit():
            ring.mark_erased(customer_id, int(record.value))
    elif record.value is None:
        ring.drop(customer_id, head, now_s)
    elif _KEY_ID.fullmatch(head) and len(record.value) == SECRET_BYTES:
        ring.put(customer_id, Key(head, record.value, record.timestamp, record.partition, record.offset))


def key_record(key_id: str, customer_id: str) -> bytes:
    """The key of the record that holds a customer's key."""
    return f"{key_id} {customer_id}".encode()


class CustomerKeys:
    """One worker's or command's keys: `start`, then `seal` and `open`, then `close`."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self.ring = settings, KeyRing()
        self._read: dict[int, int] = {}  # by partition: the next offset to be read
        self._moved = asyncio.Condition()
        self._closing, self._caught_up = asyncio.Event(), asyncio.Event()
        self._making = asyncio.Lock()
        self._task: asyncio.Task[None] | None = None
        self._producer: Any = None

    async def start(self) -> None:
        """Read what is there, and follow it from then on.

        Raises:
            BrokerError: Kafka is away, or there is no such topic.
        """
        self._task = asyncio.create_task(self._run(), name="customer keys")
        ready = asyncio.create_task(self._caught_up.wait())
        try:
            await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._task.done():
            await self._task

    async def close(self) -> None:
        """Follow no longer; the keys known so far go on opening."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STEP_ENDS_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None
        if self._producer is not None:
            await self._producer.stop()

    async def __aenter__(self) -> CustomerKeys:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    # -- using keys

    async def seal(self, events: Sequence[LogEvent]) -> list[LogEvent]:
        """The events with what is personal sealed, their customers' keys being durable.

        What happened before its customer was erased loses its personal part.

        Raises:
            BrokerError: A key could not be stored.
        """
        personal = [event for event in events if is_personal(event)]
        if not personal:
            return list(events)
        keys = await self._keys_of({event.customer_id for event in personal})
        return [self._sealed(event, keys[event.customer_id]) if is_personal(event) else event for event in events]

    def _sealed(self, event: LogEvent, key: Key) -> LogEvent:
        erased_ms = self.ring.erased_ms(event.customer_id)
        if erased_ms is not None and event.occurred_ms is not None and event.occurred_ms < erased_ms:
            return strip(event)
        return seal(event, key)

    def open(self, event: LogEvent, erased_ms: int | None = None) -> LogEvent:
        """The event as it was before it was sealed, or without its personal part; see `privacy.sealing.open_`."""
        now_s = time.monotonic()
        return open_(event, lambda customer_id, key_id: self.ring.find(customer_id, key_id, now_s), erased_ms)

    async def wait_for(self, places: Iterable[KeyPlace]) -> None:
        """Return once the keys made at these places are known, or known to be gone."""
        needed: dict[int, int] = {}
        for place in places:
            needed[place.partition] = max(place.offset, needed.get(place.partition, -1))
        while late := {p: offset for p, offset in needed.items() if self._read.get(p, 0) <= offset}:
            async with self._moved:
                try:
                    await asyncio.wait_for(self._moved.wait(), DOUBT_AFTER_S)
                except TimeoutError:
                    if await self._ends_before(late):
                        return

    async def _ends_before(self, places: dict[int, int]) -> bool:
        """Whether the topic will never hold these places: it was recreated, and its keys are gone."""
        try:
            async with reading(self._settings.brokers, self._settings.customer_keys) as consumer:
                ends = {tp.partition: end for tp, end in (await consumer.end_offsets(consumer.assignment())).items()}
        except (BrokerError, KafkaError, OSError):
            return False
        if any(offset < ends.get(p, 0) for p, offset in places.items()):
            return False
        log.error("%s ends before keys that were in it: it was recreated", self._settings.customer_keys)
        return True

    # -- making keys

    async def _keys_of(self, customers: set[str]) -> dict[str, Key]:
        async with self._making:
            found = {customer_id: self.ring.newest(customer_id) for customer_id in customers}
            made = await self._make([customer_id for customer_id, key in found.items() if key is None])
        return {customer_id: key or made[customer_id] for customer_id, key in found.items()}

    async def _make(self, customers: list[str]) -> dict[str, Key]:
        if not customers:
            return {}
        with broker_errors("storing customers' keys"):
            if self._producer is None:
                self._producer = AIOKafkaProducer(bootstrap_servers=self._settings.brokers, acks="all")
                await start(self._producer)
            stored = [(customer_id, *await self._store(customer_id)) for customer_id in customers]
            keys = {customer_id: _key(key_id, secret, await ack) for customer_id, key_id, secret, ack in stored}
        for customer_id, key in keys.items():
            if self._read.get(key.partition, 0) <= key.offset:  # else it has been read, and perhaps destroyed since
                self.ring.put(customer_id, key)
        return keys

    async def _store(self, customer_id: str) -> tuple[str, bytes, Any]:
        key_id, secret = os.urandom(ID_BYTES).hex(), os.urandom(SECRET_BYTES)
        record = key_record(key_id, customer_id)
        return key_id, secret, await self._producer.send(self._settings.customer_keys, secret, key=record)

    # -- following

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._follow()
            except (BrokerError, KafkaError, OSError) as error:
                if not self._caught_up.is_set():
                    raise
                log.warning("customers' keys are not followed for the moment: %s", error)
                await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        async with reading(self._settings.brokers, self._settings.customer_keys) as consumer:
            for tp in consumer.assignment():
                if tp.partition in self._read:
                    consumer.seek(tp, self._read[tp.partition])
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while not self._closing.is_set():
                if not self._caught_up.is_set() and not await behind(consumer, ends):
                    self._caught_up.set()
                await self._take(await fetch(consumer))

    async def _take(self, fetched: dict[Any, list[Any]]) -> None:
        if not fetched:
            return
        now_s = time.monotonic()
        for tp, records in fetched.items():
            for record in records:
                take_record(self.ring, record, now_s)
            self._read[tp.partition] = records[-1].offset + 1
        async with self._moved:
            self._moved.notify_all()


def _key(key_id: str, secret: bytes, acked: Any) -> Key:
    return Key(key_id, secret, acked.timestamp, acked.partition, acked.offset)
