"""The columns, and the binary that pages map them from, read here with `struct` alone."""

from __future__ import annotations

import json
import struct
from typing import Any

from streams.dashboard import wire
from streams.dashboard.book import GONE, Book
from streams.dashboard.lexicon import Texts
from tests.unit.dashboard.kit import account, record, row, scored, worth

SIZES = {"f4": ("f", 4), "u1": ("B", 1), "u2": ("H", 2), "u4": ("I", 4)}


def decoded(binary: bytes) -> tuple[dict[str, Any], dict[str, tuple[Any, ...]]]:
    (length,) = struct.unpack_from("<I", binary)
    header = json.loads(binary[4 : 4 + length])
    begin = (4 + length + 7) // 8 * 8
    columns = {}
    for column in header["columns"]:
        letter, size = SIZES[column["kind"]]
        assert (begin + column["offset"]) % size == 0
        columns[column["name"]] = struct.unpack_from(f"<{header['count']}{letter}", binary, begin + column["offset"])
    return header, columns


def test_a_snapshot_says_what_the_states_say() -> None:
    book = Book()
    owners = {"sales": "営業 見本", "cs": "CS 見本"}
    rich = {"segment": "retain", "value": worth("2500000", True), "potential": scored(row("a", 33.3)), "owners": owners}
    book.put(
        record("C1", departments=["製造部", "経理部"], **rich), account("架空商事", industry="卸売業", plan="基本")
    )
    book.put(record("C2", lifecycle="former"), None)
    header, columns = decoded(wire.snapshot(book, {}))
    assert header["count"] == 2
    assert columns["value"] == (2_500_000.0, 450_000.0)
    assert columns["potential"][0] == struct.unpack("<f", struct.pack("<f", 33.3))[0]
    assert (columns["segment"], columns["lifecycle"]) == ((0, 3), (1, 2))
    assert [header["people"][n] for n in columns["owner"]] == ["営業 見本", ""]
    assert [header["people"][n] for n in columns["cs"]] == ["CS 見本", ""]
    assert [header["industries"][n] for n in columns["industry"]] == ["卸売業", ""]
    assert [header["plans"][n] for n in columns["plan"]] == ["基本", ""]
    sets = [[header["departments"][n] for n in header["department_sets"][m]] for m in columns["departments"]]
    assert sets == [["製造部", "経理部"], []]
    assert json.loads(b"".join(wire.names(book)))["rows"] == [["C1", "架空商事"], ["C2", "C2"]]


def test_many_words_take_wider_numbers() -> None:
    book = Book()
    for number in range(300):
        book.put(record(f"C{number}", owners={"sales": f"営業 {number}", "cs": None}), None)
    header, columns = decoded(wire.snapshot(book, {}))
    kinds = {column["name"]: column["kind"] for column in header["columns"]}
    assert (kinds["owner"], kinds["industry"]) == ("u2", "u1")
    assert [header["people"][n] for n in columns["owner"]] == [f"営業 {number}" for number in range(300)]


def test_a_customer_keeps_its_row_and_an_erased_one_leaves_it_empty() -> None:
    book = Book()
    for name in ("C1", "C2", "C3"):
        book.put(record(name), account(f"{name}商事"))
    assert book.put(record("C2", value=worth("7")), account("新商事")) == 1
    assert (book.names[1], book.value[1]) == ("新商事", 7.0)
    assert book.drop("C2") == 1
    assert book.drop("C2") is None
    assert (book.segment[1], book.value[1], book.names[1], book.change(1)) == (GONE, 0.0, "", [1])
    assert list(book.standing()) == [0, 2]
    assert book.put(record("C2"), None) == 3  # a new life gets a new row


def test_the_revenue_of_a_score_is_the_money_behind_it() -> None:
    book = Book()
    book.put(record("C1", value=worth("3.3333", measure="rfm")), None)
    assert (book.value[0], book.revenue[0]) == (3.3333, 450_000.0)


def test_packed_texts_read_as_they_were_written() -> None:
    texts = Texts()
    for text in ("架空商事", "", "Example 🦉", "架空商事"):
        texts.append(text)
    texts[0] = "とても長い名前になった架空商事"
    texts[1] = "x"
    assert list(texts) == ["とても長い名前になった架空商事", "x", "Example 🦉", "架空商事"]
    texts.pack()
    assert list(texts) == ["とても長い名前になった架空商事", "x", "Example 🦉", "架空商事"]
    texts[2] = "y"
    assert texts[2] == "y"
