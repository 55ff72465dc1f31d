"""Watch from outside when something is there for readers: a customer's key in Redis, a signal on its topic.

They must not know who writes it, and cost the machine next to nothing.
"""

from __future__ import annotations

import re
import socket
import threading
import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import msgspec
from confluent_kafka import Consumer, TopicPartition

BUFFER_BYTES = 1 << 20
LOOK_EVERY_S = 0.2


class _Cause(msgspec.Struct):
    event_id: str | None = None


class _Signal(msgspec.Struct):
    customer_id: str
    effective_at: str
    cause: _Cause


class Observer:
    """Notes when each name was first seen (epoch ns), in a thread."""

    def __init__(self) -> None:
        self.seen_ns: dict[str, int] = {}
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self.failed: Exception | None = None

    def __enter__(self) -> Any:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        if self.failed is not None:
            raise self.failed

    def _watch(self) -> None:
        try:
            self.watch()
        except Exception as error:
            self.failed = error

    def watch(self) -> None:
        """Look until it is over."""
        raise NotImplementedError  # abstract: each observer looks in its own way

    def wait_for(self, names: set[str], within_s: float) -> None:
        """Until all names were seen.

        Raises:
            AssertionError: Some were not.
        """
        until = time.monotonic() + within_s
        while missing := names - self.seen_ns.keys():
            assert self.failed is None, self.failed
            assert time.monotonic() < until, f"{len(missing)} of {len(names)} never came, as {min(missing)}"
            time.sleep(LOOK_EVERY_S)

    def wait_until(self, seen: Callable[[], bool], within_s: float) -> None:
        """Until that is so.

        Raises:
            AssertionError: It never was.
        """
        until = time.monotonic() + within_s
        while not seen():
            assert self.failed is None, self.failed
            assert time.monotonic() < until, "what was waited for never came"
            time.sleep(LOOK_EVERY_S)


class RedisObserver(Observer):
    """Customers whose key in Redis was written, told by Redis itself (client-side caching, broadcasting mode)."""

    def __init__(self, redis_url: str, redis_prefix: str) -> None:
        super().__init__()
        self._prefix = f"{redis_prefix}customer:"
        where = urlsplit(redis_url)
        self._socket = socket.create_connection((where.hostname or "", where.port or 6379))
        self._socket.settimeout(LOOK_EVERY_S)
        self._socket.sendall(b"HELLO 3\r\nCLIENT TRACKING ON BCAST PREFIX %s\r\n" % self._prefix.encode())

    def watch(self) -> None:
        name, rest = re.compile(re.escape(self._prefix.encode()) + rb"([^\r]+)\r\n"), b""
        while not self._over.is_set():
            try:
                data = self._socket.recv(BUFFER_BYTES)
            except TimeoutError:
                continue
            now_ns, rest = time.time_ns(), rest + data
            end = rest.rfind(b"\r\n") + 2
            for found in name.findall(rest[:end]):
                self.seen_ns[found.decode()] = now_ns  # the last write, as the daily refresh may have come before
            rest = rest[end:] if end > 1 else rest
        self._socket.close()


class SignalObserver(Observer):
    """Events that caused a signal, by their id, from now on."""

    def __init__(self, brokers: str, topic: str) -> None:
        super().__init__()
        self._consumer = Consumer(
            {"bootstrap.servers": brokers, "group.id": "looking", "enable.auto.commit": False, "fetch.wait.max.ms": 200}
        )
        self.signals, self.by_time_ns = 0, dict[tuple[str, str], int]()  # the latter by customer and instant
        partitions = self._consumer.list_topics(topic, 30).topics[topic].partitions
        places = [TopicPartition(topic, p) for p in partitions]
        ends = [self._consumer.get_watermark_offsets(place, 30)[1] for place in places]
        self._consumer.assign([TopicPartition(topic, p.partition, end) for p, end in zip(places, ends, strict=True)])

    def wait_for_count(self, seen: Callable[[], int], count: int, within_s: float) -> None:
        """Until that many were seen.

        Raises:
            AssertionError: They were not, or more were.
        """
        until = time.monotonic() + within_s
        while seen() < count and time.monotonic() < until:
            time.sleep(LOOK_EVERY_S)
        assert seen() == count, f"{seen()} signals instead of {count}"

    def watch(self) -> None:
        decode = msgspec.json.Decoder(_Signal).decode
        while not self._over.is_set():
            message = self._consumer.poll(LOOK_EVERY_S)
            if message is None or message.error() is not None:
                continue
            now_ns, signal = time.time_ns(), decode(message.value())
            self.signals += 1
            if signal.cause.event_id is None:
                self.by_time_ns.setdefault((signal.customer_id, signal.effective_at), now_ns)
            else:
                self.seen_ns.setdefault(signal.cause.event_id, now_ns)
        self._consumer.close()
