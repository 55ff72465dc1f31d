"""`kakuhan local` as a person uses it, in processes of their own."""

import signal
import subprocess

import pytest

from streams.local.running import find
from tests.integration.local.support import gone_within, run, running

FREE = ("--kafka-port", "0", "--redis-port", "0")


@pytest.fixture
def folder(tmp_path):
    """A data folder in which nothing runs after the test."""
    yield tmp_path / "data"
    run("down", "--folder", str(tmp_path / "data"))


def test_in_the_background_until_told(folder):
    where = ("--folder", str(folder))
    assert run("status", *where).returncode == 1
    started = run("up", "--detach", *FREE, *where)
    assert started.returncode == 0, started.stderr
    found = find(folder)
    assert f"export KAKUHAN_BROKERS={found.brokers} KAKUHAN_REDIS_URL={found.redis_url}" in started.stdout
    status = run("status", *where)
    assert status.returncode == 0
    assert [f"process {found.kafka}", f"process {found.redis}"] == [
        line[line.index("process") :] for line in status.stdout.splitlines() if "process" in line
    ]
    again = run("up", "--detach", *FREE, *where)
    assert (again.returncode, find(folder)) == (0, found)
    assert "run already" in again.stdout
    assert run("down", *where).returncode == 0
    assert gone_within(folder, 1)
    assert run("status", *where).stdout.startswith("down")
    assert run("down", *where).returncode == 0


def test_in_the_foreground_until_ctrl_c(tmp_path, stack_elsewhere):
    process = stack_elsewhere(tmp_path)
    process.send_signal(signal.SIGINT)
    said, complaint = process.communicate(timeout=30)
    assert process.returncode == 0
    assert all(line.startswith("Downloading Kafka") for line in complaint.splitlines())  # the very first time
    assert "Stopped. The data stays in" in said
    assert not running(tmp_path)


def test_down_also_ends_one_in_the_foreground(tmp_path, stack_elsewhere):
    process = stack_elsewhere(tmp_path)
    assert run("down", "--folder", str(tmp_path)).returncode == 0
    assert process.wait(5) == 0


def test_a_program_that_does_not_answer_is_not_up(tmp_path, stack_elsewhere):
    stack_elsewhere(tmp_path)
    found = find(tmp_path)
    guards = [p for p in running(tmp_path) if "guard.py" in " ".join(p.info["cmdline"])]
    owner = next(p for p in running(tmp_path) if p.pid == found.owner)
    owner.suspend()  # so that it does not notice
    for p in (*guards, *(p for p in running(tmp_path) if p.pid == found.redis)):
        p.kill()
    status = run("status", "--folder", str(tmp_path))
    owner.resume()
    assert status.returncode == 1
    assert "not answering" in status.stdout
    assert "Redis" in status.stdout.splitlines()[0]


def test_data_is_deleted_only_when_somebody_says_so(folder, stack_elsewhere):
    where = ("--folder", str(folder))
    process = stack_elsewhere(folder)
    process.terminate()
    process.wait(30)
    mark = folder / "redis" / "mark"
    mark.touch()
    unasked = run("up", "--detach", "--fresh", *FREE, *where, stdin=subprocess.DEVNULL)
    assert unasked.returncode == 2
    assert "say --yes" in unasked.stderr
    assert mark.exists()
    assert run("up", "--detach", "--fresh", "--yes", *FREE, *where).returncode == 0
    assert not mark.exists()


def test_a_start_in_the_background_that_fails_says_why(folder, stack_elsewhere):
    stack_elsewhere(folder)
    port = find(folder).brokers.partition(":")[2]
    failed = run("up", "--detach", "--kafka-port", port, "--redis-port", "0", "--folder", f"{folder}2")
    assert failed.returncode == 1
    assert f"port {port}, meant for Kafka, is held by Kafka, process {find(folder).kafka}" in failed.stderr


@pytest.mark.parametrize("arguments", [("up", "--kafka-port", "x"), ("up", "--unknown"), ("nothing",)])
def test_wrong_usage_is_exit_code_2(arguments):
    assert run(*arguments).returncode == 2
