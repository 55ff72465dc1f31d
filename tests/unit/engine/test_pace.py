"""How long requests for records wait: not at all for few, longer for more, never longer than the limit."""

from __future__ import annotations

import pytest

from streams.engine.pace import MOST_MS, Pace


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now_s = 1000.0

    def __call__(self) -> float:
        return self.now_s


def paced(records_a_second: int, seconds: float = 2.0) -> tuple[Pace, Clock]:
    """After records have come at a steady rate, ten ms of them at a time."""
    clock = Clock()
    pace = Pace(clock)
    for _ in range(round(seconds / 0.01)):
        clock.now_s += 0.01
        pace.note(records_a_second // 100)
    return pace, clock


@pytest.mark.parametrize(
    ("rate", "wait_ms"), [(0, 0), (300, 0), (400, 3), (700, 5), (2_000, MOST_MS), (100_000, MOST_MS)]
)
def test_the_wait_grows_with_the_rate(rate: int, wait_ms: int) -> None:
    pace, _ = paced(rate)
    assert pace.rate() == pytest.approx(rate, rel=0.06)  # a tenth of a second in steps of ten ms: up to 5 % above
    assert pace.gather_ms() == wait_ms


def test_a_rush_that_is_over_is_forgotten_within_a_second() -> None:
    pace, clock = paced(50_000)
    clock.now_s += 1.0
    assert pace.rate() < 50_000 * 0.0001
    assert pace.gather_ms() == 0
