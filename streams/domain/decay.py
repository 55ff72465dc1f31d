"""When a sum of capped, decaying terms falls to a level; it must not know what the terms stand for.

Between the instants at which a term sinks below its cap, the uncapped sum S is a sum of exponentials, so ln S is
convex (Boyd & Vandenberghe, Convex Optimization, section 3.1.5) and Newton steps from the left never overshoot.
"""

from __future__ import annotations

from math import exp2, inf, log, log2

Decaying = tuple[float, float, float]  # min(cap, value x 2^(-t / half_life_ms)) at t ms from now: value, half-life, cap

_LN2 = log(2.0)
CONVERGED_MS = 1e-3
FLOAT_ERROR = 2e-15  # of a sum of terms each rounded a few times, relative
UNSURE_MS = 1.0  # an error that makes the caller look at whole milliseconds
_STEPS_AT_MOST = 100  # converges in about five; a bound so that no input can hang the fold


def falls_to(terms: list[Decaying], constant: float, level: float) -> tuple[float, float]:
    """Ms from now until the terms and the constant together have fallen to the level, and the error of that in ms.

    The sum must be at the level or above now, and fall below it some time.
    """
    starts = sorted({0.0, *[_released_ms(term) for term in terms if term[0] > term[2]]})
    for start, end in zip(starts, [*starts[1:], inf], strict=True):
        if end < inf and sum(_worth(term, end) for term in terms) + constant > level:
            continue
        free = terms if len(starts) == 1 else [term for term in terms if _released_ms(term) <= start]
        rest = level - constant
        if free is not terms:
            rest -= sum([term[2] for term in terms if _released_ms(term) > start])
        if rest <= 0 or not free:  # only rounding can bring us here: the fall is at the next release
            return min(end, start + 1), UNSURE_MS
        t, slope = _newton(free, rest, start)
        return min(end, t), FLOAT_ERROR * (level + abs(constant)) / slope + CONVERGED_MS
    raise AssertionError("a sum that falls must fall within the last stretch")


def _released_ms(term: Decaying) -> float:
    """When the term sinks below its cap."""
    value, half_life_ms, cap = term
    return half_life_ms * log2(value / cap) if value > cap else 0.0


def _worth(term: Decaying, t_ms: float) -> float:
    value, half_life_ms, cap = term
    return min(cap, value * exp2(-t_ms / half_life_ms))


def _newton(free: list[Decaying], rest: float, start: float) -> tuple[float, float]:
    """Where the free terms have fallen to `rest`, and how steeply they fall there, per ms."""
    t = start
    for _ in range(_STEPS_AT_MOST):
        total = slope = 0.0
        for value, half_life_ms, _cap in free:
            worth = value * exp2(-t / half_life_ms)
            total += worth
            slope += worth * _LN2 / half_life_ms
        step = log(total / rest) * total / slope
        t += step
        if abs(step) < CONVERGED_MS:
            break
    return max(t, start), slope
