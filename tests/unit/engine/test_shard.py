from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine import shard as shard_module
from streams.engine.envelope import state_of
from streams.engine.fold import Entry, Loaded, Origin, Output, View
from streams.engine.headers import log_headers
from streams.engine.position import Position
from streams.engine.rows import Rows
from streams.engine.schedule import SLOT_MS
from streams.engine.shard import Shard
from streams.engine.stats import PartitionStats
from streams.errors import EngineError

START_MS = 3_000 * SLOT_MS + 1


class Diary:
    """A fold that writes down what it is asked: a fact "12" asks for an alarm at 12 ms after START_MS."""

    def open(self, key: bytes, stored: bytes | None) -> list[str]:
        return stored.decode().split("|") if stored else [key.decode()]

    def apply(self, state: list[str], entry: Entry) -> list[Output]:
        received_ms = entry.loaded.received_ms if entry.loaded else entry.appended_ms
        outputs = self.advance(state, received_ms)
        state.append(entry.value.decode())
        return outputs

    def advance(self, state: list[str], until_ms: int) -> list[Output]:
        rung = [s for s in state[1:] if s.isdigit() and START_MS + int(s) <= until_ms]
        state[1:] = [f"({s})" if s in rung else s for s in state[1:]]
        return [Output(state[0].encode(), s.encode(), []) for s in rung]

    def due_ms(self, state: list[str]) -> int | None:
        return min((START_MS + int(s) for s in state[1:] if s.isdigit()), default=None)

    def encode(self, state: list[str]) -> bytes:
        return "|".join(state).encode()

    def view(self, state: list[str], at_ms: int | None) -> View:
        return View(self.encode(state), at_ms)


@dataclass
class Record:
    offset: int
    key: bytes | None
    value: bytes
    timestamp: int
    headers: list[tuple[str, bytes]] = field(default_factory=list)
    timestamp_type: int = 1
    topic: str = "events"
    partition: int = 0


def _position(**values: Any) -> Position:
    return Position(
        **{"decided_by": "p", "partitions": 1, "epoch": 1, "next_offset": 0, "newest_ms": 0} | values  # type: ignore[arg-type]
    )


def _shard(rows: Rows | None = None, **values: Any) -> Shard[list[str]]:
    return Shard(Diary(), Rows() if rows is None else rows, _position(**values), PartitionStats())


def _facts(*facts: tuple[int, str, str, int], headers: Any = ()) -> list[Record]:
    """Records from (offset, key, value, ms after START_MS)."""
    return [Record(o, k.encode(), v.encode(), START_MS + ms, list(headers)) for o, k, v, ms in facts]


def _turn(shard: Shard[list[str]], records: list[Record], most: int = 500) -> list[str]:
    shard.apply(records)
    shard.work_off(most)
    outputs = [o.value.decode() for _, touch in shard.touched() for o in touch.outputs]
    shard.seal()
    shard.end_turn()
    return outputs


def _state(shard: Shard[list[str]], key: str) -> str:
    return "|".join(shard.peek(key.encode()))


def test_due_work_is_done_up_to_the_newest_append_time_of_any_key() -> None:
    shard = _shard()
    assert _turn(shard, _facts((0, "A", "12", 0), (1, "B", "x", 11))) == []
    assert not shard.has_work()
    assert _turn(shard, _facts((2, "B", "y", 12))) == ["12"]
    assert _state(shard, "A") == "A|(12)"
    assert shard.next_ms() == 3_001 * SLOT_MS, "nothing but the next refresh"


def test_received_times_never_fall_within_a_partition_and_after_a_restore() -> None:
    shard = _shard(newest_ms=START_MS + 20)
    _turn(shard, _facts((0, "A", "12", 0)))
    assert shard.has_work(), "its append time counts as 20"
    assert _turn(shard, []) == ["12"]
    assert shard.newest_ms == START_MS + 20


def test_due_work_comes_in_portions() -> None:
    shard = _shard()
    _turn(shard, _facts(*((i, f"k{i}", "5", 0) for i in range(10)), (10, "z", "x", 4)))
    assert len(_turn(shard, _facts((11, "z", "y", 9)), most=4)) == 4
    assert shard.has_work()
    assert len(_turn(shard, [], most=4)) == 4
    assert len(_turn(shard, [], most=4)) == 2
    assert not shard.has_work()


