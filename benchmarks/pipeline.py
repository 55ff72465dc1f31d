"""(b) The whole way: sources, intake, the log, the fold, signals, public states and Redis, with one and two processes.

The clock runs from when a worker has its partitions until everything is durable and shown.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from benchmarks.backlog import Expected, expected
from benchmarks.decisions import digest, shipped_plan
from benchmarks.events import SOURCE_MIX, Maker, account_of, encode_json, raw_of
from benchmarks.figures import Table, figure
from benchmarks.fold import Took
from benchmarks.installation import ANSWER_S, FAR_ENOUGH_S, Installation, Site, producer
from benchmarks.sizes import Sizes
from streams.adapters.customer_keys import CustomerKeys
from streams.domain.plan import Plan
from streams.domain.public import public_state
from streams.domain.state import State, decode_state

WAYS = {
    "one process": ("all",),
    "two processes": ("all", "all"),
    "two processes, intake and fold apart": ("intake", "fold"),
}
SHOWN_SAMPLE = 100


@dataclass(frozen=True, slots=True)
class Given:
    """What was sent."""

    events: int
    accounts: int

    @property
    def records(self) -> int:
        return self.events + self.accounts


def run(sizes: Sizes, site: Site) -> list[Table]:
    """Events/s from the sources to Redis and `signals`; states, signals and views must be as expected."""
    table = Table("pipeline.processes", ["workers", "events/s", "CPU an event, µs"])
    found: dict[str, list[Took]] = {way: [] for way in WAYS}
    given = Given(sizes.pipeline_events, sizes.fold_customers)
    for turn in range(sizes.broker_rounds):
        for number, (way, halves) in enumerate(WAYS.items()):
            installation = Installation(site, f"pipe{turn}{number}")
            send(installation, given, turn)
            found[way].append(_taken(installation, given, halves))
            installation.close()
    for way, took in found.items():
        speed = figure([given.records / each.wall_s for each in took])
        table.add(way, speed, figure([each.cpu_s / given.records * 1e6 for each in took]))
    return [table]


def send(installation: Installation, given: Given, seed: int) -> None:
    """Accounts and events into their source topics."""
    client, now_ms = producer(installation.brokers), time.time_ns() // 1_000_000
    for number in range(given.accounts):
        value = account_of(number)
        client.produce(installation.settings.accounts, encode_json(value), value["customer_id"].encode())
        client.poll(0)
    assert client.flush(ANSWER_S) == 0
    for topic, value in Maker(seed, given.accounts, now_ms - 1_000).mixed(given.events, SOURCE_MIX):
        raw = raw_of(topic, value, now_ms)
        client.produce(installation.settings.topic(topic), raw.value, raw.key)
        client.poll(0)
    assert client.flush(ANSWER_S) == 0


def _taken(installation: Installation, given: Given, halves: tuple[str, ...]) -> Took:
    for half in halves:
        installation.start(half)
    ends = log_ends(installation, given.records)
    reached_s = installation.reached_s(ends, shown=True)
    took = Took(reached_s - installation.begun_s(), installation.cpu_s(reached_s))
    installation.stop()
    check(installation)
    return took


def log_ends(installation: Installation, records: int) -> dict[int, int]:
    """The ends of the log once that many records are in it; waits for them."""
    until = time.monotonic() + FAR_ENOUGH_S
    while sum((ends := installation.ends(installation.settings.events)).values()) < records:
        assert time.monotonic() < until, ends
        time.sleep(0.1)
    return ends


def check(installation: Installation) -> None:
    """Nothing was refused; states, signals and views are what the log explains."""
    settings = installation.settings
    for topic in (settings.dead_letters, settings.unmatched_companies):
        assert sum(installation.ends(topic).values()) == 0, topic
    due, stored = asyncio.run(_due(installation)), installation.states()
    assert digest(stored.items(), due.until_ms, shipped_plan()) == due.digest
    assert sum(installation.ends(settings.signals).values()) == due.signals
    check_views(installation, stored)


async def _due(installation: Installation) -> Expected:
    async with CustomerKeys(installation.settings) as keys:
        return expected(installation.brokers, installation.settings.events, shipped_plan(), keys.open)


def _public_at(state: State, as_of: str, plan: Plan) -> Any:
    """The public state as JSON has it, at its own clock or at the later instant of a daily refresh."""
    shown_ms = round(datetime.fromisoformat(as_of).timestamp() * 1000)
    at_ms = shown_ms if shown_ms > state.as_of_ms else None
    return msgspec.json.decode(msgspec.json.encode(public_state(state, plan, at_ms)))


def check_views(installation: Installation, stored: dict[bytes, bytes]) -> None:
    """Redis shows every customer, and a sample of them as their states say."""
    redis, plan = installation.redis(), shipped_plan()
    counts = redis.hgetall(f"{installation.name}:summary")
    shown = sum(int(count) for key, count in counts.items() if key.startswith("customers:"))
    assert shown == len(stored), (shown, len(stored))
    for key in sorted(stored)[:: max(1, len(stored) // SHOWN_SAMPLE)]:
        public = msgspec.json.decode(redis.get(f"{installation.name}:customer:{key.decode()}"))
        due = _public_at(decode_state(stored[key]), public["as_of"], plan)
        assert public == due, (public, due)
    redis.close()
