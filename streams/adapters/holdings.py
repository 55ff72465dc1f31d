"""Everything held about one customer, as plain values for JSON; it must not know how any of it came about.

What is sealed is opened where its key still exists. Keys themselves are named, never shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import msgspec
import redis

from schemas.log import LogEvent, decode_event
from streams.adapters.customer_keys import take_record
from streams.adapters.customer_records import last_record_of, own_partition, position_of, records_of
from streams.adapters.dead_letter import Selection
from streams.adapters.dead_letters import dead_letters
from streams.adapters.facets import instant_text
from streams.adapters.kafka_admin import KafkaConsumer, consumer, read_all
from streams.adapters.plain_state import plain_state
from streams.domain.plan import SEGMENT_OF
from streams.engine.envelope import outbox_of, state_of, unseal
from streams.engine.headers import parse_headers
from streams.errors import ViewError
from streams.privacy.keys import KeyRing
from streams.privacy.sealing import KeyPlace, open_
from streams.settings import SOURCES, Settings

REDIS_ANSWERS_S = 5.0
STREAM_ENTRIES_AT_ONCE = 1_000
SETS = (*(f"segment:{segment}" for segment in SEGMENT_OF.values()), "lifecycle:former", "next")

Json = dict[str, Any]
Say = Callable[[str], None]


def holdings(settings: Settings, customer_id: str, say: Say = lambda what: None) -> Json:
    """All that is held about a customer now; `say` hears what is being read.

    Raises:
        BrokerError: Kafka is away, or topics are missing.
        ViewError: Redis is away.
    """
    with consumer(settings.brokers) as client:
        partition = own_partition(client, settings.events, customer_id)
        say("keys")
        ring = _ring(client, settings, customer_id)
        say("states")
        found: Json = {
            "customer_id": customer_id,
            "account": _value(last_record_of(client, settings.accounts, customer_id)),
            "public_state": _value(last_record_of(client, settings.customer_states, customer_id, partition)),
            "state": _state(client, settings, customer_id, partition),
        }
        say("events")
        events = records_of(client, settings.events, customer_id, partition)
        found["events"] = [_event(record, ring) for record in events]
        say("signals")
        signals = records_of(client, settings.signals, customer_id, partition)
        found["signals"] = [_record(record) for record in signals]
        found["sources"] = {name: list(_source(client, settings, name, customer_id)) for name in SOURCES}
        found["keys"] = [{"id": key.id, "made_at": instant_text(key.made_ms)} for key in ring.of(customer_id)]
        erased_ms = ring.erased_ms(customer_id)
        found["erased_at"] = None if erased_ms is None else instant_text(erased_ms)
    say("dead letters")
    letters = dead_letters(settings, Selection(customers={customer_id}, replayed=True))
    found["dead_letters"] = [_letter(letter) for letter in letters]
    say("Redis")
    found["redis"] = _in_redis(settings, customer_id)
    return found


def is_known(found: Json) -> bool:
    """Whether anything at all is held, but for when the customer was erased."""
    kept = {name: part for name, part in found.items() if name not in ("customer_id", "erased_at", "state", "sources")}
    started = found["state"] is not None and found["state"]["state"]["started"]
    return started or any(kept.values()) or any(found["sources"].values())


# ---------------------------------------------------------------- Kafka


def _ring(client: KafkaConsumer, settings: Settings, customer_id: str) -> KeyRing:
    ring, wanted = KeyRing(), customer_id.encode()
    for record in read_all(client, settings.customer_keys):
        if record.key is not None and record.key.partition(b" ")[2] == wanted:
            take_record(ring, record, 0.0)
    return ring


def _state(client: KafkaConsumer, settings: Settings, customer_id: str, partition: int) -> Json | None:
    """What the app's changelog holds: the state as it decides, when it was changed, and what it has still to tell."""
    record = last_record_of(client, settings.changelog, customer_id, partition)
    if record is None:
        return None
    position, row = position_of(client, settings.changelog, partition), unseal(record.value)
    unpublished = outbox_of(record.value) if position and record.offset >= position.published else []
    return {
        "app": settings.app,
        "applied_offset": row.applied,
        "state": plain_state(state_of(record.value)),
        "unpublished": [json.loads(output.value) for output in unpublished],
    }


