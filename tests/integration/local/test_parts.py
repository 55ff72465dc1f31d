"""Folders, ports and the choice of a Redis, without starting anything."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest

from streams.errors import LocalStackError
from streams.local import LocalStack, broker, folders, jars, ports, server


def test_an_empty_storage_is_formatted_once_and_copied_then(tmp_path, monkeypatch):
    (tmp_path / "jars").mkdir()
    linked = [tmp_path / "jars" / jar.name for jar in jars.fetch(jars.default_folder(), jars.locked())]
    for link in linked:
        link.symlink_to(jars.default_folder() / link.name)
    with monkeypatch.context() as forbidden:
        broker.command(tmp_path / "first", linked, 1, 2)
        forbidden.setattr(subprocess, "run", None)
        broker.command(tmp_path / "second", linked, 1, 2)
    first, second = (
        {p.name: p.read_bytes() for p in (tmp_path / folder / "kafka" / "data").iterdir() if p.is_file()}
        for folder in ("first", "second")
    )
    assert first == second
    assert {"meta.properties", "bootstrap.checkpoint"} <= first.keys()


def held(folder):
    """Hold `folder` from another process until its input ends."""
    code = f"import sys, pathlib; from streams.local import folders; folders.take(pathlib.Path({str(folder)!r}))"
    process = subprocess.Popen(
        [sys.executable, "-c", f"{code}; print('held', flush=True); sys.stdin.read()"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout.readline() == "held\n"
    return process


def test_temporary_folders_left_behind_are_removed_and_held_or_young_ones_are_not(tmp_path):
    dead, alive, young, other = (tmp_path / n for n in ("kakuhan-local-a", "kakuhan-local-b", "kakuhan-local-c", "x"))
    for folder in (dead, alive, young, other):
        (folder / "kafka").mkdir(parents=True)
    owner = held(alive)
    for folder in (dead, alive, other):
        os.utime(folder, (time.time() - 100, time.time() - 100))
    assert folders.sweep(tmp_path) == [dead]
    assert sorted(tmp_path.iterdir()) == [alive, young, other]
    owner.communicate()
    os.utime(alive, (time.time() - 100, time.time() - 100))
    assert folders.sweep(tmp_path) == [alive]


def test_a_link_with_the_name_of_a_temporary_folder_is_left_alone(tmp_path):
    kept = tmp_path / "kept"
    kept.mkdir()
    (tmp_path / "kakuhan-local-link").symlink_to(kept)
    assert folders.sweep(tmp_path, older_than_s=-1) == []
    assert kept.is_dir()


def test_data_is_kept_below_the_current_folder_or_the_one_asked_for(tmp_path, monkeypatch):
    monkeypatch.delenv("KAKUHAN_HOME", raising=False)
    monkeypatch.chdir(tmp_path)
    assert folders.default_folder() == tmp_path / ".kakuhan" / "local"
    monkeypatch.setenv("KAKUHAN_HOME", "/srv/fictional")
    assert folders.default_folder() == Path("/srv/fictional/.kakuhan/local")


def test_jars_are_kept_in_the_cache_of_the_user(monkeypatch):
    monkeypatch.setenv("HOME", "/home/nobody")
    monkeypatch.delenv("XDG_CACHE_HOME", raising=False)
    assert jars.default_folder() == Path("/home/nobody/.cache/kakuhan/kafka")
    monkeypatch.setenv("XDG_CACHE_HOME", "/var/fictional")
    assert jars.default_folder() == Path("/var/fictional/kakuhan/kafka")


def test_a_folder_is_held_until_its_holder_is_gone(tmp_path):
    assert not folders.is_held(tmp_path)
    owner = held(tmp_path)
    assert folders.is_held(tmp_path)
    with pytest.raises(LocalStackError, match=f"in use by process {owner.pid}: end it first, .*`kakuhan local down`"):
        folders.take(tmp_path)
    owner.kill()
    owner.communicate()
    assert not folders.is_held(tmp_path)


def test_a_folder_that_cannot_be_made_is_an_error_for_people(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(LocalStackError, match=r"data folder .*file/data cannot be used"):
        folders.take(tmp_path / "file" / "data")


def test_a_free_port_is_none_that_outgoing_connections_get():
    chosen = {ports.any_free() for _ in range(20)}
    assert len(chosen) > 10
    assert all(20_000 <= port < 32_768 for port in chosen)


@pytest.mark.parametrize("port", [-1, 65_536])
def test_a_number_that_is_no_port_is_refused(tmp_path, port):
    refused = pytest.raises(LocalStackError, match=f"port {port}, meant for Redis, is not between 0 and 65535")
    with refused, LocalStack(tmp_path, kafka_port=0, redis_port=port):
        pass


def fake_redis(folder, version):
    folder.mkdir()
    program = folder / "redis-server"
    program.write_text(f"#!/bin/sh\necho 'Redis server v={version} sha=00000000:0 malloc=libc bits=64'\n")
    program.chmod(0o755)
    return program


def test_the_redis_asked_for_comes_before_the_one_on_the_path(tmp_path, monkeypatch):
    asked_for, on_path = fake_redis(tmp_path / "a", "7.4.1"), fake_redis(tmp_path / "b", "8.0.0")
    monkeypatch.setenv("REDIS_SERVER", str(asked_for))
    monkeypatch.setenv("PATH", str(on_path.parent), prepend=os.pathsep)
    assert server.find() == str(asked_for)
    monkeypatch.delenv("REDIS_SERVER")
    assert server.find() == str(on_path)


def test_a_redis_that_is_too_old_or_none_at_all_is_passed_over(tmp_path, monkeypatch):
    monkeypatch.setenv("REDIS_SERVER", str(fake_redis(tmp_path / "a", "6.0.16")))
    monkeypatch.setenv("PATH", str(tmp_path / "nothing"))
    assert server.version(server.find()) >= (6, 2, 0)
    monkeypatch.setattr(server, "PACKAGES", ())
    monkeypatch.setenv("REDIS_SERVER", str(tmp_path / "none"))
    with pytest.raises(LocalStackError, match=r"none: no Redis server\).*REDIS_SERVER"):
        server.find()
