"""What every test may ask for: a real Kafka and Redis, names of its own, data; and what no test may leave behind."""

from __future__ import annotations

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psutil
import pytest
from confluent_kafka.admin import AdminClient, NewTopic
from hypothesis import settings

from streams.local import LocalStack

ROOT = Path(__file__).parent.parent
CDNOW = ROOT / ".kakuhan" / "data" / "lifetimes" / "datasets"
FAULTS, BROWSER = "tests/fault/", "tests/browser/"
# Beginnings of paths, the slowest first.
SLOW = (f"{FAULTS}test_broker", f"{FAULTS}test_network", f"{FAULTS}test_workers", FAULTS, BROWSER,
        "tests/integration/")  # fmt: skip
KAFKA_ANSWERS_S = 30.0
LEAVE_WITHIN_S = 5.0  # what was told to end may take that long on a busy machine
_numbers = itertools.count(1)
settings.register_profile("kakuhan", deadline=None)  # a machine that is busy elsewhere says nothing about our code
settings.load_profile("kakuhan")


@dataclass(frozen=True, slots=True)
class Names:
    """Names that no other test uses.

    `prefix` goes before every topic name, `app` is the application (and consumer group) name, `redis_prefix` goes
    before every Redis key.
    """

    prefix: str
    app: str
    redis_prefix: str


