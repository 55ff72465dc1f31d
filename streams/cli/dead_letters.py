"""`kakuhan dead-letters`: what could not be taken in, sending it again, taking it away; it must not mend it."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from typing import Any, TypeVar

import click
import msgspec

from schemas.dead_letters import REASONS
from streams.adapters.dead_letter import Letter, Selection
from streams.adapters.dead_letter_purge import purge as purge_letters
from streams.adapters.dead_letters import dead_letters as letters_of
from streams.adapters.dead_letters import replay as replay_letters
from streams.cli.options import INSTANT, FiniteRange, settings_of, settings_options
from streams.cli.plain_text import counted, plain
from streams.cli.progress import progress_bar
from streams.errors import SettingsError
from streams.settings import SOURCES, Settings

DAY_MS = 86_400_000

_F = TypeVar("_F", bound=Callable[..., Any])


def _selection(command: _F) -> _F:
    for option in (
        click.option("--before", "before_ms", type=INSTANT, help="Only those refused before this instant."),
        click.option("--since", "since_ms", type=INSTANT, help="Only those refused from this instant on."),
        click.option("--customer", "customers", multiple=True, help="Only those with this key or customer_id."),
        click.option("--reason", "reasons", multiple=True, type=click.Choice(REASONS), help="Only this reason."),
        click.option("--topic", "topics", multiple=True, type=click.Choice(SOURCES), help="Only from this source."),
        click.argument("names", nargs=-1),
    ):
        command = option(command)
    return settings_options("brokers", "topic_prefix")(command)


_and_replayed = click.option("--all", "replayed", is_flag=True, help="Those sent again already, too.")


@click.group("dead-letters")
def dead_letters() -> None:
    """Records that were refused: look at them, mend what was wrong, send them again, or take them away."""


@dead_letters.command("list")
@_and_replayed
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line, with key, value and headers.")
@_selection
def list_(as_json: bool, **options: Any) -> None:
    """Print refused records: NAME (partition:offset), when, where from, why. With NAMES only those."""
    settings, selection = _asked(options)
    _require_named(settings, selection)
    count = 0
    for letter in letters_of(settings, selection):
        click.echo(plain(_as_json(letter) if as_json else _as_line(letter)))
        count += 1
    if not count:
        click.echo("no dead letters", err=True)


@dead_letters.command("inspect")
@settings_options("brokers", "topic_prefix")
@click.argument("names", nargs=-1, required=True)
def inspect(names: tuple[str, ...], **options: Any) -> None:
    """Print the letters of NAMES in full: where from, why, key, headers, and the value made readable."""
    found = list(letters_of(settings_of(**options), Selection(names=names, replayed=True)))
    for letter in found:
        click.echo("\n".join(_in_full(letter)))
    _refuse_unknown(names, found)


@dead_letters.command("replay")
@_and_replayed
@_selection
def replay(**options: Any) -> None:
    """Send refused records to their source topics again, as they were; with NAMES only those.

    A record that is refused once more becomes a new dead letter.
    """
    settings, selection = _asked(options)
    _require_named(settings, selection)
    with _watched("looking") as progress:
        count = replay_letters(settings, selection, progress)
    click.echo(f"{count} sent again")


@dead_letters.command("purge")
@click.option("--older-than-days", type=FiniteRange(0), help="Only those refused longer ago than that.")
@click.option("--everything", is_flag=True, help="All of them, if nothing narrows the choice.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@_selection
def purge(older_than_days: float | None, everything: bool, yes: bool, **options: Any) -> None:
    """Delete refused records for good, those sent again included; with NAMES only those.

    Letters that stay may get a new name. Nobody can read a deleted letter any more; the broker's disk is rid of it
    within about a day.
    """
    if older_than_days is not None:
        before_ms = time.time_ns() // 1_000_000 - int(older_than_days * DAY_MS)
        options["before_ms"] = min(before_ms, options["before_ms"] or before_ms)
    settings, selection = _asked(options | {"replayed": True})
    if not selection.narrows() and not everything:
        raise click.UsageError("say which: NAMES, --reason, --topic, --customer, --before, … or --everything")
    _require_named(settings, selection)
    if not yes:
        count = sum(1 for _ in letters_of(settings, selection))
        if not count:
            click.echo("no dead letter fits; nothing is deleted")
            return
        click.confirm(f"Delete {counted(count, 'dead letter')} for good?", abort=True)
    with _watched("purging") as progress:
        purged = purge_letters(settings, selection, progress)
    moved = f"; {purged.moved} that stay have a new name" if purged.moved else ""
    click.echo(f"{purged.letters} deleted{moved}")


def _asked(options: dict[str, Any]) -> tuple[Settings, Selection]:
    settings = settings_of(brokers=options.pop("brokers"), topic_prefix=options.pop("topic_prefix"))
    return settings, Selection(**options)


def _require_named(settings: Settings, selection: Selection) -> None:
    """Refuse a mistyped name before anything is done."""
    if selection.names:
        _refuse_unknown(selection.names, letters_of(settings, Selection(names=selection.names, replayed=True)))


def _refuse_unknown(names: Iterable[str], found: Iterable[Letter]) -> None:
    if missing := set(names) - {letter.name for letter in found}:
        called = ", ".join(sorted(missing))
        raise SettingsError(f"no dead letter is called {called}; `kakuhan dead-letters list --all` names them")


@contextmanager
def _watched(what: str) -> Iterator[Callable[[int, int], None]]:
    """A bar for what reports (done, total), in several rounds."""
    with progress_bar(what, None) as advance:
        yield lambda done, total: advance(0)


# ---------------------------------------------------------------- how a letter looks


def _as_line(letter: Letter) -> str:
    source = letter.source
    again = " (sent again)" if letter.replayed else ""
    return f"{letter.name}  {_when(letter)}  {_place(letter)}  {source.reason}: {source.detail}{again}"


def _in_full(letter: Letter) -> list[str]:
    value, headers = letter.value, [f"  {name}: {_text(text)}" for name, text in letter.headers]
    lines = [
        f"{letter.name}" + (" (sent again)" if letter.replayed else ""),
        f"refused  {_when(letter)}",
        f"from     {_place(letter)}",
        f"reason   {letter.source.reason}",
        f"detail   {letter.source.detail}",
        f"key      {_text(letter.key)}",
        *(["headers", *headers] if headers else []),
        f"value    {'none' if value is None else f'{len(value):,} bytes'}",
    ]
    readable = [] if value is None else [plain(_readable(value), keep="\n\t")]
    return [*map(plain, lines), *readable]


def _readable(value: bytes) -> str:
    """Indented JSON where it is some, its numbers as they were written; else the text with what is none escaped."""
    with suppress(msgspec.MsgspecError, RecursionError):
        value = msgspec.json.format(value, indent=2)
    return _text(value) or ""


def _when(letter: Letter) -> str:
    return datetime.fromtimestamp(letter.at_ms / 1000, UTC).isoformat(timespec="seconds")


def _place(letter: Letter) -> str:
    return f"{letter.source.topic}[{letter.source.partition}]@{letter.source.offset}"


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