def _event(record: Any, ring: KeyRing) -> Json:
    kind, origin, loaded = parse_headers(record.headers)
    where = None if origin is None else f"{origin.topic}[{origin.partition}]@{origin.offset}"
    found: Json = {"offset": record.offset, "appended_at": instant_text(record.timestamp), "kind": kind}
    if kind == "fact":
        event = decode_event(record.value)
        found["event"] = msgspec.to_builtins(open_(event, ring.find))
        found["readable"] = _is_readable(event, ring)
    history = None if loaded is None else {"load": loaded.load_id, "received_at": instant_text(loaded.received_ms)}
    return found | {"origin": where, "history": history}


def _is_readable(event: LogEvent, ring: KeyRing) -> bool:
    """Whether its personal part, if it has one, can be opened."""
    place = None if event.sealed is None else KeyPlace.of(event.sealed)
    return place is None or ring.find(event.customer_id, place.key_id) is not None


def _record(record: Any) -> Json:
    place = {"partition": record.partition, "offset": record.offset, "at": instant_text(record.timestamp)}
    return place | {"value": _text_or_json(record.value)}


def _source(client: KafkaConsumer, settings: Settings, name: str, customer_id: str) -> Iterator[Json]:
    """What a source topic still holds under the customer's id; the last account is told by itself."""
    for record in records_of(client, settings.topic(name), customer_id):
        yield _record(record)


def _letter(letter: Any) -> Json:
    source = letter.source
    return {
        "name": letter.name,
        "at": instant_text(letter.at_ms),
        "from": f"{source.topic}[{source.partition}]@{source.offset}",
        "reason": source.reason,
        "detail": source.detail,
        "value": _text_or_json(letter.value),
    }


def _value(record: Any | None) -> Any:
    return None if record is None else _text_or_json(record.value)


def _text_or_json(value: bytes | None) -> Any:
    """A value as what it says; as text where that could not be written as JSON again (NaN, half a character)."""
    if value is None:
        return None
    try:
        found = json.loads(value)
        json.dumps(found, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return value.decode("utf-8", "backslashreplace")
    return found


# ---------------------------------------------------------------- Redis


def _in_redis(settings: Settings, customer_id: str) -> Json:
    """Keys of the customer's own, its places in sorted sets, and the live stream's entries about it."""
    prefix = settings.redis_prefix
    with _redis(settings) as client:
        texts = {name: client.get(f"{prefix}{name}:{customer_id}") for name in ("customer", "account")}
        found: Json = {f"{prefix}{name}:{customer_id}": json.loads(text) for name, text in texts.items() if text}
        listed = client.lrange(f"{prefix}customer-signals:{customer_id}", 0, -1)
        if listed:
            found[f"{prefix}customer-signals:{customer_id}"] = [json.loads(item) for item in listed]
        for name in (prefix + name for name in SETS):
            if (score := client.zscore(name, customer_id)) is not None:
                found[name] = score
        if entries := list(_streamed(client, prefix, customer_id)):
            found[f"{prefix}signals"] = entries
    return found


def _streamed(client: Any, prefix: str, customer_id: str) -> Iterator[Json]:
    first = "-"
    while entries := client.xrange(f"{prefix}signals", first, "+", STREAM_ENTRIES_AT_ONCE):
        first = "(" + entries[-1][0]
        for entry_id, fields in entries:
            signal = json.loads(fields["data"])
            if signal.get("customer_id") == customer_id:
                yield {"id": entry_id, "signal": signal}


@contextmanager
def _redis(settings: Settings) -> Iterator[Any]:
    timeouts = {"socket_timeout": REDIS_ANSWERS_S, "socket_connect_timeout": REDIS_ANSWERS_S}
    try:
        with redis.Redis.from_url(settings.redis_url, decode_responses=True, **timeouts) as client:
            yield client
    except redis.RedisError as error:
        raise ViewError(f"Redis does not answer ({error}); without it the export would not be whole") from error
