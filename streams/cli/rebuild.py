"""`kakuhan rebuild`: all states decided anew beside the running system, compared, and switched over to.

It must not know how anything is decided or handed over.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import click

from streams.adapters.app_registry import now_ms
from streams.adapters.comparison import Comparison, Sides, compare
from streams.adapters.facets import instant_text
from streams.adapters.fold_progress import FoldProgress
from streams.adapters.rebuilding import Rebuild, abort, begin, finish, finished_before, stop_old
from streams.cli.comparison_text import comparison_lines
from streams.cli.options import settings_of, settings_options
from streams.cli.progress import progress_bar
from streams.cli.supervisor import Supervisor
from streams.errors import EngineError, SettingsError
from streams.policy_file import load_policy
from streams.settings import Settings, variable

DAY_MS = 86_400_000
LOOK_EVERY_S = 0.5
NAMES = ("brokers", "redis_url", "app", "topic_prefix", "redis_prefix", "policy")


@click.command("rebuild")
@settings_options(*NAMES)
@click.option("--old", metavar="NAME", help="The app to be replaced.  [default: the one that is live]")
@click.option("--processes", type=click.IntRange(1), default=1, show_default=True, help="Processes that fold.")
@click.option("--days", type=click.IntRange(1), default=30, show_default=True, help="Compare signals of these days.")
@click.option("--sample", type=click.IntRange(0), default=20, show_default=True, help="Differing customers to name.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="The comparison as JSON.")
@click.option("--switch", is_flag=True, help="Hand over to the rebuilt app when it has caught up.")
@click.option("--keep-old", is_flag=True, help="Leave the old app's states; erasures do not reach them any more.")
@click.option("--abort", "give_up", is_flag=True, help="Give the rebuild up: the old app stays, the new one goes.")
def rebuild(
    old: str | None,
    processes: int,
    days: int,
    sample: int,
    out: Path | None,
    switch: bool,
    keep_old: bool,
    give_up: bool,
    **options: Any,
) -> None:
    """Decide the log anew under another app name (--app) and policy (--policy), beside the running app.

    Nobody sees anything of it but the comparison that is printed. With --switch the old app's workers stop, and
    workers of the new app go live; start those before or after, they wait for it. Nothing of the past goes to the
    live feeds, nothing new is left out.
    """
    settings = settings_of(**options)
    if give_up:
        click.echo(f"given up; {abort(settings)} is live as before")
        return
    policy = load_policy(settings.policy)
    if replaced := finished_before(settings, keep_old):
        click.echo(f"{settings.app} is live in place of {replaced}; what was left of its rebuild is deleted now")
        return
    plan = begin(settings, policy.policy_version, old)
    click.echo(f"{plan.new.app} ({policy.policy_version}) is decided beside {plan.old.app}")
    progress = FoldProgress(plan.new)
    with _folding(plan.new, processes) as look:
        _catch_up(progress, look)
        _report(plan, days, sample, out)
        if not switch:
            click.echo(
                f"Nothing is switched yet: the same with --switch does it, --app {plan.new.app} --abort gives it up"
            )
            return
        began_s = time.monotonic()
        stop_old(plan)
        click.echo(f"the workers of {plan.old.app} have stopped")
        progress.aim_anew()
        _catch_up(progress, look)
    done = finish(plan, keep_old)
    click.echo(
        f"{plan.new.app} is live: {done.states:,} public states shown anew, {done.signals:,} signals published, "
        f"{time.monotonic() - began_s:.1f} s without decisions"
    )
    click.echo(f"Workers: kakuhan worker --app {plan.new.app} --policy {plan.new.policy}")


@contextmanager
def _folding(settings: Settings, processes: int) -> Iterator[Callable[[], None]]:
    """Workers that decide aside while the block runs; what is yielded starts again those that died."""
    environment = {variable(name): str(getattr(settings, name)) for name in NAMES}
    command = [sys.executable, "-m", "streams.cli.main", "worker", "--aside"]
    supervisor = Supervisor(
        command, processes, environment, None, lambda line: click.echo(f"kakuhan: {line}", err=True)
    )

    def look() -> None:
        if supervisor.look() is not None:
            raise EngineError("the rebuild cannot go on, see above")

    supervisor.start()
    try:
        yield look
    finally:
        supervisor.stop()


def _catch_up(progress: FoldProgress, look: Callable[[], None]) -> None:
    """Wait until all that the log holds by now is decided aside, with a bar for who watches."""
    begun = asyncio.run(progress.look())
    with progress_bar("deciding", begun.records) as advance:
        asyncio.run(_watched(progress, look, advance))


async def _watched(progress: FoldProgress, look: Callable[[], None], advance: Callable[[int], None]) -> None:
    done = 0
    while not (standing := await progress.look()).is_up_to_date:
        advance(standing.folded - done)
        done = standing.folded
        look()
        await asyncio.sleep(LOOK_EVERY_S)


def _report(plan: Rebuild, days: int, sample: int, out: Path | None) -> None:
    old, new = plan.old, plan.new
    sides = Sides(old.customer_states, new.rebuild_states, old.signals, new.rebuild_signals)
    found = asyncio.run(compare(new.brokers, sides, instant_text(now_ms() - days * DAY_MS), sample))
    for line in comparison_lines(found, old.app, new.app, days):
        click.echo(line)
    if out is not None:
        _write(out, found)


def _write(out: Path, found: Comparison) -> None:
    try:
        out.write_text(json.dumps(found.as_dict(), ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    except OSError as error:
        raise SettingsError(f"{out} cannot be written: {error.strerror or error}") from error
