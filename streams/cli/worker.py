"""`kakuhan worker`: takes events in and decides; it must not decide anything itself."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import click

from schemas.policy import Policy
from streams.adapters.app_registry import REBUILDING, App, enter
from streams.app import create_app
from streams.cli.options import settings_of, settings_options
from streams.cli.supervisor import PROCESS_VARIABLE, Supervisor
from streams.engine.fatal import EXIT_FATAL
from streams.engine.run import run
from streams.errors import BrokerError, SettingsError
from streams.policy_file import load_policy
from streams.settings import Settings

LOOK_EVERY_S = 1.0


@click.command("worker")
@settings_options("brokers", "redis_url", "app", "topic_prefix", "redis_prefix", "policy")
@click.option(
    "--only", type=click.Choice(["intake", "fold"]), help="Do only one half; another worker must do the other."
)
@click.option(
    "--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes that share the partitions."
)
@click.option("--aside", is_flag=True, help="Decide without showing it to anybody, as `kakuhan rebuild` lets it.")
@click.option(
    "--log-level",
    type=click.Choice(["DEBUG", "INFO", "WARNING", "ERROR"], case_sensitive=False),
    default="WARNING",
    show_default=True,
    help="What is told of its work.",
)
def worker(only: str | None, processes: int, aside: bool, log_level: str, **options: Any) -> None:
    """Take events in, keep every customer's state, emit signals, and show all of it in Redis.

    Runs until Ctrl-C or SIGTERM; `kakuhan topics` first. Several processes or machines share the partitions. With
    --processes a process that dies is started again, and SIGHUP restarts one after the other. A worker of an app that
    is just being rebuilt waits until that has taken over. Exit status 70 says that a restart may help.
    """
    settings = settings_of(**options)
    policy = load_policy(settings.policy)
    with _started_again_where_kafka_is_away():
        sys.exit(_work(settings, policy, only, processes, aside, log_level))


def _work(settings: Settings, policy: Policy, only: str | None, processes: int, aside: bool, log_level: str) -> int:
    registered = _await_turn(settings, policy, aside, outlasts_outages=processes > 1)
    if processes > 1:
        return _supervise(processes)
    app = create_app(
        settings,
        policy,
        intake=only != "fold" and not aside,
        fold=only != "intake",
        go_live_ms=registered.go_live_ms,
        aside=aside,
    )
    click.echo(f"worker of app {settings.app}, policy {policy.policy_version}, Kafka {settings.brokers}", err=True)
    return run(app, log_level)


@contextmanager
def _started_again_where_kafka_is_away() -> Iterator[None]:
    """Status 1 ends the supervisor as well; an outage of Kafka is no reason to, so there it is that of a crash."""
    try:
        yield
    except BrokerError as error:
        if PROCESS_VARIABLE not in os.environ:
            raise
        click.echo(f"kakuhan: {error}", err=True)
        sys.exit(EXIT_FATAL)


def _await_turn(settings: Settings, policy: Policy, aside: bool, outlasts_outages: bool) -> App:
    """How the app stands, once its workers may run.

    Raises:
        TopicsError: Topics are missing, or the app was replaced.
        SettingsError: It is to run aside and is not being rebuilt.
        BrokerError: Kafka is away, and nobody is to wait for it.
    """
    registered = _entered(settings, policy) if outlasts_outages else enter(settings, policy.policy_version)
    if aside and registered.phase != REBUILDING:
        raise SettingsError(f"the app {settings.app} is not being rebuilt: start that with `kakuhan rebuild`")
    if registered.phase == REBUILDING and not aside:
        click.echo(
            f"the app {settings.app} is being rebuilt beside {registered.other}: waiting for the switch", err=True
        )
    while registered.phase == REBUILDING and not aside:
        time.sleep(LOOK_EVERY_S)
        registered = _entered(settings, policy)
    return registered


def _entered(settings: Settings, policy: Policy) -> App:
    """How the app stands, once Kafka says so; whoever waits is told at the beginning of an outage."""
    is_told = False
    while True:
        try:
            return enter(settings, policy.policy_version)
        except BrokerError as error:
            if not is_told:
                click.echo(f"kakuhan: {error}; trying again until it does", err=True)
            is_told = True
            time.sleep(LOOK_EVERY_S)


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
