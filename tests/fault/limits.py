"""A broker that refuses what is too large, and one whose disk is full; it must not know what is expected afterwards."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from confluent_kafka.admin import AlterConfigOpType, ConfigEntry, ConfigResource

from streams.local import LocalStack
from tests.fault.bench import Bench

SMALL_MB = 192  # room for the logs of one short run
ANSWER_S = 30.0
PIECE = b"\0" * (1 << 20)
WITHIN_S = 60.0


def limit(bench: Bench, topic: str, largest_bytes: int) -> None:
    """Let the broker refuse batches of a topic (full name) over a size."""
    entry = ConfigEntry("max.message.bytes", str(largest_bytes), incremental_operation=AlterConfigOpType.SET)
    resource = ConfigResource(ConfigResource.Type.TOPIC, topic, incremental_configs=[entry])
    for done in bench.site.kafka.admin.incremental_alter_configs([resource]).values():
        done.result(ANSWER_S)


@contextmanager
def on_a_small_disk(folder: Path) -> Iterator[LocalStack]:
    """A stack whose broker has a disk of its own, where this user may mount one."""
    home = folder / "kafka"
    home.mkdir(parents=True)
    mounted = _mount(home)
    try:
        with LocalStack(folder, kafka_port=0, redis_port=0) as stack:
            yield stack
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


def _forbid_growth(stack: LocalStack) -> None:
    """The nearest thing without a disk of one's own: writes fail as they do on a full one; a new process may write."""
    process = psutil.Process(stack.kafka.pid)
    _, hard = process.rlimit(psutil.RLIMIT_FSIZE)
    process.rlimit(psutil.RLIMIT_FSIZE, (1, hard))
