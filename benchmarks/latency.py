"""(c) How long it takes from handing an event to a producer until readers have it, in Redis and on `signals`.

The customers are there before, with some events each. Every event and every signal must arrive, and the states must be
those that the log explains.
"""

from __future__ import annotations

import time
from typing import Any

from benchmarks.backlog import fill
from benchmarks.cores import WHO, CoreMeter
from benchmarks.figures import Table, figure
from benchmarks.installation import Installation, Site
from benchmarks.live import SETTLE_S, Arrivals, await_ready, clear_of_refresh, observed, prepare, quantile
from benchmarks.pipeline import check
from benchmarks.sizes import Sizes

SPLIT_FROM = 1_000  # events/s from which on two processes are measured, too
PAST_EVENTS = 3  # of each customer on average
LOOK_EVERY_S = 0.2  # how often workers note how far they are, as that takes them time
QUANTILES = (0.5, 0.99, 0.999)
READERS = ("Redis", "signals")
KEPT_UP_WITH = 1_000  # events/s up to which several rounds are measured; beyond it the queue says what there is to say


def run(sizes: Sizes, site: Site) -> list[Table]:
    """p50, p99 and p99.9 by rate and number of processes, and who took the cores meanwhile."""
    columns = [
        "events/s",
        "workers",
        *(f"{to} {q}, ms" for to in READERS for q in ("p50", "p99", "p99.9")),
    ]
    table = Table("latency.rates", [*columns, "events", "signals"])
    cores = Table("latency.cores", ["events/s", "workers", *(f"{who}, cores" for who in WHO)])
    for rate in sizes.latency_rates:
        for workers in (1, 2) if rate >= SPLIT_FROM else (1,):
            rounds = [_round(sizes, site, rate, workers, number) for number in range(_rounds_at(rate, sizes))]
            shown = [
                _of_rounds([quantile(found[to], q) for found, _ in rounds])
                for to in range(len(READERS))
                for q in QUANTILES
            ]
            counts = [sum(len(found[to]) for found, _ in rounds) for to in range(len(READERS))]
            table.add(rate, workers, *shown, *counts)
            cores.add(rate, workers, *(_of_rounds([taken[who] for _, taken in rounds]) for who in WHO))
    return [table, cores]


def _rounds_at(rate: int, sizes: Sizes) -> int:
    return sizes.broker_rounds if rate <= KEPT_UP_WITH else 1


def _of_rounds(values: list[float]) -> Any:
    return figure(values) if len(values) > 1 else values[0]


def _round(
    sizes: Sizes, site: Site, rate: int, workers: int, number: int
) -> tuple[tuple[list[float], list[float]], dict[str, float]]:
    """ms to Redis and to `signals`, the first events left out, and who took the cores."""
    installation = Installation(site, f"late{rate}-{workers}-{number}")
    arrivals, taken = _measured(installation, rate, rate * sizes.latency_s, ("all",) * workers)
    installation.close()
    return arrivals.warm(), taken


def _measured(
    installation: Installation, rate: int, count: int, halves: tuple[str, ...]
) -> tuple[Arrivals, dict[str, float]]:
    events = installation.settings.events
    fill(installation.brokers, events, 11, count, count * PAST_EVENTS, from_sources=False)
    for half in halves:
        installation.start(half, LOOK_EVERY_S)
    await_ready(installation, len(halves))
    installation.reached_s(installation.ends(events), shown=True)
    live = prepare(installation, count, first=0)
    time.sleep(max(SETTLE_S, clear_of_refresh(time.time() + SETTLE_S, count / rate) - time.time()))
    meter = CoreMeter(installation)
    arrivals = observed(installation, live, rate, while_sending=meter)
    installation.stop()
    check(installation)
    return arrivals, meter.taken
