"""`kakuhan worker`: takes events in and decides; it must not decide anything itself."""

from __future__ import annotations

import sys
from typing import Any

import click

from streams.app import create_app
from streams.cli.options import settings_of, settings_options
from streams.cli.supervisor import Supervisor
from streams.engine.run import run
from streams.policy_file import load_policy


@click.command("worker")
@settings_options("brokers", "redis_url", "app", "topic_prefix", "redis_prefix", "policy")
@click.option(
    "--only", type=click.Choice(["intake", "fold"]), help="Do only one half; another worker must do the other."
)
@click.option(
    "--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes that share the partitions."
)
@click.option("--log-level", default="WARNING", show_default=True, help="DEBUG, INFO, WARNING or ERROR.")
def worker(only: str | None, processes: int, log_level: str, **options: Any) -> None:
    """Take events in, keep every customer's state, emit signals, and show all of it in Redis.

    Runs until Ctrl-C or SIGTERM; `kakuhan topics` first. Several processes or machines share the partitions. With
    --processes a process that dies is started again, and SIGHUP restarts one after the other.
    """
    settings = settings_of(**options)
    policy = load_policy(settings.policy)
    if processes > 1:
        sys.exit(_supervise(processes))
    app = create_app(settings, policy, intake=only != "fold", fold=only != "intake")
    click.echo(f"worker of app {settings.app}, policy {policy.policy_version}, Kafka {settings.brokers}", err=True)
    sys.exit(run(app, log_level.upper()))


def _supervise(processes: int) -> int:
    """The same command line for each process, but for their number; the exit status."""
    arguments = without_option(sys.argv[1:], "--processes")
    command = [sys.executable, "-m", "streams.cli.main", *arguments]
    return Supervisor(command, processes, say=lambda line: click.echo(f"kakuhan: {line}", err=True)).run()


def without_option(arguments: list[str], name: str) -> list[str]:
    """Command line arguments without an option and its value, in either way of writing them."""
    kept, skip = [], False
    for argument in arguments:
        if not skip and argument != name and not argument.startswith(f"{name}="):
            kept.append(argument)
        skip = argument == name
    return kept
