"""Processes that own a stack, and what runs in a folder."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil

COMMAND = [sys.executable, "-c", "from streams.cli.main import main; main()", "local"]


def up(folder: Path, *options: str) -> subprocess.Popen[str]:
    """Another process with a stack in `folder`, ready; its output was read up to the last line it says then."""
    ports = ["--kafka-port", "0", "--redis-port", "0"]
    process = subprocess.Popen(
        [*COMMAND, "up", "--folder", str(folder), *ports, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
        preexec_fn=_hear_ctrl_c,
    )
    said = iter(process.stdout.readline, "")
    if not any(line.startswith("Ctrl-C") for line in said):
        raise AssertionError(process.communicate()[1])
    return process


def _hear_ctrl_c() -> None:
    """As a terminal would start it: what a script starts in the background inherits that Ctrl-C is ignored."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, timeout=120, **options)


def running(folder: Path) -> list[psutil.Process]:
    """By working folder too: Redis replaces its command line with a title of its own."""
    found = psutil.process_iter(["cmdline", "cwd"])
    return [p for p in found if str(folder) in " ".join([*(p.info["cmdline"] or []), p.info["cwd"] or ""])]


def gone_within(folder: Path, seconds: float) -> bool:
    until = time.monotonic() + seconds
    while running(folder):
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True
