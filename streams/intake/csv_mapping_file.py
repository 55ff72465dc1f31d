"""The small YAML or TOML file that says how a table is to be loaded.

It must not know the table itself.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping as Dictionary
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from streams.errors import SettingsError
from streams.intake.csv_dates import check_pattern
from streams.intake.csv_mapping import Mapping, Source, parse_pair

_KEYS = ("topic", "map", "id", "encoding", "delimiter", "header")
_SOURCE_KEYS = ("column", "value", "separator", "format", "values")


@dataclass(frozen=True, slots=True)
class TableFormat:
    """All that is to be known to load a table; None is to be found out from the table.

    `id_column` names the column that identifies a row for ever; `header` is whether the first line holds names.
    """

    topic: str
    mapping: Mapping
    id_column: str | None = None
    encoding: str | None = None
    delimiter: str | None = None
    header: bool = True


def load_format(path: Path, topic: str | None = None) -> TableFormat:
    """The table format of a `.toml`, `.yaml` or `.yml` file; `topic` overrides the one in it.

    Raises:
        SettingsError: The file cannot be read, has unknown keys or maps fields wrongly; the message names the file.
    """
    try:
        return _format(_parse(path), topic)
    except SettingsError as error:
        raise SettingsError(f"{path}: {error}") from error
    except (OSError, UnicodeDecodeError, YAMLError, tomllib.TOMLDecodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error


def _parse(path: Path) -> Dictionary[str, Any]:
    text = path.read_text(encoding="utf-8-sig")
    content = tomllib.loads(text) if path.suffix == ".toml" else YAML(typ="safe", pure=True).load(text)
    if not isinstance(content, dict):
        raise SettingsError("expected keys: " + ", ".join(_KEYS))
    return content


def _format(content: Dictionary[str, Any], topic: str | None) -> TableFormat:
    _refuse_unknown(content, _KEYS)
    topic = topic or _text(content, "topic")
    if topic is None:
        raise SettingsError("topic is missing: say it in the file or with --topic")
    pairs = content.get("map")
    if not isinstance(pairs, dict) or not pairs:
        raise SettingsError("map: expected field: Column lines")
    header = content.get("header", True)
    if not isinstance(header, bool):
        raise SettingsError(f"header: expected true or false, found {header!r}")
    return TableFormat(
        topic=topic,
        mapping=Mapping(tuple(_source(str(field), said, topic) for field, said in pairs.items())).checked(topic),
        id_column=_text(content, "id"),
        encoding=_text(content, "encoding"),
        delimiter=_text(content, "delimiter"),
        header=header,
    )


def _source(field: str, said: object, topic: str) -> Source:
    if not isinstance(said, dict):
        return parse_pair(f"{field}={said}", topic)
    _refuse_unknown(said, _SOURCE_KEYS, f"map.{field}")
    column, constant = _text(said, "column"), _text(said, "value")
    if (column is None) == (constant is None):
        raise SettingsError(f"map.{field}: expected either column or value")
    values = said.get("values")
    if values is not None and not isinstance(values, dict):
        raise SettingsError(f"map.{field}.values: expected text in the file: text in the event")
    translated = None if values is None else {str(found): str(meant) for found, meant in values.items()}
    return Source(field, column, constant, _text(said, "separator"), _date_format(field, said), translated)


def _date_format(field: str, said: Dictionary[str, Any]) -> str | None:
    pattern = _text(said, "format")
    try:
        if pattern is not None:
            check_pattern(pattern)
    except ValueError as error:
        raise SettingsError(f"map.{field}.format: {error}") from error
    return pattern


def _text(content: Dictionary[str, Any], key: str) -> str | None:
    value = content.get(key)
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):  # a column's number, written without quotes
        return str(value)
    raise SettingsError(f"{key}: expected text, found {value!r}")


def _refuse_unknown(content: Dictionary[str, Any], known: tuple[str, ...], where: str = "") -> None:
    for key in content:
        if key not in known:
            place = f"{where}: " if where else ""
            raise SettingsError(f"{place}unknown key {key!r}; known are {', '.join(known)}")
