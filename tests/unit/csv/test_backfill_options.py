"""Options of the command line for tables."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner

from streams.cli.backfill_options import csv_options, table_format
from streams.errors import SettingsError
from streams.intake.csv_mapping import Source
from streams.intake.csv_mapping_file import TableFormat


def parsed(*arguments: str) -> TableFormat:
    found: list[TableFormat] = []

    @click.command()
    @csv_options
    def command(**options: Any) -> None:
        found.append(table_format(**options))

    result = CliRunner().invoke(command, arguments, catch_exceptions=False, standalone_mode=False)
    assert result.exit_code == 0, result.output
    return found[0]


def test_everything_can_be_said_on_the_command_line() -> None:
    table = parsed(
        *("--topic", "purchases", "--map", "customer_id=1", "--map", "occurred_at=2", "--map", "type='renewal'"),
        *("--id", "3", "--encoding", "cp932", "--delimiter", "tab", "--no-header"),
    )
    assert (table.topic, table.id_column, table.encoding, table.delimiter, table.header) == (
        "purchases",
        "3",
        "cp932",
        "tab",
        False,
    )
    assert table.mapping.sources == (
        Source("customer_id", column="1"),
        Source("occurred_at", column="2"),
        Source("type", constant="renewal"),
    )


def test_options_go_before_the_mapping_file(tmp_path: Path) -> None:
    path = tmp_path / "f.yaml"
    path.write_text(
        "topic: purchases\nid: N\nencoding: cp932\nmap: {customer_id: A, occurred_at: B, amount: C}\n", encoding="utf-8"
    )
    table = parsed("--map-file", str(path), "--map", "amount=D", "--encoding", "utf-8")
    assert (table.topic, table.id_column, table.encoding) == ("purchases", "N", "utf-8")
    assert {source.field: source.column for source in table.mapping.sources}["amount"] == "D"


def test_without_topic_or_mapping_the_choices_are_named() -> None:
    with pytest.raises(SettingsError, match="--topic is missing: one of purchases, crm-activities, accounts"):
        parsed("--map", "customer_id=1")
    with pytest.raises(SettingsError, match="purchases needs customer_id, occurred_at: add --map customer_id=COLUMN"):
        parsed("--topic", "purchases")
