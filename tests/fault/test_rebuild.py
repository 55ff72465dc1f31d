"""A rebuild is killed half way, and again while it switches, its workers and the live ones die: no gap, no flood."""

from __future__ import annotations

import signal
import subprocess
from dataclasses import replace
from pathlib import Path

import psutil
import pytest

from streams.local import LocalStack
from tests.fault.bench import POLICY, Bench, bench
from tests.fault.checker.verdict import Checker, Verdict
from tests.fault.concluding import assert_exact
from tests.fault.crew import Crew

TEST_S = 600
POLICY_ONLY = (".policy_version:", ".historical:")  # what two apps may say differently of one signal


class Successor(Checker):
    """Judges an app that has taken over from another one, which decided alike under another policy's name."""

    def check(self, *, view: bool = True) -> Verdict:
        verdict = super().check(view=view)
        told = verdict.wrong["unequal signals"]
        verdict.wrong["unequal signals"] = [line for line in told if not any(name in line for name in POLICY_ONLY)]
        return verdict


@pytest.mark.timeout(TEST_S)
def test_a_rebuild_killed_half_way_and_while_it_switches(stack: LocalStack, tmp_path: Path) -> None:
    policy = tmp_path / "again.yaml"  # decides alike, but is another one to all that compare versions
    policy.write_text(POLICY.read_text().replace("version: faults", "version: again"))
    with bench(stack, tmp_path, seed=16, workers=1, most=400) as run:
        app = f"{run.site.group}-2"
        command = ("rebuild", "--app", app, "--policy", str(policy))
        run.decided(60)
        _kill_rebuilding(run, run.site.begin(*command), app)
        for worker in run.crew.alive():
            run.crew.kill(worker)
        run.wait(lambda: run.crew.starts > run.crew.size and bool(run.crew.alive()), "a worker that is alive")
        run.crew.halt()  # the workers of the old app are to end, and nobody to replace them
        _kill_switching(run, run.site.begin(*command, "--switch"))
        assert "is live" in run.site.ok(*command, "--switch")
        _succeed(run, policy)
        run.recovered("a switch")
        verdict = assert_exact(run, cold=False)
        assert verdict.counts["signals repeated"] < verdict.counts["signals expected"] / 4, "the past was told again"
        assert verdict.counts["signals by time"] > 0


def _kill_rebuilding(run: Bench, rebuild: subprocess.Popen[bytes], app: str) -> None:
    """As soon as states are written aside; what folds there goes with it."""
    changelog = run.site.topic(f"{app}-customers-changelog")

    def begun() -> bool:
        assert rebuild.poll() is None, _said(run)
        return changelog in run.site.kafka.topics(changelog) and sum(run.site.kafka.ends(changelog).values()) > 0

    run.wait(begun, "states of the rebuild")
    folding = psutil.Process(rebuild.pid).children(recursive=True)
    assert folding
    rebuild.send_signal(signal.SIGKILL)
    assert rebuild.wait() == -signal.SIGKILL
    run.wait(lambda: not any(map(_alive, folding)), "the end of what folded for it")


def _kill_switching(run: Bench, rebuild: subprocess.Popen[bytes]) -> None:
    """What folds for it first, and itself once the old app has stopped."""
    run.wait(lambda: bool(psutil.Process(rebuild.pid).children()), "somebody who folds")
    for folding in psutil.Process(rebuild.pid).children():
        folding.kill()
    run.wait(lambda: rebuild.poll() is not None or "have stopped" in _said(run), "the end of the old app")
    rebuild.send_signal(signal.SIGKILL)
    assert rebuild.wait() == -signal.SIGKILL, "it was over before it could be killed: the run proves nothing"


def _alive(process: psutil.Process) -> bool:
    return process.is_running() and process.status() != psutil.STATUS_ZOMBIE


def _said(run: Bench) -> str:
    return (run.site.folder / "others.log").read_text()


def _succeed(run: Bench, policy: Path) -> None:
    """From here on the bench is that of the new app."""
    for worker in run.site.workers:
        assert not worker.alive(), "the old app goes on"
    run.site.app, run.site.policy = f"{run.site.app}-2", policy
    known = {"starts": run.crew.starts, "exits": run.crew.exits}
    run.crew = Crew(run.site, 1, dict(run.crew.env), **known)  # type: ignore[arg-type]
    run.crew.start()
    run.checker.close()
    run.checker = Successor(replace(run.checker.place, app=run.site.group, policy=policy))
