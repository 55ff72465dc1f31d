"""When time alone has something to do in a partition: due instants, and the slots of the daily refresh.

It must not know states, nor any clock but the log's.
"""

from __future__ import annotations

import zlib
from collections import defaultdict
from collections.abc import Iterable
from heapq import heapify, heappop, heappush

from streams.engine.envelope import NOT_DUE_MS

# Every view is refreshed once a round of 132 slots of 10 min = 22 h: at least once a day with two hours to spare for a
# worker that lags or restarts, and an idle partition needs one clock record per slot only.
SLOT_MS = 600_000
SLOTS = 132
FEW = 1_000  # replaced instants that are not worth making a heap anew


class DueHeap:
    """Keys by due instant (epoch ms); a key has one instant, the last one set.

    The heap keeps instants that were replaced until they are its least; once they are more than the others, it is made
    anew, so that it stays in proportion to the keys, at a cost that each of them has paid for.
    """

    __slots__ = ("_due", "_heap")

    def __init__(self, dues: Iterable[tuple[bytes, int]] = ()) -> None:
        self._due = {key: due_ms for key, due_ms in dues if due_ms < NOT_DUE_MS}
        self._heap: list[tuple[int, bytes]] = []
        self._make()

    def set(self, key: bytes, due_ms: int | None) -> None:
        """Note when the key is due next; None: never."""
        if due_ms is None:
            self._due.pop(key, None)
        elif self._due.get(key) != due_ms:
            self._due[key] = due_ms
            heappush(self._heap, (due_ms, key))
            if len(self._heap) > 2 * len(self._due) + FEW:
                self._make()

    def _make(self) -> None:
        self._heap = [(due_ms, key) for key, due_ms in self._due.items()]
        heapify(self._heap)

    def __len__(self) -> int:
        """Entries of the heap, replaced ones among them."""
        return len(self._heap)

    def next_ms(self) -> int | None:
        """The earliest due instant."""
        while self._heap:
            due_ms, key = self._heap[0]
            if self._due.get(key) == due_ms:
                return due_ms
            heappop(self._heap)
        return None

    def is_due(self, key: bytes, until_ms: int) -> bool:
        """Whether the key is due at or before an instant."""
        return self._due.get(key, NOT_DUE_MS) <= until_ms

    def take(self, until_ms: int, most: int) -> list[bytes]:
        """Remove and return up to `most` keys that are due at or before an instant, earliest first."""
        keys: list[bytes] = []
        while len(keys) < most and (due_ms := self.next_ms()) is not None and due_ms <= until_ms:
            key = heappop(self._heap)[1]
            del self._due[key]
            keys.append(key)
        return keys


class RefreshRound:
    """Keys by refresh slot; slot number n ends at instant n · SLOT_MS of the log's clock."""

    __slots__ = ("_at", "_keys", "done")

    def __init__(self, keys: Iterable[bytes], done: int) -> None:
        self._keys: dict[int, list[bytes]] = defaultdict(list)
        for key in keys:
            self.add(key)
        self.done = done  # number of the last slot that is finished
        self._at = 0

    def add(self, key: bytes) -> None:
        """Take a key in that was not there before."""
        self._keys[zlib.crc32(key) % SLOTS].append(key)

    def begin(self, newest_ms: int) -> None:
        """Let the round begin with the slot after an instant, or skip what a long outage has missed twice."""
        latest = newest_ms // SLOT_MS
        if not self.done or latest - self.done > SLOTS:
            self.done = latest if not self.done else latest - SLOTS

    def next_ms(self) -> int:
        """When the slot that is worked on ended, or will end."""
        return (self.done + 1) * SLOT_MS

    def take(self, until_ms: int, most: int) -> tuple[int, list[bytes]]:
        """The end of a slot that is over, and its next keys; finished slots are counted in `done`."""
        while self.next_ms() <= until_ms:
            ended_ms, keys = self.next_ms(), self._keys.get((self.done + 1) % SLOTS, [])
            if self._at < len(keys):
                taken = keys[self._at : self._at + most]
                self._at += len(taken)
                return ended_ms, taken
            self.done, self._at = self.done + 1, 0
        return 0, []


def refreshed_ms(key: bytes, done: int) -> int:
    """When the key's slot last ended (epoch ms), `done` being the last finished slot."""
    return (done - (done - zlib.crc32(key)) % SLOTS) * SLOT_MS
