"""The live stream of signals in Redis: brought back whole when it is gone, rid of customers who were erased.

It must not know customers' lists or states.

A reader follows the stream by the last id it has seen. So a stream that is brought back carries ids of the time when
each signal was published, in one order over all partitions: a reader is not given old news a second time. One worker
does that for all; the offsets from which on each partition's signals are new come into force together with it.
"""

from __future__ import annotations

import heapq
import logging
import secrets
from typing import Any

import msgspec

from streams.adapters import redis_scripts
from streams.adapters.kafka_read import behind, fetch, reading
from streams.adapters.redis_client import Client, view_errors
from streams.errors import ViewError
from streams.settings import Settings

STREAM_KEPT = 100_000
# A restorer says that often at least that it is still at work; when it dies, another begins anew after that time.
RESTORER_LOCK_MS = 30_000
# Entries sent to Redis, or read back from it, in one round trip: a few milliseconds of Redis.
ENTRIES_PER_ROUND = 500

log = logging.getLogger(__name__)


class _Entry(msgspec.Struct, frozen=True):
    customer_id: str
    effective_at: str
    historical: bool = False


# published_ms, partition, offset, JSON: sorts into the order of the stream.
_Published = tuple[int, int, int, bytes]

_decode = msgspec.json.Decoder(_Entry).decode


class SignalStream:
    """The stream's care; every feed calls it, one does the work."""

    def __init__(self, redis: Client, settings: Settings) -> None:
        self._redis, self._settings = redis, settings
        self._restored = redis.register_script(redis_scripts.STREAM_RESTORED)
        self._token = b""  # of the last attempt to restore

    async def ensure(self) -> None:
        """See to it that the stream holds what was published.

        Raises:
            ViewError: Redis is away or nobody's, or another worker is at it.
            BrokerError: Kafka is away.
        """
        with view_errors("asking for the signals stream"):
            if await self._redis.exists(self._key("view:stream")):
                return
            if await self._redis.get(self._key("view:owner")) != self._settings.app.encode():
                raise ViewError("the view is not claimed yet")
            token = await self._take()
            try:
                await self._restore(token)
            finally:
                await self._let_go(token)

    async def _take(self) -> bytes:
        """Become the restorer, also where Redis went away before it heard that our last attempt had ended."""
        lock, token = self._key("view:stream-restorer"), secrets.token_hex(8).encode()
        if not await self._redis.set(lock, token, nx=True, px=RESTORER_LOCK_MS):
            if await self._redis.get(lock) != self._token:
                raise ViewError("the signals stream is being restored by another worker")
            await self._redis.set(lock, token, px=RESTORER_LOCK_MS)
        self._token = token
        return token

    async def forget(self) -> None:
        """Have the stream restored at the next `ensure`."""
        with view_errors("forgetting the signals stream"):
            await self._redis.delete(self._key("view:stream"))

    async def sweep(self) -> None:
        """Take the signals of erased customers, effective until their erasure, out of the stream."""
        with view_errors("sweeping the signals stream"):
            wanted = await self._redis.smembers(self._key("view:sweep"))
            if not wanted:
                return
            erased = dict(_erasure(member) for member in wanted)
            first = "-"
            while entries := await self._redis.xrange(self._key("signals"), first, "+", ENTRIES_PER_ROUND):
                first = "(" + entries[-1][0].decode()
                gone = [i for i, fields in entries if _is_erased(fields.get(b"data", b""), erased)]
                if gone:
                    await self._redis.xdel(self._key("signals"), *gone)
            await self._redis.srem(self._key("view:sweep"), *wanted)

    async def _restore(self, token: bytes) -> None:
        async with reading(self._settings.brokers, self._settings.signals) as consumer:
            ends = await consumer.end_offsets(list(consumer.assignment()))
            newest = await self._newest(consumer, ends, token)
        if newest:
            log.info("restoring the stream of %d signals in Redis", len(newest))
        await self._put(newest, token)
        arguments: list[Any] = [self._settings.redis_prefix, self._settings.app, token]
        for tp, end in ends.items():
            arguments += (tp.partition, end)
        said = await self._restored(args=arguments)
        if said[0] != b"ok":
            raise ViewError("the signals stream changed hands while it was restored")

    async def _newest(self, consumer: Any, ends: dict[Any, int], token: bytes) -> list[_Published]:
        """The newest live signals before `ends`, in the order of their publication."""
        kept: list[_Published] = []
        for tp, first in (await consumer.beginning_offsets(list(ends))).items():
            consumer.seek(tp, max(first, ends[tp] - STREAM_KEPT))
        while await behind(consumer, ends):
            for tp, records in (await fetch(consumer)).items():
                for record in records:
                    if record.offset < ends[tp] and _is_live(record.value):
                        _keep(kept, (record.timestamp, tp.partition, record.offset, record.value))
            await self._renew(token)
        return sorted(kept)

    async def _put(self, entries: list[_Published], token: bytes) -> None:
        restored = self._key("view:stream-restored")
        await self._redis.delete(restored)
        last_ms, sequence = 0, 0
        for start in range(0, len(entries), ENTRIES_PER_ROUND):
            async with self._redis.pipeline(transaction=False) as pipe:
                for published_ms, _, _, value in entries[start : start + ENTRIES_PER_ROUND]:
                    sequence = 0 if published_ms > last_ms else sequence + 1
                    last_ms = max(last_ms, published_ms)
                    pipe.xadd(restored, {"data": value}, id=f"{last_ms}-{sequence}")
                await pipe.execute()
            await self._renew(token)

    async def _renew(self, token: bytes) -> None:
        lock = self._key("view:stream-restorer")
        if await self._redis.get(lock) != token:
            raise ViewError("another worker has begun to restore the signals stream")
        await self._redis.pexpire(lock, RESTORER_LOCK_MS)

    async def _let_go(self, token: bytes) -> None:
        lock = self._key("view:stream-restorer")
        if await self._redis.get(lock) == token:
            await self._redis.delete(lock)

    def _key(self, name: str) -> str:
        return self._settings.redis_prefix + name


def _keep(kept: list[_Published], entry: _Published) -> None:
    if len(kept) < STREAM_KEPT:
        heapq.heappush(kept, entry)
    else:
        heapq.heappushpop(kept, entry)


def _erasure(member: bytes) -> tuple[str, str]:
    """The customer, and the instant it was erased at."""
    erased_at, _, customer_id = member.decode().partition(" ")
    return customer_id, erased_at


def _is_erased(value: bytes, erased: dict[str, str]) -> bool:
    try:
        entry = _decode(value)
    except msgspec.MsgspecError:  # somebody else's
        return False
    return entry.effective_at <= erased.get(entry.customer_id, "")


def _is_live(value: bytes | None) -> bool:
    try:
        return not _decode(value or b"").historical
    except msgspec.MsgspecError:  # no signal: the feed says so when it comes to it
        return False
