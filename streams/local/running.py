"""Tells other processes about the stack that runs in a folder, and ends it for them.

It must not start anything.
"""

from __future__ import annotations

import json
import os
import signal
import time
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from streams.errors import LocalStackError
from streams.local import folders
from streams.local.extra import need

NOTE = "running.json"
GONE_WITHIN_S = 60.0  # Kafka's and Redis' grace of 20 s each, one after the other, and some
LOOK_EVERY_S = 0.05


@dataclass(frozen=True, slots=True)
class Running:
    """A stack as another process sees it.

    `owner`, `kafka` and `redis` are process ids; `owner_started` is the owner's start in seconds since 1970, which
    tells it from a later process of the same id.
    """

    owner: int
    owner_started: float
    brokers: str
    redis_url: str
    kafka: int
    redis: int


def note(folder: Path, brokers: str, redis_url: str, kafka: int, redis: int) -> None:
    """Leave word in `folder` that this process runs a stack there."""
    me = need("psutil").Process()
    found = Running(me.pid, me.create_time(), brokers, redis_url, kafka, redis)
    partial = folder / f"{NOTE}.part"
    partial.write_text(json.dumps(asdict(found)))
    partial.replace(folder / NOTE)


def forget(folder: Path) -> None:
    """Take the word back."""
    (folder / NOTE).unlink(missing_ok=True)


def find(folder: Path) -> Running | None:
    """The stack that runs in `folder` now, or None."""
    if not folders.is_held(folder):
        return None
    with suppress(OSError, ValueError, TypeError):
        found = Running(**json.loads((folder / NOTE).read_text()))
        return found if _is_alive(found) else None
    return None


def _is_alive(found: Running) -> bool:
    psutil = need("psutil")
    try:
        return bool(abs(psutil.Process(found.owner).create_time() - found.owner_started) < 1)
    except psutil.Error:
        return False


def end(folder: Path, found: Running) -> None:
    """Ask the owner to end and wait until its programs are gone too.

    Raises:
        LocalStackError: it belongs to somebody else, or did not end in time.
    """
    try:
        os.kill(found.owner, signal.SIGTERM)
    except ProcessLookupError:
        pass
    except PermissionError as error:
        raise LocalStackError(f"process {found.owner} belongs to another user and cannot be ended") from error
    until = time.monotonic() + GONE_WITHIN_S
    while folders.is_held(folder) and find(folder) in (found, None):
        if time.monotonic() > until:
            raise LocalStackError(f"process {found.owner} was told to end and still holds {folder}")
        time.sleep(LOOK_EVERY_S)
