"""`kakuhan worker`: takes events in and decides; it must not decide anything itself."""

from __future__ import annotations

import sys
from typing import Any

import click

from streams.app import create_app
from streams.cli.options import settings_of, settings_options
from streams.engine.run import run
from streams.policy_file import load_policy


@click.command("worker")
@settings_options("brokers", "redis_url", "app", "topic_prefix", "redis_prefix", "policy")
@click.option(
    "--only", type=click.Choice(["intake", "fold"]), help="Do only one half; another worker must do the other."
)
@click.option("--log-level", default="WARNING", show_default=True, help="DEBUG, INFO, WARNING or ERROR.")
def worker(only: str | None, log_level: str, **options: Any) -> None:
    """Take events in, keep every customer's state, emit signals, and show all of it in Redis.

    Runs until Ctrl-C or SIGTERM. Start as many as there are partitions to share; `kakuhan topics` first.
    """
    settings = settings_of(**options)
    policy = load_policy(settings.policy)
    app = create_app(settings, policy, intake=only != "fold", fold=only != "intake")
    click.echo(f"worker of app {settings.app}, policy {policy.policy_version}, Kafka {settings.brokers}", err=True)
    sys.exit(run(app, log_level.upper()))
