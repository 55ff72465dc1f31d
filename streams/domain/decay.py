"""When a sum of capped, decaying terms falls to a level; it must not know what the terms stand for.

Between the instants at which a term sinks below its cap, the uncapped sum S is a sum of exponentials, so ln S is
convex (Boyd & Vandenberghe, Convex Optimization, section 3.1.5) and Newton steps from the left never overshoot.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp2, inf, log, log2

_LN2 = log(2.0)
CONVERGED_MS = 1e-3
FLOAT_ERROR = 2e-15  # of a sum of terms each rounded a few times, relative
_STEPS_AT_MOST = 100  # converges in about five; a bound so that no input can hang the fold


@dataclass(frozen=True, slots=True)
class Decaying:
    """min(cap, value x 2^(-t / half_life_ms)) at t ms from now."""

    value: float
    half_life_ms: float
    cap: float

    @property
    def released_ms(self) -> float:
        """When it sinks below its cap."""
        return self.half_life_ms * log2(self.value / self.cap) if self.value > self.cap else 0.0

    def at(self, t_ms: float) -> float:
        """The term's worth at t."""
        return min(self.cap, self.value * exp2(-t_ms / self.half_life_ms))


def falls_to(terms: list[Decaying], constant: float, level: float) -> tuple[float, float]:
    """Ms from now until the terms and the constant together have fallen to the level, and the error of that in ms.

    The sum must be at the level or above now, and fall below it some time.
    """
    starts = sorted({0.0, *(term.released_ms for term in terms)})
    for start, end in zip(starts, [*starts[1:], inf], strict=True):
        if end < inf and sum(term.at(end) for term in terms) + constant > level:
            continue
        free = [term for term in terms if term.released_ms <= start]
        rest = level - constant - sum(term.cap for term in terms if term.released_ms > start)
        if rest <= 0 or not free:  # only rounding can bring us here: the fall is at the next release
            return min(end, start + 1), inf
        t, slope = _newton(free, rest, start)
        return min(end, t), FLOAT_ERROR * (level + abs(constant)) / slope + CONVERGED_MS
    raise AssertionError("a sum that falls must fall within the last stretch")


def _newton(free: list[Decaying], rest: float, start: float) -> tuple[float, float]:
    """Where the free terms have fallen to `rest`, and how steeply they fall there, per ms."""
    t = start
    for _ in range(_STEPS_AT_MOST):
        worths = [term.value * exp2(-t / term.half_life_ms) for term in free]
        total = sum(worths)
        slope = sum(worth * _LN2 / term.half_life_ms for worth, term in zip(worths, free, strict=True))
        step = log(total / rest) * total / slope
        t += step
        if abs(step) < CONVERGED_MS:
            break
    return max(t, start), slope
