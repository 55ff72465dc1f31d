"""What a changelog partition says when it is read from its beginning: the survivors of several writers.

It must not know Kafka's consumers; it is fed records in offset order and may be fed more later.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from typing import Any

from streams.engine.envelope import EPOCH_HEADER, epoch_of, without_outbox
from streams.engine.failpoints import switched_off
from streams.engine.position import POSITION_KEY, Position, decode_position
from streams.engine.rows import Rows


class Replay:
    """Rows, position and epoch of one partition, and what has to be written or published again.

    A record of a lower epoch after one of a higher epoch comes from a worker that had lost the partition: it is
    ignored, and its key is among the `losers`, to be written once more before compaction takes the survivor away.
    """

    __slots__ = ("_fenced", "_fresh", "_fresh_keys", "_laden", "end", "epoch", "losers", "position", "rows", "stale")

    def __init__(self, expected: int = 0) -> None:
        self.rows = Rows(expected=expected)
        self.position: Position | None = None
        self.epoch = 0
        self.end = 0  # next offset of the changelog
        self.losers: set[bytes] = set()
        self.stale = 0  # records ignored
        self._fresh = array("q")  # changelog offsets of states at or beyond position.shown, and their keys
        self._fresh_keys: list[bytes] = []
        self._laden: list[bytes] = []  # keys of values with outputs
        self._fenced = "no-epoch" not in switched_off()

    def feed(self, records: Iterable[Any]) -> None:
        """Take the next records of the changelog partition.

        Raises:
            TopicsError: A record was written by another version.
        """
        for record in records:
            self.end = record.offset + 1
            position, laden = None, False
            if record.value is None:
                epoch = next((int(value) for name, value in record.headers if name == EPOCH_HEADER), 0)
            elif record.key == POSITION_KEY:
                position = decode_position(record.value)
                epoch = position.epoch
            else:
                epoch, laden = epoch_of(record.value)
            if epoch < self.epoch and self._fenced:
                self._ignore(record.key)
                continue
            self.epoch = max(self.epoch, epoch)
            if position:
                self._settle(position)
            elif record.key != POSITION_KEY:
                self._put(record)
                if laden:
                    self._laden.append(record.key)

    def _ignore(self, key: bytes) -> None:
        self.stale += 1
        if key != POSITION_KEY:  # the claim of the next epoch replaces a stale position
            self.losers.add(key)

    def _settle(self, position: Position) -> None:
        self.position = position
        if self._fresh and self._fresh[0] < position.shown:
            shown = bisect_left(self._fresh, position.shown)
            del self._fresh[:shown], self._fresh_keys[:shown]

    def _put(self, record: Any) -> None:
        self.losers.discard(record.key)
        if record.value is None:
            self.rows.pop(record.key, None)
            return
        self.rows[record.key] = record.value
        self._fresh.append(record.offset)
        self._fresh_keys.append(record.key)

    def unshown(self) -> list[bytes]:
        """Keys whose views may not be out, in the order of their records."""
        return self._keys_since(0)

    def unpublished(self) -> list[bytes]:
        """Keys whose outputs may not be out, in the order of their records."""
        return self._keys_since(self.position.published if self.position else 0)

    def drop_outboxes(self) -> None:
        """Free the memory of outputs that are published."""
        for key in self._laden:
            if key in self.rows:
                self.rows[key] = without_outbox(self.rows[key])
        self._laden = []

    def _keys_since(self, offset: int) -> list[bytes]:
        keys = dict.fromkeys(self._fresh_keys[bisect_left(self._fresh, offset) :])
        return [key for key in keys if key in self.rows]
