"""`kakuhan backfill`: a CSV export as history; it must not know what a valid event is, intake does."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from typing import Any

import click

from streams.cli.backfill_options import csv_options, table_format
from streams.cli.loading import digest_of, load_history, write_rejects
from streams.cli.options import refuse_overwriting, refuse_pipe, settings_of, settings_options
from streams.cli.plain_text import counted
from streams.cli.progress import progress_bar
from streams.errors import SettingsError
from streams.intake.csv_mapping_file import TableFormat
from streams.intake.csv_source import read_rows
from streams.intake.lines import Reject, shown_path
from streams.intake.spool import SpooledLines
from streams.policy_file import load_policy

SHOWN = 5
_EXAMPLE = """\
\b
Example:
  kakuhan backfill orders.csv --topic purchases --map customer_id=顧客コード \\
      --map occurred_at=受注日 --map amount=金額 --map "type='purchase'" --id 受注番号
"""


@click.command("backfill", epilog=_EXAMPLE)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@csv_options
@click.option("--again", is_flag=True, help="Load a file that was loaded before.")
@click.option("--rejects", type=click.Path(path_type=Path), help="For refused rows.  [default: FILE.rejects.jsonl]")
@click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write a history file, load nothing.")
@click.option("--dry-run", is_flag=True, help="Read and check the table, print the first events, load nothing.")
@settings_options("brokers", "app", "topic_prefix", "policy")
@click.pass_context
def backfill(
    context: click.Context,
    /,
    file: Path,
    again: bool,
    rejects: Path | None,
    to: Path | None,
    dry_run: bool,
    **options: Any,
) -> None:
    """Load FILE.csv as history, all or nothing: encoding, delimiter and dates are found out.

    Rows that cannot be used go to a rejects file with line number and reason, the rest is loaded. Exit status 1 if
    there were any. With --to the events become lines for `replay` and `send --history`, where
    those of several tables may stand in one file.
    """
    refuse_pipe(file)
    connection = {name: options.pop(name) for name in ("brokers", "app", "topic_prefix", "policy")}
    settings = settings_of(**connection)
    policy, table = load_policy(settings.policy), table_format(**options)
    rejects = rejects or file.with_name(file.name + ".rejects.jsonl")
    refuse_overwriting(file, rejects, to)
    with SpooledLines(shown_path(file)) as lines:
        bad = _spool(file, table, policy.timezone, lines)
        if dry_run:
            _show(lines, bad)
            context.exit(1 if bad else 0)
        if to is not None:
            _write(lines, bad, to, rejects)
            context.exit(1 if bad else 0)
        digest = digest_of(file, repr(table).encode())
        refused = load_history(settings, policy, [lines], digest, again=again, rejects=rejects, bad=bad)
    context.exit(1 if refused else 0)


def _spool(file: Path, table: TableFormat, timezone: str, lines: SpooledLines) -> list[Reject]:
    """Turn rows into lines of events; the rows that are none."""
    bad: list[Reject] = []
    with progress_bar("reading", file.stat().st_size) as advance:
        read = 0

        def progress(total: int) -> None:
            nonlocal read
            advance(total - read)
            read = total

        for row in read_rows(file, table, timezone, progress):
            if row.value is None:
                bad.append(Reject(lines.name, row.line_no, "invalid_event", row.error or ""))
            else:
                lines.add(row.line_no, table.topic, row.value)
    return bad


def _write(lines: SpooledLines, bad: list[Reject], to: Path, rejects: Path) -> None:
    """The events as lines; whoever reads them checks them as the load would."""
    try:
        with to.open("wb") as file:
            file.writelines(text for _, _, text in lines.lines())
    except OSError as error:
        raise SettingsError(f"{to}: cannot be written: {error.strerror or error}; give another --to") from error
    click.echo(f"{counted(lines.count, 'event')} in {to}")
    write_rejects(rejects, bad)
    if bad:
        click.echo(f"{counted(len(bad), 'row')} refused: {rejects}", err=True)


def _show(lines: SpooledLines, bad: list[Reject]) -> None:
    """The first events and refusals, for a look before loading."""
    for _, line_no, text in islice(lines.lines(), SHOWN):
        click.echo(f"line {line_no}: {text.decode().strip()}")
    for reject in bad[:SHOWN]:
        click.echo(f"line {reject.line_no} refused: {reject.detail}", err=True)
    click.echo(f"{lines.count:,} rows can be used, {len(bad):,} cannot; nothing was loaded")
