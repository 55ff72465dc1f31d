"""The headers of records in the log, written by intake and history loads and read by every fold.

It must not know what the values beside them say.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

from streams.engine.fold import FACT, Loaded, Origin

KIND = "kakuhan-kind"
ORIGIN = "kakuhan-origin"
LOADED = "kakuhan-loaded"

_SOURCES_REMEMBERED = 1_000  # partitions of all source topics, of which there are a few dozen

Headers = list[tuple[str, bytes]]


def log_headers(kind: str = FACT, origin: Origin | None = None, loaded: Loaded | None = None) -> Headers:
    """The headers of one record for the log; a fact needs no kind."""
    headers: Headers = []
    if kind != FACT:
        headers.append((KIND, kind.encode()))
    if origin is not None:
        headers.append((ORIGIN, f"{origin.topic} {origin.partition} {origin.offset}".encode()))
    if loaded is not None:
        headers.append((LOADED, f"{loaded.load_id} {loaded.received_ms} {loaded.go_live_ms}".encode()))
    return headers


def parse_headers(headers: Sequence[tuple[str, bytes]]) -> tuple[str, Origin | None, Loaded | None]:
    """Kind, origin and load of a record; headers of others are ignored.

    Raises:
        ValueError: A header of ours is malformed.
    """
    kind, text, loaded = read_headers(headers)
    if text is None:
        return kind, None, loaded
    source, _, offset = text.rpartition(b" ")
    return kind, Origin(*parse_source(source), int(offset)), loaded


def read_headers(headers: Sequence[tuple[str, bytes]]) -> tuple[str, bytes | None, Loaded | None]:
    """The same with the origin as its text, `Origins` reads that; this is done for every record of the log.

    Raises:
        ValueError: Another header of ours is malformed.
    """
    if len(headers) == 1 and headers[0][0] == ORIGIN:
        return FACT, headers[0][1], None
    kind, origin, loaded = FACT, None, None
    for name, value in headers:
        if name == ORIGIN:
            origin = value
        elif name == LOADED:
            load_id, received_ms, go_live_ms = value.split(b" ")
            loaded = Loaded(load_id.decode(), int(received_ms), int(go_live_ms))
        elif name == KIND:
            kind = value.decode()
    return kind, origin, loaded


@lru_cache(_SOURCES_REMEMBERED)
def parse_source(text: bytes) -> tuple[str, int]:
    """Topic and partition of an origin.

    Raises:
        ValueError: It has another form.
    """
    topic, partition = text.split(b" ")
    return topic.decode(), int(partition)
