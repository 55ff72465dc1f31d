"""Named places where a fault test may kill the process, and switches that take a guard away.

It must not be needed by anything that works: without its two environment variables it does nothing.

`KAKUHAN_FAIL_AT="after-changelog:0.05,before-commit:0.01"` kills the process with SIGKILL at a named point with that
probability each time it is passed. `KAKUHAN_UNSAFE="no-seen,no-outbox,no-epoch"` switches guards off, for the twins
of fault tests that must fail without them.
"""

from __future__ import annotations

import os
import random
import signal
from functools import cache

from streams.errors import SettingsError

POINTS = frozenset(
    {"before-events", "after-events", "after-changelog", "after-signals", "after-projection", "before-commit"}
)
SWITCHES = frozenset({"no-seen", "no-outbox", "no-epoch"})


def parse_points(text: str) -> dict[str, float]:
    """Points and probabilities (0 to 1) of `KAKUHAN_FAIL_AT`.

    Raises:
        SettingsError: A name is unknown or a probability is none.
    """
    points: dict[str, float] = {}
    for part in filter(None, text.split(",")):
        name, _, probability = part.partition(":")
        if name not in POINTS:
            raise SettingsError(f"KAKUHAN_FAIL_AT: {name!r} is none of {', '.join(sorted(POINTS))}")
        try:
            points[name] = float(probability or "1")
        except ValueError:
            raise SettingsError(f"KAKUHAN_FAIL_AT: {probability!r} is no probability") from None
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
def _points() -> dict[str, float]:
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
    probability = _points().get(name)
    if probability and random.random() < probability:
        os.kill(os.getpid(), signal.SIGKILL)
