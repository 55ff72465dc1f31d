"""`kakuhan export`: everything held about one customer; it must not know where that lies."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from streams.adapters.holdings import holdings, is_known
from streams.cli.customer_argument import customer_argument
from streams.cli.options import settings_of, settings_options
from streams.cli.plain_text import counted
from streams.errors import SettingsError


@click.command("export")
@customer_argument
@settings_options("brokers", "redis_url", "app", "topic_prefix", "redis_prefix")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The file to write.  [default: print it]")
def export(customer: str, out: Path | None, **options: Any) -> None:
    """Write everything held about CUSTOMER as one JSON object.

    Account, public state, decoded state, events with their texts, signals, what the source topics still hold, dead
    letters, Redis. What is sealed is opened; keys are named, not shown.
    """
    found = holdings(settings_of(**options), customer, _say)
    text = json.dumps(found, ensure_ascii=False, indent=2)
    if not is_known(found):
        click.echo(f"nothing is held about {customer!r}", err=True)
    if out is None:
        click.echo(text)
        return
    try:
        out.write_text(text + "\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{out} cannot be written: {error.strerror or error}; give another --out") from error
    click.echo(f"{out}: {counted(len(found['events']), 'event')}, {counted(len(found['signals']), 'signal')}")


def _say(what: str) -> None:
    """A line for a person who waits, nothing for a pipe."""
    stream = click.get_text_stream("stderr")
    if stream.isatty():
        click.echo(f"reading {what} …", err=True)
