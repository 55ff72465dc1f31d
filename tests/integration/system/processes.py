"""Worker processes and commands as a user runs them; it must not know what they decide."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[3]
KAKUHAN = Path(sys.executable).with_name("kakuhan")
COMMAND_S = 120.0  # the longest any command of these tests may take on a busy machine
STOPS_WITHIN_S = 40.0
LOG_SHOWN = 3_000


def run(*arguments: str | Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A `kakuhan` command that has ended; its exit code is for the caller to judge."""
    command = [str(KAKUHAN), *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, env=os.environ | env, capture_output=True, text=True, timeout=COMMAND_S)


def start(*arguments: str | Path, env: dict[str, str], log: Path) -> subprocess.Popen[bytes]:
    """A `kakuhan` command that runs; its output goes to a file."""
    with log.open("ab") as out:
        command = [str(KAKUHAN), *map(str, arguments)]
        return subprocess.Popen(command, cwd=ROOT, env=os.environ | env, stdout=out, stderr=out)


class Worker:
    """A `kakuhan worker` process."""

    def __init__(self, *options: str, env: dict[str, str], log: Path) -> None:
        self.log = log
        self.process = start("worker", "--log-level", "INFO", *options, env=env, log=log)

    def text(self) -> str:
        return self.log.read_text(errors="replace")

    def alive(self) -> bool:
        return self.process.poll() is None

    def kill(self) -> None:
        """As by kill -9."""
        self.process.kill()
        self.process.wait()

    def stop(self) -> int:
        """As by Ctrl-C or systemd; the exit code."""
        if self.alive():
            self.process.send_signal(signal.SIGTERM)
        return self.exit()

    def exit(self) -> int:
        """The exit code, once it has ended."""
        try:
            return self.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.kill()
            raise AssertionError(f"the worker did not end within {STOPS_WITHIN_S} s\n{self.told()}") from None

    def told(self) -> str:
        """How it ended, and its last lines, for a failing test."""
        return f"--- {self.log.name}, exit code {self.process.poll()}\n{self.text()[-LOG_SHOWN:]}"


def wait_until(condition: Callable[[], bool], within_s: float, every_s: float = 0.1) -> bool:
    """Whether the condition came to hold in time."""
    until = time.monotonic() + within_s
    while not condition():
        if time.monotonic() > until:
            return False
        time.sleep(every_s)
    return True
