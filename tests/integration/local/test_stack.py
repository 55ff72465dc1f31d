"""The real programs: they start, keep their data, and never outlive their starter."""

import asyncio
import os
import signal
import socket
import time

import pytest
import redis
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from streams.errors import LocalStackError
from streams.local import LocalStack, broker, ports
from streams.local.running import find
from tests.integration.local.support import gone_within, running

FREE = {"kafka_port": 0, "redis_port": 0}


async def send(brokers, *values):
    async with AIOKafkaProducer(bootstrap_servers=brokers) as producer:
        for value in values:
            await producer.send_and_wait("t", value)


async def receive(brokers, count):
    async with AIOKafkaConsumer("t", bootstrap_servers=brokers, group_id="g", auto_offset_reset="earliest") as c:
        return sorted([(await asyncio.wait_for(c.getone(), 20)).value for _ in range(count)])


def set_key(url):
    with redis.Redis.from_url(url) as client:
        client.set("k", "v")


def get_key(url):
    with redis.Redis.from_url(url) as client:
        return client.get("k")


def test_a_temporary_stack_works_and_leaves_nothing(create_topics_at):
    with LocalStack(temporary=True, **FREE) as stack:
        create_topics_at(stack.brokers, "t", partitions=2)
        asyncio.run(send(stack.brokers, b"1", b"2"))
        assert asyncio.run(receive(stack.brokers, 2)) == [b"1", b"2"]
        set_key(stack.redis_url)
        assert len(running(stack.folder)) == 4  # two guards, Kafka, Redis
    assert not stack.folder.exists()
    assert not running(stack.folder)


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_kept_folder_keeps_its_data(tmp_path, stack_elsewhere, create_topics_at, end):
    process = stack_elsewhere(tmp_path)
    found = find(tmp_path)
    create_topics_at(found.brokers, "t")
    asyncio.run(send(found.brokers, b"1", b"2"))
    set_key(found.redis_url)
    if end == "kill":  # both programs, not gently: the broker must recover
        for p in running(tmp_path):
            p.kill()
    else:
        process.terminate()
    process.wait(30)
    with LocalStack(tmp_path, **FREE) as stack:
        assert asyncio.run(receive(stack.brokers, 2)) == [b"1", b"2"]
        assert get_key(stack.redis_url) == b"v"
    with LocalStack(tmp_path, fresh=True, **FREE) as stack:
        assert get_key(stack.redis_url) is None


def test_programs_come_back_at_the_same_address_with_their_data(own_stack, create_topics_at):
    create_topics_at(own_stack.brokers, "t")
    asyncio.run(send(own_stack.brokers, b"1"))
    set_key(own_stack.redis_url)
    first = own_stack.kafka.pid
    time.sleep(1.1)  # Redis writes its file each second
    own_stack.kafka.kill()
    own_stack.redis.kill()
    assert not own_stack.kafka.running
    assert own_stack.failed() is None  # it was meant
    own_stack.redis.start()
    own_stack.kafka.start()
    assert own_stack.kafka.pid != first
    assert asyncio.run(receive(own_stack.brokers, 1)) == [b"1"]
    assert get_key(own_stack.redis_url) == b"v"


def test_a_suspended_program_answers_nothing_and_can_be_ended(own_stack):
    own_stack.redis.freeze()
    with redis.Redis.from_url(own_stack.redis_url, socket_timeout=0.3, retry=None) as client:
        with pytest.raises(redis.TimeoutError):
            client.ping()
        own_stack.redis.thaw()
        assert client.ping()
    own_stack.redis.freeze()
    began = time.monotonic()
    own_stack.redis.stop()
    assert time.monotonic() - began < 10


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGHUP])
def test_nothing_outlives_the_starter(tmp_path, stack_elsewhere, how):
    process = stack_elsewhere(tmp_path)
    assert len(running(tmp_path)) == 5  # itself, two guards, Kafka, Redis
    os.killpg(process.pid, how)
    process.wait(30)
    assert gone_within(tmp_path, 15)
    assert find(tmp_path) is None


def test_nothing_outlives_a_killed_guard(tmp_path, stack_elsewhere):
    process = stack_elsewhere(tmp_path)
    for p in running(tmp_path):
        if "guard.py" in " ".join(p.info["cmdline"]):
            p.kill()
    _, complaint = process.communicate(timeout=30)
    assert process.returncode == 1
    assert "ended by itself" in complaint
    assert gone_within(tmp_path, 15)


