"""Very many customers due at one local midnight, when their contracts' days of grace end: does it hold live events up?

The local midnight comes when the measurement is ready for it, in a time zone made for it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.decisions import POLICY
from benchmarks.events import customer_name
from benchmarks.figures import Table, figure
from benchmarks.installation import Installation, Site
from benchmarks.live import Arrivals, await_ready, clear_of_refresh, observed, prepare, quantile
from benchmarks.million import await_views
from benchmarks.seeding import seed_changelog
from benchmarks.sizes import Sizes
from benchmarks.soon import NAME, make_zone
from schemas.log import LogEvent
from schemas.policy import Policy
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.record import Record
from streams.domain.state import State, encode_state
from streams.domain.step import step
from streams.domain.zone import DAY_MS, iso_day, iso_instant
from streams.engine.envelope import seal
from streams.policy_file import load_policy

BOUGHT_DAYS_AGO, PERIOD_DAYS = 300, 200  # a contract's beginning, received with it; it ends long before
START_S = 30.0  # for the workers to start, on a busy machine
VIEWS_A_SECOND = 2_000  # at least: all customers are shown before midnight
BEFORE_S, AWAKE_S = 8.0, 2.0  # live events are sent from so long before midnight on; the first of them are left out
EDGE_S = 1.0  # events sent so shortly before midnight are left out: some of them arrive after it
COLUMNS = ["live events", "of them", "Redis p50, ms", "Redis p99, ms", "signals p99, ms"]
ZONE_LINE = "timezone: Asia/Tokyo"
NIGHTS = 2
BEFORE, MEANWHILE = "before", "while midnight's work is done"


@dataclass(frozen=True, slots=True)
class Night:
    """Live events: how many, p50 and p99 to Redis and p99 to signals (ms); and when all due work was done."""

    live: dict[str, tuple[int, float, float, float]]
    done_s: float


def run(sizes: Sizes, site: Site) -> list[Table]:
    """Latency of live events before midnight and while its work is done; every contract that ends makes a signal."""
    nights = [_night(sizes, site, number) for number in range(NIGHTS)]
    live, work = Table("midnight.live", COLUMNS), Table("midnight.work", ["due customers", "done after, s", "a second"])
    for when in (BEFORE, MEANWHILE):
        of_nights = [night.live[when] for night in nights]
        live.add(when, sum(count for count, *_ in of_nights), *map(figure, list(zip(*of_nights, strict=True))[1:]))
    done = [night.done_s for night in nights]
    work.add(sizes.midnight_customers, figure(done), figure([sizes.midnight_customers / done_s for done_s in done]))
    return [live, work]


def _night(sizes: Sizes, site: Site, number: int) -> Night:
    now_ms = time.time_ns() // 1_000_000
    earliest_s = now_ms // 1000 + int(START_S + sizes.midnight_customers / VIEWS_A_SECOND)
    midnight_s = int(clear_of_refresh(earliest_s - BEFORE_S, sizes.midnight_live_s) + BEFORE_S)
    installation, policy = _installation(site, number, midnight_s)
    rows = _rows(Plan(policy), midnight_s * 1000, sizes.midnight_customers, now_ms)
    seed_changelog(installation, rows, now_ms)
    installation.start()
    await_ready(installation, 1)
    await_views(installation, sizes.midnight_customers)
    arrivals = _lived(installation, sizes, midnight_s)
    installation.stop()
    installation.close()
    return _told(arrivals, midnight_s)


def _told(arrivals: Arrivals, midnight_s: int) -> Night:
    done_s = max(arrivals.by_time_ns) / 1e9
    before = (midnight_s - BEFORE_S + AWAKE_S, midnight_s - EDGE_S)
    live = {}
    for when, span in ((BEFORE, before), (MEANWHILE, (midnight_s, done_s))):
        redis, signals = arrivals.between(*span)
        assert redis, f"no live events {when}"
        live[when] = (len(redis), quantile(redis, 0.5), quantile(redis, 0.99), quantile(signals, 0.99))
    return Night(live, done_s - midnight_s)


def _installation(site: Site, number: int, midnight_s: int) -> tuple[Installation, Policy]:
    """One with the shipped policy in another time zone."""
    zone = f"{NAME}{number}"  # zones are read once
    make_zone(site.folder, zone, midnight_s)
    file, text = site.folder / "midnight.yaml", POLICY.read_text()
    assert ZONE_LINE in text
    file.write_text(text.replace(ZONE_LINE, f"timezone: {zone}"))
    env = {"KAKUHAN_POLICY": str(file), "PYTHONTZPATH": os.pathsep.join([str(site.folder), *_system_zones()])}
    # the zones that a policy may name were listed before this one was made
    policy = load_policy(POLICY).model_copy(update={"timezone": zone})
    return Installation(site, f"midnight{number}", env), policy


def _system_zones() -> list[str]:
    return [place for place in ("/usr/share/zoneinfo",) if Path(place).exists()]


def _rows(plan: Plan, midnight_ms: int, customers: int, now_ms: int) -> Iterator[tuple[bytes, bytes]]:
    """Customers whose contract has been in its days of grace and counts no more from midnight on."""
    bought_ms = midnight_ms - BOUGHT_DAYS_AGO * DAY_MS
    last_day = plan.zone.day(midnight_ms) - plan.grace_days - 1
    event = LogEvent(
        topic="purchases", type="renewal", customer_id="", event_id="k", occurred_ms=bought_ms, amount="2000000",
        contract_id="k", period_from=iso_day(last_day - PERIOD_DAYS), period_to=iso_day(last_day),
    )  # fmt: skip
    state, _ = step(State(""), Record(event, bought_ms, bought_ms), plan)
    advance(state, now_ms, plan)
    assert state.due_ms == midnight_ms, (iso_instant(state.due_ms), iso_instant(midnight_ms))
    for number in range(customers):
        state.customer_id = customer_name(number)
        yield state.customer_id.encode(), seal(1, 0, state.due_ms, now_ms, encode_state(state))


def _lived(installation: Installation, sizes: Sizes, midnight_s: int) -> Arrivals:
    count = sizes.midnight_rate * sizes.midnight_live_s
    live = prepare(installation, count, first=sizes.midnight_customers)
    wait_s = midnight_s - BEFORE_S - time.time()
    assert wait_s > 0, "midnight came before all customers were shown"
    time.sleep(wait_s)
    arrivals = observed(installation, live, sizes.midnight_rate, due=sizes.midnight_customers)
    assert min(arrivals.by_time_ns) >= midnight_s * 1e9, "a signal before midnight"
    return arrivals
