"""A Redis view, a signals topic and the means to look into both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from redis import Redis

from streams.adapters.facets import Facets
from streams.adapters.redis_view import RedisView
from streams.local import ports, server
from streams.local.program import Program
from streams.settings import Settings

PLAYBOOKS = {"nurture": json.dumps({"title": "育成", "talk_track": "…", "actions": ["電話"]})}


@dataclass(frozen=True)
class Output:
    key: bytes
    value: bytes
    headers: list[tuple[str, bytes]]


@dataclass(frozen=True)
class View:
    public: bytes | None
    facets: Any


@dataclass(frozen=True)
class Update:
    key: bytes
    offset: int
    view: View
    outputs: list[Output] = field(default_factory=list)


@dataclass(frozen=True)
class Bench:
    """One test's settings, a plain Redis client, and makers of what the engine would hand over."""

    settings: Settings
    redis: Redis

    def view(self, **changes: Any) -> RedisView:
        """A view of these settings, as one worker has it."""
        return RedisView(replace(self.settings, **changes), "2026-11-test@00000000", PLAYBOOKS)

    def key(self, name: str) -> str:
        return self.settings.redis_prefix + name

    def update(self, customer: str, offset: int, **changes: Any) -> Update:
        """What the engine writes of a customer; `public=None` for an erased one."""
        facts: dict[str, Any] = {
            "segment": "streamline",
            "former": False,
            "priority": 0.0,
            "next_at_ms": None,
            "account": None,
            "revenue": Decimal(0),
        }
        public = changes.pop("public", json.dumps({"customer_id": customer, "at": offset}).encode())
        return Update(customer.encode(), offset, View(public, Facets(customer_id=customer, **facts | changes)))

    def zset(self, name: str) -> dict[str, float]:
        return {member.decode(): score for member, score in self.redis.zrange(self.key(name), 0, -1, withscores=True)}

    def summary(self) -> dict[str, str]:
        return {k.decode(): v.decode() for k, v in self.redis.hgetall(self.key("summary")).items()}

    def listed(self, customer: str) -> list[str]:
        """The ids of the signals in a customer's list."""
        return [
            json.loads(item)["signal_id"] for item in self.redis.lrange(self.key(f"customer-signals:{customer}"), 0, -1)
        ]

    def streamed(self) -> list[str]:
        """The ids of the signals in the live stream, in its order."""
        return [json.loads(fields[b"data"])["signal_id"] for _, fields in self.redis.xrange(self.key("signals"))]

    async def publish(self, *signals: dict[str, Any], partition: int = 0, timestamp_ms: int | None = None) -> None:
        """Put signals into their topic as the engine does."""
        producer = AIOKafkaProducer(bootstrap_servers=self.settings.brokers, acks="all")
        await producer.start()
        try:
            for signal in signals:
                value = json.dumps(signal, ensure_ascii=False, separators=(",", ":")).encode()
                headers = [("ce_id", signal["signal_id"].encode())]
                await producer.send_and_wait(
                    self.settings.signals,
                    value,
                    key=signal["customer_id"].encode(),
                    partition=partition,
                    headers=headers,
                    timestamp_ms=timestamp_ms,
                )
        finally:
            await producer.stop()


def signal(customer: str, number: int, **changes: Any) -> dict[str, Any]:
    """A signal of a customer, effective `number` seconds after midnight."""
    instant = f"2026-11-09T{number // 3600:02d}:{number // 60 % 60:02d}:{number % 60:02d}.000Z"
    return {
        "signal_id": f"{customer}-{number}",
        "type": "buying_signal.detected",
        "customer_id": customer,
        "audiences": ["sales"],
        "historical": False,
        "effective_at": instant,
        "detected_at": instant,
    } | changes


@pytest.fixture
def make_signal() -> Callable[..., dict[str, Any]]:
    return signal


@pytest.fixture
def bench(stack: Any, names: Any, create_topics: Callable[..., None]) -> Iterator[Bench]:
    create_topics("signals", partitions=2)
    settings = Settings(
        brokers=stack.brokers,
        redis_url=stack.redis_url,
        app=names.app,
        topic_prefix=names.prefix,
        redis_prefix=names.redis_prefix,
        partitions=2,
    )
    with Redis.from_url(stack.redis_url) as redis:
        yield Bench(settings, redis)
        keys = list(redis.scan_iter(match=names.redis_prefix + "*", count=1_000))
        if keys:
            redis.delete(*keys)


@dataclass(frozen=True)
class OwnRedis:
    """A Redis for one test, which may kill, freeze and empty it."""

    program: Program
    url: str


@pytest.fixture
def own_redis(tmp_path: Path) -> Iterator[OwnRedis]:
    port = ports.any_free()
    with (tmp_path / "lock").open("w") as lock:
        program = Program(
            "redis",
            tmp_path,
            lambda: server.command(tmp_path / "data", port),
            lambda: server.answers(port),
            lock.fileno(),
        )
        program.start()
        yield OwnRedis(program, f"redis://127.0.0.1:{port}/0")
        program.stop()


@pytest.fixture
def away(own_redis: OwnRedis, bench: Any) -> Iterator[Any]:
    """The bench, but with a Redis of its own that may be broken; Kafka is the shared one."""
    settings = replace(bench.settings, redis_url=own_redis.url)
    with Redis.from_url(own_redis.url) as redis:
        yield replace(bench, settings=settings, redis=redis)


@pytest.fixture
def run() -> Callable[[Awaitable[Any]], Any]:
    """Run a coroutine with a limit that says what hangs instead of the whole run."""

    def within(work: Awaitable[Any], limit_s: float = 30.0) -> Any:
        async def limited() -> Any:
            return await asyncio.wait_for(work, limit_s)

        return asyncio.run(limited())

    return within
