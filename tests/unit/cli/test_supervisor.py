"""What signals make of a supervisor and its processes, in whatever order they come."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

PROCESSES, SOON_S = 3, 20.0
# Each process says that it is up, and takes half a second to end.
CHILD = """
import signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: (time.sleep(0.5), sys.exit(0)))
print("up", flush=True)
time.sleep(60)
"""
PARENT = f"""
import sys
from streams.cli.supervisor import Supervisor
say = lambda line: print(line, flush=True)
sys.exit(Supervisor([sys.executable, "-c", {CHILD!r}], {PROCESSES}, say=say).run())
"""


class Parent:
    """A process that supervises others, and what all of them have printed."""

    def __init__(self, output: Path) -> None:
        self._output = output
        with output.open("wb") as out:
            self.process = subprocess.Popen([sys.executable, "-c", PARENT], stdout=out, stderr=out)

    def text(self) -> str:
        return self._output.read_text("utf-8")

    def wait_for(self, words: str, times: int = 1) -> None:
        until_s = time.monotonic() + SOON_S
        while self.text().count(words) < times:
            assert time.monotonic() < until_s, self.text()
            time.sleep(0.02)


@pytest.fixture
def parent(tmp_path: Path) -> Iterator[Parent]:
    made = Parent(tmp_path / "output")
    made.wait_for("up", PROCESSES)
    yield made
    made.process.kill()
    made.process.wait()


def test_told_to_end_and_then_that_the_terminal_has_gone_it_ends(parent: Parent) -> None:
    parent.process.terminate()
    parent.process.send_signal(signal.SIGHUP)
    assert parent.process.wait(SOON_S) == 0
    assert parent.text().count("up") == PROCESSES, "none was started again"


def test_told_to_end_while_it_restarts_its_processes_it_restarts_no_more_of_them(parent: Parent) -> None:
    parent.process.send_signal(signal.SIGHUP)
    parent.wait_for("process 0 is restarted")
    parent.process.terminate()
    assert parent.process.wait(SOON_S) == 0
    assert "process 1 is restarted" not in parent.text()


def test_told_twice_to_restart_them_it_does_and_stays(parent: Parent) -> None:
    parent.process.send_signal(signal.SIGHUP)
    parent.wait_for("up", 2 * PROCESSES)
    parent.process.send_signal(signal.SIGHUP)
    parent.wait_for("up", 3 * PROCESSES)
    assert parent.process.poll() is None
    parent.process.terminate()
    assert parent.process.wait(SOON_S) == 0
