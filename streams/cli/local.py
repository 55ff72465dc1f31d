"""`kakuhan local`: the embedded Kafka and Redis alone; it must not know topics or customers."""

from __future__ import annotations

import shlex
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click

from streams.errors import LocalStackError
from streams.local import LocalStack, detached, folders, jars, ports, running
from streams.local.running import Running
from streams.local.stack import KAFKA_PORT, REDIS_PORT

LOOK_EVERY_S = 0.2  # how soon a program that ended by itself is noticed
PLAIN_STEPS = 4  # lines that a download prints where nobody watches

_folder = click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Where the data is kept.  [default: .kakuhan/local in $KAKUHAN_HOME or the current folder]",
)


@click.group("local")
def local() -> None:
    """Run Apache Kafka and Redis on this machine, without Docker or Java.

    Both listen on 127.0.0.1 only and end with the command that started them. The first start downloads Kafka
    (45 MB, checked against pinned SHA-256 sums) into ~/.cache/kakuhan.
    """


@local.command("up")
@_folder
@click.option("--kafka-port", default=KAFKA_PORT, show_default=True, help="0 takes any free port.")
@click.option("--redis-port", default=REDIS_PORT, show_default=True, help="0 takes any free port.")
@click.option("--detach", is_flag=True, help="Run in the background, until `kakuhan local down`.")
@click.option("--fresh", is_flag=True, help="Delete the data of earlier runs first; asks before.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def up(folder: Path | None, kafka_port: int, redis_port: int, detach: bool, fresh: bool, yes: bool) -> None:
    """Start both, print their addresses, and keep them until Ctrl-C."""
    folder = _resolved(folder)
    if fresh and not yes:
        _confirm_deletion(folder)
    found = running.find(folder)
    if found is not None and detach and not fresh:
        click.echo("Kafka and Redis run already.")
        _show(found, folder)
        return
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    signal.signal(signal.SIGHUP, signal.default_int_handler)
    with download_progress() as progress:
        jars.fetch(jars.default_folder(), jars.locked(), progress)
    if detach:
        _show(detached.start(folder, kafka_port, redis_port, fresh=fresh), folder)
        elsewhere = "" if folder == folders.default_folder().absolute() else f" --folder {shlex.quote(str(folder))}"
        click.echo(f"`kakuhan local down{elsewhere}` stops both.")
    else:
        _run(LocalStack(folder, kafka_port=kafka_port, redis_port=redis_port, fresh=fresh))


@local.command("fetch")
def fetch() -> None:
    """Download Kafka now, so that the first start needs no network."""
    with download_progress() as progress:
        jars.fetch(jars.default_folder(), jars.locked(), progress)
    click.echo(f"Kafka is in {jars.default_folder()}.")


@local.command("down")
@_folder
def down(folder: Path | None) -> None:
    """Stop both, wherever they were started; the data stays."""
    folder = _resolved(folder)
    found = running.find(folder)
    if found is None:
        click.echo(f"Nothing runs in {folder}.")
        return
    running.end(folder, found)
    click.echo(f"Stopped. The data stays in {folder}.")


@local.command("status")
@_folder
def status(folder: Path | None) -> None:
    """Say whether both run, and where; exit code 0 if they do, 1 if not."""
    folder = _resolved(folder)
    found = running.find(folder)
    if found is None:
        click.echo(f"starting or stopping in {folder}" if folders.is_held(folder) else f"down ({folder})")
        sys.exit(1)
    silent = [name for name, address in _addresses(found) if not ports.answers(_port(address))]
    click.echo(f"not answering: {', '.join(silent)}" if silent else "up")
    _show(found, folder)
    if silent:
        sys.exit(1)


@contextmanager
def download_progress() -> Iterator[jars.Progress]:
    """Show the first download of Kafka on standard error: a bar if a person watches, else a few plain lines."""
    if sys.stderr.isatty():
        with _bar() as progress:
            yield progress
    else:
        yield _plain_lines()


@contextmanager
def _bar() -> Iterator[jars.Progress]:
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("Downloading Kafka"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    with Progress(*columns, transient=True, console=Console(stderr=True)) as bar:
        task = bar.add_task("", total=None, visible=False)
        yield lambda done, total: bar.update(task, completed=done, total=total, visible=True)


def _plain_lines() -> jars.Progress:
    said = 0

    def say(done: int, total: int) -> None:
        nonlocal said
        while total and done * PLAIN_STEPS >= total * (said + 1):
            said += 1
            click.echo(f"Downloading Kafka: {done / 1e6:.0f} of {total / 1e6:.0f} MB", err=True)

    return say


def _run(stack: LocalStack) -> None:
    try:
        with stack:
            found = running.find(stack.folder)
            if found is not None:
                _show(found, stack.folder)
            click.echo("Ctrl-C stops both.")
            _watch(stack)
    except KeyboardInterrupt:
        if not hasattr(stack, "kafka"):  # it was still starting
            raise
        click.echo(f"Stopped. The data stays in {stack.folder}.")


def _watch(stack: LocalStack) -> None:
    while not (failed := stack.failed()):
        time.sleep(LOOK_EVERY_S)
    raise LocalStackError(f"{failed.name} ended by itself:\n{failed.last_words()}")


def _show(found: Running, folder: Path) -> None:
    width = max(len(address) for _, address in _addresses(found))
    for (name, address), pid in zip(_addresses(found), (found.kafka, found.redis), strict=True):
        click.echo(f"{name}  {address:{width}}  process {pid}")
    click.echo(f"Data   {folder}")
    click.echo(f"Use    export KAKUHAN_BROKERS={found.brokers} KAKUHAN_REDIS_URL={found.redis_url}")


def _addresses(found: Running) -> list[tuple[str, str]]:
    return [("Kafka", found.brokers), ("Redis", found.redis_url)]


def _port(address: str) -> int:
    return int(address.removesuffix("/0").rpartition(":")[2])


def _resolved(folder: Path | None) -> Path:
    return (folder or folders.default_folder()).absolute()


def _confirm_deletion(folder: Path) -> None:
    if not any((folder / name).exists() for name in ("kafka", "redis")):
        return
    if not sys.stdin.isatty():
        raise click.UsageError(f"--fresh deletes the data in {folder}; say --yes with it where nobody can be asked")
    click.confirm(f"Delete all data of Kafka and Redis in {folder}?", abort=True)
