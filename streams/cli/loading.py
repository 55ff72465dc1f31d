"""Loading history: what `send --history` and `backfill` have in common; it must not know what files look like."""

from __future__ import annotations

import asyncio
import hashlib
import time
from collections.abc import Sequence
from pathlib import Path

import click
import msgspec

from schemas.policy import Policy
from streams.adapters.account_directory import AccountFollower, through_intake
from streams.adapters.history_load import Load, refuse_repeat, write
from streams.cli.plain_text import counted
from streams.cli.progress import progress_bar
from streams.cli.replay import intake_settings
from streams.errors import SettingsError
from streams.intake.companies import Directory
from streams.intake.history import HistoryEvent, HistoryInput
from streams.intake.intake import Intake
from streams.intake.lines import LineSource, Reject
from streams.settings import Settings


def digest_of(*parts: bytes | Path) -> str:
    """SHA-256 of files' contents and further bytes, as hex: what makes a load the same one again."""
    found = hashlib.sha256()
    for part in parts:
        if isinstance(part, bytes):
            found.update(part)
            continue
        with part.open("rb") as file:
            found.update(hashlib.file_digest(file, "sha256").digest())
    return found.hexdigest()


def load_history(
    settings: Settings,
    policy: Policy,
    sources: Sequence[LineSource],
    digest: str,
    *,
    again: bool,
    rejects: Path,
    bad: Sequence[Reject] = (),
) -> int:
    """Check, order and write the history of the sources; how many lines were refused, those of `bad` included.

    Raises:
        LoadError: It was loaded before, or the transaction did not finish.
        BrokerError: Kafka is away, or topics are missing.
        SettingsError: A file cannot be read, or rejects cannot be written.
    """
    name = ", ".join(source.name for source in sources)
    if not again:  # asked again when it is written: this spares the reading
        asyncio.run(refuse_repeat(settings, digest, name))
    go_live_ms = time.time_ns() // 1_000_000
    directory = Directory()
    asyncio.run(_know_accounts(settings, policy, directory))
    directory.keep_all_versions = True  # of what is loaded; of the topic what stands now, whatever is compacted yet
    with progress_bar("reading", 2 * sum(source.size_bytes for source in sources)) as advance:
        history = HistoryInput(sources, intake_settings(policy), directory, go_live_ms, advance)
        facts = list(history.events())
    refused = sorted([*bad, *history.rejects], key=lambda reject: reject.line_no)
    write_rejects(rejects, refused)  # before the load: where they cannot be written, nothing is loaded
    _write(settings, Load(digest, name, go_live_ms, facts), again)
    _tell(history, facts)
    if refused:
        click.echo(f"{counted(len(refused), 'line')} refused, with number and reason in {rejects}", err=True)
    return len(refused)


def write_rejects(path: Path, refused: Sequence[Reject]) -> None:
    """One JSON object a line; without any, a file of an earlier load is emptied, as it speaks of lines mended since.

    Raises:
        SettingsError: The file cannot be written.
    """
    if not refused and not path.exists():
        return
    try:
        path.write_bytes(b"".join(msgspec.json.encode(reject) + b"\n" for reject in refused))
    except OSError as error:
        raise SettingsError(f"{path} cannot be written: {error.strerror or error}; say where with --rejects") from error


async def _know_accounts(settings: Settings, policy: Policy, directory: Directory) -> None:
    """Make the accounts known that the topic holds now; one that was removed or erased is not among them."""
    follower = AccountFollower(settings, directory, through_intake(Intake(intake_settings(policy), Directory())))
    try:
        await follower.start()
    finally:
        await follower.close()


def _write(settings: Settings, load: Load, again: bool) -> None:
    if load.facts:
        with progress_bar("writing", len(load.facts)) as advance:
            asyncio.run(write(settings, load, advance, again=again))


def _tell(history: HistoryInput, facts: Sequence[HistoryEvent]) -> None:
    customers = len({fact.event.customer_id for fact in facts})
    click.echo(f"{counted(len(facts), 'record')} of {counted(customers, 'customer')} loaded as history")
    if history.unmatched:
        click.echo(f"{counted(len(history.unmatched), 'release')} about companies that are no customers: left out")
