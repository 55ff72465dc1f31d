"""Sealing what is personal in an event, and opening it again; it must not know where keys come from.

Personal are free texts, who wrote them, the person at the customer (id, department, title), and accounts as a whole: a
company may bear its owner's name. They leave the event's fields and lie together in `sealed`:
`<key id>.<partition>.<offset>.<base64url of nonce and ciphertext>`, encrypted with AES-256-GCM (NIST SP 800-38D, 96-bit
random nonce) and bound to the customer, the event and its type. Everything else stays readable: instants, amounts,
products, paths, public news. An event without personal fields is left as it is.
"""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from schemas.log import LogAccount, LogContact, LogEvent
from streams.errors import EngineError
from streams.privacy.keys import Key

NONCE_BYTES = 12
NAME_BYTES = 64  # more than the longest name of a key
CIPHERS_KEPT = 10_000  # a cipher costs 1.4 µs to make and some 300 bytes to keep


class Personal(msgspec.Struct, frozen=True, omit_defaults=True):
    """What is sealed of one event."""

    contact: LogContact | None = None
    text: str | None = None
    author: str | None = None
    reason: str | None = None
    new_title: str | None = None
    new_department: str | None = None
    account: LogAccount | None = None


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Personal).decode
_with = msgspec.structs.replace
_FIELDS = Personal.__struct_fields__
_BLANK: dict[str, Any] = dict.fromkeys((*_FIELDS, "sealed"))
_SEALED = b'"sealed":"'
_cipher = lru_cache(CIPHERS_KEPT)(AESGCM)

FindKey = Callable[[str, str], Key | None]


def is_personal(event: LogEvent) -> bool:
    """Whether there is anything in it to seal."""
    return (
        event.contact is not None
        or event.text is not None
        or event.author is not None
        or event.reason is not None
        or event.new_title is not None
        or event.new_department is not None
        or event.account is not None
    )


def seal(event: LogEvent, key: Key) -> LogEvent:
    """The event with its personal part under the customer's key."""
    personal = Personal(*(getattr(event, name) for name in _FIELDS))
    nonce = os.urandom(NONCE_BYTES)
    ciphertext = _cipher(key.secret).encrypt(nonce, _encode(personal), _bound_to(event))
    return _with(strip(event), sealed=f"{key.name}.{base64.urlsafe_b64encode(nonce + ciphertext).decode()}")


def strip(event: LogEvent) -> LogEvent:
    """The event without its personal part."""
    return _with(event, **_BLANK)


def open_(event: LogEvent, find: FindKey, erased_ms: int | None = None) -> LogEvent:
    """The event as it was before it was sealed; without its personal part where the key is gone.

    Args:
        event: An event of the log, sealed or not.
        find: Gives the key of (customer_id, key id), None where it was destroyed.
        erased_ms: When the customer was last erased (epoch ms). Nothing opens that was sealed under an older key,
            whether it still exists or not: so it does not matter when exactly keys are destroyed.

    Raises:
        EngineError: The sealed part was damaged or belongs to another event.
    """
    if event.sealed is None:
        return event
    place = KeyPlace.of(event.sealed)
    if place is None:
        raise _damaged(event)
    key = find(event.customer_id, place.key_id)
    if key is None or (erased_ms is not None and key.made_ms <= erased_ms):
        return _with(event, sealed=None)
    return _opened(event, key)


class KeyPlace(msgspec.Struct, frozen=True):
    """Which key a sealed part needs, and the place of that key's record."""

    key_id: str
    partition: int
    offset: int

    @classmethod
    def of(cls, sealed: str) -> KeyPlace | None:
        """What the sealed text names; None where it names nothing."""
        parts = sealed.split(".", 3)
        if len(parts) != 4 or not (parts[1].isdecimal() and parts[2].isdecimal()):
            return None
        return cls(parts[0], int(parts[1]), int(parts[2]))


def key_needed(value: bytes) -> KeyPlace | None:
    """Which key an encoded event needs, found without decoding it; None where nothing is sealed."""
    at = value.rfind(_SEALED)
    if at < 0:
        return None
    begin = at + len(_SEALED)
    return KeyPlace.of(value[begin : begin + NAME_BYTES].decode("utf-8", "replace"))


def _opened(event: LogEvent, key: Key) -> LogEvent:
    assert event.sealed is not None
    try:
        packed = base64.urlsafe_b64decode(event.sealed.rpartition(".")[2])
        plain = _cipher(key.secret).decrypt(packed[:NONCE_BYTES], packed[NONCE_BYTES:], _bound_to(event))
        personal = _decode(plain)
    except (InvalidTag, ValueError, msgspec.MsgspecError) as error:
        raise _damaged(event) from error
    return _with(event, **{name: getattr(personal, name) for name in _FIELDS}, sealed=None)


def _bound_to(event: LogEvent) -> bytes:
    """The associated data: a sealed part put into another event does not open."""
    return f"{event.customer_id}\n{event.topic}\n{event.type}\n{event.event_id or ''}".encode()


def _damaged(event: LogEvent) -> EngineError:
    return EngineError(
        f"event {event.event_id} of customer {event.customer_id}: its sealed part was damaged, or sealed for another "
        "event"
    )
