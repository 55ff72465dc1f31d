"""Which source records a partition of the log has already counted; it must not know what they say."""

from __future__ import annotations

from collections.abc import Iterable

from streams.engine.headers import parse_source


class Origins:
    """The last origin seen per source partition, and the keys it has reached.

    Appends from one source partition to one partition of the log go in offset order, so a lower origin than the last
    is a copy, and an equal one is a copy unless it reaches a key for the first time (one source record may reach
    several keys).
    """

    __slots__ = ("_seen",)

    def __init__(self, seen: Iterable[tuple[str, int, int, list[bytes]]] = ()) -> None:
        # by the text of topic and partition, as headers have it
        self._seen: dict[bytes, tuple[int, tuple[bytes, ...]]] = {
            b"%b %d" % (topic.encode(), partition): (offset, tuple(keys)) for topic, partition, offset, keys in seen
        }

    def admit(self, origin: bytes, key: bytes) -> bool:
        """Whether the record is the first of its origin for that key; if so it is remembered.

        Raises:
            ValueError: The text of the origin is malformed.
        """
        source, _, number = origin.rpartition(b" ")
        offset, last = int(number), self._seen.get(source)
        if last is None:
            parse_source(source)
        if last is None or offset > last[0]:
            self._seen[source] = (offset, (key,))
            return True
        if offset < last[0] or key in last[1]:
            return False
        self._seen[source] = (offset, (*last[1], key))
        return True

    def dump(self) -> list[tuple[str, int, int, list[bytes]]]:
        """What the constructor takes: source topic, partition, last offset, keys reached."""
        return [(*parse_source(source), offset, sorted(keys)) for source, (offset, keys) in self._seen.items()]
