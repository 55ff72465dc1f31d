from __future__ import annotations

import tracemalloc
from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.engine import rows as module
from streams.engine.rows import FIRST_SLOTS, GROUPS, NONE, Rows, group_of, key_of, value_of

# keys that end like others, an empty one, and one that looks like the end of a row
keys = st.sampled_from([b"", b"A", b"BA", b"A\x00\x00\x00\x01", b"\x00\x00\x00\x01", b"x" * 300]) | st.binary(
    max_size=3
)
puts = st.tuples(st.just("put"), keys, st.binary(min_size=1, max_size=9))
deletes = st.tuples(st.just("delete"), keys, st.just(b""))


@given(st.lists(puts | deletes, max_size=60), st.booleans())
def test_rows_are_what_a_dictionary_is(steps: list[tuple[str, bytes, bytes]], crowded: bool) -> None:
    with patch.object(module, "FIRST_SLOTS", 2 if crowded else FIRST_SLOTS):  # a table that is nearly full and grows
        _compare(steps, Rows(), {})


def _compare(steps: list[tuple[str, bytes, bytes]], rows: Rows, plain: dict[bytes, bytes]) -> None:
    for what, key, value in steps:
        if what == "put":
            rows[key] = plain[key] = value
        else:
            assert (rows.pop(key, None) is None) == (plain.pop(key, None) is None)
        assert len(rows) == len(plain)
    assert dict(rows) == plain
    for _, key, _ in steps:
        assert (key in rows) == (key in plain)
        assert rows.get(key) == plain.get(key)
        number = rows.find(key)
        assert (number == NONE) == (key not in plain)
        if number:
            assert (key_of(rows.by_number[number]), value_of(rows.by_number[number], key)) == (key, plain[key])
            assert number in rows.groups[group_of(key)]


def test_a_key_keeps_its_number_while_the_table_grows() -> None:
    rows = Rows()
    names = [b"key %d" % i for i in range(5 * FIRST_SLOTS)]
    numbers = [rows.put(name, b"v") for name in names]
    assert numbers == list(range(1, len(names) + 1))
    assert [rows.find(name) for name in names] == numbers
    assert sorted(number for group in rows.groups for number in group) == numbers
    assert len(rows._slots) >= 1.5 * len(names)
    assert rows.put(names[7], b"other", 8) == 8
    assert rows[names[7]] == b"other"


def test_a_missing_key_is_an_error_as_in_a_dictionary() -> None:
    rows = Rows({b"A": b"1"})
    with pytest.raises(KeyError):
        rows[b"B"]
    with pytest.raises(KeyError):
        del rows[b"B"]


def test_the_group_of_a_key_is_that_of_its_checksum() -> None:
    assert module.GROUPS == GROUPS == 132
    assert group_of(b"123456789") == 0xCBF43926 % 132, "the check value of CRC-32"


def test_a_key_costs_half_of_what_it_costs_in_a_dictionary() -> None:
    count = 20_000

    def measured(rows: bool) -> int:
        tracemalloc.start()
        made: dict[bytes, bytes] | Rows = Rows(expected=count) if rows else {}
        for number in range(count):
            made[b"C%07d" % number] = b"%d" % number
        held = tracemalloc.get_traced_memory()[0]
        tracemalloc.stop()
        return held

    values = count * (33 + 5)
    assert measured(rows=True) - values < (measured(rows=False) - values) / 2
