"""A bed for engine tests: topics, worker processes on them, and whether what they made is what the log explains."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
import warnings
from collections import defaultdict
from pathlib import Path
from typing import Any

from tests.integration.engine.recomputation import recompute
from tests.integration.engine.topics import Topics, wait_until

with warnings.catch_warnings():  # kafka-python 3.0 reads its own files in a way that Python 3.11 and 3.12 deprecate
    warnings.simplefilter("ignore", DeprecationWarning)
    from kafka.admin import KafkaAdminClient, MemberToRemove

ROOT = Path(__file__).parents[3]
TOY = Path(__file__).with_name("toy.py")
OWN = ("events", "changelog", "signals", "states")
CAUGHT_UP_S = 60.0  # a busy machine; a test that needs it is about to fail


class Worker:
    """A process that runs the toy worker; its output goes to a file."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.log = log
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [sys.executable, str(TOY)], cwd=ROOT, stdout=out, stderr=out, env=os.environ | env
            )

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def signal(self, number: int) -> None:
        self.process.send_signal(number)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self, within_s: float = 40.0) -> int:
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        return self.exit(within_s)

    def exit(self, within_s: float = 40.0) -> int:
        try:
            code = self.process.wait(within_s)
            print(f"--- {self.log.name} ended with {code}\n{self.text()[-3_000:]}")  # shown when the test fails
            return code
        except subprocess.TimeoutExpired:
            self.process.send_signal(signal.SIGUSR1)  # it tells where its threads and tasks are
            time.sleep(1)
            self.kill()
            raise AssertionError(f"the worker did not end within {within_s} s:\n{self.text()}") from None


class Bed(Topics):
    """Topics with one prefix on one broker, and the workers on them."""

    def __init__(self, brokers: str, prefix: str, app: str, folder: Path, partitions: int = 2) -> None:
        super().__init__(brokers, prefix, app, partitions)
        self.app, self.folder = app, folder
        self.env: dict[str, str] = {}
        self.workers: list[Worker] = []

    def worker(self, **env: str) -> Worker:
        mine = {
            "TOY_BROKERS": self.brokers, "TOY_PREFIX": self.prefix, "TOY_APP": self.app, "PYTHONPATH": str(ROOT),
            "TOY_LOG": "INFO",
        }  # fmt: skip
        worker = Worker(mine | self.env | env, self.folder / f"worker-{len(self.workers)}.log")
        self.workers.append(worker)
        return worker

    def close(self) -> None:
        for worker in self.workers:
            if worker.alive():
                worker.signal(signal.SIGCONT)
                worker.kill()
        self.remove()

    def members(self) -> list[str]:
        """Ids of all that the broker holds for members of the group."""
        admin = KafkaAdminClient(bootstrap_servers=self.brokers)
        try:
            return [m["member_id"] for m in admin.describe_groups([self.app])[self.app]["members"]]
        finally:
            admin.close()

    def bury(self) -> None:
        """Let the group forget its killed members at once instead of after their session timeout."""
        assert not any(worker.alive() for worker in self.workers)
        if members := self.members():
            admin = KafkaAdminClient(bootstrap_servers=self.brokers)
            try:
                admin.remove_group_members(self.app, [MemberToRemove(member_id=member) for member in members])
            finally:
                admin.close()

    def wait_caught_up(self, *names: str) -> None:
        # seen once is enough: the worker may append a clock record at any moment
        caught_up = wait_until(lambda: self.caught_up(*names) or self._dead(), CAUGHT_UP_S, 0.2)
        assert not self._dead(), self._logs()
        assert caught_up, self._logs()

    def _dead(self) -> bool:
        return bool(self.workers) and not any(w.alive() for w in self.workers)

    def _logs(self) -> str:
        return "\n".join(f"--- {w.log.name} exit {w.process.poll()}\n{w.text()[-3000:]}" for w in self.workers)

    def states(self) -> dict[str, dict[str, Any]]:
        """The last public state of each key."""
        rows = {r.key.decode(): json.loads(r.value) for r in self.dump("states") if r.key and r.value}
        return {k: {f: v[f] for f in ("n", "total", "digest")} for k, v in rows.items()}

    def signals(self) -> dict[str, set[tuple[str, int]]]:
        """Every content with which each output was published."""
        found: dict[str, set[tuple[str, int]]] = defaultdict(set)
        for record in self.dump("signals"):
            said = json.loads(record.value or b"")
            found[said["id"]].add((said["cause"], said["total"]))
        return dict(found)


def assert_exact(bed: Bed) -> None:
    """States and outputs are those of a recomputation: none missing, none unexplained, repeats identical."""
    rows, outputs = recompute(bed.dump("events"))
    states, signals = bed.states(), bed.signals()
    wrong = {k: (states.get(k), rows.get(k)) for k in states.keys() | rows.keys() if states.get(k) != rows.get(k)}
    assert not wrong, dict(list(wrong.items())[:3])
    assert signals.keys() - outputs.keys() == set(), "outputs the log does not explain"
    assert outputs.keys() - signals.keys() == set(), "outputs that were never published"
    assert signals == outputs
