"""(c) How long it takes from handing an event to a producer until readers have it, in Redis and on `signals`.

Each event is one of a customer of its own, so that a write to the customer's key tells which event has arrived.
"""

from __future__ import annotations

import subprocess
import sys
import time
from array import array
from collections.abc import Sequence

from benchmarks.decisions import ROOT
from benchmarks.events import SOURCE_MIX, Maker, raw_of
from benchmarks.figures import Table
from benchmarks.installation import Installation, Site
from benchmarks.load import Prepared, encode_prepared
from benchmarks.observers import RedisObserver, SignalObserver
from benchmarks.pipeline import check
from benchmarks.sizes import Sizes

ARRIVE_WITHIN_S = 120.0
WARM_UP_SHARE = 0.1  # of the events, which are left out
SETTLE_S = 2.0  # after the workers are there
READY_WITHIN_S = 120.0
SPLIT_FROM = 1_000  # events/s from which on two processes are measured, too
RELEASES = ("press_release", "media_mention", "job_postings")  # they name a company, and accounts are not sent here
MIX = {kind: weight for kind, weight in SOURCE_MIX.items() if kind not in RELEASES}
QUANTILES = (0.5, 0.99, 0.999)


def run(sizes: Sizes, site: Site) -> list[Table]:
    """p50, p99 and p99.9 by rate and number of processes; every event and every signal must arrive."""
    columns = [
        "events/s",
        "workers",
        *(f"{to} {q}, ms" for to in ("Redis", "signals") for q in ("p50", "p99", "p99.9")),
    ]
    table = Table("latency.rates", [*columns, "events", "signals"])
    for rate in sizes.latency_rates:
        for halves in (("all",), ("all", "all")) if rate >= SPLIT_FROM else (("all",),):
            installation = Installation(site, f"late{rate}-{len(halves)}")
            to_redis, to_signals = _measured(installation, rate, rate * sizes.latency_s, halves)
            shown = [quantile(found, q) for found in (to_redis, to_signals) for q in QUANTILES]
            table.add(rate, len(halves), *shown, len(to_redis), len(to_signals))
            installation.close()
    return [table]


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def _measured(
    installation: Installation, rate: int, count: int, halves: tuple[str, ...]
) -> tuple[list[float], list[float]]:
    for half in halves:
        installation.start(half)
    await_ready(installation, len(halves))
    prepared, ids = prepare(installation, count, first=0)
    to_redis, to_signals = observed(installation, prepared, ids, rate)
    installation.stop()
    check(installation)
    return to_redis, to_signals


def await_ready(installation: Installation, workers: int) -> None:
    """Until every worker has its partitions, and a little longer."""
    until = time.monotonic() + READY_WITHIN_S
    while sum(1 for worker in installation.workers if worker.lines()) < workers:
        assert time.monotonic() < until, [worker.told() for worker in installation.workers]
        time.sleep(0.1)
    time.sleep(SETTLE_S)


def prepare(installation: Installation, count: int, first: int) -> tuple[Prepared, list[tuple[str, str]]]:
    """Records of customers from number `first` on, one each, and their (customer, event id)."""
    now_ms = time.time_ns() // 1_000_000
    maker, kinds = Maker(9, 1, now_ms), Maker(10, 1, now_ms).kinds(count, MIX)
    prepared, ids = Prepared(), []
    for number, kind in enumerate(kinds, start=first):
        topic, value = maker.value(kind, number, now_ms - 1_000)
        raw = raw_of(topic, value, now_ms)
        assert raw.key is not None and raw.value is not None  # noqa: PT018 - for the type checker
        prepared.append((installation.settings.topic(topic), raw.key, raw.value))
        ids.append((value["customer_id"], value["event_id"]))
    return prepared, ids


def observed(
    installation: Installation, prepared: Prepared, ids: list[tuple[str, str]], rate: int
) -> tuple[list[float], list[float]]:
    """ms from each event to Redis, and to its first signal for those that caused one."""
    files = [installation.site.folder / f"{installation.name}.{kind}" for kind in ("prepared", "sent")]
    files[0].write_bytes(encode_prepared(prepared))
    settings = installation.settings
    with (
        RedisObserver(settings.redis_url, settings.redis_prefix) as redis,
        SignalObserver(settings.brokers, settings.signals) as signals,
    ):
        before = sum(installation.ends(settings.signals).values())
        command = [sys.executable, "-m", "benchmarks.load", settings.brokers, str(rate), *map(str, files)]
        subprocess.run(command, cwd=ROOT, check=True)
        redis.wait_for({customer for customer, _ in ids}, ARRIVE_WITHIN_S)
        published = sum(installation.ends(settings.signals).values())  # they go out before Redis is written
        signals.wait_for_count(published - before, ARRIVE_WITHIN_S)
    sent_ns = array("q", files[1].read_bytes())
    warm = int(len(ids) * WARM_UP_SHARE)
    to_redis = [
        (redis.seen_ns[customer] - at) / 1e6 for (customer, _), at in zip(ids[warm:], sent_ns[warm:], strict=True)
    ]
    to_signals = [
        (signals.seen_ns[event_id] - at) / 1e6
        for (_, event_id), at in zip(ids[warm:], sent_ns[warm:], strict=True)
        if event_id in signals.seen_ns
    ]
    assert min(to_redis + to_signals) > 0, "seen before it was sent"
    assert not signals.seen_ns.keys() - {event_id for _, event_id in ids}, "signals of events that were not sent"
    return to_redis, to_signals
