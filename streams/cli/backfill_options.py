"""The options that say how a CSV file is to be read; it must not know what becomes of its rows."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

import click

from streams.errors import SettingsError
from streams.intake.csv_fields import FIELDS
from streams.intake.csv_mapping import Mapping
from streams.intake.csv_mapping_file import TableFormat, load_format
from streams.intake.csv_table import DELIMITER_NAMES

_F = TypeVar("_F", bound=Callable[..., Any])

_OPTIONS = (
    click.option(
        "--topic", type=click.Choice(list(FIELDS)), help="Where the rows belong; may stand in the mapping file."
    ),
    click.option(
        "--map", "pairs", multiple=True, metavar="FIELD=COLUMN", help="A field's column, or \"type='purchase'\"."
    ),
    click.option(
        "--map-file",
        type=click.Path(exists=True, dir_okay=False, path_type=Path),
        help="A YAML or TOML file with the mapping; --map overrides single fields.",
    ),
    click.option(
        "--id", "id_column", metavar="COLUMN", help="Column that names a row for ever; else its content does."
    ),
    click.option("--encoding", metavar="NAME", help="utf-8, cp932, …; found out where not given."),
    click.option(
        "--delimiter", metavar="NAME", help=f"{', '.join(DELIMITER_NAMES)} or a character; found out likewise."
    ),
    click.option("--no-header", is_flag=True, help="The first line holds data; columns are numbers from 1."),
)


def csv_options(command: _F) -> _F:
    """Add the options whose values `table_format` takes, under the same names."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def table_format(
    topic: str | None,
    pairs: Sequence[str],
    map_file: Path | None,
    id_column: str | None,
    encoding: str | None,
    delimiter: str | None,
    no_header: bool,
) -> TableFormat:
    """How the table is to be read, by the mapping file with the options over it.

    Raises:
        SettingsError: Nothing says the topic or the mapping, or they cannot be used.
    """
    table = _from_file(map_file, topic, pairs) if map_file else _from_pairs(topic, pairs)
    return replace(
        table,
        id_column=id_column or table.id_column,
        encoding=encoding or table.encoding,
        delimiter=delimiter or table.delimiter,
        header=table.header and not no_header,
    )


def _from_file(map_file: Path, topic: str | None, pairs: Sequence[str]) -> TableFormat:
    table = load_format(map_file, topic)
    return replace(table, mapping=table.mapping.with_pairs(pairs, table.topic))


def _from_pairs(topic: str | None, pairs: Sequence[str]) -> TableFormat:
    if topic is None:
        raise SettingsError(f"--topic is missing: one of {', '.join(FIELDS)}")
    return TableFormat(topic, Mapping.parse(pairs, topic))
