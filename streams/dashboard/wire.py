"""The book as one binary that a page maps onto typed arrays; it must not know sockets.

Layout, little-endian: u32 length of the header, the header (JSON), padding to 8 bytes, then the columns, each at the
offset that the header names, counted from the end of the padding, aligned to 8 bytes.
"""

from __future__ import annotations

import struct
import sys
from array import array
from collections.abc import Iterator
from typing import Any

import msgspec

from streams.dashboard.book import Book

NAMES_PER_PIECE = 1_000
_ALIGN = 8
_SMALL, _MEDIUM = 1 << 8, 1 << 16


def snapshot(book: Book, beside: dict[str, Any]) -> bytes:
    """All rows of the book, with what stands beside them in the header."""
    columns = _columns(book)
    offset, listed, parts = 0, [], []
    for name, kind, content in columns:
        raw = content.tobytes()
        listed.append({"name": name, "kind": kind, "offset": offset})
        parts.append(raw + bytes(-len(raw) % _ALIGN))
        offset += len(parts[-1])
    header = msgspec.json.encode(_header(book) | beside | {"columns": listed})
    lead = struct.pack("<I", len(header)) + header
    return b"".join([lead, bytes(-len(lead) % _ALIGN), *parts])


def names(book: Book) -> Iterator[bytes]:
    """Ids and names of all rows as JSON, in pieces: many readers at once need not hold it whole."""
    yield b'{"epoch":%b,"rows":[' % msgspec.json.encode(book.epoch)
    for start in range(0, len(book), NAMES_PER_PIECE):
        rows = range(start, min(start + NAMES_PER_PIECE, len(book)))
        piece = msgspec.json.encode([(book.ids[row], book.names[row]) for row in rows])
        yield (b"," if start else b"") + piece[1:-1]
    yield b"]}"


def _header(book: Book) -> dict[str, Any]:
    sets = book.department_sets
    return {
        "epoch": book.epoch,
        "seq": book.seq,
        "count": len(book),
        "people": book.people.words,
        "industries": book.industries.words,
        "plans": book.plans.words,
        "departments": sets.words.words,
        "department_sets": sets.sets,
    }


def _columns(book: Book) -> list[tuple[str, str, array[Any]]]:
    floats = (("value", book.value), ("potential", book.potential), ("revenue", book.revenue))
    words = (
        ("owner", book.owner, len(book.people.words)),
        ("cs", book.cs_owner, len(book.people.words)),
        ("industry", book.industry, len(book.industries.words)),
        ("plan", book.plan, len(book.plans.words)),
        ("departments", book.departments, len(book.department_sets.sets)),
    )
    found = [(name, "f4", _little(array("f", column))) for name, column in floats]
    found += [(name, *_narrow(column, size)) for name, column, size in words]
    return [*found, ("segment", "u1", book.segment), ("lifecycle", "u1", book.lifecycle)]


def _narrow(column: array[int], size: int) -> tuple[str, array[int]]:
    """Numbers below `size` in as few bytes as they need."""
    if size <= _SMALL:
        return "u1", array("B", column)
    if size <= _MEDIUM:
        return "u2", _little(array("H", column))
    return "u4", _little(array("I", column))


def _little(column: array[Any]) -> array[Any]:
    if sys.byteorder == "big":
        column.byteswap()
    return column
