from __future__ import annotations

from dataclasses import dataclass, field

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.envelope import seal, state_of
from streams.engine.position import POSITION_KEY, Position, encode_position
from streams.engine.replay import Replay


@dataclass
class Record:
    offset: int
    key: bytes
    value: bytes | None
    headers: list[tuple[str, bytes]] = field(default_factory=list)


def _position(epoch: int, next_offset: int = 0, published: int = 0, shown: int = 0) -> bytes:
    given = {"next_offset": next_offset, "published": published, "shown": shown}
    return encode_position(Position(decided_by="p", partitions=1, epoch=epoch, newest_ms=0, **given))


def _changelog(*records: tuple[bytes, bytes | None]) -> list[Record]:
    return [Record(offset, key, value) for offset, (key, value) in enumerate(records)]


def _state(epoch: int, text: bytes) -> bytes:
    return seal(epoch, 1, None, 1, text)


def _replay(records: list[Record]) -> Replay:
    replay = Replay()
    replay.feed(records)
    return replay


def test_the_last_value_of_a_key_stands() -> None:
    replay = _replay(_changelog((POSITION_KEY, _position(1)), (b"A", _state(1, b"x")), (b"A", _state(1, b"y"))))
    assert state_of(replay.rows[b"A"]) == b"y"
    assert (replay.epoch, replay.end, replay.stale, replay.losers) == (1, 3, 0, set())


def test_a_record_of_a_lower_epoch_after_a_claim_is_ignored_and_its_key_written_again() -> None:
    replay = _replay(
        _changelog(
            (POSITION_KEY, _position(1)),
            (b"A", _state(1, b"old")),
            (POSITION_KEY, _position(2)),
            (b"A", _state(2, b"new")),
            (b"A", _state(1, b"stale")),
            (b"B", _state(1, b"stale")),
            (POSITION_KEY, _position(1, next_offset=99)),
        )
    )
    assert {k: state_of(v) for k, v in replay.rows.items()} == {b"A": b"new"}
    assert replay.losers == {b"A", b"B"}
    assert replay.stale == 3
    assert replay.position is not None
    assert (replay.position.epoch, replay.position.next_offset) == (2, 0)


def test_a_key_written_again_by_its_owner_is_no_loser_any_more() -> None:
    replay = _replay(_changelog((POSITION_KEY, _position(2)), (b"A", _state(1, b"stale")), (b"A", _state(2, b"again"))))
    assert replay.losers == set()
    assert state_of(replay.rows[b"A"]) == b"again"


def test_a_tombstone_takes_a_key_away_unless_it_is_stale() -> None:
    records = _changelog((POSITION_KEY, _position(2)), (b"A", _state(2, b"x")), (b"A", None))
    records[2].headers = [("kakuhan-epoch", b"1")]
    assert b"A" in _replay(records).rows
    records[2].headers = [("kakuhan-epoch", b"2")]
    assert _replay(records).rows == {}


def test_keys_at_or_beyond_the_marks_are_shown_or_published_again_in_order() -> None:
    replay = _replay(
        _changelog(
            (POSITION_KEY, _position(1)),
            (b"A", _state(1, b"1")),
            (b"B", _state(1, b"2")),
            (POSITION_KEY, _position(1, published=3, shown=2)),
            (b"D", _state(1, b"3")),
            (b"A", _state(1, b"4")),
        )
    )
    assert replay.unshown() == [b"B", b"D", b"A"]
    assert replay.unpublished() == [b"D", b"A"]


@given(
    st.lists(
        st.tuples(st.sampled_from([b"A", b"B", POSITION_KEY]), st.integers(1, 4), st.integers(0, 99)), max_size=30
    ),
    st.integers(0, 30),
)
def test_reading_in_two_steps_is_reading_at_once(steps: list[tuple[bytes, int, int]], cut: int) -> None:
    records = _changelog(
        *((k, _position(e, n)) if k == POSITION_KEY else (k, _state(e, b"%d" % n)) for k, e, n in steps)
    )
    once, twice = _replay(records), _replay(records[:cut])
    twice.feed(records[cut:])
    for name in ("rows", "position", "epoch", "losers", "stale"):
        assert getattr(once, name) == getattr(twice, name)
    assert once.unshown() == twice.unshown()


@given(st.lists(st.tuples(st.sampled_from(b"ABC"), st.integers(1, 4)), max_size=30))
def test_a_survivor_has_the_highest_epoch_seen_before_it(steps: list[tuple[int, int]]) -> None:
    """Oracle: go through the records and keep those not below any before them."""
    records = _changelog(*((bytes([k]), _state(e, b"%d" % i)) for i, (k, e) in enumerate(steps)))
    kept = {bytes([k]): b"%d" % i for i, (k, e) in enumerate(steps) if e >= max((x for _, x in steps[:i]), default=0)}
    assert {k: state_of(v) for k, v in _replay(records).rows.items()} == kept
