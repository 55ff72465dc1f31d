"""When refusing goes on for too much."""

from __future__ import annotations

import pytest

from streams.agents.refusal_limit import RefusalLimit

NOW = 1_000_000


@pytest.mark.parametrize(
    ("records", "refused", "stops"),
    [
        (200, 101, True),
        (200, 100, False),  # half is not more than half
        (199, 199, False),  # too few to tell
        (2_000, 1_001, True),
        (2_000, 1_000, False),
        (0, 0, False),
    ],
)
def test_more_than_half_of_at_least_two_hundred_is_too_much(records: int, refused: int, stops: bool) -> None:
    assert RefusalLimit(50).exceeded(NOW, records, refused) is stops


def test_records_of_several_chunks_count_together() -> None:
    limit = RefusalLimit(50)
    assert not limit.exceeded(NOW, 100, 100)
    assert limit.exceeded(NOW + 1, 100, 1)
    assert (limit.refused, limit.records) == (101, 200)


def test_what_is_a_minute_old_counts_no_longer() -> None:
    limit = RefusalLimit(50)
    assert not limit.exceeded(NOW, 150, 150)
    assert not limit.exceeded(NOW + 60_000, 150, 70)
    assert (limit.refused, limit.records) == (70, 150)
    assert limit.exceeded(NOW + 119_999, 50, 50)


@pytest.mark.parametrize(
    ("percent", "refused", "stops"), [(100, 200, False), (0, 1, True), (0, 0, False), (99, 199, True)]
)
def test_the_share_can_be_set_and_a_hundred_never_stops(percent: int, refused: int, stops: bool) -> None:
    assert RefusalLimit(percent).exceeded(NOW, 200, refused) is stops
