"""A broker that refuses what is too large, and one whose disk is full; it must not know what is expected afterwards."""

from __future__ import annotations

import random
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from streams.local import LocalStack
from tests.fault.bench import Bench
from tests.fault.faults import Fault

SMALL_MB = 192  # room for the logs of one short run
ANSWER_S = 30.0
PIECE = b"\0" * (1 << 20)
NOTHING_BYTES = 60  # less than any batch
TINY_BYTES = 450  # one event alone passes, a few together do not
USUAL_BYTES = 4 << 20


def limit(bench: Bench, topic: str, largest_bytes: int) -> None:
    """Let the broker refuse batches of a topic (full name) over a size."""
    entry = ConfigEntry("max.message.bytes", str(largest_bytes), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    for done in bench.site.kafka.admin.incremental_alter_configs([resource]).values():
        done.result(ANSWER_S)


@contextmanager
def small_disk(folder: Path) -> Iterator[Path]:
    """A folder for a stack whose broker has a disk of its own, where this user may mount one."""
    home = folder / "kafka"
    home.mkdir(parents=True)
    mounted = _mount(home)
    try:
        yield folder
    finally:
        if mounted:
            subprocess.run(["umount", "--lazy", str(home)], check=True)


def _mount(home: Path) -> bool:
    command = ["mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m", "tmpfs", str(home)]
    with suppress(OSError):
        return subprocess.run(command, capture_output=True).returncode == 0
    return False


@contextmanager
def full_disk(stack: LocalStack) -> Iterator[None]:
    """Until the end of the block no byte more can be written to the broker's logs."""
    filler = stack.folder / "kafka" / "filler"
    if not filler.parent.is_mount():
        _forbid_growth(stack)
        yield
        return
    with filler.open("wb", buffering=0) as out, suppress(OSError):
        while True:
            out.write(PIECE)
    try:
        yield
    finally:
        filler.unlink()


def fill_disk(bench: Bench, _: random.Random) -> None:
    """The broker's disk is full until the broker gives up, then there is room again and the broker is started."""
    with full_disk(bench.stack):
        bench.wait(lambda: bench.stack.kafka.failed, "the broker to give up")
    bench.stack.kafka.stop()
    bench.stack.kafka.start()


def reject(name: str) -> Fault:
    """The broker rejects whatever is appended, until a worker has ended of it."""

    def fault(bench: Bench, _: random.Random) -> None:
        topic = bench.site.topic("events" if name == "events" else f"{bench.site.group}-customers-changelog")
        before = len(bench.crew.exits)
        limit(bench, topic, NOTHING_BYTES)
        bench.wait(lambda: len(bench.crew.exits) > before, "the end of a worker")
        limit(bench, topic, USUAL_BYTES)

    return fault


LIMIT_FAULTS: dict[str, Fault] = {
    "rejected-event": reject("events"),
    "rejected-state": reject("changelog"),
    "disk-full": fill_disk,
}


def _forbid_growth(stack: LocalStack) -> None:
    """The nearest thing without a disk of one's own: writes fail as they do on a full one; a new process may write."""
    process = psutil.Process(stack.kafka.pid)
    _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
