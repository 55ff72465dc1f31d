"""Rows of a text table, whatever its encoding and delimiter, each with its line number.

It must not know what the columns mean.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from streams.errors import SettingsError
from streams.intake.decoding import MAX_VALUE_BYTES

WHITESPACE = " "
DELIMITER_NAMES = {"comma": ",", "tab": "\t", "semicolon": ";", "pipe": "|", "space": WHITESPACE}
_REPORT_LINES = 1000  # how often progress is told; a file of a million lines tells it a thousand times
_BOMS = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")  # what files of Excel begin with, new and old
_WINDOWS_JAPANESE = frozenset({"shift_jis", "shift-jis", "sjis", "s-jis", "ms932", "windows-31j", "ms_kanji", "x-sjis"})
_UNDECODED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Line:
    """One row: the number of its first line (from 1) and its cells, or why it has none."""

    line_no: int
    cells: list[str]
    error: str | None = None


def detect_encoding(path: Path) -> str:
    """`utf-8-sig` or `utf-16` by its byte order mark, else `utf-8` or `cp932`, whichever fits more lines.

    Of the lines that are not plain ASCII most fit one of the two only: Japanese in cp932 is hardly ever UTF-8. So a
    damaged line is refused by itself, rather than all others being read in the wrong encoding.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        with path.open("rb") as file:
            start = file.read(3)
            marked = next((name for mark, name in _BOMS if start.startswith(mark)), None)
            file.seek(0)
            return marked or ("utf-8" if _is_mostly_utf8(file) else "cp932")
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error


def _is_mostly_utf8(lines: Iterable[bytes]) -> bool:
    fits = spoilt = 0
    for line in lines:
        if line.isascii():
            continue
        try:
            line.decode()
            fits += 1
        except UnicodeDecodeError:
            spoilt += 1
    return fits >= spoilt


def resolve_encoding(path: Path, encoding: str | None) -> str:
    """The codec to read with: the one said, with cp932 for every name of Shift JIS, else the one detected.

    Raises:
        SettingsError: There is no such encoding, the file is no text, or it cannot be read.
    """
    _refuse_workbook(path)
    if encoding is None:
        return detect_encoding(path)
    name = "cp932" if encoding.strip().casefold() in _WINDOWS_JAPANESE else encoding
    try:
        found = codecs.lookup(name).name
        "".encode(name)  # refuses codecs that are no text encodings
    except LookupError as error:
        raise SettingsError(f"no encoding {encoding!r}; usual are utf-8 and cp932") from error
    return "utf-8-sig" if found == "utf-8" else found


def _refuse_workbook(path: Path) -> None:
    try:
        with path.open("rb") as file:
            start = file.read(4)
    except OSError as error:
        raise SettingsError(f"{path}: cannot be read: {error.strerror}") from error
    if start in _WORKBOOKS:
        raise SettingsError(f"{path}: is an Excel workbook, not a text; save it in Excel as CSV (UTF-8)")


def detect_delimiter(first_line: str) -> str:
    """The delimiter that stands most often in a line outside quotes; `WHITESPACE` where none does but blanks do."""
    bare = re.sub(r'"[^"]*"', "", first_line)
    best = max((sign for sign in DELIMITER_NAMES.values() if sign != WHITESPACE), key=bare.count)
    if bare.count(best):
        return best
    return WHITESPACE if re.search(r"\S\s+\S", bare.strip()) and '"' not in first_line else ","


Progress = Callable[[int], None]


def delimiter_of(named: str) -> str:
    """The delimiter of a name (`tab`), of backslash and t, or of itself.

    Raises:
        SettingsError: It is none of these.
    """
    found = "\t" if named == "\\t" else DELIMITER_NAMES.get(named.casefold(), named)
    if len(found) != 1 or found in '"\r\n':
        raise SettingsError(f"delimiter {named!r}: expected {', '.join(DELIMITER_NAMES)} or one character")
    return found


def read_table(path: Path, encoding: str, delimiter: str | None, progress: Progress | None = None) -> Iterator[Line]:
    """The rows that are not blank; `progress` is told how many bytes are read so far.

    Raises:
        SettingsError: The file cannot be read.
    """
    try:
        with path.open("rb") as raw, TextIOWrapper(raw, encoding, errors="surrogateescape", newline="") as file:
            yield from _told(_lines(file, delimiter), raw, progress)
    except (OSError, UnicodeError) as error:
        raise SettingsError(f"{path}: cannot be read: {error}") from error


def _told(lines: Iterator[Line], raw: BinaryIO, progress: Progress | None) -> Iterator[Line]:
    for count, line in enumerate(lines):
        if progress and count % _REPORT_LINES == 0:
            progress(raw.tell())
        yield line
    if progress:
        progress(raw.tell())


def _lines(file: TextIO, delimiter: str | None) -> Iterator[Line]:
    if delimiter is None:
        start = file.tell()
        delimiter = detect_delimiter(next((line for line in iter(file.readline, "") if line.strip()), ""))
        file.seek(start)
    rows = _split_rows(file) if delimiter == WHITESPACE else _csv_rows(file, delimiter)
    for line in rows:
        if line.error is None and _is_blank(line.cells):
            continue
        joined = "".join(line.cells)
        if not joined.isascii() and _UNDECODED.search(joined):
            line = Line(line.line_no, line.cells, f"bytes that are not {file.encoding}")
        yield line


def _is_blank(cells: list[str]) -> bool:
    return all(not cell.strip(" \t\r\n\x1a　") for cell in cells)  # \x1a: the end mark of DOS files


def _split_rows(file: TextIO) -> Iterator[Line]:
    for line_no, line in enumerate(file, start=1):
        yield Line(line_no, line.split())


def _csv_rows(file: TextIO, delimiter: str) -> Iterator[Line]:
    csv.field_size_limit(MAX_VALUE_BYTES)  # by default half as much, and an event may be a single long text
    rows = csv.reader(file, delimiter=delimiter, strict=True, skipinitialspace=True)
    while True:
        line_no = rows.line_num + 1
        try:
            yield Line(line_no, next(rows))
        except StopIteration:
            return
        except csv.Error as error:
            yield Line(line_no, [], _csv_problem(error, line_no, rows.line_num))


def _csv_problem(error: csv.Error, first: int, last: int) -> str:
    """What is wrong, and which lines went with it: a stray quote takes all up to the next one."""
    if "unexpected end of data" in str(error):
        return f"a quote opened here is never closed; lines {first} to {last} could not be read"
    lost = f"; a quote is opened here, so lines {first} to {last} could not be read" if last > first else ""
    return f"not a CSV row: {error}{lost}"
