"""A table's rows as events, each to pass through the same checks as every other event.

It must not know Kafka, companies or what a valid event is.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from streams.errors import SettingsError
from streams.intake.csv_fields import REQUIRED, SINGLE_ENTRY_LISTS
from streams.intake.csv_mapping import Bound, Mapping, bind, find_column
from streams.intake.csv_mapping_file import TableFormat
from streams.intake.csv_table import Line, delimiter_of, read_table, resolve_encoding
from streams.intake.csv_values import Reading, convert

_STATES = frozenset({"accounts"})  # the last record stands, whole: there is nothing to count twice


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the event's JSON object, or why there is none; `cells` as they stand in the file."""

    line_no: int
    value: dict[str, Any] | None
    error: str | None
    cells: tuple[str, ...] = ()


def read_csv(
    path: Path,
    topic: str,
    mapping: Mapping,
    timezone: str,
    encoding: str | None = None,
    id_column: str | None = None,
    *,
    delimiter: str | None = None,
    header: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Iterator[Row]:
    """The rows of a table in its order, good and bad; `progress` is told the bytes read so far.

    Encoding and delimiter are found out where they are None. A bad row ends nothing.

    Raises:
        SettingsError: The file cannot be read, the time zone or a column is unknown, or the mapping is wrong.
    """
    zone = _zone(timezone)
    mapping = mapping.checked(topic)
    if id_column is not None and topic in _STATES:
        raise SettingsError(f"{topic} take no --id: a customer's last record stands, and a repeated id would hide it")
    delimiter = None if delimiter is None else delimiter_of(delimiter)
    lines = read_table(path, resolve_encoding(path, encoding), delimiter, progress)
    first = next(lines, None)
    if first is None:
        raise SettingsError(f"{path}: the file is empty")
    if first.error is not None:
        raise SettingsError(f"{path}, line {first.line_no}: {first.error}")
    names, width = (first.cells if header else None), len(first.cells)
    id_index = None if id_column is None else find_column(id_column, names, width)
    table = _Table(topic, zone, bind(mapping, topic, names, width), width, id_index)
    rows = lines if header else chain([first], lines)
    return (table.row(line) for line in rows)


def read_rows(
    path: Path, table: TableFormat, timezone: str, progress: Callable[[int], None] | None = None
) -> Iterator[Row]:
    """The rows of a table of a known format; see `read_csv`."""
    return read_csv(
        path,
        table.topic,
        table.mapping,
        timezone,
        table.encoding,
        table.id_column,
        delimiter=table.delimiter,
        header=table.header,
        progress=progress,
    )


def _zone(timezone: str) -> ZoneInfo:
    try:
        return ZoneInfo(timezone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise SettingsError(f"time zone {timezone!r} is unknown") from error


@dataclass(slots=True)
class _Table:
    """What is the same for all rows, and the ids given so far."""

    topic: str
    zone: ZoneInfo
    columns: list[Bound]
    width: int
    id_index: int | None
    seen_ids: dict[tuple[object, str], int] = field(default_factory=dict)  # (customer, id) → line
    copies: dict[bytes, int] = field(default_factory=dict)  # content → how often

    def row(self, line: Line) -> Row:
        cells = tuple(line.cells)
        try:
            if line.error is not None:
                raise ValueError(line.error)
            value = self._value(self._fitted(line.cells))
            event_id = self._event_id(line, value)
        except ValueError as error:
            return Row(line.line_no, None, str(error), cells)
        return Row(line.line_no, value if event_id is None else {"event_id": event_id, **value}, None, cells)

    def _fitted(self, cells: list[str]) -> list[str]:
        """The cells without empty ones too many, as spreadsheets leave them."""
        if len(cells) > self.width and not any(cell.strip() for cell in cells[self.width :]):
            return cells[: self.width]
        if len(cells) != self.width:
            raise ValueError(f"{len(cells)} columns where {self.width} were expected")
        return cells

    def _value(self, cells: list[str]) -> dict[str, Any]:
        texts = {column.source.field: _text(column, cells) for column in self.columns}
        currency = texts.get("currency") or None
        value: dict[str, Any] = {}
        problems = [f"{name}: empty" for name in REQUIRED[self.topic] if not texts[name]]
        for column in self.columns:
            name, text = column.source.field, texts[column.source.field]
            if not text:
                continue
            try:
                _put(value, name, convert(column.kind, text, self._reading(column, currency)))
            except ValueError as error:
                problems.append(f"{name}: {error}")
        if problems:
            raise ValueError("; ".join(problems))
        return value

    def _reading(self, column: Bound, currency: str | None) -> Reading:
        return Reading(self.zone, currency, column.source.separator, column.source.date_format)

    def _event_id(self, line: Line, value: dict[str, Any]) -> str | None:
        if self.id_index is not None:
            return self._named_id(line, value)
        return None if self.topic in _STATES else self._content_id(value)

    def _named_id(self, line: Line, value: dict[str, Any]) -> str:
        event_id = line.cells[self.id_index or 0].strip()
        if not event_id:
            raise ValueError("the id column is empty")
        earlier = self.seen_ids.setdefault((value["customer_id"], event_id), line.line_no)
        if earlier != line.line_no:
            raise ValueError(f"id {event_id!r} stands on line {earlier} already; it must differ in every row")
        return event_id

    def _content_id(self, value: dict[str, Any]) -> str:
        """A digest of the content and its occurrence number among equal rows, wherever in the file they stand."""
        content = json.dumps([self.topic, value], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        digest = hashlib.sha256(content.encode()).digest()[:16]
        number = self.copies[digest] = self.copies.get(digest, 0) + 1
        return f"csv-{digest.hex()}-{number}"


def _text(column: Bound, cells: list[str]) -> str:
    source = column.source
    text = (source.constant or "") if column.index is None else cells[column.index].strip()
    return text if source.values is None else source.values.get(text, text)


def _put(value: dict[str, Any], name: str, converted: object) -> None:
    """Sets `a` or `a.b`; lists of one entry are made where the event has a list."""
    parent, dot, child = name.partition(".")
    if not dot:
        value[name] = converted
    elif parent in SINGLE_ENTRY_LISTS:
        value.setdefault(parent, [{}])[0][child] = converted
    else:
        value.setdefault(parent, {})[child] = converted
