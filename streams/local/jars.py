"""Kafka's jars: pinned in kafka.lock, downloaded once, checked by SHA-256.

It must not know how Kafka is run.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from threading import Event, Lock

from streams.errors import LocalStackError
from streams.local.download import download
from streams.local.extra import need
from streams.local.folders import exclusive

LOCK = Path(__file__).with_name("kafka.lock")
THREADS = 8
Progress = Callable[[int, int], None]  # bytes so far, bytes in all


@dataclass(frozen=True, slots=True)
class Jar:
    """One pinned file: SHA-256 in hex, size in bytes, path below a Maven repository."""

    sha256: str
    size: int
    path: str

    @property
    def name(self) -> str:
        """Its file name."""
        return self.path.rsplit("/", 1)[1]


def locked(lock: Path = LOCK) -> list[Jar]:
    """What the lock file pins, in its order."""
    rows = (line.split() for line in lock.read_text().splitlines() if line[:1] not in ("", "#"))
    return [Jar(sha256, int(size), path) for sha256, size, path in rows]


def default_folder() -> Path:
    """Where the jars are kept for all projects of this user: ~/.cache/kakuhan/kafka, or below $XDG_CACHE_HOME."""
    cache = os.environ.get("XDG_CACHE_HOME")
    return (Path(cache) if cache else Path.home() / ".cache") / "kakuhan" / "kafka"


def repository() -> str:
    """Address of the Maven repository: $MAVEN_CENTRAL_URL, else the public one as jgo knows it.

    Raises:
        LocalStackError: neither is there.
    """
    if mirror := os.environ.get("MAVEN_CENTRAL_URL"):
        return mirror.rstrip("/")
    return str(need("jgo").MAVEN_CENTRAL_URL).rstrip("/")


def missing(folder: Path, jars: list[Jar]) -> bool:
    """Whether `fetch` would have to look further than its stamp."""
    stamp = folder / "complete"
    if not stamp.exists() or stamp.read_text() != _identity(jars):
        return True
    return not all(_has_size(folder / jar.name, jar.size) for jar in jars)


def fetch(folder: Path, jars: list[Jar], progress: Progress | None = None) -> list[Path]:
    """Bring every jar into `folder`, their paths in order; safe against interruption and a second process.

    Raises:
        LocalStackError: a download failed or the folder cannot be written.
    """
    try:
        if missing(folder, jars):  # looked at first without the lock: a complete folder may be read-only
            folder.mkdir(parents=True, exist_ok=True)
            with exclusive(folder / "lock"):
                _fetch_missing(folder, jars, progress)
    except OSError as error:
        raise LocalStackError(f"Kafka's jars cannot be kept in {folder}: {error}") from error
    return [folder / jar.name for jar in jars]


def _fetch_missing(folder: Path, jars: list[Jar], progress: Progress | None) -> None:
    if missing(folder, jars):
        _fetch_all(folder, jars, progress)
        (folder / "complete").write_text(_identity(jars))


def _fetch_all(folder: Path, jars: list[Jar], progress: Progress | None) -> None:
    total, done, one_at_a_time, given_up = sum(jar.size for jar in jars), 0, Lock(), Event()

    def count(n: int) -> None:
        nonlocal done
        if given_up.is_set():
            raise LocalStackError("another download failed or was interrupted")
        with one_at_a_time:
            done += n
            if progress:
                progress(done, total)

    with ThreadPoolExecutor(THREADS) as pool:
        pending = [pool.submit(_fetch_one, jar, folder / jar.name, count) for jar in jars]
        try:
            for job in pending:
                job.result()
        except BaseException:
            given_up.set()
            pool.shutdown(cancel_futures=True)
            raise


def _fetch_one(jar: Jar, target: Path, count: Callable[[int], None]) -> None:
    if _has_size(target, jar.size) and _sha256(target) == jar.sha256:
        count(jar.size)
        return
    download(f"{repository()}/{jar.path}", jar.sha256, target, count)


def _identity(jars: list[Jar]) -> str:
    return hashlib.sha256("".join(jar.sha256 for jar in jars).encode()).hexdigest()


def _has_size(path: Path, size: int) -> bool:
    return path.exists() and path.stat().st_size == size


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
