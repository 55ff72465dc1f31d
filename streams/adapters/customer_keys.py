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
from streams.adapters.kafka_read import broker_errors, start
from streams.adapters.topic_follower import TopicFollower
from streams.errors import BrokerError
from streams.privacy.keys import ID_BYTES, SECRET_BYTES, Key, KeyRing
from streams.privacy.sealing import KeyPlace, is_personal, open_, seal, strip
from streams.settings import Settings

ERASED = "erased"
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
        self._follower = TopicFollower(settings.brokers, settings.customer_keys, self._take)
        self._making = asyncio.Lock()
        self._producer: Any = None

    def _take(self, record: Any) -> None:
        take_record(self.ring, record, time.monotonic())

    async def start(self) -> None:
        """Read what is there, and follow it from then on.

        Raises:
            BrokerError: Kafka is away, or there is no such topic.
        """
        await self._follower.start()

    async def close(self) -> None:
        """Follow no longer; the keys known so far go on opening."""
        await self._follower.close()
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
        while needed and not await self._follower.passes(needed, DOUBT_AFTER_S):
            needed = await self._still_to_come(needed)

    async def _still_to_come(self, places: dict[int, int]) -> dict[int, int]:
        """Those of the places that the topic can still bring; the keys of the others are gone with an older topic."""
        try:
            ends = await self._follower.ends()
        except (BrokerError, KafkaError, OSError):
            return places
        coming = {p: offset for p, offset in places.items() if offset < ends.get(p, 0)}
        if len(coming) < len(places):
            log.error("%s ends before keys that were in it: it was recreated", self._settings.customer_keys)
        return coming

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
            if (
                self._follower.next_offset(key.partition) <= key.offset
            ):  # else it has been read, and perhaps destroyed since
                self.ring.put(customer_id, key)
        return keys

    async def _store(self, customer_id: str) -> tuple[str, bytes, Any]:
        key_id, secret = os.urandom(ID_BYTES).hex(), os.urandom(SECRET_BYTES)
        record = key_record(key_id, customer_id)
        return key_id, secret, await self._producer.send(self._settings.customer_keys, secret, key=record)


def _key(key_id: str, secret: bytes, acked: Any) -> Key:
    return Key(key_id, secret, acked.timestamp, acked.partition, acked.offset)
