"""Several processes that belong together: started, restarted when one dies, stopped together.

It must not know what the processes do.
"""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

LOOK_EVERY_S = 0.2
FIRST_PAUSE_S = 1.0  # before a process that died is started again; doubles each time
LONGEST_PAUSE_S = 30.0  # a broken machine is not made worse, a mended one is noticed soon
STEADY_S = 60.0  # a process that ran that long starts with the first pause again
GRACE_S = 45.0  # to finish its chunks and leave the group; longer than any single request may take
REFUSED = 1  # this exit status says that a restart cannot help
PROCESS_VARIABLE = "KAKUHAN_PROCESS"  # tells a process that somebody starts it again, and which one it is
_PR_SET_PDEATHSIG = 1


@dataclass(slots=True)
class Child:
    """One process and when it may be started again."""

    number: int
    process: subprocess.Popen[bytes]
    started_s: float
    pause_s: float = FIRST_PAUSE_S
    restart_at_s: float | None = None


@dataclass(slots=True)
class Supervisor:
    """Keeps `count` processes of one command running.

    `environment` is added to ours, `output` a file descriptor for what they print (ours if None); `say` is told
    what happens, one line each. Use `run` to stay until told to stop, or `start`, `look` and `stop`.
    """

    command: Sequence[str]
    count: int
    environment: dict[str, str] = field(default_factory=dict)
    output: int | None = None
    say: Callable[[str], None] = lambda line: None
    children: list[Child] = field(default_factory=list)
    _is_to_stop: bool = False
    _is_to_roll: bool = False

    def start(self) -> None:
        """Start all."""
        self.children = [Child(n, self._spawn(n), time.monotonic()) for n in range(self.count)]

    def run(self) -> int:
        """Start all and stay: SIGTERM or SIGINT stop them, SIGHUP restarts one after the other; the exit status."""
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            signal.signal(number, self._hear)
        self.start()
        while not self._is_to_stop:
            if self._is_to_roll:
                self._is_to_roll = False
                self._roll()
            if (refused := self.look()) is not None:
                self.stop()
                return refused
            time.sleep(LOOK_EVERY_S)
        self.stop()
        return 0

    def _hear(self, number: int, _: object) -> None:
        if number == signal.SIGHUP:
            self._is_to_roll = True
        else:
            self._is_to_stop = True

    def look(self) -> int | None:
        """Restart what has died and is due; an exit status that a restart cannot help."""
        now_s = time.monotonic()
        for child in self.children:
            code = child.process.poll()
            if code is None:
                continue
            if code == REFUSED:
                return code
            if child.restart_at_s is None:
                self._plan_restart(child, code, now_s)
            elif now_s >= child.restart_at_s:
                self._restart(child)
        return None

    def stop(self) -> None:
        """Ask all to end, and make them after the grace time."""
        for child in self.children:
            if child.process.poll() is None:
                child.process.terminate()
        until_s = time.monotonic() + GRACE_S
        for child in self.children:
            try:
                child.process.wait(max(0.0, until_s - time.monotonic()))
            except subprocess.TimeoutExpired:
                self.say(f"process {child.number} did not end within {GRACE_S:.0f} s and is killed")
                child.process.kill()
                child.process.wait()

    def _plan_restart(self, child: Child, code: int, now_s: float) -> None:
        if now_s - child.started_s >= STEADY_S:
            child.pause_s = FIRST_PAUSE_S
        self.say(f"process {child.number} ended with status {code}; again in {child.pause_s:.0f} s")
        child.restart_at_s = now_s + child.pause_s
        child.pause_s = min(child.pause_s * 2, LONGEST_PAUSE_S)

    def _restart(self, child: Child) -> None:
        child.process, child.started_s, child.restart_at_s = self._spawn(child.number), time.monotonic(), None

    def _roll(self) -> None:
        """Restart one after the other, each given the time to hand over; no more of them once all are to stop."""
        for child in self.children:
            if self._is_to_stop:
                return
            self.say(f"process {child.number} is restarted")
            child.process.terminate()
            try:
                child.process.wait(GRACE_S)
            except subprocess.TimeoutExpired:
                child.process.kill()
                child.process.wait()
            if not self._is_to_stop:
                self._restart(child)

    def _spawn(self, number: int) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            self.command,
            env=os.environ | self.environment | {PROCESS_VARIABLE: str(number)},
            stdin=subprocess.DEVNULL,
            stdout=self.output,
            stderr=self.output,
            preexec_fn=_end_with_parent,
        )


def _end_with_parent() -> None:
    """In the child: a Ctrl-C is the supervisor's to hand on, and on Linux the child ends when its parent is gone."""
    os.setpgid(0, 0)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
