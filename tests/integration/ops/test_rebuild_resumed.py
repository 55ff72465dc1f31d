"""A rebuild that was cut short at any step goes on, or is given up, and nothing is lost."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from streams.adapters.app_registry import LIVE, REBUILDING, REPLACED, enter, read_apps
from streams.adapters.rebuilding import abort, begin, finished_before, stop_old
from streams.adapters.topics import ensure_rebuild_topics, exist
from streams.errors import SettingsError
from streams.policy_file import load_policy
from streams.settings import Settings
from tests.integration.ops.test_rebuild import SMALL, env_of, generous, lived, rebuild, waiting_worker
from tests.integration.system.given import shown_states, signals, states
from tests.integration.system.lines import buy
from tests.integration.system.site import Site

__all__ = ["generous", "lived"]


def phases(settings: Settings) -> dict[str, str]:
    return {name: app.phase for name, app in read_apps(settings).items()}


def test_a_switch_that_was_cut_short_after_the_old_one_stopped_is_finished_by_the_next(
    lived: Site, generous: Path
) -> None:
    rebuild(lived, generous)
    settings = Settings.from_env(env_of(lived) | {"KAKUHAN_POLICY": str(generous)})
    stop_old(begin(settings, load_policy(generous).policy_version, None))  # and then the power fails
    assert lived.workers[0].exit() == 0
    assert phases(settings) == {lived.group: REPLACED, settings.app: REBUILDING}
    lived.send(buy(f"D{n}", str(SMALL)) for n in range(20))
    assert f"{settings.app} is live" in rebuild(lived, generous, "--switch")
    after = replace(lived, app="kakuhan-2", workers=[])
    after.workers.append(waiting_worker(lived, generous))
    after.wait_caught_up()
    assert {signal["customer_id"] for signal in signals(after)} == {f"D{n}" for n in range(20)}
    assert len(shown_states(after)) == len(states(after)) == 120
    after.stop()


def test_given_up_after_the_old_one_stopped_the_old_one_is_live_again(lived: Site, generous: Path) -> None:
    rebuild(lived, generous)
    settings = Settings.from_env(env_of(lived) | {"KAKUHAN_POLICY": str(generous)})
    stop_old(begin(settings, load_policy(generous).policy_version, None))
    assert lived.workers[0].exit() == 0
    assert abort(settings) == lived.group
    assert phases(settings) == {lived.group: LIVE}
    lived.send([buy("D1", "5000000")])
    again = lived.worker()
    lived.wait_caught_up()
    assert {signal["customer_id"] for signal in signals(lived)} == {"D1"}
    assert again.alive()  # what was said and taken back stops nobody
    lived.stop()


@pytest.mark.parametrize("keep_old", [False, True])
def test_a_switch_that_was_cut_short_after_the_new_one_went_live_is_tidied_up_by_the_next(
    lived: Site, generous: Path, keep_old: bool
) -> None:
    options = ["--keep-old"] if keep_old else []
    rebuild(lived, generous, "--switch", "--keep-old")
    settings = Settings.from_env(env_of(lived) | {"KAKUHAN_POLICY": str(generous)})
    ensure_rebuild_topics(settings)  # as where the power failed before they were deleted
    old = replace(settings, app=lived.group)
    assert f"{settings.app} is live in place of {lived.group}" in rebuild(lived, generous, "--switch", *options)
    assert not exist(settings, settings.rebuild_signals, settings.rebuild_states)
    assert exist(settings, old.changelog) is keep_old
    assert phases(settings) == {lived.group: REPLACED, settings.app: LIVE}
    with pytest.raises(SettingsError, match="is live already"):
        begin(settings, load_policy(generous).policy_version, None)
    assert finished_before(settings, keep_old) is None


def test_workers_that_start_at_once_agree_since_when_they_are_live(site: Site) -> None:
    from concurrent.futures import ThreadPoolExecutor

    first = Settings.from_env(site.env)
    assert enter(first, "p@1").go_live_ms == 0
    further = Settings.from_env(site.env | {"KAKUHAN_APP": f"{site.group}-2"})
    site.ok("topics", "--app", further.app)
    with ThreadPoolExecutor(4) as pool:
        found = {app.go_live_ms for app in pool.map(lambda _: enter(further, "p@2"), range(4))}
    assert len(found) == 1
    assert enter(further, "p@2").go_live_ms in found
    assert found != {0}
