"""The stored states of one partition by key, in half the memory that a dictionary takes besides the values.

It must not know what a value says; it tells keys apart by what it has put at the end of each.
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator, Mapping, MutableMapping

NONE = 0  # the number of no key
FIRST_SLOTS = 1 << 10
LENGTH_BYTES = 4  # of a key, in its row
GROUPS = 132  # as many as the daily refresh has slots (`streams.engine.schedule`)


class Rows(MutableMapping[bytes, bytes]):
    """Values by key; a key has a number from 1 on, which it keeps until it is deleted.

    A row is a value, its key and the key's length in one piece; where a key's row is says a hash table of numbers with
    linear probing, at most two thirds full. So a key takes its length and some 22 bytes, where it takes 100 as an
    object in a dictionary; and who has to remember keys can remember numbers, of four bytes. `groups` are the numbers
    of all keys that were ever there, by `group_of` them; `by_number` are the rows, the one of `NONE` is empty.
    """

    __slots__ = ("_deleted", "_mask", "_most", "_slots", "by_number", "groups")

    def __init__(self, values: Mapping[bytes, bytes] | None = None, expected: int = 0) -> None:
        self.by_number, self._deleted = [b""], 0
        self.groups = [array("I") for _ in range(GROUPS)]
        self._make(max(expected, len(values or {})))
        self.update(values or {})

    def _make(self, expected: int) -> None:
        """A table with room for that many keys."""
        size = FIRST_SLOTS
        while 2 * size < 3 * expected:
            size *= 2
        self._mask, self._most = size - 1, 2 * size // 3
        self._slots = array("I", bytes(4 * size))
        for number, row in self.numbered():
            self._slots[self._slot(key := key_of(row), _end(key))] = number

    def _slot(self, key: bytes, end: bytes) -> int:
        """Where the table has a key whose row ends like that, or has room for it."""
        rows, slots, mask = self.by_number, self._slots, self._mask
        at = hash(key) & mask
        while (number := slots[at]) and not rows[number].endswith(end):
            at = (at + 1) & mask
        return at

    # -- by number

    def find(self, key: bytes) -> int:
        """The number of a key, `NONE` if it has no value."""
        end, rows, slots, mask = key + len(key).to_bytes(LENGTH_BYTES), self.by_number, self._slots, self._mask
        at = hash(key) & mask
        while (number := slots[at]) and not rows[number].endswith(end):  # as `_slot`: this is done for every event
            at = (at + 1) & mask
        return number

    def put(self, key: bytes, value: bytes, number: int = NONE) -> int:
        """Set the value of a key, whose number may be known; returns its number."""
        end, rows = key + len(key).to_bytes(LENGTH_BYTES), self.by_number
        if not number:  # as `_slot`: a restore does this for every record of the changelog
            slots, mask = self._slots, self._mask
            at = hash(key) & mask
            while (number := slots[at]) and not rows[number].endswith(end):
                at = (at + 1) & mask
        if number:
            rows[number] = value + end
            return number
        slots[at] = number = len(rows)
        rows.append(value + end)
        self.groups[group_of(key)].append(number)
        if number >= self._most:
            self._make(2 * number)
        return number

    def numbered(self) -> Iterator[tuple[int, bytes]]:
        """All numbers with their rows."""
        return ((number, row) for number, row in enumerate(self.by_number) if row)

    # -- by key

    def __getitem__(self, key: bytes) -> bytes:
        if not (number := self.find(key)):
            raise KeyError(key)
        return value_of(self.by_number[number], key)

    def __setitem__(self, key: bytes, value: bytes) -> None:
        self.put(key, value)

    def __delitem__(self, key: bytes) -> None:
        if not (number := self.find(key)):
            raise KeyError(key)
        self.by_number[number] = b""  # its place in the table stays, so that keys behind it are found
        self._deleted += 1

    def __contains__(self, key: object) -> bool:
        return isinstance(key, bytes) and self.find(key) != NONE

    def __iter__(self) -> Iterator[bytes]:
        return (key_of(row) for row in self.by_number if row)

    def __len__(self) -> int:
        return len(self.by_number) - 1 - self._deleted


def group_of(key: bytes) -> int:
    """The group of a key, the same in every process."""
    return zlib.crc32(key) % GROUPS


def key_of(row: bytes) -> bytes:
    """The key in its row."""
    end = len(row) - LENGTH_BYTES
    return row[end - int.from_bytes(row[end:]) : end]


def value_of(row: bytes, key: bytes) -> bytes:
    """The value in the row of a key."""
    return row[: -LENGTH_BYTES - len(key)]


def _end(key: bytes) -> bytes:
    return key + len(key).to_bytes(LENGTH_BYTES)
