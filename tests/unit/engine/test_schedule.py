from __future__ import annotations

import zlib

from hypothesis import given
from hypothesis import strategies as st

from streams.engine.schedule import FEW, SLOT_MS, SLOTS, DueHeap, RefreshRound, refreshed_ms


def test_the_round_ends_within_a_day() -> None:
    assert SLOT_MS * SLOTS <= 86_400_000 - 2 * 3_600_000


keys = st.sampled_from([b"A", b"B", b"C", b"D"])


@given(st.lists(st.tuples(keys, st.none() | st.integers(0, 50)), max_size=40), st.integers(0, 60), st.integers(1, 5))
def test_the_heap_takes_what_a_dictionary_says(steps: list[tuple[bytes, int | None]], until: int, most: int) -> None:
    heap, due = DueHeap(), dict[bytes, int]()
    for key, at in steps:
        heap.set(key, at)
        due.pop(key, None)
        if at is not None:
            due[key] = at
    assert heap.next_ms() == min(due.values(), default=None)
    assert all(heap.is_due(k, until) == (due.get(k, 99) <= until) for k in (b"A", b"B", b"C", b"D"))
    taken = heap.take(until, most)
    wanted = sorted((at, k) for k, at in due.items() if at <= until)[:most]
    assert taken == [k for _, k in wanted]
    assert heap.next_ms() == min((at for k, at in due.items() if k not in taken), default=None)


def test_instants_that_move_all_the_time_do_not_pile_up() -> None:
    heap = DueHeap()
    for turn in range(10_000):
        heap.set(b"k%d" % (turn % 10), 1_000_000 + turn)
    assert len(heap) <= 2 * 10 + FEW
    assert heap.next_ms() == 1_000_000 + 9_990
    assert len(heap.take(2_000_000, 100)) == 10


def test_every_key_is_refreshed_once_a_round_in_small_portions() -> None:
    names = [b"k%d" % i for i in range(1_000)]
    rounds = RefreshRound(names, 0)
    rounds.begin(5 * SLOT_MS + 7)
    assert rounds.done == 5
    assert rounds.take(6 * SLOT_MS - 1, 10) == (0, [])
    seen: list[tuple[int, bytes]] = []
    until_ms = (5 + SLOTS) * SLOT_MS
    while (portion := rounds.take(until_ms, 3))[1]:
        ended_ms, taken = portion
        assert len(taken) <= 3
        seen += [(ended_ms, key) for key in taken]
    assert sorted(key for _, key in seen) == sorted(names)
    assert rounds.done == 5 + SLOTS
    assert all(ended_ms // SLOT_MS % SLOTS == zlib.crc32(key) % SLOTS for ended_ms, key in seen)


def test_after_an_outage_of_days_every_key_is_refreshed_once_not_once_for_each_day() -> None:
    rounds = RefreshRound([b"A", b"B"], 1_000)
    rounds.begin(9_000 * SLOT_MS)
    taken: list[bytes] = []
    while (portion := rounds.take(9_000 * SLOT_MS, 10))[1]:
        taken += portion[1]
    assert sorted(taken) == [b"A", b"B"]


@given(st.binary(max_size=5), st.integers(SLOTS, 10_000_000))
def test_the_last_refresh_of_a_key_is_the_last_end_of_its_slot(key: bytes, done: int) -> None:
    number = refreshed_ms(key, done) // SLOT_MS
    assert done - SLOTS < number <= done
    assert number % SLOTS == zlib.crc32(key) % SLOTS
