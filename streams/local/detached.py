"""A stack in the background: `start` here, and the process that then owns it.

It must not know how its result is shown.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from streams.errors import LocalStackError
from streams.local import running
from streams.local.running import Running
from streams.local.stack import LocalStack

READY = "ready"
LOOK_EVERY_S = 0.5  # how soon the owner notices that a program has ended by itself


def start(folder: Path, kafka_port: int, redis_port: int, *, fresh: bool = False) -> Running:
    """Start a stack that outlives this process; `running.end` ends it.

    Raises:
        LocalStackError: it could not start.
    """
    command = [sys.executable, "-m", "streams.local.detached", str(folder), str(kafka_port), str(redis_port)]
    # The owner says one word into this pipe and closes it; the process started here is gone before that.
    ran = subprocess.run(
        [*command, *(["fresh"] if fresh else [])],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    found = running.find(folder)
    if ran.stdout.strip() != READY or found is None:
        raise LocalStackError(ran.stdout.strip() or "the local Kafka and Redis ended while they were started")
    return found


def main(folder: Path, kafka_port: int, redis_port: int, fresh: bool) -> int:
    """Own a stack in `folder` until SIGTERM or until one of its programs ends; the exit code."""
    if os.fork():
        os._exit(0)
    os.setsid()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    try:
        with LocalStack(folder, kafka_port=kafka_port, redis_port=redis_port, fresh=fresh) as stack:
            _say_and_close(READY)
            while not (failed := stack.failed()):
                time.sleep(LOOK_EVERY_S)
            (folder / "detached.log").write_text(f"{failed.name} ended by itself:\n{failed.last_words()}\n")
    except LocalStackError as error:
        _say_and_close(str(error))
    return 1


def _say_and_close(words: str) -> None:
    print(words, flush=True)
    nowhere = os.open(os.devnull, os.O_RDWR)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    os.close(nowhere)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]), "fresh" in sys.argv[4:]))
