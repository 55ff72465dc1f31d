"""`kakuhan topics`: makes the topics and says what is wrong with them; it must not know what they carry."""

from __future__ import annotations

import json
from typing import Any

import click

from streams.adapters.topics import ensure_topics
from streams.cli.options import settings_of, settings_options


@click.command("topics")
@settings_options("brokers", "app", "topic_prefix")
@click.option("--partitions", type=click.IntRange(1), help="Partitions of new topics (KAKUHAN_PARTITIONS).")
@click.option("--replication", type=click.IntRange(1), help="Copies of new topics (KAKUHAN_REPLICATION).")
@click.option("--json", "as_json", is_flag=True, help="The report as JSON.")
@click.pass_context
def topics(context: click.Context, /, as_json: bool, **options: Any) -> None:
    """Create what is missing, and report what differs; exit status 1 if something would make results wrong."""
    report = ensure_topics(settings_of(**options))
    if as_json:
        click.echo(json.dumps(report.as_dict(), ensure_ascii=False, indent=2))
    else:
        for line in report.lines():
            click.echo(line)
    context.exit(0 if report.ok else 1)
