from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.envelope import NOT_DUE_MS
from streams.engine.rows import Rows
from streams.engine.schedule import FEW, HOUR_MS, SLOT_MS, SLOTS, DueCalendar, RefreshRound, refreshed_ms


def test_the_round_ends_within_a_day() -> None:
    assert SLOT_MS * SLOTS <= 86_400_000 - 2 * 3_600_000


class Naive:
    """The oracle: a dictionary that is searched through. What it holds is where the calendar reads instants."""

    def __init__(self) -> None:
        self.due: dict[int, int] = {}

    def due_of(self, key: int) -> int:
        return self.due.get(key, NOT_DUE_MS)

    def next_ms(self) -> int | None:
        return min(self.due.values(), default=None)

    def until(self, until_ms: int) -> list[int]:
        return sorted(at for at in self.due.values() if at <= until_ms)


keys = st.integers(1, 4)
# within one hour, at the edges of hours, and hours and years apart
instants = st.sampled_from([0, 1, 2, HOUR_MS - 1, HOUR_MS, HOUR_MS + 1, 2 * HOUR_MS, 9_000 * HOUR_MS])
moves = st.tuples(st.just("move"), keys, st.none() | instants)
looks = st.tuples(st.just("look"), st.just(0), st.none())
takes = st.tuples(st.just("take"), st.just(0), instants)


@given(st.dictionaries(keys, instants), st.lists(moves | looks | takes, max_size=40), st.integers(1, 5))
def test_the_calendar_says_and_takes_what_a_dictionary_does(
    begin: dict[int, int], steps: list[tuple[str, int, int | None]], most: int
) -> None:
    naive = Naive()
    naive.due |= begin
    calendar = DueCalendar(naive.due_of, naive.due.items())
    for what, key, at in steps:
        if what == "move":
            _move(calendar, naive, key, at)
        elif what == "take" and at is not None:
            _take(calendar, naive, at, most)
        else:
            assert calendar.next_ms() == naive.next_ms()
    while naive.due:
        _take(calendar, naive, 10_000 * HOUR_MS, most)
    assert calendar.next_ms() is None


def _move(calendar: DueCalendar, naive: Naive, key: int, at: int | None) -> None:
    before = naive.due.pop(key, None)
    if at is not None:
        naive.due[key] = at
        if at != before:
            calendar.add(key, at)


def _take(calendar: DueCalendar, naive: Naive, until_ms: int, most: int) -> None:
    wanted, taken = naive.until(until_ms)[:most], calendar.take(until_ms, most)
    assert [naive.due[key] for key in taken] == wanted
    assert len(set(taken)) == len(taken)
    for key in taken:  # half of them are due again, the others never
        _move(calendar, naive, key, None)
        if key in {1, 2} and until_ms < 9_000 * HOUR_MS:
            _move(calendar, naive, key, until_ms + 1)


def test_instants_that_move_all_the_time_do_not_pile_up() -> None:
    naive = Naive()
    calendar = DueCalendar(naive.due_of)
    for turn in range(10_000):
        _move(calendar, naive, turn % 10, 1_000_000 + turn * 1_000)
    assert len(calendar) <= 2 * 10 + FEW
    assert calendar.next_ms() == 1_000_000 + 9_990_000
    assert len(calendar.take(20_000_000, 100)) == 10


def test_hours_that_are_over_are_forgotten() -> None:
    naive = Naive()
    calendar = DueCalendar(naive.due_of)
    for hour in range(1_000):
        _move(calendar, naive, 1, hour * HOUR_MS)
        assert calendar.next_ms() == hour * HOUR_MS
    assert len(calendar) == 1
    assert sum(len(getattr(calendar, name)) for name in ("_opened", "_ahead", "_at", "_hours", "_instants")) == 3


def test_every_key_is_refreshed_once_a_round_in_small_portions() -> None:
    names = [b"k%d" % i for i in range(1_000)]
    rounds = RefreshRound(Rows(dict.fromkeys(names, b"")).groups, 0)
    rounds.begin(5 * SLOT_MS + 7)
    assert rounds.done == 5
    assert rounds.take(6 * SLOT_MS - 1, 10) == (0, ())
    seen: list[tuple[int, bytes]] = []
    until_ms = (5 + SLOTS) * SLOT_MS
    while (portion := rounds.take(until_ms, 3))[1]:
        ended_ms, taken = portion
        assert len(taken) <= 3
        seen += [(ended_ms, names[number - 1]) for number in taken]
    assert sorted(key for _, key in seen) == sorted(names)
    assert rounds.done == 5 + SLOTS
    assert all(ended_ms // SLOT_MS % SLOTS == zlib.crc32(key) % SLOTS for ended_ms, key in seen)


def test_after_an_outage_of_days_every_key_is_refreshed_once_not_once_for_each_day() -> None:
    rounds = RefreshRound(Rows({b"A": b"", b"B": b""}).groups, 1_000)
    rounds.begin(9_000 * SLOT_MS)
    taken: list[int] = []
    while (portion := rounds.take(9_000 * SLOT_MS, 10))[1]:
        taken += portion[1]
    assert sorted(taken) == [1, 2]


@given(st.binary(max_size=5), st.integers(SLOTS, 10_000_000))
def test_the_last_refresh_of_a_key_is_the_last_end_of_its_slot(key: bytes, done: int) -> None:
    number = refreshed_ms(key, done) // SLOT_MS
    assert done - SLOTS < number <= done
    assert number % SLOTS == zlib.crc32(key) % SLOTS
