"""Lines made by a program rather than read from a file of lines, kept on disk until they are read twice.

It must not know where they came from; a table's rows are the usual case.
"""

from __future__ import annotations

import contextlib
import tempfile
from array import array
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

import msgspec

_encoder = msgspec.json.Encoder(decimal_format="number")


class SpooledLines:
    """A source of lines for `HistoryInput`; a context manager whose end removes the temporary file."""

    def __init__(self, name: str):
        """Nothing yet; `name` is what rejects will call it, the path of the table for example."""
        self.name = name
        self.size_bytes = 0
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._places = array("q")
        self._line_nos = array("q")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def add(self, line_no: int, topic: str, value: dict[str, Any], received_at: str | None = None) -> None:
        """Append a line under the number it has where it came from; numbers as int or Decimal, exact."""
        line: dict[str, Any] = {"topic": topic, "value": value}
        if received_at is not None:
            line["received_at"] = received_at
        text = _encoder.encode(line) + b"\n"
        self._places.append(self.size_bytes)
        self._line_nos.append(line_no)
        self._file.seek(self.size_bytes)
        self.size_bytes += self._file.write(text)

    @property
    def count(self) -> int:
        """How many lines were added."""
        return len(self._places)

    def lines(self) -> Iterator[tuple[int, int, bytes]]:
        """Place, number and text of each line in the order added."""
        with self.fetching() as fetch:
            for place, line_no in zip(self._places, self._line_nos, strict=True):
                yield place, line_no, fetch(place)

    @contextlib.contextmanager
    def fetching(self) -> Iterator[Callable[[int], bytes]]:
        """A function from place to the text of that line."""

        def fetch(place: int) -> bytes:
            self._file.seek(place)
            return self._file.readline()

        yield fetch
