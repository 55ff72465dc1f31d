"""`python -m benchmarks [--quick] [--json FILE] [--only NAME,…]`: measures, asserts, prints tables.

All runs on one real Kafka and Redis that it starts and ends itself.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks import fold, growth, hot_path, latency, midnight, million, pipeline, pure, sizes_of_state
from benchmarks.figures import Table, markdown
from benchmarks.installation import Site
from benchmarks.machine import machine, versions
from benchmarks.sizes import FULL, QUICK, Sizes
from benchmarks.targets import judged
from streams.local import LocalStack

ALONE: dict[str, Callable[[Sizes], list[Table]]] = {
    "pure": pure.run,
    "growth": growth.run,
    "states": sizes_of_state.run,
}
ON_A_BROKER: dict[str, Callable[[Sizes, Site], list[Table]]] = {
    "fold": fold.run,
    "profile": hot_path.run,
    "pipeline": pipeline.run,
    "latency": latency.run,
    "midnight": midnight.run,
    "million": million.run,  # the last, as the broker and Redis go on to clear away what it leaves
}
NAMES = (*ALONE, *ON_A_BROKER)


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure what is asked for."""
    chosen = _parser().parse_args(arguments)
    sizes, only = QUICK if chosen.quick else FULL, chosen.only.split(",") if chosen.only else list(NAMES)
    if unknown := set(only) - set(NAMES):
        sys.exit(f"bench: no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    report: dict[str, Any] = {"sizes": sizes.name, "machine": machine(), "versions": versions(), "tables": {}}
    for name, found in _measure(sizes, only):
        _print(name, found)
        report["tables"][name] = found.as_dict()
        if chosen.json:
            chosen.json.write_text(json.dumps(report, ensure_ascii=False, indent=1) + "\n")

    _print("targets", judged(report["tables"]))


def _print(name: str, table: Table) -> None:
    print(f"\n{name}\n\n{markdown(table.columns, table.rows)}", flush=True)


def _measure(sizes: Sizes, only: list[str]) -> Any:
    for name in (name for name in only if name in ALONE):
        with _Timed(name):
            found = ALONE[name](sizes)
        yield from ((table.name, table) for table in found)
    needed = [name for name in only if name in ON_A_BROKER]
    if not needed:
        return
    with LocalStack(temporary=True, kafka_port=0, redis_port=0) as stack, tempfile.TemporaryDirectory() as folder:
        site = Site(stack.brokers, stack.redis_url, Path(folder), stack.kafka.pid, stack.redis.pid)
        for name in needed:
            with _Timed(name):
                found = ON_A_BROKER[name](sizes, site)
            yield from ((table.name, table) for table in found)


class _Timed:
    """Says on standard error what goes on and how long it took."""

    def __init__(self, name: str) -> None:
        self._name, self._began = name, time.monotonic()
        print(f"measuring {name}", file=sys.stderr, flush=True)

    def __enter__(self) -> None:
        return None

    def __exit__(self, *_: object) -> None:
        print(f"measured {self._name} in {time.monotonic() - self._began:.0f} s", file=sys.stderr, flush=True)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="scripts/bench", description="Measures this machine; some forty minutes.")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: only shows that everything works")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write all figures there, every round of them")
    parser.add_argument("--only", metavar="NAME,…", help=f"of {', '.join(NAMES)}")
    return parser


if __name__ == "__main__":
    main()
