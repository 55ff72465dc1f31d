"""Live events, sent at a steady rate and seen from outside when they arrive.

Each event is one of a customer of its own, so that a write to the customer's key tells which event has arrived. It must
not know what is measured with them.
"""

from __future__ import annotations

import subprocess
import sys
import time
from array import array
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from operator import gt
from typing import Any

from benchmarks.decisions import ROOT
from benchmarks.events import SOURCE_MIX, Maker, raw_of
from benchmarks.installation import Installation
from benchmarks.load import Prepared, encode_prepared
from benchmarks.observers import RedisObserver, SignalObserver
from streams.engine.schedule import SLOT_MS

ARRIVE_WITHIN_S = 300.0
WARM_UP_SHARE = 0.1  # of the events, which are left out
SETTLE_S = 2.0  # after the workers are there
READY_WITHIN_S = 120.0
LOOK_EVERY_S = 0.1
RELEASES = ("press_release", "media_mention", "job_postings")  # they name a company, and accounts are not sent here
BRIEFLY_S = 20.0  # in which events that were sent have arrived, views of a refresh are written, and clocks differ
NOTHING_ELSE = nullcontext()
MIX = {kind: weight for kind, weight in SOURCE_MIX.items() if kind not in RELEASES}


@dataclass(frozen=True, slots=True)
class Live:
    """Records to send, with the customer and the event id of each."""

    records: Prepared
    ids: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Arrivals:
    """For each event in the order of sending: when it was sent (epoch ns), and when readers had it and its signal."""

    sent_ns: Sequence[int]
    redis_ns: Sequence[int]
    signal_ns: Sequence[int | None]
    by_time_ns: Sequence[int]  # arrivals of signals that time alone has caused

    def between(self, begin_s: float, end_s: float) -> tuple[list[float], list[float]]:
        """ms to Redis, and to the first signal of those that caused one, for events sent within a span (epoch s)."""
        rows = zip(self.sent_ns, self.redis_ns, self.signal_ns, strict=True)
        chosen = [row for row in rows if begin_s * 1e9 <= row[0] < end_s * 1e9]
        redis = [(redis - sent) / 1e6 for sent, redis, _ in chosen]
        return redis, [(signal - sent) / 1e6 for sent, _, signal in chosen if signal is not None]

    def warm(self) -> tuple[list[float], list[float]]:
        """The same without the first events."""
        return self.between(self.sent_ns[int(len(self.sent_ns) * WARM_UP_SHARE)] / 1e9, float("inf"))


def quantile(values: Sequence[float], share: float) -> float:
    """The value that a share of all values does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else float("nan")


def await_ready(installation: Installation, workers: int) -> None:
    """Until every worker has its partitions, and a little longer."""
    until = time.monotonic() + READY_WITHIN_S
    while sum(1 for worker in installation.workers if worker.lines()) < workers:
        installation.revive()
        assert time.monotonic() < until, [worker.told() for worker in installation.workers]
        time.sleep(LOOK_EVERY_S)
    time.sleep(SETTLE_S)


def clear_of_refresh(begin_s: float, seconds: float) -> float:
    """The first instant (epoch s) from one on from which so many seconds are free of the daily refresh of views.

    The refresh of a key that is written after the event of the same key would be taken for the event's arrival.
    """
    slot_s = SLOT_MS / 1000
    if (begin_s - BRIEFLY_S) // slot_s == (begin_s + seconds + BRIEFLY_S) // slot_s:
        return begin_s
    return (begin_s // slot_s + (begin_s % slot_s > BRIEFLY_S)) * slot_s + BRIEFLY_S


def prepare(installation: Installation, count: int, first: int) -> Live:
    """Events of customers from number `first` on, one each."""
    now_ms = time.time_ns() // 1_000_000
    maker, kinds = Maker(9, 1, now_ms), Maker(10, 1, now_ms).kinds(count, MIX)
    prepared, ids = Prepared(), []
    for number, kind in enumerate(kinds, start=first):
        topic, value = maker.value(kind, number, now_ms - 1_000)
        raw = raw_of(topic, value, now_ms)
        assert raw.key is not None and raw.value is not None  # noqa: PT018 - for the type checker
        prepared.append((installation.settings.topic(topic), raw.key, raw.value))
        ids.append((value["customer_id"], value["event_id"]))
    return Live(prepared, ids)


def observed(
    installation: Installation, live: Live, rate: int, due: int = 0, while_sending: Any = NOTHING_ELSE
) -> Arrivals:
    """Send the events, and see all of them and all signals arrive; `due` signals of them are caused by time alone.

    `while_sending` is a context manager that is entered meanwhile.
    """
    files = [installation.site.folder / f"{installation.name}.{kind}" for kind in ("prepared", "sent")]
    files[0].write_bytes(encode_prepared(live.records))
    settings = installation.settings
    with (
        RedisObserver(settings.redis_url, settings.redis_prefix) as redis,
        SignalObserver(settings.brokers, settings.signals) as signals,
    ):
        before = sum(installation.ends(settings.signals).values())
        command = [sys.executable, "-m", "benchmarks.load", settings.brokers, str(rate), *map(str, files)]
        with while_sending:
            subprocess.run(command, cwd=ROOT, check=True)
        sent_ns = array("q", files[1].read_bytes())
        redis.wait_for({customer for customer, _ in live.ids}, ARRIVE_WITHIN_S)
        places = [customer for customer, _ in live.ids]
        redis.wait_until(lambda: all(map(gt, map(redis.seen_ns.get, places), sent_ns)), ARRIVE_WITHIN_S)
        signals.wait_for_count(lambda: len(signals.by_time_ns), due, ARRIVE_WITHIN_S)
        published = sum(installation.ends(settings.signals).values())  # they go out before Redis is written
        signals.wait_for_count(lambda: signals.signals, published - before, ARRIVE_WITHIN_S)
    assert not signals.seen_ns.keys() - {event_id for _, event_id in live.ids}, "signals of events that were not sent"
    redis_ns = [redis.seen_ns[customer] for customer, _ in live.ids]
    signal_ns = [signals.seen_ns.get(event_id) for _, event_id in live.ids]
    assert all(seen > sent for seen, sent in zip(redis_ns, sent_ns, strict=True)), "seen before it was sent"
    return Arrivals(sent_ns, redis_ns, signal_ns, list(signals.by_time_ns.values()))
