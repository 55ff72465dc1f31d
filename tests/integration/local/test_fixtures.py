"""The shared fixtures do what they say."""

import os
import subprocess
import sys
from pathlib import Path

import redis
from confluent_kafka.admin import AdminClient

LEAVES = {
    "thread": "threading.Thread(target=lambda: time.sleep(8), name='lost', daemon=True).start()",
    "process": "children.append(subprocess.Popen(['sleep', '8']))",
    "environment variable KAKUHAN_LEFT": "os.environ['KAKUHAN_LEFT'] = '1'",
    "task": "loops.append(asyncio.new_event_loop()); tasks.append(loops[0].create_task(asyncio.sleep(9)))",
    "current folder": "os.chdir('/')",
}


def test_the_stack_serves_both(stack, names, create_topics):
    create_topics("one", "two", partitions=3, config={"cleanup.policy": "compact"})
    topics = AdminClient({"bootstrap.servers": stack.brokers}).list_topics(timeout=30).topics
    assert {name: len(topics[name].partitions) for name in topics if name.startswith(names.prefix)} == {
        names.prefix + "one": 3,
        names.prefix + "two": 3,
    }
    with redis.Redis.from_url(stack.redis_url) as client:
        assert client.incr(names.redis_prefix + "n") == 1


def test_topics_are_gone_after_the_test_that_made_them(stack):
    topics = AdminClient({"bootstrap.servers": stack.brokers}).list_topics(timeout=30).topics
    assert [name for name in topics if name.startswith("t")] == []


def test_names_differ_between_tests(request, names):
    fields = {names.prefix, names.app, names.redis_prefix}
    assert len(fields) == 3
    assert all(str(os.getpid()) in field for field in fields)


def test_a_test_that_leaves_something_fails(tmp_path):
    root = Path(__file__).parents[3]
    (tmp_path / "conftest.py").write_text(
        f"import sys; sys.path.insert(0, {str(root)!r})\nfrom tests import conftest\n"
        "conftest.LEAVE_WITHIN_S = 0.2\nnothing_stays_behind = conftest.nothing_stays_behind\n"
    )
    (tmp_path / "test_it.py").write_text(
        "import asyncio, os, subprocess, threading, time\nchildren, loops, tasks = [], [], []\n"
        + "".join(f"def test_{number}():\n    {leave}\n" for number, leave in enumerate(LEAVES.values()))
        + "def test_end():\n    [c.kill() for c in children], [c.wait() for c in children]\n"
        "    [t.cancel() for t in tasks], [l.run_until_complete(asyncio.gather(*tasks, return_exceptions=True))"
        " for l in loops], [l.close() for l in loops]\n"
    )
    pytest_here = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(tmp_path)]
    ran = subprocess.run([*pytest_here, str(tmp_path)], capture_output=True, text=True, timeout=90)
    assert ran.returncode == 1
    assert f"{len(LEAVES) + 1} passed, {len(LEAVES)} errors" in ran.stdout
    assert all(f"left behind: {left}" in ran.stdout for left in LEAVES)
