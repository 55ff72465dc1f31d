"""The steps of a rebuild: begun beside the running application, switched over to, or given up.

It must not know how the log is folded, nor who watches. What has been reached is durable in the topic `apps`, so that
every step goes on where it was cut short.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass, replace

from streams.adapters.app_registry import LIVE, REBUILDING, REPLACED, App, now_ms, read_apps, write_app
from streams.adapters.fold_progress import FoldProgress
from streams.adapters.handover import HandedOver, hand_over, members_of, move_offsets
from streams.adapters.topics import delete_topics, ensure_rebuild_topics, ensure_topics, exist
from streams.errors import SettingsError, TopicsError
from streams.settings import Settings

# Workers that are told to stop finish their chunks; one that was killed is forgotten after its session.
STOPS_WITHIN_S = 60.0
LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Rebuild:
    """The settings of the new application, and those of the old one over the same topics."""

    new: Settings
    old: Settings


def begin(settings: Settings, policy_version: str, old_app: str | None) -> Rebuild:
    """Register the application of these settings as being rebuilt and make its topics, unless that was done before.

    Raises:
        SettingsError: The name is that of an application that runs or ran, or nobody knows which one is the old.
        TopicsError: Topics are not as they should be, or it was begun with another policy.
        BrokerError: Kafka is away.
    """
    apps = read_apps(settings)
    mine = apps.get(settings.app)
    if mine is None:
        mine = _registered(settings, policy_version, _old(apps, settings.app, old_app))
    if mine.phase != REBUILDING or mine.other is None:
        raise SettingsError(
            f"the app {settings.app} is {mine.phase} already: give the rebuilt one a new name with --app, as "
            f"{settings.app}-2"
        )
    if mine.policy_version != policy_version:
        raise TopicsError(
            f"the rebuild of {settings.app} was begun with the policy {mine.policy_version}, this is {policy_version}: "
            "go on with that one, or give it up with --abort"
        )
    report = ensure_topics(settings)
    if not report.ok:
        raise TopicsError("; ".join(difference.line() for difference in report.differences if difference.serious))
    ensure_rebuild_topics(settings)
    return Rebuild(settings, replace(settings, app=mine.other))


def stop_old(rebuild: Rebuild) -> None:
    """Let the old application's workers stop for good, and wait until they have.

    Raises:
        TopicsError: They do not all stop; those that have may be started again.
        BrokerError: Kafka is away.
    """
    apps = read_apps(rebuild.new)
    old = apps.get(rebuild.old.app) or App(phase=LIVE, go_live_ms=0, policy_version="", at_ms=now_ms())
    write_app(rebuild.old, rebuild.old.app, old.now(REPLACED, rebuild.new.app))
    within_s = max(STOPS_WITHIN_S, 2 * rebuild.old.session_timeout_s)
    until_s = time.monotonic() + within_s
    while many := members_of(rebuild.old):
        if time.monotonic() > until_s:
            write_app(rebuild.old, rebuild.old.app, old.now(LIVE))
            raise TopicsError(
                f"{many} workers of {rebuild.old.app} have not stopped within {within_s:.0f} s; nothing is switched. "
                f"Those that have stopped must be started again: kakuhan worker --app {rebuild.old.app}"
            )
        time.sleep(LOOK_EVERY_S)


def finish(rebuild: Rebuild, keep_old: bool) -> HandedOver:
    """Hand over, while no worker of either application runs, and let the new one be live.

    Raises:
        BrokerError: Kafka is away or refused; finish again.
        TopicsError: Workers of the new application run.
    """
    if many := members_of(rebuild.new):
        raise TopicsError(f"{many} workers of {rebuild.new.app} run while it takes over: stop them and switch again")
    handed_over = asyncio.run(_hand_over(rebuild))
    move_offsets(rebuild.old, rebuild.new)
    mine = read_apps(rebuild.new)[rebuild.new.app]
    write_app(rebuild.new, rebuild.new.app, mine.now(LIVE))
    _tidy(rebuild, keep_old)
    return handed_over


def finished_before(settings: Settings, keep_old: bool) -> str | None:
    """Clean up after a rebuild that went live and was cut short then; the app it replaced, None if there is none such.

    Raises:
        BrokerError: Kafka is away.
    """
    apps = read_apps(settings)
    mine = apps.get(settings.app)
    old = next((name for name, app in apps.items() if app.phase == REPLACED and app.other == settings.app), None)
    if mine is None or mine.phase != LIVE or old is None or not exist(settings, *_rebuild_topics(settings)):
        return None
    _tidy(Rebuild(settings, replace(settings, app=old)), keep_old)
    return old


def _tidy(rebuild: Rebuild, keep_old: bool) -> None:
    """Delete what nobody needs any more; the topics of the rebuild last, as they tell that this was not done."""
    if not keep_old:
        delete_topics(rebuild.old, rebuild.old.changelog)
    forget_rebuild_topics(rebuild.new)


def abort(settings: Settings) -> str:
    """Give a rebuild up: the old application may run (again), nothing is left of the new one; the old one's name.

    Raises:
        SettingsError: The application is not being rebuilt.
        TopicsError: Workers of it run.
        BrokerError: Kafka is away.
    """
    apps = read_apps(settings)
    mine = apps.get(settings.app)
    if mine is None or mine.phase != REBUILDING or mine.other is None:
        raise SettingsError(f"the app {settings.app} is not being rebuilt")
    if members_of(settings):
        raise TopicsError(f"workers of {settings.app} run: end `kakuhan rebuild` first")
    old = apps.get(mine.other)
    if old is not None and old.phase == REPLACED and old.other == settings.app:
        write_app(settings, mine.other, old.now(LIVE))
    delete_topics(settings, settings.changelog)
    forget_rebuild_topics(settings)
    write_app(settings, settings.app, None)
    return mine.other


def forget_rebuild_topics(settings: Settings) -> None:
    """Delete what was only for the comparison."""
    delete_topics(settings, *_rebuild_topics(settings))


def _rebuild_topics(settings: Settings) -> tuple[str, str]:
    return settings.rebuild_signals, settings.rebuild_states


async def _hand_over(rebuild: Rebuild) -> HandedOver:
    stopped = FoldProgress(rebuild.old)
    await stopped.look()
    return await hand_over(rebuild.old, rebuild.new, stopped.positions(), stopped.overdue())


def _registered(settings: Settings, policy_version: str, old: str) -> App:
    at_ms = now_ms()
    app = App(phase=REBUILDING, go_live_ms=at_ms, policy_version=policy_version, at_ms=at_ms, other=old)
    write_app(settings, settings.app, app)
    return app


def _old(apps: dict[str, App], new: str, named: str | None) -> str:
    """The application that is to be replaced: the one named, or the only one that is live."""
    live = sorted(name for name, app in apps.items() if app.phase == LIVE and name != new)
    if named is None and len(live) == 1:
        return live[0]
    if named is None or named == new:
        found = ", ".join(live) or "none"
        raise SettingsError(f"say with --old which app is to be replaced (live: {found})")
    if named not in live:
        raise SettingsError(f"the app {named} is not live (live: {', '.join(live) or 'none'})")
    return named
