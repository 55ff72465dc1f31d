"""Data folders: where they are, who holds one, and the temporary ones that nobody holds any more.

It must not know what is in them.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from streams.errors import LocalStackError

TEMPORARY = "kakuhan-local-"
HANDOVER_S = 25.0  # how long the programs of a killed owner may take to go: the guard's grace of 20 s and some
UNTOUCHED_S = 60.0  # a temporary folder younger than this may be about to be taken
LOOK_EVERY_S = 0.1


def default_folder() -> Path:
    """`.kakuhan/local` below $KAKUHAN_HOME or else the current folder."""
    return Path(os.environ.get("KAKUHAN_HOME") or Path.cwd()) / ".kakuhan" / "local"


def new_temporary() -> Path:
    """A new folder of its own for data that nobody keeps; earlier ones that were left behind are removed."""
    sweep()
    return Path(tempfile.mkdtemp(prefix=TEMPORARY))


def sweep(parent: Path | None = None, older_than_s: float = UNTOUCHED_S) -> list[Path]:
    """Remove this user's temporary folders whose owner and programs are gone; the removed ones."""
    found = [f for f in (parent or Path(tempfile.gettempdir())).glob(f"{TEMPORARY}*") if _is_ours(f, older_than_s)]
    return [folder for folder in found if _remove_unless_held(folder)]


def _is_ours(folder: Path, older_than_s: float) -> bool:
    with suppress(OSError):
        seen = folder.lstat()
        is_folder = folder.is_dir() and not folder.is_symlink()
        return is_folder and seen.st_uid == os.getuid() and time.time() - seen.st_mtime > older_than_s
    return False


def _remove_unless_held(folder: Path) -> bool:
    with suppress(OSError):
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            shutil.rmtree(folder)
        finally:
            os.close(lock)
        return True
    return False


def take(folder: Path) -> int:
    """Hold `folder`; the open descriptor that does, to be inherited by whoever also needs the folder.

    The kernel lets go of it when all who have it are gone, however that happens: no process id files.

    Raises:
        LocalStackError: another process holds it, or it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o644)
    except OSError as error:
        raise LocalStackError(f"the data folder {folder} cannot be used: {error}") from error
    try:
        _wait_for(lock, folder)
        os.ftruncate(lock, 0)
        os.write(lock, str(os.getpid()).encode())
    except BaseException:
        os.close(lock)
        raise
    return lock


def _wait_for(lock: int, folder: Path) -> None:
    until = time.monotonic() + HANDOVER_S
    while True:
        with suppress(BlockingIOError):
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        owner = os.pread(lock, 20, 0).decode().strip()
        if (_alive(owner) and owner != str(os.getpid())) or time.monotonic() > until:
            raise LocalStackError(
                f"{folder} is in use by process {owner or '(unknown)'}: end it first, a demo with Ctrl-C in its "
                "terminal, what `kakuhan local up` has started with `kakuhan local down` and the same --folder"
            )
        time.sleep(LOOK_EVERY_S)  # its owner is dead: its programs are being taken down


def is_held(folder: Path) -> bool:
    """Whether somebody, owner or program, holds the folder."""
    try:
        lock = os.open(folder / "lock", os.O_RDONLY)
    except OSError:
        return False
    try:
        fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(lock)
    return False


def _alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ValueError, ProcessLookupError):
        return False
    except PermissionError:
        return True
    return True


@contextmanager
def exclusive(path: Path) -> Iterator[None]:
    """One process at a time; the kernel lets go of the lock however the process ends."""
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
