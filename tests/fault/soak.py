"""The long fault runs: seed after seed under every kind of fault, and a report; it must not know how one is judged.

`python -m tests.fault.soak --seeds 3 --minutes 5 --json FILE`; exit status 1 when a run was not exact.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Any

from tests.fault.bench import Bench, bench
from tests.fault.conftest import proxied_stack
from tests.fault.faults import BROKER_FAULTS, WORKER_FAULTS, Fault, freeze_broker_long
from tests.fault.history import load_twice
from tests.fault.limits import LIMIT_FAULTS, small_disk
from tests.fault.outages import REDIS_FAULTS, network_faults

CUSTOMERS, PER_S = 600, 40.0  # so that a customer has few dozens of events: the oracle is slow where there are more
PARTITIONS, WORKERS = 4, 3
SETTLES_S = 180.0
OLD_S = 10.0  # a worker that has run that long has read what it reads at its start
STEADY_S = 600.0  # in shorter runs states and caches still fill
SHIFTS_S = (86_400, -86_400)
SHIFTED = str(Path(__file__).with_name("shifted"))


@dataclass
class Report:
    """What was done and what came of it; seconds, megabytes per hour."""

    seeds: list[int] = field(default_factory=list)
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    exits: Counter[str] = field(default_factory=Counter)
    recovery_s: dict[str, dict[str, float]] = field(default_factory=dict)
    resident_mb_per_hour: float | None = None
    wrong: dict[str, list[str]] = field(default_factory=dict)

    def text(self) -> str:
        lines = [
            f"seeds: {len(self.seeds)} ({', '.join(map(str, self.seeds))})",
            f"faults: {self.faults.total()}",
            *(f"  {name}: {count}" for name, count in sorted(self.faults.items())),
            *(f"{name}: {count}" for name, count in self.counts.items()),
            f"worker exits by status: {dict(self.exits)}",
            "recovery after the end of a fault, p50 / max in s",
            *(f"  {name}: {s['p50']:.1f} / {s['max']:.1f}" for name, s in sorted(self.recovery_s.items())),
            f"resident memory of a worker: {_slope_text(self.resident_mb_per_hour)}",
            *(f"NOT EXACT: {run}\n  " + "\n  ".join(told) for run, told in self.wrong.items()),
        ]
        return "\n".join(lines)


def _slope_text(slope: float | None) -> str:
    return "no worker ran long enough" if slope is None else f"{slope:+.1f} MB an hour"


def main(arguments: Sequence[str] | None = None) -> int:
    asked = _asked(arguments)
    report, recoveries, slopes = Report(), defaultdict[str, list[float]](list), list[float]()
    for seed in range(asked.first_seed, asked.first_seed + asked.seeds):
        _run(seed, asked.minutes * 60, report, recoveries, slopes)
        report.recovery_s = {k: {"p50": median(v), "max": max(v)} for k, v in recoveries.items()}
        report.resident_mb_per_hour = median(slopes) if slopes else None
        if asked.json:
            asked.json.write_text(json.dumps(vars(report), ensure_ascii=False, indent=2) + "\n")
    print(report.text())
    return 1 if report.wrong else 0


def _asked(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="scripts/soak", description="Fault runs on real processes, and a report.")
    parser.add_argument("--seeds", type=int, default=3, help="how many runs (default 3)")
    parser.add_argument("--minutes", type=float, default=5.0, help="faults in each run (default 5)")
    parser.add_argument("--json", type=Path, help="where the report goes as JSON, too")
    parser.add_argument("--first-seed", type=int, default=1, help="the first run's seed (default 1)")
    return parser.parse_args(arguments)


def _run(seed: int, seconds: float, report: Report, recoveries: dict[str, list[float]], slopes: list[float]) -> None:
    rng = random.Random(seed)
    with ExitStack() as ending:
        folder = Path(
            ending.enter_context(tempfile.TemporaryDirectory(prefix="kakuhan-soak-", ignore_cleanup_errors=True))
        )
        disk = ending.enter_context(small_disk(folder / "stack"))
        way = ending.enter_context(proxied_stack(disk))
        size = {"customers": CUSTOMERS, "per_s": PER_S, "partitions": PARTITIONS, "workers": WORKERS, "most": 10**9}
        run = ending.enter_context(bench(way.stack, folder, seed=seed, **size, **way.ways))
        run.settle_s = SETTLES_S
        faults = _all_faults(network_faults("kafka", way.kafka) | network_faults("redis", way.redis))
        began = time.monotonic()
        try:
            _disturb(run, rng, faults, began + seconds, report.faults)
            told = _conclude(run, report)
        except AssertionError as error:
            told = [str(error)[:2_000]]
        if told:
            print("\n".join(told), flush=True)
            report.wrong[f"seed {seed}"] = told
        _note(run, seed, report, recoveries, slopes)
        print(f"seed {seed}: {'exact' if not told else 'NOT EXACT'}, {time.monotonic() - began:.0f} s", flush=True)


def _all_faults(network: dict[str, Fault]) -> dict[str, Fault]:
    return {
        **WORKER_FAULTS,
        **BROKER_FAULTS,
        **REDIS_FAULTS,
        **network,
        **LIMIT_FAULTS,
        "broker-freeze-long": freeze_broker_long,
        "clock-off": _shift_one,
        "history-killed": lambda run, rng: load_twice(run, rng),
    }


def _shift_one(run: Bench, rng: random.Random) -> None:
    """The successor of a killed worker has a clock that is a day off."""
    run.crew.coming = [{"PYTHONPATH": SHIFTED, "FAULT_CLOCK_SHIFT_S": str(rng.choice(SHIFTS_S))}]
    run.wait(lambda: bool(run.crew.alive()), "a worker that is alive")
    run.crew.kill(rng.choice(run.crew.alive()))
    run.decided(100)


def _disturb(run: Bench, rng: random.Random, faults: dict[str, Fault], until: float, done: Counter[str]) -> None:
    """Every kind in a shuffled order, again and again until the time is up; every second one without a rest before."""
    order: list[str] = []
    while time.monotonic() < until:
        order = order or rng.sample(sorted(faults), len(faults))
        name = order.pop()
        done[name] += 1
        faults[name](run, rng)
        if rng.random() < 0.5:
            run.recovered(name)


def _conclude(run: Bench, report: Report) -> list[str]:
    """At rest, and again after a cold start and an event for each customer."""
    told = []
    for cold in (False, True):
        if cold:
            run.restart_cold(WORKERS)
            run.touch_all()
        verdict = run.settle()
        told += [] if verdict.ok else verdict.text().splitlines()
    report.counts.update(verdict.counts)
    if not run.crew.starts > WORKERS and not verdict.counts["copies"]:
        told.append("nothing was restarted and nothing delivered twice: the run proves nothing")
    return told


def _note(run: Bench, seed: int, report: Report, recoveries: dict[str, list[float]], slopes: list[float]) -> None:
    report.seeds.append(seed)
    report.exits.update(map(str, run.crew.exits))
    for recovery in run.recoveries:
        recoveries[recovery.fault].append(recovery.seconds)
    slope = _slope([one for weighed in run.crew.resident.values() for one in _settled(weighed)])
    slopes += [] if slope is None else [slope]


def _settled(weighed: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """One worker's weights without those of its start."""
    return [(at, mb) for at, mb in weighed if at >= weighed[0][0] + OLD_S and mb]


def _slope(old: list[tuple[float, float]]) -> float | None:
    """Megabytes an hour by least squares over all workers of a run, whoever replaced whom."""
    if not old or max(old)[0] - min(old)[0] < STEADY_S:
        return None
    at_mean, mb_mean = (sum(column) / len(old) for column in zip(*old, strict=True))
    covariance: Any = sum((at - at_mean) * (mb - mb_mean) for at, mb in old)
    return float(covariance / sum((at - at_mean) ** 2 for at, _ in old) * 3_600)


if __name__ == "__main__":
    sys.exit(main())
