"""Runs one program and takes it down when its starter ends, however that happens.

It must not import anything of the project: it runs as `python -I -S guard.py GRACE_S PROGRAM ARGUMENT...`.

The starter holds the other end of this process's standard input. End of file there (closed on purpose, or by the
kernel after SIGKILL), a new parent, or SIGTERM: the program gets SIGTERM and, after the grace time, SIGKILL.
On Linux the program is also told to end when the guard itself is killed.
"""

from __future__ import annotations

import os
import select
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1
LOOK_EVERY_S = 0.2


def main(grace_s: float, command: list[str]) -> int:
    """Run `command` until it ends or must end; its exit code, negative for a signal."""
    starter = os.getppid()
    asked_to_stop: list[bool] = []
    signal.signal(signal.SIGTERM, lambda *_: asked_to_stop.append(True))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # close_fds=False: the program inherits the folder's lock and so holds it until it is gone.
    child = subprocess.Popen(command, stdin=subprocess.DEVNULL, close_fds=False, preexec_fn=_die_with_guard)
    while child.poll() is None:
        readable, _, _ = select.select([0], [], [], LOOK_EVERY_S)
        if asked_to_stop or os.getppid() != starter or (readable and not os.read(0, 1)):
            _end(child, grace_s)
    return child.returncode


def _end(child: subprocess.Popen[bytes], grace_s: float) -> None:
    child.terminate()
    child.send_signal(signal.SIGCONT)  # one that is suspended would not see it
    try:
        child.wait(grace_s)
    except subprocess.TimeoutExpired:
        child.kill()
        child.wait()


def _die_with_guard() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    if sys.platform == "linux":
        import ctypes

        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


if __name__ == "__main__":
    code = main(float(sys.argv[1]), sys.argv[2:])
    sys.exit(code if code >= 0 else 128 - code)
