"""How far a fold is, seen from outside while it never rests, and what its successor has to tell."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from streams.adapters.fold_progress import _Partition
from streams.adapters.handover import LOG_OFFSET, _comes_after, _Signal
from streams.engine.envelope import seal
from streams.engine.position import POSITION_KEY, Position, encode_position

AT_MS = 1_794_182_400_000  # 2026-11-09T00:00:00.000Z
LATER_MS = AT_MS + 60_000


def _position(next_offset: int, done: int, newest_ms: int = AT_MS) -> Position:
    return Position(
        decided_by="p", partitions=1, epoch=1, next_offset=next_offset, newest_ms=newest_ms, published=done, shown=done
    )


def _flush(known: _Partition, next_offset: int, done: int, due_ms: int | None = None) -> None:
    """A state and the position behind it, which knows only that earlier states are published."""
    at = known.next_offset
    state, position = seal(1, next_offset - 1, due_ms, AT_MS, b"state"), encode_position(_position(next_offset, done))
    known.take(
        [
            SimpleNamespace(offset=at, key=b"C1", value=state),
            SimpleNamespace(offset=at + 1, key=POSITION_KEY, value=position),
        ]
    )


def test_what_the_log_held_is_decided_and_shown_although_more_comes_all_the_time() -> None:
    known = _Partition(goal=10)
    _flush(known, next_offset=8, done=0)
    assert (known.standing(0).folded, known.standing(0).records) == (8, 10)
    _flush(known, next_offset=12, done=1)
    assert not known.standing(0).is_up_to_date, "the state at offset 2 of the changelog is not published yet"
    _flush(known, next_offset=15, done=3)  # that state is; the newest one, at offset 4, is not
    assert known.standing(0).is_up_to_date


def test_time_that_was_due_at_the_goal_has_to_be_worked_off() -> None:
    known = _Partition(goal=10)
    _flush(known, next_offset=10, done=1, due_ms=AT_MS)
    _flush(known, next_offset=10, done=3, due_ms=AT_MS)
    assert known.standing(0).overdue == 1
    assert known.overdue() == {b"C1": AT_MS}
    _flush(known, next_offset=10, done=5, due_ms=AT_MS + 1)
    assert known.standing(0).is_up_to_date
    assert known.overdue() == {}


def test_nothing_is_reached_before_there_is_a_position() -> None:
    assert not _Partition(goal=0).standing(0).is_up_to_date


def _told(effective_at: str, offset: int | None = None, key: bytes = b"C1") -> tuple[Any, _Signal]:
    headers = [] if offset is None else [(LOG_OFFSET, b"%d" % offset)]
    return SimpleNamespace(key=key, headers=headers), _Signal("s", effective_at)


@pytest.mark.parametrize(
    ("effective_at", "offset", "key", "comes"),
    [
        ("2026-11-09T00:00:00.000Z", 9, b"C1", False),  # a record the old one has read
        ("2026-11-09T00:00:00.000Z", 10, b"C1", True),
        ("2026-11-09T00:01:00.000Z", None, b"C1", False),  # time alone, worked off
        ("2026-11-09T00:01:00.001Z", None, b"C1", True),
        ("2026-11-09T00:00:29.999Z", None, b"LATE", False),  # of a customer the old one has come to half a minute
        ("2026-11-09T00:00:30.000Z", None, b"LATE", True),
    ],
)
def test_the_seam_is_where_the_old_one_has_come_to(
    effective_at: str, offset: int | None, key: bytes, comes: bool
) -> None:
    overdue = {b"LATE": AT_MS + 30_000}
    record, signal = _told(effective_at, offset, key)
    assert _comes_after(record, signal, _position(10, 0, LATER_MS), overdue) is comes