CreateTopics = Callable[..., None]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that processes side by side end together.

    The tests that kill and freeze processes come first, among themselves: they wait more than they work, and disturb
    each other less than those that look at the clock.
    """
    items.sort(key=lambda item: _place(item.nodeid))


def _place(nodeid: str) -> int:
    """In the order of all tests; what is not named comes last."""
    return next((n for n, slow in enumerate(SLOW) if nodeid.startswith(slow)), len(SLOW))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """A file is one piece of work, as its tests share what they set up; a fault test is one by itself.

    All that drive a browser are one piece, too: a browser is a heavy thing.
    """
    from xdist.scheduler import LoadScopeScheduling

    class Pieces(LoadScopeScheduling):  # type: ignore[misc]
        def _split_scope(self, nodeid: str) -> str:
            if nodeid.startswith(BROWSER):
                return BROWSER
            return nodeid if nodeid.startswith(FAULTS) else nodeid.split("::", 1)[0]

    config.option.loadscopereorder = False  # the order is that of the collection
    return Pieces(config, log)


@pytest.fixture(scope="session")
def stack() -> Iterator[LocalStack]:
    """One Kafka and one Redis for all tests of this process; tests must not stop them (see `own_stack`)."""
    with LocalStack(temporary=True, kafka_port=0, redis_port=0) as running:
        yield running
        assert running.failed() is None, f"{running.failed()} ended by itself"


@pytest.fixture
def own_stack() -> Iterator[LocalStack]:
    """A Kafka and a Redis for one test, which may stop, kill, freeze and restart them."""
    with LocalStack(temporary=True, kafka_port=0, redis_port=0) as running:
        yield running


@pytest.fixture
def names() -> Names:
    """Fresh names; unique among the tests and processes that share a stack."""
    unique = f"t{os.getpid()}-{next(_numbers)}"
    return Names(prefix=f"{unique}.", app=f"{unique}.app", redis_prefix=f"{unique}:")


@pytest.fixture
def create_topics_at() -> CreateTopics:
    """`create_topics_at(brokers, "full.name", partitions=4, config={})` on any broker, as that of `own_stack`."""
    return _create


@pytest.fixture
def create_topics(stack: LocalStack, names: Names) -> Iterator[CreateTopics]:
    """`create_topics("events", "signals", partitions=4, config={"cleanup.policy": "compact"})` on the shared stack.

    The names get the test's prefix; all topics with that prefix are deleted after the test.
    """
    yield lambda *topics, **how: _create(stack.brokers, *(names.prefix + topic for topic in topics), **how)
    admin = _admin(stack.brokers)
    mine = [topic for topic in _partitions(admin) if topic.startswith(names.prefix)]
    for done in (admin.delete_topics(mine) if mine else {}).values():
        done.result(KAFKA_ANSWERS_S)
    _wait_until(lambda: not _partitions(admin).keys() & mine)


def _create(brokers: str, *topics: str, partitions: int = 1, config: dict[str, str] | None = None) -> None:
    new = [NewTopic(topic, partitions, 1, config=config or {}) for topic in topics]
    admin = _admin(brokers)  # must live until the answers are here
    for done in admin.create_topics(new, operation_timeout=KAFKA_ANSWERS_S).values():
        done.result(KAFKA_ANSWERS_S)
    _wait_until(lambda: all(_partitions(admin).get(topic) == partitions for topic in topics))


def _partitions(admin: AdminClient) -> dict[str, int]:
    """How many partitions with a leader each topic has, as the broker tells clients; a little later than it answers."""
    found = admin.list_topics(timeout=KAFKA_ANSWERS_S).topics.values()
    return {topic.topic: sum(p.leader >= 0 for p in topic.partitions.values()) for topic in found}


def _wait_until(holds: Callable[[], bool]) -> None:
    until = time.monotonic() + KAFKA_ANSWERS_S
    while not holds():
        assert time.monotonic() < until, "Kafka did not carry it out in time"
        time.sleep(0.02)


def _admin(brokers: str) -> AdminClient:
    return AdminClient({"bootstrap.servers": brokers, "log_level": 0})


@pytest.fixture(scope="session")
def cdnow() -> Path:
    """Folder with CDNOW_master.txt, CDNOW_sample.txt and cdnow_customers_summary*.csv (Fader & Hardie)."""
    assert CDNOW.is_dir(), f"{CDNOW} is missing: `scripts/setup test` fetches it"
    return CDNOW


@pytest.fixture(autouse=True)
def nothing_stays_behind() -> Iterator[None]:
    """Fail a test that leaves asyncio tasks, threads, child processes or a changed environment."""
    before = _Surroundings.now()
    yield
    left = _left_behind(before)
    until = time.monotonic() + LEAVE_WITHIN_S
    while left and time.monotonic() < until:
        time.sleep(0.02)
        left = _left_behind(before)
    assert not left, "left behind: " + "; ".join(left)


@dataclass(frozen=True)
class _Surroundings:
    tasks: frozenset[int]
    threads: frozenset[int]
    children: frozenset[int]
    environment: dict[str, str]
    folder: str

    @classmethod
    def now(cls) -> _Surroundings:
        return cls(
            frozenset(map(id, _unfinished_tasks())),
            frozenset(map(id, threading.enumerate())),
            frozenset(_children()),
            _environment(),
            os.getcwd(),
        )


def _left_behind(before: _Surroundings) -> list[str]:
    now = _environment()
    changed = [k for k in now.keys() | before.environment.keys() if now.get(k) != before.environment.get(k)]
    return [
        *(f"task {t.get_name()} {t.get_coro()!r}" for t in _unfinished_tasks() if id(t) not in before.tasks),
        *(f"thread {t.name}" for t in threading.enumerate() if id(t) not in before.threads),
        *(f"process {_describe(p)}" for p in _children() if p not in before.children),
        *(f"environment variable {name}" for name in sorted(changed)),
        *([f"current folder {os.getcwd()}"] if os.getcwd() != before.folder else []),
    ]


def _unfinished_tasks() -> list[asyncio.Task[object]]:
    """Tasks of every event loop; asyncio.all_tasks needs the loop, which a test may have lost."""
    known = getattr(asyncio.tasks, "_scheduled_tasks", None) or getattr(asyncio.tasks, "_all_tasks", ())
    eager = getattr(asyncio.tasks, "_eager_tasks", ())
    return [task for task in (*known, *eager) if not task.done()]


def _children() -> list[int]:
    """Process ids of this process's children; on Linux without a look at every process, which takes 10 ms."""
    listings = list(Path("/proc/self/task").glob("*/children"))
    if not listings:
        return [child.pid for child in psutil.Process().children()]
    return [int(pid) for listing in listings for pid in _read(listing).split() if not _is_pythons_own(int(pid))]


def _read(listing: Path) -> str:
    try:
        return listing.read_text()
    except OSError:  # that thread has just ended
        return ""


def _is_pythons_own(pid: int) -> bool:
    """Whether it is the helper that multiprocessing starts once and keeps."""
    return "multiprocessing.resource_tracker" in _describe(pid)


def _describe(pid: int) -> str:
    try:
        return f"{pid} {' '.join(psutil.Process(pid).cmdline())[:200]}"
    except psutil.Error:
        return str(pid)


def _environment() -> dict[str, str]:
    return {key: value for key, value in os.environ.items() if key != "PYTEST_CURRENT_TEST"}
