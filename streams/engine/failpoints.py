"""Named places where a fault test may kill the process, and switches that take a guard away.

It must not be needed by anything that works: without its two environment variables it does nothing.

`KAKUHAN_FAIL_AT="after-changelog:0.05,before-commit:#3"` kills the process with SIGKILL at a named point, with that
probability each time it is passed, or at that pass. `KAKUHAN_UNSAFE="no-seen,no-outbox"` switches guards off, for the
twins of fault tests that must fail without them; `no-epoch` and `no-ack-wait` are the others.
"""

from __future__ import annotations

import os
import random
import signal
from dataclasses import dataclass
from functools import cache

from streams.errors import SettingsError

POINTS = frozenset(
    {
        "before-events",
        "after-events",
        "after-changelog",
        "before-signals",  # only where there are some, and they are in the changelog
        "after-signals",
        "after-projection",
        "before-commit",
    }
)
SWITCHES = frozenset({"no-seen", "no-outbox", "no-epoch", "no-ack-wait"})


@dataclass(slots=True)
class Point:
    """How likely a pass kills (0 to 1), or which pass does (1 for the first); how often it was passed."""

    probability: float = 0.0
    fatal_pass: int = 0
    passes: int = 0

    def kills(self) -> bool:
        """Whether this pass is the last one."""
        self.passes += 1
        return self.passes == self.fatal_pass or random.random() < self.probability


def parse_points(text: str) -> dict[str, Point]:
    """Points of `KAKUHAN_FAIL_AT`.

    Raises:
        SettingsError: A name is unknown, or what follows it neither a probability nor a pass.
    """
    points: dict[str, Point] = {}
    for part in filter(None, text.split(",")):
        name, _, when = part.partition(":")
        if name not in POINTS:
            raise SettingsError(f"KAKUHAN_FAIL_AT: {name!r} is none of {', '.join(sorted(POINTS))}")
        try:
            points[name] = Point(fatal_pass=int(when[1:])) if when.startswith("#") else Point(float(when or "1"))
        except ValueError:
            raise SettingsError(f"KAKUHAN_FAIL_AT: {when!r} is neither a probability nor a pass (#n)") from None
    return points


def parse_switches(text: str) -> frozenset[str]:
    """The guards of `KAKUHAN_UNSAFE` to be switched off.

    Raises:
        SettingsError: A name is unknown.
    """
    switches = frozenset(filter(None, text.split(",")))
    if unknown := switches - SWITCHES:
        raise SettingsError(f"KAKUHAN_UNSAFE: {sorted(unknown)} is none of {', '.join(sorted(SWITCHES))}")
    return switches


@cache
def _points() -> dict[str, Point]:
    return parse_points(os.environ.get("KAKUHAN_FAIL_AT", ""))


@cache
def switched_off() -> frozenset[str]:
    """The guards this process runs without; empty unless a fault test asked for it."""
    return parse_switches(os.environ.get("KAKUHAN_UNSAFE", ""))


def validate() -> None:
    """Read both variables now.

    Raises:
        SettingsError: A name in them is unknown.
    """
    _points()
    switched_off()


def failpoint(name: str) -> None:
    """Perhaps die here, as by a power cut."""
    point = _points().get(name)
    if point is not None and point.kills():
        os.kill(os.getpid(), signal.SIGKILL)
