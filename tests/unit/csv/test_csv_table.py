"""Rows of text files as programs write them."""

from __future__ import annotations

from pathlib import Path

import pytest

from streams.errors import SettingsError
from streams.intake.csv_table import (
    WHITESPACE,
    Line,
    delimiter_of,
    detect_delimiter,
    detect_encoding,
    read_table,
    resolve_encoding,
)

TEXT = "顧客,金額\n架空①,¥1\n"  # ① is in cp932, not in plain Shift JIS


def written(tmp_path: Path, content: bytes) -> Path:
    path = tmp_path / "table.csv"
    path.write_bytes(content)
    return path


def rows(path: Path, encoding: str = "utf-8", delimiter: str | None = None) -> list[tuple[int, list[str], str | None]]:
    return [(line.line_no, line.cells, line.error) for line in read_table(path, encoding, delimiter)]


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        (TEXT.encode(), "utf-8"),
        (b"\xef\xbb\xbf" + TEXT.encode(), "utf-8-sig"),
        (TEXT.replace("¥", "").encode("cp932"), "cp932"),
        (TEXT.encode("utf-16"), "utf-16"),
        (b"a,b\n1,2\n", "utf-8"),
        (b"", "utf-8"),
    ],
)
def test_the_encoding_is_found_out_and_the_mark_is_no_part_of_a_name(
    tmp_path: Path, content: bytes, encoding: str
) -> None:
    path = written(tmp_path, content)
    assert detect_encoding(path) == encoding
    if b"\n" in content and encoding != "utf-8":
        assert rows(path, encoding)[:1] == [(1, ["顧客", "金額"], None)]


def test_one_damaged_line_does_not_make_the_others_another_encoding(tmp_path: Path) -> None:
    damaged = b"\x81 ,1\n"  # in neither encoding
    assert detect_encoding(written(tmp_path, "架空,1\n".encode() * 2 + damaged)) == "utf-8"
    assert detect_encoding(written(tmp_path, "架空,1\n".encode("cp932") * 2 + damaged)) == "cp932"


def test_names_of_shift_jis_mean_what_windows_writes(tmp_path: Path) -> None:
    path = written(tmp_path, b"")
    assert [resolve_encoding(path, name) for name in ("sjis", "Shift_JIS", "CP932", "euc_jp")] == [
        "cp932",
        "cp932",
        "cp932",
        "euc_jp",
    ]
    assert resolve_encoding(path, "utf-8") == "utf-8-sig"
    for name in ("klingon", "base64"):
        with pytest.raises(SettingsError, match="no encoding"):
            resolve_encoding(path, name)


@pytest.mark.parametrize(
    ("line", "delimiter"),
    [
        ("a,b,c", ","),
        ("a\tb\tc", "\t"),
        ("a;b;c,d", ";"),
        ("a|b", "|"),
        (" 00001 19970101  1   11.77", WHITESPACE),
        ("alone", ","),
        ('"a;b;c",d', ","),
        ('"two words"', ","),
    ],
)
def test_the_delimiter_is_found_out(line: str, delimiter: str) -> None:
    assert detect_delimiter(line) == delimiter


def test_delimiters_have_names() -> None:
    assert [delimiter_of(name) for name in ("tab", "\\t", "Comma", "space", "~")] == ["\t", "\t", ",", " ", "~"]
    with pytest.raises(SettingsError, match="delimiter 'abc'"):
        delimiter_of("abc")


def test_lines_are_counted_through_quotes_and_blanks(tmp_path: Path) -> None:
    path = written(tmp_path, b'a,b\r\n1,"two\r\nlines"\r\n\r\n,\r\n3,4\r\n\x1a')
    assert rows(path) == [(1, ["a", "b"], None), (2, ["1", "two\r\nlines"], None), (6, ["3", "4"], None)]


def test_columns_set_by_blanks(tmp_path: Path) -> None:
    path = written(tmp_path, b"\n 00001 19970101  1   11.77\r\n 00002 19970112  5   77.00\r\n")
    assert rows(path) == [
        (2, ["00001", "19970101", "1", "11.77"], None),
        (3, ["00002", "19970112", "5", "77.00"], None),
    ]


def test_a_quote_that_is_never_closed_is_told_where_it_opens(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b'a,b\n1,"x\n2,y\n'))
    assert found[1] == (2, [], "a quote opened here is never closed; lines 2 to 3 could not be read")


def test_a_stray_quote_tells_all_lines_that_went_with_it(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b'a,b\n1,"x\n2,y\n3,"z"\n4,z\n'))
    assert [line for line, _, error in found if error is None] == [1, 5]
    assert "lines 2 to 4 could not be read" in (found[1][2] or "")
    swallowed = rows(written(tmp_path, b'a,b\n1,"x\n' + b"2,yyyyyyyy\n" * 30_000))
    assert "lines 2 to " in (swallowed[1][2] or "")


def test_a_cell_may_be_as_long_as_an_event(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b"a,b\n1," + b"x" * 200_000 + b"\n"))
    assert found[1] == (2, ["1", "x" * 200_000], None)


def test_a_row_that_is_not_csv_stops_no_other(tmp_path: Path) -> None:
    found = rows(written(tmp_path, b'a,b\n1,"x"y\n2,z\n'))
    assert [(line_no, error is None) for line_no, _, error in found] == [(1, True), (2, False), (3, True)]


def test_bytes_of_another_encoding_spoil_their_row_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "a,b\n架,1\n".encode() + b"\x89\x60,2\n" + b"x,3\n")
    assert [line.error for line in read_table(path, "utf-8", None)] == [None, None, "bytes that are not utf-8", None]


def test_progress_ends_with_the_files_length(tmp_path: Path) -> None:
    path = written(tmp_path, b"1,2\n" * 30_000)
    told: list[int] = []
    assert sum(1 for line in read_table(path, "utf-8", None, told.append) if isinstance(line, Line)) == 30_000
    assert told == sorted(told)
    assert told[-1] == 120_000
    assert len(told) == 31


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"nowhere\.csv"):
        detect_encoding(tmp_path / "nowhere.csv")
    with pytest.raises(SettingsError, match=r"nowhere\.csv"):
        rows(tmp_path / "nowhere.csv")


@pytest.mark.parametrize("start", [b"PK\x03\x04\x14\x00", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"])
@pytest.mark.parametrize("encoding", [None, "utf-8"])
def test_a_workbook_is_told_from_a_text(tmp_path: Path, start: bytes, encoding: str | None) -> None:
    path = written(tmp_path, start + bytes(range(200)))
    with pytest.raises(SettingsError, match=r"is an Excel workbook, not a text; save it in Excel as CSV \(UTF-8\)"):
        resolve_encoding(path, encoding)
