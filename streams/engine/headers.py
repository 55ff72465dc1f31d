"""The headers of records in the log, written by intake and history loads and read by every fold.

It must not know what the values beside them say.
"""

from __future__ import annotations

from collections.abc import Sequence

from streams.engine.fold import FACT, Loaded, Origin

KIND = "kakuhan-kind"
ORIGIN = "kakuhan-origin"
LOADED = "kakuhan-loaded"

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
    kind, origin, loaded = FACT, None, None
    for name, value in headers:
        if name == ORIGIN:
            topic, partition, offset = value.split(b" ")
            origin = Origin(topic.decode(), int(partition), int(offset))
        elif name == LOADED:
            load_id, received_ms, go_live_ms = value.split(b" ")
            loaded = Loaded(load_id.decode(), int(received_ms), int(go_live_ms))
        elif name == KIND:
            kind = value.decode()
    return kind, origin, loaded
