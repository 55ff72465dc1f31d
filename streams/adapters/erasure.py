"""Erasing a customer: what is written where, in which order; it must not know how a state is reset.

1. `events`: the erasure itself, from whose offset on the fold knows only that and when the customer was erased
2. `customer-keys`: that the customer was erased, so that what happened before is no longer sealed but dropped; then
   the end of every key made until then, with which all sealed parts in `events` become unreadable
3. `accounts`: the end of the account in every partition that holds one, marked so that intake does not take it for a
   new fact
4. `dead-letters`: the customer's letters are deleted

Every step can be done again. A crash in between is mended by erasing once more.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any

import redis

from streams.adapters.customer_keys import ERASED, key_record, take_record
from streams.adapters.customer_records import last_record_of, own_partition, position_of, records_of
from streams.adapters.dead_letter import Selection
from streams.adapters.dead_letter_purge import purge
from streams.adapters.kafka_admin import KafkaProducer, broker_errors, consumer, producer, read_all
from streams.engine.fold import ERASE, Loaded
from streams.engine.headers import log_headers
from streams.errors import ViewError
from streams.privacy.keys import Key, KeyRing
from streams.settings import Settings

ACKNOWLEDGED_WITHIN_S = 60.0
REDIS_ANSWERS_S = 5.0
LOAD_ID = "erase"
# All keys in Redis that are a customer's alone.
REDIS_KEYS = ("customer", "customer-signals", "account")


@dataclass(frozen=True, slots=True)
class Erasure:
    """What was done: the erasure's place in `events` and its instant (epoch ms), keys destroyed, letters deleted."""

    customer_id: str
    partition: int
    offset: int
    at_ms: int
    keys: int
    letters: int


def erase(settings: Settings, customer_id: str) -> Erasure:
    """Erase a customer, known or not; the worker does its part when it reads the record.

    Raises:
        BrokerError: Kafka is away or refused; erase again.
    """
    with consumer(settings.brokers) as client, producer(settings.brokers) as sender:
        partition = own_partition(client, settings.events, customer_id)
        key = customer_id.encode()
        placed = _send(sender, settings.events, b"{}", key, log_headers(ERASE), partition)
        at_ms = placed.timestamp
        _send(sender, settings.customer_keys, b"%d" % at_ms, f"{ERASED} {customer_id}".encode())
        keys = [found for found in _keys(client, settings, customer_id) if found.made_ms <= at_ms]
        for found in keys:
            _send(sender, settings.customer_keys, None, key_record(found.id, customer_id), partition=found.partition)
        _end_account(sender, settings, customer_id, at_ms)
    letters = purge(settings, Selection(customers={customer_id}, replayed=True)).letters
    return Erasure(customer_id, partition, placed.offset, at_ms, len(keys), letters)


def await_applied(settings: Settings, erasure: Erasure, within_s: float) -> bool:
    """Whether the app's state, public state and Redis have let go of the customer within that time.

    Raises:
        BrokerError: Kafka is away.
        ViewError: Redis is away.
    """
    until_s = time.monotonic() + within_s
    with consumer(settings.brokers) as client:
        while not _is_folded(client, settings, erasure):
            if time.monotonic() > until_s:
                return False
            time.sleep(0.2)
        while last_record_of(client, settings.customer_states, erasure.customer_id, erasure.partition) is not None:
            if time.monotonic() > until_s:
                return False
    while held_in_redis(settings, erasure.customer_id):
        if time.monotonic() > until_s:
            return False
        time.sleep(0.1)
    return True


def _is_folded(client: Any, settings: Settings, erasure: Erasure) -> bool:
    position = position_of(client, settings.changelog, erasure.partition)
    return position is not None and position.next_offset > erasure.offset


def held_in_redis(settings: Settings, customer_id: str) -> bool:
    """Whether there are keys of the customer's own, or the live stream is still to be rid of it.

    Raises:
        ViewError: Redis is away.
    """
    names = [f"{settings.redis_prefix}{name}:{customer_id}" for name in REDIS_KEYS]
    timeouts = {"socket_timeout": REDIS_ANSWERS_S, "socket_connect_timeout": REDIS_ANSWERS_S}
    try:
        with redis.Redis.from_url(settings.redis_url, decode_responses=True, **timeouts) as client:
            to_be_swept = client.smembers(f"{settings.redis_prefix}view:sweep")
            return bool(client.exists(*names)) or any(name.partition(" ")[2] == customer_id for name in to_be_swept)
    except redis.RedisError as error:
        raise ViewError(f"Redis does not answer ({error}): it lets go of the customer when it is back") from error


def _end_account(sender: KafkaProducer, settings: Settings, customer_id: str, at_ms: int) -> None:
    """Tombstones in the partitions where accounts are or were, whichever way their sender chooses partitions.

    Not in all: a worker that starts might read one of another partition after the account of a customer who came
    back. What a transaction has not committed yet counts, too, since it may do so afterwards.
    """
    headers = log_headers(loaded=Loaded(LOAD_ID, at_ms, at_ms))
    with consumer(settings.brokers, isolation_level="read_uncommitted") as client:
        found = records_of(client, settings.accounts, customer_id)
        partitions = {record.partition for record in found if record.value is not None}
    for partition in sorted(partitions):
        _send(sender, settings.accounts, None, customer_id.encode(), headers, partition)


def _keys(client: Any, settings: Settings, customer_id: str) -> list[Key]:
    ring, wanted = KeyRing(), customer_id.encode()
    for record in read_all(client, settings.customer_keys):
        if record.key is not None and record.key.partition(b" ")[2] == wanted:
            take_record(ring, record, 0.0)
    return list(ring.of(customer_id))


def _send(
    sender: KafkaProducer,
    topic: str,
    value: bytes | None,
    key: bytes,
    headers: list[tuple[str, bytes]] | None = None,
    partition: int | None = None,
) -> Any:
    with broker_errors(f"writing to {topic}"):
        sent = sender.send(topic, value=value, key=key, headers=headers or [], partition=partition)
        return sent.get(ACKNOWLEDGED_WITHIN_S)
