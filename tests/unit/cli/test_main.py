"""The command line as a person meets it: exit statuses, pipes, servers that are away."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from streams.cli.main import cli

KAKUHAN = [sys.executable, "-m", "streams.cli.main"]
NOBODY = "127.0.0.1:1"  # tcpmux: no machine serves it any more


def run(*arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("KAKUHAN_")}
    return subprocess.run(
        [*KAKUHAN, *arguments], env=kept | environment, capture_output=True, text=True, encoding="utf-8", timeout=60
    )


@pytest.mark.parametrize("name", cli.list_commands(None))  # type: ignore[arg-type]
def test_every_command_of_the_list_is_there(name: str) -> None:
    command = cli.get_command(None, name)  # type: ignore[arg-type]
    assert command is not None
    assert command.name == name


def test_a_reader_that_has_seen_enough_is_no_failure() -> None:
    reader, writer = os.pipe()
    os.close(reader)
    try:
        done = subprocess.run([*KAKUHAN, "--help"], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    finally:
        os.close(writer)
    assert (done.returncode, done.stderr) == (0, b"")


def test_a_full_disk_is_told(tmp_path: Path) -> None:
    def allow_100_bytes() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    with (tmp_path / "out").open("w") as out:
        # Unbuffered, Python itself loses what a device has taken in part.
        buffered = {name: value for name, value in os.environ.items() if name != "PYTHONUNBUFFERED"}
        command = [*KAKUHAN, "--help"]
        done = subprocess.run(
            command, stdout=out, stderr=subprocess.PIPE, env=buffered, timeout=60, preexec_fn=allow_100_bytes
        )
    assert (done.returncode, done.stderr) == (1, b"kakuhan: output cannot be written: File too large\n")


def test_a_terminal_that_cannot_show_a_letter_gets_its_number() -> None:
    done = run("--help", PYTHONIOENCODING="iso-8859-1")
    assert done.returncode == 0
    assert "Kakuhan (\\u62e1\\u8ca9): which" in done.stdout


@pytest.mark.parametrize(
    ("arguments", "status"),
    [
        (["--version"], 0),
        (["-h"], 0),
        ([], 2),
        (["nonsense"], 2),
        (["explain"], 2),
        (["worker", "--log-level", "loud"], 2),
        (["erase", "", "--yes"], 2),
    ],
)
def test_usage_decides_between_0_and_2(arguments: list[str], status: int) -> None:
    assert run(*arguments).returncode == status


@pytest.mark.parametrize(
    "arguments", [["topics"], ["worker"], ["signals"], ["dead-letters", "list"], ["erase", "C1", "--yes"]]
)
def test_where_kafka_is_away_it_says_what_to_do(arguments: list[str]) -> None:
    done = run(*arguments, KAKUHAN_BROKERS=NOBODY)
    assert done.returncode == 1
    assert done.stderr == (
        f"kakuhan: Kafka at {NOBODY} does not answer (Connection refused); start it with `kakuhan local up`, or give "
        "its address with --brokers or KAKUHAN_BROKERS\n"
    )


def test_an_audience_that_the_policy_does_not_know_is_said() -> None:
    known, mistyped = (
        run("signals", "--audience", name, KAKUHAN_BROKERS=NOBODY).stderr for name in ("sales", "saless")
    )
    assert "tells nobody" not in known
    assert mistyped.splitlines()[0].endswith(
        "policies/b2b.yaml tells nobody named 'saless'; it tells cs, marketing, sales"
    )


def test_a_worker_that_is_started_again_outlasts_kafka() -> None:
    done = run("worker", KAKUHAN_BROKERS=NOBODY, KAKUHAN_PROCESS="0")
    assert done.returncode == 70  # as after a crash
    assert "does not answer" in done.stderr


def test_a_password_of_redis_is_not_shown() -> None:
    done = run("explain", "C1", "--redis", f"redis://me:secret@{NOBODY}/0")
    assert done.returncode == 1
    assert f"Redis at redis://…@{NOBODY}/0 does not answer" in done.stderr
    assert "secret" not in done.stderr
