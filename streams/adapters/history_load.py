"""Writing a whole history into the log in one Kafka transaction: all of it appears, or none.

It must not know how the history was read or checked.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from schemas.log import LogEvent, encode_event
from streams.adapters.customer_keys import CustomerKeys
from streams.adapters.kafka_read import behind, broker_errors, fetch, reading
from streams.engine.batches import Item, pack
from streams.engine.fold import LOAD_BEGIN, LOAD_END, Loaded
from streams.engine.headers import LOADED, log_headers
from streams.engine.partitioner import partition_of
from streams.errors import LoadError
from streams.intake.history import HistoryEvent
from streams.intake.intake import ACCOUNTS
from streams.privacy.keys import KeyRing
from streams.privacy.sealing import strip
from streams.settings import Settings

# The longest a transaction may stay open; a broker refuses more than its own limit, 15 minutes by default.
TRANSACTION_S = 900
RECORDS_AT_ONCE = 5_000  # packed and sent together; bounds memory and paces the progress bar
LOADED_KEY = b"load"  # the key of begin and end records: they belong to a partition, not to a customer


@dataclass(frozen=True, slots=True)
class Load:
    """A history ready to be written: facts ascending by receipt.

    `digest` is that of what is loaded, `source` names it for people, `go_live_ms` is when the load began.
    """

    digest: str
    source: str
    go_live_ms: int
    facts: Sequence[HistoryEvent]

    @property
    def load_id(self) -> str:
        """Names this load, even among loads of the same file."""
        return f"{self.digest[:16]}-{self.go_live_ms}"


async def loaded_before(settings: Settings) -> dict[str, dict[str, Any]]:
    """What was loaded so far: digest → what is known of the load.

    Raises:
        BrokerError: Kafka is away, or the topic is missing.
    """
    found: dict[str, dict[str, Any]] = {}
    async with reading(settings.brokers, settings.loads) as consumer:
        ends = await consumer.end_offsets(consumer.assignment())
        while await behind(consumer, ends):
            for records in (await fetch(consumer)).values():
                found |= {record.key.decode(): msgspec.json.decode(record.value) for record in records if record.value}
    return found


async def refuse_repeat(settings: Settings, digest: str, source: str) -> None:
    """Go on only if nothing with this digest was loaded before; `source` names it for people.

    Raises:
        LoadError: It was.
        BrokerError: Kafka is away, or the topic is missing.
    """
    before = (await loaded_before(settings)).get(digest)
    if before is not None:
        when = datetime.fromtimestamp(before["go_live_ms"] / 1000, UTC).isoformat(timespec="seconds")
        raise LoadError(
            f"{source} was loaded already at {when} ({before['records']:,} records); a second time is only useful "
            "after its records were removed from the log: say --again if that is what you want"
        )


async def write(settings: Settings, load: Load, progress: Callable[[int], None], *, again: bool) -> None:
    """Append the load to `events`, its accounts to `accounts` and its mark to `loads`, all or nothing.

    Args:
        settings: Addresses and names.
        load: What to write.
        progress: Called with the number of facts written since the last call.
        again: Write it even if it was loaded before.

    Raises:
        LoadError: It was loaded before, another load of this app took over, or the broker gave the transaction up.
        BrokerError: Kafka is away or refused.
    """
    async with CustomerKeys(settings) as keys, _transactional(settings) as producer:
        if not again:  # asked here, as every other load of this app has ended one way or the other by now
            await refuse_repeat(settings, load.digest, load.source)
        partitions = len(await producer.partitions_for(settings.events))
        async with producer.transaction():
            await _mark(producer, settings, load, partitions, LOAD_BEGIN)
            for first in range(0, len(load.facts), RECORDS_AT_ONCE):
                part = load.facts[first : first + RECORDS_AT_ONCE]
                await _append(producer, settings.events, partitions, await _event_items(load, part, keys))
                await _append_accounts(producer, settings, load, part, keys.ring)
                progress(len(part))
            await _mark(producer, settings, load, partitions, LOAD_END)
            await producer.send_and_wait(settings.loads, _summary(load), key=load.digest.encode())


@asynccontextmanager
async def _transactional(settings: Settings) -> AsyncIterator[Any]:
    """A producer whose id derives from the app: a load begun again aborts what is left of the one before."""
    producer = AIOKafkaProducer(
        bootstrap_servers=settings.brokers,
        transactional_id=f"{settings.topic_prefix}{settings.app}-load",
        transaction_timeout_ms=TRANSACTION_S * 1000,
        max_batch_size=512 << 10,
        max_request_size=4 << 20,
    )
    with broker_errors("loading history"):
        try:
            await producer.start()
            yield producer
        except KafkaError as error:
            raise LoadError(
                f"the load did not finish ({type(error).__name__}: {error}); nothing of it was taken in. If another "
                "load of this app runs, wait for it; then load the same file again"
            ) from error
        finally:
            await producer.stop()


async def _mark(producer: Any, settings: Settings, load: Load, partitions: int, kind: str) -> None:
    """The record that opens or closes the load in every partition."""
    loaded = Loaded(load.load_id, load.go_live_ms, load.go_live_ms)
    item = (LOADED_KEY, b"{}", log_headers(kind, loaded=loaded))
    await _send(producer, settings.events, {partition: [item] for partition in range(partitions)})


async def _append(producer: Any, topic: str, partitions: int, items: Sequence[Item]) -> None:
    by_partition: defaultdict[int, list[Item]] = defaultdict(list)
    for item in items:
        by_partition[partition_of(item[0] or b"", partitions)].append(item)
    await _send(producer, topic, by_partition)


async def _send(producer: Any, topic: str, by_partition: dict[int, list[Item]]) -> None:
    acks = [
        await producer.send_batch(batch, topic, partition=partition)
        for partition, items in by_partition.items()
        for batch in pack(producer, items)
    ]
    for ack in acks:
        await ack


async def _append_accounts(
    producer: Any, settings: Settings, load: Load, facts: Sequence[HistoryEvent], ring: KeyRing
) -> None:
    """Accounts go to their own topic too, as they stood in the source, marked so that intake does not take them in.

    Not those of customers erased since: they would stay there for ever, and be found by releases.
    """
    accounts = [fact for fact in facts if fact.event.topic == ACCOUNTS and not is_erased(fact, ring)]
    if accounts:
        partitions = len(await producer.partitions_for(settings.accounts))
        headers = [(LOADED, f"{load.load_id} {load.go_live_ms} {load.go_live_ms}".encode())]
        items = [(fact.event.customer_id.encode(), fact.account_value, headers) for fact in accounts]
        await _append(producer, settings.accounts, partitions, items)


def is_erased(fact: HistoryEvent, ring: KeyRing) -> bool:
    """Whether the fact is of a customer erased after it occurred, or was received where it does not say when."""
    occurred_ms = fact.received_ms if fact.event.occurred_ms is None else fact.event.occurred_ms
    erased_ms = ring.erased_ms(fact.event.customer_id)
    return erased_ms is not None and occurred_ms < erased_ms


async def _event_items(load: Load, facts: Sequence[HistoryEvent], keys: CustomerKeys) -> list[Item]:
    """The records of some facts; keys that these need are durable before, whatever becomes of the load."""
    told = [strip(fact.event) if is_erased(fact, keys.ring) else fact.event for fact in facts]
    sealed = await keys.seal(told)
    return [_event_item(load, fact.received_ms, event) for fact, event in zip(facts, sealed, strict=True)]


def _event_item(load: Load, received_ms: int, event: LogEvent) -> Item:
    loaded = Loaded(load.load_id, received_ms, load.go_live_ms)
    return event.customer_id.encode(), encode_event(event), log_headers(loaded=loaded)


def _summary(load: Load) -> bytes:
    return msgspec.json.encode(
        {"source": load.source, "records": len(load.facts), "go_live_ms": load.go_live_ms, "digest": load.digest}
    )
