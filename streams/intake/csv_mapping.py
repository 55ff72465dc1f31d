"""Which column (or constant) of a table feeds which field of an event.

It must not know how a file is read.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass

from streams.errors import SettingsError
from streams.intake.csv_fields import DEFAULT_TYPE, REQUIRED, Kind, kind_of

_SEPARATORS = ";|,、/ "
_QUOTES = "'\""


@dataclass(frozen=True, slots=True)
class Source:
    """Where one field comes from: a column or a constant, one of the two.

    `column` is a header's name, or `#n` for the n-th column. `separator` splits a list, `date_format` is a `strptime`
    pattern, `values` translates the cell's text (売上 → purchase).
    """

    field: str
    column: str | None = None
    constant: str | None = None
    separator: str | None = None
    date_format: str | None = None
    values: Dictionary[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Mapping:
    """The sources of all mapped fields, one for each field."""

    sources: tuple[Source, ...]

    def with_pairs(self, pairs: Iterable[str], topic: str) -> Mapping:
        """This mapping with the fields of further pairs set anew.

        Raises:
            SettingsError: As `parse`.
        """
        added = tuple(parse_pair(pair, topic) for pair in pairs)
        fields = {source.field for source in added}
        return Mapping((*(source for source in self.sources if source.field not in fields), *added)).checked(topic)

    @classmethod
    def parse(cls, pairs: Iterable[str], topic: str) -> Mapping:
        """The mapping of `field=Column`, `field='constant'` and `list_field=Column;` texts.

        Raises:
            SettingsError: A text is no such pair, the topic has no such field, or a needed field is missing.
        """
        return cls(tuple(parse_pair(pair, topic) for pair in pairs)).checked(topic)

    def checked(self, topic: str) -> Mapping:
        """This mapping, with the topic's default `type`, once every field is known, single and none needed is missing.

        Raises:
            SettingsError: A field is unknown, mapped twice, or needed and not mapped.
        """
        fields = [source.field for source in self.sources]
        for field in fields:
            kind_of(topic, field)
        _refuse_repeats(fields)
        missing = [field for field in REQUIRED.get(topic, ()) if field not in fields]
        if missing:
            raise SettingsError(f"{topic} needs {', '.join(missing)}: add --map {missing[0]}=COLUMN")
        default = DEFAULT_TYPE[topic]
        if default is None or "type" in fields:
            return self
        return Mapping((*self.sources, Source("type", constant=default)))


@dataclass(frozen=True, slots=True)
class Bound:
    """A source whose column is found: `index` counts from 0, None for a constant."""

    source: Source
    kind: Kind
    index: int | None


def bind(mapping: Mapping, topic: str, header: Sequence[str] | None, width: int) -> list[Bound]:
    """Each source with the place of its column, in a table of `width` columns.

    Raises:
        SettingsError: A column is missing or its name stands twice; the message lists the columns found.
    """
    return [_bound(source, kind_of(topic, source.field), header, width) for source in mapping.sources]


def _bound(source: Source, kind: Kind, header: Sequence[str] | None, width: int) -> Bound:
    if source.column is None:
        return Bound(source, kind, None)
    return Bound(source, kind, find_column(source.column, header, width))


def find_column(column: str, header: Sequence[str] | None, width: int) -> int:
    """The place of a column, from 0: by name, or by number as `#3` (without a header also `3`).

    Raises:
        SettingsError: There is no such column, or there are several.
    """
    number = column.removeprefix("#")
    if number.isdecimal() and (column.startswith("#") or header is None):
        return _numbered(column, int(number), width)
    if header is None:
        raise SettingsError(f"column {column!r}: without a header columns are numbers, 1 to {width}")
    wanted = _plain(column)
    places = [place for place, name in enumerate(header) if _plain(name) == wanted]
    if len(places) == 1:
        return places[0]
    if places:
        numbers = " or ".join(f"#{place + 1}" for place in places)
        raise SettingsError(f"column {column!r} stands {len(places)} times; say which by its number: {numbers}")
    found = ", ".join(repr(name) for name in header)
    raise SettingsError(f"no column {column!r}; found {found}. A constant is written in quotes: \"type='purchase'\"")


def _numbered(column: str, number: int, width: int) -> int:
    if not 1 <= number <= width:
        raise SettingsError(f"no column {column}: the table has columns 1 to {width}")
    return number - 1


def _plain(name: str) -> str:
    return unicodedata.normalize("NFKC", name).strip().casefold()


def parse_pair(pair: str, topic: str) -> Source:
    """The source of one `field=Column`, `field='constant'` or `list_field=Column;` text.

    Raises:
        SettingsError: The text is no such pair, or the topic has no such field.
    """
    field, sign, column = (part.strip() for part in pair.partition("="))
    if not (field and sign and column):
        raise SettingsError(f"--map {pair!r}: expected field=Column or \"field='constant'\"")
    if len(column) >= 2 and column[0] in _QUOTES and column[-1] == column[0]:
        return Source(field, constant=column[1:-1])
    if kind_of(topic, field) in (Kind.LIST, Kind.HOSTS) and len(column) > 1 and column[-1] in _SEPARATORS:
        return Source(field, column[:-1], separator=column[-1])
    return Source(field, column)


def _refuse_repeats(fields: Sequence[str]) -> None:
    for field in fields:
        if fields.count(field) > 1:
            raise SettingsError(f"{field} is mapped twice")