def test_no_due_work_between_the_first_record_of_a_load_and_its_end() -> None:
    loaded = log_headers(loaded=Loaded("L", START_MS, START_MS + 30))
    shard = _shard()
    assert _turn(shard, _facts((0, "A", "12", 30), headers=loaded)) == []
    assert _turn(shard, _facts((1, "B", "x", 40))) == []
    assert shard.loads == {"L"}
    assert not shard.has_work()
    end = [Record(2, None, b"", START_MS + 41, log_headers("load_end", loaded=Loaded("L", 0, 0)))]
    assert _turn(shard, end) == ["12"]


def test_a_record_at_or_below_the_applied_offset_changes_nothing_but_is_shown_again() -> None:
    shard = _shard()
    _turn(shard, _facts((0, "A", "x", 0), (5, "A", "y", 1)))
    shard.apply(_facts((5, "A", "y", 1), (6, "B", "z", 1)))
    assert [key for key, _ in shard.seal()] == [b"B"]
    assert [key for key, _ in shard.touched()] == [b"A", b"B"]
    assert _state(shard, "A") == "A|x|y"


def test_a_copy_of_an_origin_is_dropped_for_the_keys_it_has_reached() -> None:
    shard = _shard()
    origin = log_headers(origin=Origin("t", 0, 9))
    _turn(shard, _facts((0, "A", "x", 0), (1, "B", "x", 0), (2, "A", "x", 0), headers=origin))
    assert (_state(shard, "A"), _state(shard, "B")) == ("A|x", "B|x")
    assert shard.dump_origins() == [("t", 0, 9, [b"A", b"B"])]


def test_a_fold_that_says_due_too_early_is_not_asked_for_ever() -> None:
    class Early(Diary):
        def due_ms(self, state: list[str]) -> int | None:
            return START_MS

    shard = Shard(Early(), Rows(), _position(), PartitionStats())
    _turn(shard, _facts((0, "A", "x", 5)))
    _turn(shard, [])
    assert not shard.has_work()
    assert shard.next_ms() == START_MS + 6


def test_a_view_is_refreshed_at_the_end_of_its_slot_unless_it_is_newer() -> None:
    shard = _shard()
    keys = [f"k{i}" for i in range(300)]
    _turn(shard, _facts(*((i, k, "x", 0) for i, k in enumerate(keys))))
    assert shard.refresh(500) == (0, [])
    day_ms = 132 * SLOT_MS
    _turn(shard, _facts((300, "k7", "new", day_ms - 2)))
    refreshed: dict[str, int] = {}
    _turn(shard, _facts((301, "other", "x", day_ms)))
    while shard.has_work():
        ended_ms, some = shard.refresh(11)
        assert len(some) <= 11
        refreshed |= {key.decode(): ended_ms for key in some}
    assert set(keys) - {"k7"} <= refreshed.keys()
    assert len(refreshed) <= 301
    for key, ended_ms in refreshed.items():
        assert shard.shown_ms(key.encode()) == ended_ms
    assert shard.shown_ms(b"other") is None, "shown at its own clock"


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (Record(3, b"A", b"x", 1, timestamp_type=0), "offset 3 has no append time"),
        (Record(4, None, b"x", 1), "offset 4 has no key"),
        (Record(5, b"A", b"x", 1, [("kakuhan-origin", b"t 0")]), "offset 5 has a malformed header"),
    ],
)
def test_what_does_not_belong_into_the_log_is_an_error(record: Record, said: str) -> None:
    with pytest.raises(EngineError, match=said):
        _shard().apply([record])


facts = st.tuples(st.sampled_from(["A", "B", "C"]), st.sampled_from(["x", "3", "9", "20", "41"]), st.integers(0, 6))


