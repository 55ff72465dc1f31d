"""Where the generators get their choices from: a seeded generator, or Hypothesis, which can shrink them.

It must not know what is being chosen.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any, Protocol, TypeVar

from hypothesis import strategies as st

T = TypeVar("T")


class Choices(Protocol):
    """A source of choices; the first of a sequence and the smallest number are the simplest."""

    def integer(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        ...

    def pick(self, some: Sequence[T]) -> T:
        """One of them."""
        ...

    def chance(self, percent: int) -> bool:
        """Whether something happens that happens so often."""
        ...


class SeededChoices:
    """Choices that are the same for the same seed."""

    def __init__(self, rng: random.Random) -> None:
        self._rng = rng

    def integer(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return self._rng.randint(low, high)

    def pick(self, some: Sequence[T]) -> T:
        """One of them."""
        return self._rng.choice(some)

    def chance(self, percent: int) -> bool:
        """Whether something happens that happens so often."""
        return self._rng.randrange(100) < percent


class DrawnChoices:
    """Choices that Hypothesis draws; it knows no percentages, only that "no" is simpler."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self._draw = draw

    def integer(self, low: int, high: int) -> int:
        """A number from low to high, both included."""
        return int(self._draw(st.integers(low, high)))

    def pick(self, some: Sequence[T]) -> T:
        """One of them."""
        chosen: T = self._draw(st.sampled_from(some))
        return chosen

    def chance(self, percent: int) -> bool:
        """Whether something happens that happens so often."""
        return int(self._draw(st.integers(0, 99))) >= 100 - percent


def some_of(choices: Choices, of: Sequence[T], percent: int) -> list[T]:
    """A part of them in their order, at least one."""
    kept = [one for one in of if choices.chance(percent)]
    return kept or [choices.pick(of)]


def maybe(choices: Choices, percent: int, **fields: Any) -> dict[str, Any]:
    """These fields or none, as optional ones come."""
    return fields if choices.chance(percent) else {}
