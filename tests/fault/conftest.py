"""Kafka and Redis behind proxies, for the tests that disturb the network."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from streams.local import LocalStack, ports
from tests.fault.proxy import HOST, Proxy

PROTOCOLS = "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT,PROXIED:PLAINTEXT"


@dataclass(frozen=True)
class Proxied:
    """A stack whose broker tells clients that come through the proxy to stay there."""

    stack: LocalStack
    kafka: Proxy
    redis: Proxy

    @property
    def ways(self) -> dict[str, str]:
        """What the workers are given."""
        return {"brokers": self.kafka.address, "redis_url": f"redis://{self.redis.address}/0"}


@contextmanager
def proxied_stack(folder: Path | None = None) -> Iterator[Proxied]:
    """The same for whoever is no test; without a folder it is a temporary one."""
    with ExitStack() as ending:
        kafka, redis = ending.enter_context(Proxy()), ending.enter_context(Proxy())
        kafka.target_port = ports.any_free()
        stack = LocalStack(
            folder, temporary=folder is None, kafka_port=0, redis_port=0, adjust_kafka=_second_listener(kafka)
        )
        ending.enter_context(stack)
        redis.target_port = stack.redis_port
        yield Proxied(stack, kafka, redis)


def _second_listener(proxy: Proxy) -> Callable[[dict[str, str | int]], dict[str, str | int]]:
    def adjusted(settings: dict[str, str | int]) -> dict[str, str | int]:
        listeners, advertised = settings["listeners"], settings["advertised.listeners"]
        return settings | {
            "listeners": f"{listeners},PROXIED://{HOST}:{proxy.target_port}",
            "advertised.listeners": f"{advertised},PROXIED://{HOST}:{proxy.port}",
            "listener.security.protocol.map": PROTOCOLS,
        }

    return adjusted


@pytest.fixture
def proxied() -> Iterator[Proxied]:
    with proxied_stack() as made:
        yield made
