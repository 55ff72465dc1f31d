"""Which source records a partition of the log has already counted; it must not know what they say."""

from __future__ import annotations

from collections.abc import Iterable

from streams.engine.fold import Origin


class Origins:
    """The last origin seen per source partition, and the keys it has reached.

    Appends from one source partition to one partition of the log go in offset order, so a lower origin than the last
    is a copy, and an equal one is a copy unless it reaches a key for the first time (one source record may reach
    several keys).
    """

    __slots__ = ("_seen",)

    def __init__(self, seen: Iterable[tuple[str, int, int, list[bytes]]] = ()) -> None:
        self._seen: dict[tuple[str, int], tuple[int, tuple[bytes, ...]]] = {
            (topic, partition): (offset, tuple(keys)) for topic, partition, offset, keys in seen
        }

    def admit(self, origin: Origin, key: bytes) -> bool:
        """Whether the record is the first of its origin for that key; if so it is remembered."""
        source, offset = (origin.topic, origin.partition), origin.offset
        last = self._seen.get(source)
        if last is None or offset > last[0]:
            self._seen[source] = (offset, (key,))
            return True
        if offset < last[0] or key in last[1]:
            return False
        self._seen[source] = (offset, (*last[1], key))
        return True

    def dump(self) -> list[tuple[str, int, int, list[bytes]]]:
        """What the constructor takes: source topic, partition, last offset, keys reached."""
        return [(topic, partition, offset, sorted(keys)) for (topic, partition), (offset, keys) in self._seen.items()]
