"""`kakuhan demo`: the whole system on this machine, with a made-up company's data; it must not decide anything."""

from __future__ import annotations

import shutil
import signal
import time
from pathlib import Path
from types import FrameType

import click

from streams.cli.demo_live import SignalPrinter, live_events
from streams.cli.demo_system import DemoSystem
from streams.cli.options import FiniteRange
from streams.local.folders import default_folder
from streams.policy_file import load_policy

DEFAULT_POLICY = Path(__file__).parents[2] / "policies" / "b2b.yaml"

_WHERE = """
Look at it from another terminal, in this folder:
{page}
  customers    redis-cli -u {redis} get kakuhan:customer:K-0001
  segments     redis-cli -u {redis} zrevrange kakuhan:segment:nurture 0 9 withscores
  subscribe    redis-cli -u {redis} subscribe kakuhan:signals:sales kakuhan:signals:cs
  why          {kakuhan} explain K-0001 --redis {redis}
  from Python  KafkaConsumer("signals", bootstrap_servers="{brokers}")   (kafka-python)

{without_cli}Live now. One line a signal: when, severity, for whom, which customer, what, why. Ctrl-C ends it.
"""

_WITHOUT_CLI = """redis-cli comes with Redis and is not on this machine's PATH; the same without it:
  .venv/bin/python -c 'import redis; print(redis.Redis.from_url("{redis}").get("kakuhan:customer:K-0001").decode())'

"""


@click.command("demo")
@click.option("--seed", default=1, show_default=True, help="The same seed makes the same company.")
@click.option("--accounts", default=500, show_default=True, type=click.IntRange(20), help="How many customers.")
@click.option("--pace", default=2.0, show_default=True, type=FiniteRange(0.1, 50), help="Live events a second.")
@click.option("--seconds", type=FiniteRange(min=0), help="Stop after so long.  [default: at Ctrl-C]")
@click.option("--fresh", is_flag=True, help="Forget earlier runs and load the history again.")
@click.option("--no-page", is_flag=True, help="Without the web page.")
@click.option("--policy", "policy_file", metavar="FILE", help="Decide by this policy.  [default: policies/b2b.yaml]")
def demo(
    seed: int,
    accounts: int,
    pace: float,
    seconds: float | None,
    fresh: bool,
    no_page: bool,
    policy_file: str | None,
) -> None:
    """Start Kafka and Redis, load 18 months of a fictional company's history, and go live.

    Prints every signal as it happens, with its reason. The data stays in .kakuhan/demo for the rest of the day, so
    that another run goes on at once; Ctrl-C stops all processes.
    """
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _interrupt)
    folder, file = default_folder().with_name("demo"), Path(policy_file or DEFAULT_POLICY)
    system = DemoSystem(folder, file, load_policy(file), (seed, accounts))
    try:
        with system.running(fresh=fresh):
            system.load_once()
            with system.showing(not no_page):
                _live(system, pace, seconds)
            click.echo("Stopping …")
    except KeyboardInterrupt:
        click.echo("\nStopped.")
    click.echo(f"The data is kept in {folder}; --fresh begins anew.")


def _live(system: DemoSystem, pace: float, seconds: float | None) -> None:
    until_s = None if seconds is None else time.monotonic() + seconds
    settings = system.settings
    page = f"  the page     {system.page}" if system.page else ""
    without_cli = "" if shutil.which("redis-cli") else _WITHOUT_CLI.format(redis=settings.redis_url)
    where = _WHERE.format(
        page=page,
        redis=settings.redis_url,
        brokers=settings.brokers,
        kakuhan=".venv/bin/kakuhan",
        without_cli=without_cli,
    )
    with system.client() as client, live_events(settings, system.seed, system.accounts, pace):
        printer = SignalPrinter(client, settings, system.policy)
        click.echo(where.replace("folder:\n\n", "folder:\n"))
        while until_s is None or time.monotonic() < until_s:
            printer.print_next()
            system.look()


def _interrupt(number: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt
