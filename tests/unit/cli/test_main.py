"""The command line as a person meets it: exit statuses, pipes, servers that are away."""

from __future__ import annotations

import os
import subprocess
import sys

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


@pytest.mark.parametrize(
    ("arguments", "status"), [(["--version"], 0), ([], 2), (["nonsense"], 2), (["explain"], 2), (["-h"], 0)]
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


def test_a_worker_that_is_started_again_outlasts_kafka() -> None:
    done = run("worker", KAKUHAN_BROKERS=NOBODY, KAKUHAN_PROCESS="0")
    assert done.returncode == 70  # as after a crash
    assert "does not answer" in done.stderr


def test_a_password_of_redis_is_not_shown() -> None:
    done = run("explain", "C1", "--redis", f"redis://me:secret@{NOBODY}/0")
    assert done.returncode == 1
    assert f"Redis at redis://…@{NOBODY}/0 does not answer" in done.stderr
    assert "secret" not in done.stderr
