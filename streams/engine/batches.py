"""Whole record batches to one partition, acknowledged one by one; it must not know what is in them."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from typing import Any

from streams.engine.failpoints import switched_off

Item = tuple[bytes | None, bytes | None, list[tuple[str, bytes]]]  # key, value, headers

BATCH_BYTES = 512 << 10  # half of Kafka's default message limit: room for one large record more
IMPATIENT_S = 0.1  # how long a twin without acknowledgements waits for one
RECORD_OVERHEAD = 40  # lengths and deltas around the key, value and headers of a record: at most 21 bytes, doubled


def _pack(producer: Any, items: Iterable[Item]) -> list[Any]:
    """Batches in order, each as full as fits; a record larger than a batch gets its own."""
    batches: list[Any] = []
    for key, value, headers in items:
        if not batches or batches[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
            batches.append(producer.create_batch())
            batches[-1].append(timestamp=None, key=key, value=value, headers=headers)
    return batches


def _size(items: Iterable[Item]) -> int:
    return sum(
        len(key or b"") + len(value or b"") + sum(len(n) + len(v) for n, v in headers) + RECORD_OVERHEAD
        for key, value, headers in items
    )


def pack(producer: Any, items: Iterable[Item], tail: Sequence[Item] = ()) -> list[Any]:
    """Batches of the items; the tail lies whole in the last one, so that it is there only if all items are."""
    batches = _pack(producer, items)
    if not tail:
        return batches
    if not batches or batches[-1].size() + _size(tail) > BATCH_BYTES:
        batches.append(producer.create_batch())
    for key, value, headers in tail:
        if batches[-1].append(timestamp=None, key=key, value=value, headers=headers) is None:
            raise ValueError(f"a reserved record of {len(value or b'')} bytes does not fit a batch of {BATCH_BYTES}")
    return batches


async def send(producer: Any, topic: str, partition: int, batch: Any, expected: int = -1) -> int:
    """The offset at which the broker has appended the batch's first record; `expected` is where it should be.

    Raises:
        KafkaError: It was not appended, or nobody knows.
    """
    ack = await producer.send_batch(batch, topic, partition=partition)
    if "no-ack-wait" in switched_off():
        return await _hope(ack, expected)
    return int((await ack).offset)


async def _hope(ack: Any, expected: int) -> int:
    """What a flush does that gives up early and only logs errors: go on as if the batch were there."""
    ack.add_done_callback(lambda done: done.cancelled() or done.exception())
    done, _ = await asyncio.wait([ack], timeout=IMPATIENT_S)
    return expected if not done or ack.exception() else int(ack.result().offset)


async def send_all(producer: Any, topic: str, partition: int, items: Iterable[Item]) -> None:
    """Append the items in order, never with more than one unacknowledged batch.

    Raises:
        KafkaError: As `send`; nothing after the failed batch was sent.
    """
    for batch in pack(producer, items):
        await send(producer, topic, partition, batch)
