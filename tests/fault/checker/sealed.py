"""What is personal in the log, opened as docs/operations.md describes it: AES-256-GCM under a key of the customer.

It must not know who sealed it, nor what the opened fields lead to.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tests.integration.system.topics import Entry

NONCE_BYTES = 12
Json = dict[str, Any]


def secrets(entries: Iterable[Entry]) -> dict[str, bytes]:
    """Key id → secret, of the records `<key id> <customer_id>` that still have one."""
    found: dict[str, bytes] = {}
    for entry in entries:
        name = (entry.key or b"").decode().partition(" ")[0]
        if entry.value is None:
            found.pop(name, None)
        elif name != "erased":
            found[name] = entry.value
    return found


def opened(event: Json, keys: dict[str, bytes]) -> Json:
    """The event with its sealed fields in the clear.

    The sealed text is `<key id>.<partition>.<offset>.<base64 of nonce and ciphertext>`; customer, topic, type and
    event_id are authenticated with it.
    """
    if "sealed" not in event:
        return event
    head, _, packed = event["sealed"].rpartition(".")
    raw = base64.urlsafe_b64decode(packed)
    bound = "\n".join((event["customer_id"], event["topic"], event["type"], event.get("event_id") or ""))
    plain = AESGCM(keys[head.split(".")[0]]).decrypt(raw[:NONCE_BYTES], raw[NONCE_BYTES:], bound.encode())
    rest = {name: field for name, field in event.items() if name != "sealed"}
    return rest | json.loads(plain)
