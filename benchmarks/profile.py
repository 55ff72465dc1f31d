"""Where a worker's time goes: samples of its stacks, as py-spy writes them raw, summed by part and by function.

`python -m benchmarks.profile FILE [LINES]` prints both as Markdown. It must not know how the samples were taken.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from benchmarks.figures import markdown

# The first function of a stack that is one of these says what the time is spent on; from the innermost outwards.
PARTS = (
    ("Redis", ("redis_view", "redis_scripts", "redis/", "mirror.py")),
    ("public states", ("domain/public.py", "domain/outlook.py", "make_facets")),
    ("step", ("domain/step.py", "domain/clock.py")),
    ("store a state", ("encode_state",)),
    ("read a state", ("decode_state",)),
    ("decode an event", ("decode_event",)),
    ("signals and states published", ("engine/publisher.py", "engine/display.py")),
    ("changelog", ("engine/batches.py",)),
    ("turns: heap, cache, origins, headers", ("engine/shard.py", "engine/fold_task.py", "agents/fold.py")),
    ("fetching", ("aiokafka/consumer", "engine/thread.py", "engine/consumer.py")),
    ("producing", ("aiokafka/producer",)),
    ("garbage collection", ("gc.",)),
)
IDLE = (
    "select (selectors.py",
    "wait (threading.py",
    "_worker (concurrent",
)  # innermost frames of threads that only wait


def stacks(raw: str) -> Iterator[tuple[list[str], int]]:
    """(frames from outside inwards, samples) of every line, without those that only waited."""
    for line in raw.splitlines():
        frames, _, count = line.rpartition(" ")
        found = frames.split(";")
        if not any(mark in found[-1] for mark in IDLE):
            yield found, int(count)


def part_of(frames: list[str]) -> str:
    """What a stack's time is spent on."""
    for frame in reversed(frames):
        for part, marks in PARTS:
            if any(mark in frame for mark in marks):
                return part
    return "other"


def summed(raw: str) -> tuple[Counter[str], Counter[str], Counter[str]]:
    """Samples by part, by function itself, and by function with all it calls."""
    parts, own, whole = Counter[str](), Counter[str](), Counter[str]()
    for frames, count in stacks(raw):
        names = [re.sub(r":\d+\)$", ")", frame) for frame in frames]
        parts[part_of(frames)] += count
        own[names[-1]] += count
        whole.update(dict.fromkeys(names, count))
    return parts, own, whole


def main(file: str, lines: str = "25") -> None:
    """Print the tables."""
    parts, own, whole = summed(Path(file).read_text())
    total = sum(parts.values())
    for title, found in (("part", parts), ("function itself", own), ("function with all it calls", whole)):
        rows = [[name, f"{count / total:.1%}"] for name, count in found.most_common(int(lines))]
        print(markdown([title, "share"], rows), end="\n\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
