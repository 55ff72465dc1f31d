"""`kakuhan send`: events of a file into the stream; it must not judge them, intake does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import click

from streams.adapters.kafka_admin import broker_errors, producer, require_topics
from streams.cli.loading import digest_of, load_history, write_rejects
from streams.cli.options import refuse_overwriting, refuse_pipe, settings_of, settings_options
from streams.cli.plain_text import counted
from streams.cli.progress import progress_bar
from streams.intake.lines import JsonLines, Reject, raw_of
from streams.intake.refusals import RefusedError
from streams.policy_file import load_policy
from streams.settings import Settings

ACKNOWLEDGED_WITHIN_S = 60.0
IN_FLIGHT = 5_000  # records sent before their acknowledgements are looked at


@click.command("send")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--history", is_flag=True, help="Load as the past: with its own times, all or nothing, no live signals.")
@click.option("--again", is_flag=True, help="Load a history that was loaded before.")
@click.option(
    "--rejects", type=click.Path(path_type=Path), help="Where refused lines go.  [default: FILE.rejects.jsonl]"
)
@settings_options("brokers", "app", "topic_prefix", "policy")
@click.pass_context
def send(
    context: click.Context, /, file: Path, history: bool, again: bool, rejects: Path | None, **options: Any
) -> None:
    """Send FILE, one JSON object a line: {"topic": "purchases", "value": {…}}, received now.

    With --history the records keep their own times (`received_at`, else `occurred_at`) and go into the log in one
    transaction. Exit status 1 if lines were refused.
    """
    settings = settings_of(**options)
    rejects = rejects or file.with_name(file.name + ".rejects.jsonl")
    refuse_overwriting(file, rejects)
    if history:
        refuse_pipe(file)
        policy = load_policy(settings.policy)
        refused = load_history(settings, policy, [JsonLines(file)], digest_of(file), again=again, rejects=rejects)
    else:
        refused = _send_now(settings, JsonLines(file), rejects)
    context.exit(1 if refused else 0)


def _send_now(settings: Settings, lines: JsonLines, rejects: Path) -> int:
    """Send every line that says what it is; how many did not."""
    require_topics(settings.brokers, *settings.sources)
    refused: list[Reject] = []
    sent, in_flight = 0, list[Any]()
    with (
        producer(settings.brokers) as client,
        progress_bar("sending", lines.size_bytes) as advance,
        broker_errors(f"sending {lines.name}"),
    ):
        for _, line_no, text in lines.lines():
            advance(len(text))
            try:
                raw = raw_of(text, time.time_ns() // 1_000_000)
            except RefusedError as error:
                refused.append(Reject(lines.name, line_no, error.rejection.reason, error.rejection.detail))
                continue
            in_flight.append(client.send(settings.topic(raw.topic), value=raw.value, key=raw.key))
            sent += 1
            if len(in_flight) == IN_FLIGHT:
                _await(in_flight)
        _await(in_flight)
    click.echo(f"{counted(sent, 'record')} sent")
    write_rejects(rejects, refused)
    if refused:
        click.echo(f"{counted(len(refused), 'line')} not sent, with number and reason in {rejects}", err=True)
    return len(refused)


def _await(in_flight: list[Any]) -> None:
    """Return once all are acknowledged, and forget them: a file may have more lines than fit in memory."""
    for future in in_flight:
        future.get(ACKNOWLEDGED_WITHIN_S)
    in_flight.clear()