def test_a_turn_encodes_a_state_once_whatever_it_does_to_it() -> None:
    encoded: list[str] = []

    class Counting(Diary):
        def encode(self, state: list[str]) -> bytes:
            encoded.append(state[0])
            return super().encode(state)

    shard = Shard(Counting(), Rows(), _position(), PartitionStats())
    _turn(shard, _facts((0, "A", "12", 0), (1, "B", "x", 0), (2, "A", "40", 1)))
    assert sorted(encoded) == ["A", "B"]
    encoded.clear()
    # A is due by its row and changed, B becomes due by its own record, C stays as it is
    assert _turn(shard, _facts((3, "A", "y", 5), (4, "B", "9", 6), (5, "C", "x", 20), (6, "A", "z", 20))) == ["12"]
    assert sorted(encoded) == ["A", "B", "C"]
    assert _turn(shard, []) == ["9"], "B was given its instant in this turn, so its work is that of the next"
    assert (_state(shard, "A"), _state(shard, "B")) == ("A|(12)|40|y|z", "B|x|(9)")


def test_folding_pauses_after_so_many_records_and_goes_on() -> None:
    shard = _shard()
    pauses = list(shard.applying(_facts(*((i, f"k{i % 5}", f"v{i}", 0) for i in range(20))), 8))
    assert len(pauses) == 2, "four records of each key: after 8 and 16, and 4 are left"
    assert {key: state_of(value) for key, value in shard.seal()} == {
        b"k%d" % i: b"k%d|v%d|v%d|v%d|v%d" % (i, i, i + 5, i + 10, i + 15) for i in range(5)
    }


def test_what_a_turn_has_let_go_of_is_read_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shard_module, "STATES_AT_HAND", 1)
    shard = _shard()
    shard.apply(_facts((0, "A", "x", 0), (1, "B", "12", 0)))
    assert [touch.state is None for _, touch in shard.touched()] == [False, True]
    assert (_state(shard, "A"), _state(shard, "B")) == ("A|x", "B|12")
    shard.apply(_facts((2, "B", "y", 1), (3, "A", "y", 30)))
    shard.work_off(5)
    assert [(key, state_of(value)) for key, value in shard.seal()] == [(b"A", b"A|x|y"), (b"B", b"B|(12)|y")]
    assert (shard.applied(b"A"), shard.applied(b"B")) == (3, 2)


@given(
    st.lists(facts, max_size=30),
    st.lists(st.integers(1, 9), min_size=1, max_size=30),
    st.integers(1, 3),
    st.sampled_from([0, 1, 100]),
)
def test_how_records_are_cut_into_turns_and_restores_changes_no_state_and_no_output(
    steps: list[tuple[str, str, int]], cuts: list[int], most: int, at_hand: int
) -> None:
    """Oracle: one key after the other, each record by itself, without a shard."""
    with patch.object(shard_module, "STATES_AT_HAND", at_hand):
        _cut_and_compare(steps, cuts, most)


def _cut_and_compare(steps: list[tuple[str, str, int]], cuts: list[int], most: int) -> None:
    at_ms, records = 0, []
    for offset, (key, value, later_ms) in enumerate(steps):
        at_ms += later_ms
        records.append((offset, key, value, at_ms))
    records.append((len(steps), "Z", "x", at_ms + 100))
    outputs: list[str] = []
    rows = Rows()
    shard, begin = _shard(rows), 0
    while begin < len(records):
        cut = cuts[begin % len(cuts)]
        outputs += _turn(shard, _facts(*records[begin : begin + cut]), most)
        begin += cut
        if cut % 2:  # another worker goes on from what was stored
            shard = _shard(rows, next_offset=shard.next_offset, newest_ms=shard.newest_ms)
    while shard.has_work():
        outputs += _turn(shard, [], most)
        shard.refresh(10)
    wanted_states, wanted_outputs = _alone(records)
    assert {k.decode(): _state(shard, k.decode()) for k in rows} == wanted_states
    assert sorted(outputs) == sorted(wanted_outputs)


def _alone(records: list[tuple[int, str, str, int]]) -> tuple[dict[str, str], list[str]]:
    states, outputs, end_ms = {}, list[str](), records[-1][3]
    for name in {key for _, key, _, _ in records}:
        said: list[tuple[str, bool]] = []
        for _, key, value, ms in records:
            if key == name:
                said = [(s, done or (s.isdigit() and int(s) <= ms)) for s, done in said] + [(value, False)]
        said = [(s, done or (s.isdigit() and int(s) <= end_ms)) for s, done in said]
        states[name] = "|".join([name, *(f"({s})" if done else s for s, done in said)])
        outputs += [s for s, done in said if done]
    return states, outputs
