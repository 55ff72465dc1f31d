"""`kakuhan erase`: forgets a customer; it must not know where customers are kept."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from streams.adapters.erasure import await_applied, held_in_redis
from streams.adapters.erasure import erase as erase_customer
from streams.cli.customer_argument import customer_argument
from streams.cli.options import FiniteRange, settings_of, settings_options
from streams.cli.plain_text import counted
from streams.errors import ViewError
from streams.settings import Settings

WAIT_S = 60.0  # a worker that is up needs about two seconds


@click.command("erase")
@customer_argument
@settings_options("brokers", "redis_url", "app", "topic_prefix", "redis_prefix")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait-s", type=FiniteRange(0), default=WAIT_S, show_default=True, help="How long to wait for it.")
@click.pass_context
def erase(context: click.Context, /, customer: str, yes: bool, wait_s: float, **options: Any) -> None:
    """Erase CUSTOMER: state, public state, Redis, account, dead letters, and what is personal in the log.

    What happened before does not come back, whoever sends it again; what happens from now on makes a new customer.
    docs/operations.md says what stays in the sources and for how long. Exit status 1 if no worker has applied it yet.
    """
    settings = settings_of(**options)
    unknown = "" if _is_shown(settings, customer) else "Redis shows no such customer; is the id right? "
    if not yes:
        click.confirm(f"{unknown}Erase customer {customer} for good?", abort=True)
    done = erase_customer(settings, customer)
    when = datetime.fromtimestamp(done.at_ms / 1000, UTC).isoformat(timespec="milliseconds")
    click.echo(f"{customer} is erased as of {when} ({settings.events}[{done.partition}]@{done.offset})")
    click.echo(f"  {counted(done.keys, 'key')} destroyed, {counted(done.letters, 'dead letter')} deleted")
    if await_applied(settings, done, wait_s):
        click.echo("  state, public state and Redis have let go of it")
        if unknown and not (done.keys or done.letters):
            click.echo("  nothing was known of it: if the id was mistyped, the customer meant is still there", err=True)
        return
    click.echo(
        f"  no worker of app {settings.app} has applied it within {wait_s:.0f} s; it will when it runs", err=True
    )
    context.exit(1)


def _is_shown(settings: Settings, customer: str) -> bool:
    """Whether Redis shows the customer; where nobody can say, it may."""
    try:
        return held_in_redis(settings, customer)
    except ViewError:
        return True