def test_a_restart_right_after_a_kill_waits_for_the_old_programs(tmp_path, stack_elsewhere):
    process = stack_elsewhere(tmp_path)
    process.kill()
    process.wait()
    with LocalStack(tmp_path, **FREE) as stack:
        set_key(stack.redis_url)


def test_one_stack_to_a_folder(tmp_path, stack_elsewhere):
    process = stack_elsewhere(tmp_path)
    with pytest.raises(LocalStackError, match=f"in use by process {process.pid}"), LocalStack(tmp_path, **FREE):
        pass


@pytest.mark.parametrize("which", ["kafka_port", "redis_port"])
def test_a_held_port_is_named_with_its_holder(tmp_path, which):
    with socket.socket() as s:
        s.bind(("0.0.0.0", 0))
        s.listen()
        port = s.getsockname()[1]
        held = rf"port {port}, meant for .*, process {os.getpid()}\. .*--{which.replace('_', '-')}"
        with pytest.raises(LocalStackError, match=held), LocalStack(tmp_path, **FREE | {which: port}):
            pass
    assert not running(tmp_path)


@pytest.fixture
def seems_free(monkeypatch):
    """Makes a held port look free the first time, as one that somebody takes right after the look."""
    look = ports.is_free

    def lie_once(port):
        lies = [port]
        monkeypatch.setattr(ports, "is_free", lambda asked: (asked in lies and bool(lies.pop())) or look(asked))

    return lie_once


def port_of(stack, which):
    return stack.kafka_port if which == "kafka_port" else stack.redis_port


@pytest.mark.parametrize("which", ["kafka_port", "redis_port"])
def test_a_server_that_took_the_port_meanwhile_is_not_mistaken_for_ours(tmp_path, stack, seems_free, which):
    port = port_of(stack, which)
    seems_free(port)
    asked = FREE | {which: port}
    with pytest.raises(LocalStackError, match=rf"port {port}, meant for .*, is held by"), LocalStack(tmp_path, **asked):
        pass
    assert gone_within(tmp_path, 5)


@pytest.mark.parametrize("which", ["kafka_port", "redis_port"])
def test_where_any_port_will_do_it_goes_elsewhere(tmp_path, stack, seems_free, which):
    port = port_of(stack, which)
    seems_free(port)
    asked = FREE | {which: port}
    with LocalStack(tmp_path, or_any_port=True, **asked) as own:
        assert port_of(own, which) != port
        assert own.kafka.listens_on(own.kafka_port)
        assert own.redis.listens_on(own.redis_port)


def test_a_program_that_cannot_start_tells_why(tmp_path):
    with LocalStack(tmp_path, **FREE):
        pass
    (tmp_path / "kafka" / "data" / "meta.properties").write_text("version=1\ncluster.id=x\nnode.id=7\n")
    with pytest.raises(LocalStackError, match=r"kafka did not start:(.|\n)*node id"), LocalStack(tmp_path, **FREE):
        pass
    assert gone_within(tmp_path, 5)


def test_a_format_that_fails_tells_why(tmp_path, monkeypatch):
    monkeypatch.setattr(broker, "SETTINGS", broker.SETTINGS | {"node.id": "many"})
    with pytest.raises(LocalStackError, match=r"could not format(.|\n)*many"), LocalStack(tmp_path, **FREE):
        pass
    assert gone_within(tmp_path, 5)


def test_a_format_cut_short_is_done_again(tmp_path):
    (tmp_path / "kafka" / "data").mkdir(parents=True)
    (tmp_path / "kafka" / "data" / "meta.properties").write_text("version=1\n")
    with LocalStack(tmp_path, **FREE) as stack:
        set_key(stack.redis_url)


def test_a_folder_with_spaces_and_letters_outside_ascii(tmp_path, monkeypatch, create_topics_at):
    monkeypatch.setenv("LC_ALL", "C")
    monkeypatch.setenv("JAVA_TOOL_OPTIONS", "-XX:NoSuchOption")
    folder = tmp_path / "お客様 データ"
    with LocalStack(folder, **FREE) as stack:
        create_topics_at(stack.brokers, "t")
        asyncio.run(send(stack.brokers, b"1"))
        set_key(stack.redis_url)
    assert sorted(p.name for p in folder.iterdir()) == ["kafka", "kafka.out", "lock", "redis", "redis.out"]
    assert (folder / "kafka" / "kafka.log").exists()
