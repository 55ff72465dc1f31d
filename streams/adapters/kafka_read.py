"""Reading whole topics with aiokafka, without a group; errors in our words.

It must not know what the records say.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from streams.adapters.kafka_address import require_answer
from streams.errors import BrokerError

# Records handed over at once: a few milliseconds of work between two looks at the event loop.
RECORDS_AT_ONCE = 1_000
# How long an empty read waits before it is asked whether it is still wanted; records wake it at once.
WAIT_MS = 500
# Connecting to a broker that answers takes milliseconds; one that does not holds up an orderly end by this at most.
START_FINISHES_WITHIN_S = 5.0
# How long something that accepts connections may take to prove that it is a Kafka.
FIRST_ANSWER_MS = 10_000


@contextmanager
def broker_errors(doing: str) -> Iterator[None]:
    """Translate what aiokafka says.

    Raises:
        BrokerError: Kafka is away or refused; the message says what was being done.
    """
    try:
        yield
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Kafka, {doing}: {error}") from error


async def start(client: Any) -> None:
    """Start an aiokafka consumer or producer so that a cancellation meanwhile leaves no open connection.

    aiokafka forgets the connection it is just making when it is cancelled; so the start is let finish first.
    """
    starting = asyncio.ensure_future(client.start())
    try:
        await asyncio.shield(starting)
    except asyncio.CancelledError:
        await asyncio.wait([starting], timeout=START_FINISHES_WITHIN_S)
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        raise


@asynccontextmanager
async def reading(brokers: str, topic: str) -> AsyncIterator[Any]:
    """A consumer of all partitions of a topic from its beginning, committed records only.

    Raises:
        BrokerError: Kafka is away or does not know the topic.
    """
    consumer = AIOKafkaConsumer(
        topic,
        bootstrap_servers=brokers,
        group_id=None,
        auto_offset_reset="earliest",
        enable_auto_commit=False,
        isolation_level="read_committed",
    )
    with broker_errors(f"reading {topic}"):
        try:
            await _check_topic(brokers, topic)
            await start(consumer)
            yield consumer
        finally:
            await consumer.stop()


async def _check_topic(brokers: str, topic: str) -> None:
    """Refuse a missing topic; aiokafka would look for it for 40 seconds, complaining ten times a second."""
    await asyncio.to_thread(require_answer, brokers)
    probe = AIOKafkaConsumer(bootstrap_servers=brokers, request_timeout_ms=FIRST_ANSWER_MS)
    try:
        await start(probe)
        known = await probe.topics()
    finally:
        await probe.stop()
    if topic not in known:
        raise BrokerError(f"there is no topic {topic}; `kakuhan topics` makes it")


async def fetch(consumer: Any, wait_ms: int = WAIT_MS) -> dict[Any, list[Any]]:
    """The records at hand by topic partition, or those that come within the wait."""
    fetched: dict[Any, list[Any]] = await consumer.getmany(timeout_ms=wait_ms, max_records=RECORDS_AT_ONCE)
    return fetched


async def behind(consumer: Any, ends: dict[Any, int]) -> bool:
    """True while the consumer has not read all partitions up to these ends."""
    return any([await consumer.position(tp) < end for tp, end in ends.items()])
