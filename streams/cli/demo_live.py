"""The live half of the demo: events as they would come in, and signals as they go out.

It must not know how the system around it is started.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import click
import msgspec
import redis

from schemas.policy import Policy
from streams.adapters.kafka_admin import producer
from streams.cli.signals import readable
from streams.sample.live import live
from streams.settings import Settings

WAIT_MS = 500  # how long one look for signals waits; a Ctrl-C is noticed at once anyway
CATCH_UP_S = 1.0  # a machine that slept goes on from now rather than sending all at once


@contextmanager
def live_events(settings: Settings, seed: int, accounts: int, pace: float) -> Iterator[None]:
    """Send the sample company's live events to the source topics, `pace` a second, while the block runs."""
    ending = threading.Event()
    sender = threading.Thread(target=_send, args=(settings, seed, accounts, pace, ending), name="live events")
    sender.start()
    try:
        yield
    finally:
        ending.set()
        sender.join()


def _send(settings: Settings, seed: int, accounts: int, pace: float, ending: threading.Event) -> None:
    with producer(settings.brokers) as client:
        for line in live(seed, datetime.now(UTC), pace, accounts):
            due_s = datetime.fromisoformat(line["received_at"]).timestamp()
            if ending.wait(max(0.0, due_s - time.time())):
                return
            value = line["value"]
            key = line.get("key") or value.get("customer_id") or value["event_id"]
            client.send(settings.topic(line["topic"]), value=msgspec.json.encode(value), key=key.encode())


class SignalPrinter:
    """Reads the `signals` stream in Redis from now on, and prints each signal as one line."""

    def __init__(self, client: redis.Redis, settings: Settings, policy: Policy) -> None:
        self._client, self._policy = client, policy
        self._prefix = settings.redis_prefix
        newest: Any = client.xrevrange(f"{self._prefix}signals", count=1)
        self._last_id = newest[0][0] if newest else "0-0"

    def print_next(self) -> int:
        """Print the signals that come within the wait; how many."""
        found: Any = self._client.xread({f"{self._prefix}signals": self._last_id}, block=WAIT_MS)
        entries = found[0][1] if found else []
        for entry_id, fields in entries:
            self._last_id = entry_id
            click.echo(self._line(json.loads(fields[b"data"])))
        return len(entries)

    def _line(self, signal: dict[str, Any]) -> str:
        account: Any = self._client.get(f"{self._prefix}account:{signal['customer_id']}")
        name = f"{json.loads(account)['name']} ({signal['customer_id']})" if account else signal["customer_id"]
        return readable(signal | {"customer_id": name}, self._policy)
