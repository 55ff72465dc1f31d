"""(e) A worker with very many customers: how soon it is ready again, what it holds, what it costs when idle.

The customers' states are put into the changelog as a worker writes them; 200 different pasts of about forty events.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time

from benchmarks.decisions import ROOT, shipped_plan
from benchmarks.events import customer_name
from benchmarks.figures import Table, figure
from benchmarks.installation import FAR_ENOUGH_S, Installation, Site
from benchmarks.live import await_ready, observed, prepare
from benchmarks.pipeline import check_views
from benchmarks.seeding import seed_changelog
from benchmarks.shards import rows_of, states_of
from benchmarks.sizes import Sizes
from streams.domain.state import State

SELDOM_S, QUIET_AFTER_S = 1.0, 8.0  # a worker looks seldom at itself; Redis is asked what it holds after the start
QUIET_MS = 2 * 3_600_000  # nothing of the made-up pasts is due within that time: the customers are idle
LIVE_EVENTS, LIVE_RATE = 40, 20
IDLE_PARTS = 3
LOOK_EVERY_S = 0.2


def run(sizes: Sizes, site: Site) -> list[Table]:
    """Recovery beside raw consumption of the same changelog; memory, Redis and idle CPU with as many customers."""
    recovery = Table(
        "million.recovery",
        [
            "customers",
            "changelog, MB",
            "raw consume, s",
            "start to ready, s",
            "× raw",
            "without state, s",
            "the state alone, × raw",
        ],
    )
    holding = Table(
        "million.holding",
        [
            "customers",
            "resident, MB",
            "bytes a customer",
            "Redis, bytes a customer",
            "idle CPU, % of a core",
            "of it by the customers",
        ],
    )
    for customers in sizes.recovery_customers:
        _measure(sizes, site, customers, recovery, holding)
    return [recovery, holding]


def _measure(sizes: Sizes, site: Site, customers: int, recovery: Table, holding: Table) -> None:
    empty = Installation(site, f"none{customers}")
    without = [_restarted_s(empty) for _ in range(sizes.broker_rounds)]
    empty_bytes = empty.workers[-1].resident_bytes()
    empty.stop()
    idle_without = _idle_shares(empty, sizes.idle_s)
    empty.close()
    installation, now_ms = Installation(site, f"many{customers}"), time.time_ns() // 1_000_000
    rows = rows_of(_idle_states(now_ms), customers, now_ms)
    seed_changelog(installation, rows.items(), now_ms)
    megabytes = sum(map(len, rows.values())) / 1e6
    del rows
    redis_before = _redis_bytes(installation)
    _restarted_s(installation)
    await_views(installation, customers)
    redis_bytes = _redis_bytes(installation) - redis_before
    installation.stop()
    idle = _idle_shares(installation, sizes.idle_s)
    pairs = [(_raw_s(installation, customers), _restarted_s(installation)) for _ in range(sizes.broker_rounds)]
    resident = installation.workers[-1].resident_bytes()
    for raw_s, ready_s in pairs:
        told = f"{customers:,} customers: raw {raw_s:.1f} s, ready after {ready_s:.1f} s, {resident / 1e6:,.0f} MB"
        print(f"  {told}", file=sys.stderr, flush=True)  # before the views are looked at one by one
    _check(installation)
    installation.close()
    empty_s = figure(without)
    recovery.add(
        customers,
        megabytes,
        figure([raw_s for raw_s, _ in pairs]),
        figure([ready_s for _, ready_s in pairs]),
        figure([ready_s / raw_s for raw_s, ready_s in pairs]),
        empty_s,
        figure([(ready_s - empty_s["median"]) / raw_s for raw_s, ready_s in pairs]),
    )
    each, by_customers = (resident - empty_bytes) / customers, figure(idle)["median"] - figure(idle_without)["median"]
    holding.add(customers, resident / 1e6, each, redis_bytes / customers, figure(idle), by_customers)


def _idle_states(now_ms: int) -> list[State]:
    idle = [state for state in states_of(shipped_plan(), now_ms) if state.due_ms > now_ms + QUIET_MS]
    assert len(idle) > 20, "midnight is too near for idle customers"
    return idle


def _restarted_s(installation: Installation) -> float:
    """Seconds from the start of a worker that takes the place of the others until it works."""
    installation.stop()
    began_s = time.time()
    worker = installation.start("fold")
    until = time.monotonic() + FAR_ENOUGH_S
    while not worker.lines():
        installation.revive()
        assert time.monotonic() < until, worker.told()
        time.sleep(LOOK_EVERY_S / 10)
    return worker.lines()[0].at_s - began_s


def _raw_s(installation: Installation, customers: int) -> float:
    """Reading the changelog without doing anything with it, as fast as aiokafka does."""
    arguments = [installation.brokers, installation.settings.changelog, "", str(customers)]
    command = [sys.executable, "-m", "benchmarks.peers.raw_consumer", *arguments]
    ran = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=True)
    return float(json.loads(ran.stdout)["seconds"])


def await_views(installation: Installation, customers: int) -> None:
    """Until Redis shows that many customers, and the workers have nothing more to write."""
    redis, until = installation.redis(), time.monotonic() + FAR_ENOUGH_S
    while True:
        summary = redis.hgetall(f"{installation.name}:summary")
        if sum(int(count) for key, count in summary.items() if key.startswith("customers:")) == customers:
            break
        installation.revive()
        assert time.monotonic() < until, summary
        time.sleep(LOOK_EVERY_S)
    redis.close()
    time.sleep(2.0)


def _redis_bytes(installation: Installation) -> int:
    redis = installation.redis()
    used = int(redis.info("memory")["used_memory_dataset"])
    redis.close()
    return used


def _idle_shares(installation: Installation, seconds: int) -> list[float]:
    """The shares of one core, in %, that a worker takes while nothing happens, in equal parts of that time."""
    worker = installation.start("fold", look_every_s=SELDOM_S)
    await_ready(installation, len(installation.workers))
    time.sleep(QUIET_AFTER_S)
    shares = []
    for _ in range(IDLE_PARTS):
        before = worker.cpu_s()
        time.sleep(seconds / IDLE_PARTS)
        shares.append(100 * (worker.cpu_s() - before) / (seconds / IDLE_PARTS))
    installation.stop()
    return shares


def _check(installation: Installation) -> None:
    """The restarted worker goes on: events of known customers arrive, and the views are what the states say."""
    installation.start("intake")
    await_ready(installation, 1)
    live = prepare(installation, LIVE_EVENTS, first=0)
    assert live.ids[0][0] == customer_name(0)
    observed(installation, live, LIVE_RATE)
    installation.stop()
    check_views(installation, installation.states())
