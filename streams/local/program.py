"""One program of the stack: started, watched, stopped, and never left behind.

It must not know which program it is or what its settings mean.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from streams.errors import LocalStackError
from streams.local.extra import need

GUARD = Path(__file__).with_name("guard.py")
GRACE_S = 20.0  # between SIGTERM and SIGKILL; Kafka closes its logs in under one second
READY_WITHIN_S = 120.0  # an unclean Kafka folder on a busy machine is checked log by log
LOOK_EVERY_S = 0.02
LAST_LINES = 15
_JAVA_OPTIONS = ("JAVA_TOOL_OPTIONS", "JDK_JAVA_OPTIONS", "_JAVA_OPTIONS", "KAFKA_OPTS", "CLASSPATH")


def clean_environment() -> dict[str, str]:
    """This environment without what changes a Java program, and with file names in UTF-8."""
    kept = {key: value for key, value in os.environ.items() if key not in _JAVA_OPTIONS}
    return kept | {"LC_ALL": "en_US.UTF-8" if sys.platform == "darwin" else "C.UTF-8"}


class Program:
    """A program under a guard process that ends it when this process is gone.

    Args:
        name: as shown to people.
        folder: working folder; standard output goes to `<name>.out` in it.
        command: gives the command line at each start.
        ready: whether the program serves.
        lock: an open file descriptor that the program keeps open while it lives.
    """

    def __init__(
        self, name: str, folder: Path, command: Callable[[], list[str]], ready: Callable[[], bool], lock: int
    ) -> None:
        self.name = name
        self._folder, self._command, self._ready, self._lock = folder, command, ready, lock
        self._guard: subprocess.Popen[bytes] | None = None

    def launch(self) -> None:
        """Start the program without waiting for it.

        Raises:
            LocalStackError: it runs already.
        """
        if self.running:
            raise LocalStackError(f"{self.name} runs already")
        command = self._command()
        with (self._folder / f"{self.name}.out").open("wb") as out:
            self._guard = subprocess.Popen(
                [sys.executable, "-I", "-S", str(GUARD), str(GRACE_S), *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                cwd=self._folder,
                env=clean_environment(),
                start_new_session=True,
                pass_fds=(self._lock,),
            )

    def wait_ready(self, within_s: float = READY_WITHIN_S) -> None:
        """Wait until the program serves.

        Raises:
            LocalStackError: it ended or took longer; the message has its last words.
        """
        until = time.monotonic() + within_s
        while not self._ready():
            if not self.running or time.monotonic() > until:
                raise LocalStackError(f"{self.name} did not start:\n{self.last_words()}")
            time.sleep(LOOK_EVERY_S)

    def start(self) -> None:
        """Start the program and wait until it serves; also after `stop` or `kill`, with the data it had."""
        self.launch()
        self.wait_ready()

    def stop(self) -> None:
        """End the program gently and wait until it is gone; nothing happens if it is not running."""
        if self._guard is None:
            return
        if self._guard.stdin:
            self._guard.stdin.close()
        # The pipe alone would not do where a forked child of this process still holds its end.
        self._guard.terminate()
        self._guard.wait()
        self._guard = None

    def kill(self) -> None:
        """End the program with SIGKILL, as a crash would, and wait until it is gone."""
        os.kill(self.pid, signal.SIGKILL)
        self.stop()

    def freeze(self) -> None:
        """Suspend the program (SIGSTOP): it holds its connections and answers nothing."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a suspended program go on."""
        os.kill(self.pid, signal.SIGCONT)

    @property
    def running(self) -> bool:
        """Whether its guard, and with it the program, is alive."""
        return self._guard is not None and self._guard.poll() is None

    @property
    def pid(self) -> int:
        """Process id of the program itself.

        Raises:
            LocalStackError: it is not running.
        """
        if self._guard is not None and self.running:
            for child in need("psutil").Process(self._guard.pid).children():
                return int(child.pid)
        raise LocalStackError(f"{self.name} is not running")

    def listens_on(self, port: int) -> bool:
        """Whether it is this program, and no other, that accepts connections on `port`."""
        psutil = need("psutil")
        try:
            family = psutil.Process(self._guard.pid).children(recursive=True) if self._guard else []
            sockets = [socket for process in family for socket in process.net_connections("tcp")]
        except psutil.Error:  # it ends just now
            return False
        return any(socket.status == psutil.CONN_LISTEN and socket.laddr.port == port for socket in sockets)

    @property
    def failed(self) -> bool:
        """Whether it was started and has ended by itself."""
        return self._guard is not None and self._guard.poll() is not None

    def last_words(self) -> str:
        """The last lines of its output and its log."""
        logs = (self._folder / f"{self.name}.out", self._folder / self.name / f"{self.name}.log")
        tails = [log.read_text(errors="replace").splitlines()[-LAST_LINES:] for log in logs if log.exists()]
        return "\n".join(line for tail in tails for line in tail) or "(it said nothing)"
