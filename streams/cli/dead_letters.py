"""`kakuhan dead-letters`: what could not be taken in, and sending it again; it must not mend it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, TypeVar

import click

from schemas.dead_letters import REASONS
from streams.adapters.dead_letters import Letter, Selection
from streams.adapters.dead_letters import dead_letters as letters_of
from streams.adapters.dead_letters import replay as replay_letters
from streams.cli.options import INSTANT, settings_of, settings_options

_F = TypeVar("_F", bound=Callable[..., Any])


def _selection(command: _F) -> _F:
    for option in (
        click.option("--all", "replayed", is_flag=True, help="Those sent again already, too."),
        click.option("--since", "since_ms", type=INSTANT, help="Only those refused from this instant on."),
        click.option("--reason", "reasons", multiple=True, type=click.Choice(REASONS), help="Only this reason."),
        click.option("--topic", "topics", multiple=True, help="Only from this source topic, as purchases."),
    ):
        command = option(command)
    return settings_options("brokers", "topic_prefix")(command)


@click.group("dead-letters")
def dead_letters() -> None:
    """Records that were refused: look at them, mend what was wrong, send them again."""


@dead_letters.command("list")
@_selection
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with key, value and headers.")
@click.argument("names", nargs=-1)
def list_(names: tuple[str, ...], as_json: bool, **options: Any) -> None:
    """Print refused records: NAME (partition:offset), when, where from, why. With NAMES only those."""
    settings = settings_of(brokers=options.pop("brokers"), topic_prefix=options.pop("topic_prefix"))
    count = 0
    for letter in letters_of(settings, Selection(names=names, **options)):
        click.echo(_as_json(letter) if as_json else _as_line(letter))
        count += 1
    if not count:
        click.echo("no dead letters", err=True)


@dead_letters.command("replay")
@_selection
@click.argument("names", nargs=-1)
def replay(names: tuple[str, ...], **options: Any) -> None:
    """Send refused records to their source topics again, as they were; with NAMES only those.

    A record that is refused once more becomes a new dead letter.
    """
    settings = settings_of(brokers=options.pop("brokers"), topic_prefix=options.pop("topic_prefix"))
    click.echo(f"{replay_letters(settings, Selection(names=names, **options))} sent again")


def _as_line(letter: Letter) -> str:
    source = letter.source
    when = datetime.fromtimestamp(letter.at_ms / 1000, UTC).isoformat(timespec="seconds")
    again = " (sent again)" if letter.replayed else ""
    place = f"{source.topic}[{source.partition}]@{source.offset}"
    return f"{letter.name}  {when}  {place}  {source.reason}: {source.detail}{again}"


def _as_json(letter: Letter) -> str:
    source = letter.source
    return json.dumps(
        {
            "name": letter.name,
            "at_ms": letter.at_ms,
            "topic": source.topic,
            "partition": source.partition,
            "offset": source.offset,
            "reason": source.reason,
            "detail": source.detail,
            "key": _text(letter.key),
            "value": _text(letter.value),
            "headers": {name: _text(value) for name, value in letter.headers},
            "replayed": letter.replayed,
        },
        ensure_ascii=False,
    )


def _text(found: bytes | None) -> str | None:
    return None if found is None else found.decode("utf-8", "backslashreplace")
