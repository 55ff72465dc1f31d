"""Customers' keys in memory, and who has been erased; it must not know where keys are kept.

A key is made for one customer, at random, and never changes. A customer may have several: two workers may both have
made one. To destroy them is to erase what was sealed under them, wherever copies of it lie.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass

ID_BYTES = 8
SECRET_BYTES = 32
# What was read of the log just before an erasure may still have to be folded by a worker that lags a little: that
# long a destroyed key opens, and never seals.
LEAVES_AFTER_S = 600.0

_PACKED = struct.Struct(f">{ID_BYTES}s{SECRET_BYTES}sqiq")


@dataclass(frozen=True, slots=True, repr=False)
class Key:
    """One key: its id (16 hex digits), 32 secret bytes, and where and when it became durable.

    `made_ms` is the append time of its record (epoch ms), `partition` and `offset` the record's place.
    """

    id: str
    secret: bytes
    made_ms: int
    partition: int
    offset: int

    def __repr__(self) -> str:
        """Without the secret."""
        return f"Key({self.id}, {self.made_ms}, {self.partition}:{self.offset})"

    @property
    def name(self) -> str:
        """How sealed text names its key and where to wait for it: `id.partition.offset`."""
        return f"{self.id}.{self.partition}.{self.offset}"


class KeyRing:
    """All keys by customer, packed: a quarter of a kilobyte a customer, so that a million fit in memory."""

    def __init__(self) -> None:
        self._packed: dict[str, bytes] = {}
        self._leaving: dict[tuple[str, str], tuple[float, Key]] = {}
        self._erased_ms: dict[str, int] = {}

    def __len__(self) -> int:
        return len(self._packed)

    def put(self, customer_id: str, key: Key) -> None:
        """Take a key; a second time does nothing."""
        if self.find(customer_id, key.id) is None:
            self._packed[customer_id] = self._packed.get(customer_id, b"") + _pack(key)

    def drop(self, customer_id: str, key_id: str, now_s: float) -> None:
        """A key was destroyed; `now_s` is any clock that only goes forward."""
        self._forget(now_s)
        kept = b""
        for key in self.of(customer_id):
            if key.id == key_id:
                self._leaving[customer_id, key_id] = now_s + LEAVES_AFTER_S, key
            else:
                kept += _pack(key)
        self._packed.pop(customer_id, None)
        if kept:
            self._packed[customer_id] = kept

    def mark_erased(self, customer_id: str, at_ms: int) -> None:
        """The customer was erased at an instant (epoch ms)."""
        self._erased_ms[customer_id] = max(at_ms, self._erased_ms.get(customer_id, at_ms))

    def erased_ms(self, customer_id: str) -> int | None:
        """When the customer was last erased (epoch ms), if ever."""
        return self._erased_ms.get(customer_id)

    def of(self, customer_id: str) -> Iterator[Key]:
        """The customer's keys in the order in which they became known."""
        packed = self._packed.get(customer_id, b"")
        return (_unpack(packed, at) for at in range(0, len(packed), _PACKED.size))

    def newest(self, customer_id: str) -> Key | None:
        """The key to seal with: one made after the customer was last erased."""
        erased_ms = self._erased_ms.get(customer_id, -1)
        usable = (key for key in self.of(customer_id) if key.made_ms > erased_ms)
        return max(usable, key=lambda key: key.made_ms, default=None)

    def find(self, customer_id: str, key_id: str, now_s: float | None = None) -> Key | None:
        """A key to open with; with `now_s` (the clock of `drop`) also one that was destroyed moments ago."""
        packed, wanted = self._packed.get(customer_id, b""), _bytes_of(key_id)
        if wanted is None:
            return None
        for at in range(0, len(packed), _PACKED.size):
            if packed.startswith(wanted, at):
                return _unpack(packed, at)
        if now_s is None or not self._leaving:
            return None
        until_s, leaving = self._leaving.get((customer_id, key_id), (now_s, None))
        return leaving if now_s < until_s else None

    def _forget(self, now_s: float) -> None:
        for gone in [name for name, (until_s, _) in self._leaving.items() if until_s <= now_s]:
            del self._leaving[gone]


def _pack(key: Key) -> bytes:
    return _PACKED.pack(bytes.fromhex(key.id), key.secret, key.made_ms, key.partition, key.offset)


def _unpack(packed: bytes, at: int) -> Key:
    key_id, secret, made_ms, partition, offset = _PACKED.unpack_from(packed, at)
    return Key(key_id.hex(), secret, made_ms, partition, offset)


def _bytes_of(key_id: str) -> bytes | None:
    """The id as it is packed; None for what is no id."""
    try:
        return bytes.fromhex(key_id) if len(key_id) == 2 * ID_BYTES else None
    except ValueError:
        return None
