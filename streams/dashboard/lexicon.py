"""Words of customers, kept small: shared ones once, own ones packed; it must not know whose they are."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence


class Lexicon:
    """Words by number; number 0 stands for none."""

    __slots__ = ("_numbers", "words")

    def __init__(self) -> None:
        self.words: list[str] = [""]
        self._numbers: dict[str, int] = {"": 0}

    def number(self, word: str | None) -> int:
        """The word's number, a new one for a new word."""
        word = word or ""
        found = self._numbers.get(word)
        if found is None:
            found = self._numbers[word] = len(self.words)
            self.words.append(word)
        return found

    def find(self, word: str) -> int | None:
        """The word's number, None for one never met."""
        return self._numbers.get(word)


class SetLexicon:
    """Sets of words by number, in the order first met; number 0 is the empty set."""

    __slots__ = ("_numbers", "sets", "words")

    def __init__(self) -> None:
        self.words = Lexicon()
        self.sets: list[tuple[int, ...]] = [()]
        self._numbers: dict[tuple[int, ...], int] = {(): 0}

    def number(self, words: Sequence[str]) -> int:
        """The set's number, a new one for a new set."""
        members = tuple(sorted({self.words.number(word) for word in words} - {0}))
        found = self._numbers.get(members)
        if found is None:
            found = self._numbers[members] = len(self.sets)
            self.sets.append(members)
        return found

    def named(self, number: int) -> list[str]:
        """The words of a set."""
        return [self.words.words[member] for member in self.sets[number]]


class Texts:
    """A text per row, packed into one run of bytes: a third of what strings of their own would take.

    A text that changes leaves its old bytes behind until `pack`.
    """

    __slots__ = ("_begins", "_bytes", "_lengths")

    def __init__(self) -> None:
        self._bytes = bytearray()
        self._begins, self._lengths = array("I"), array("I")

    def __len__(self) -> int:
        return len(self._begins)

    def __getitem__(self, row: int) -> str:
        begin = self._begins[row]
        return self._bytes[begin : begin + self._lengths[row]].decode()

    def __setitem__(self, row: int, text: str) -> None:
        packed = text.encode("utf-8", "replace")
        begin, length = self._begins[row], self._lengths[row]
        if packed == self._bytes[begin : begin + length]:
            return
        self._begins[row], self._lengths[row] = len(self._bytes), len(packed)
        self._bytes += packed

    def append(self, text: str) -> None:
        """Add a row."""
        packed = text.encode("utf-8", "replace")
        self._begins.append(len(self._bytes))
        self._lengths.append(len(packed))
        self._bytes += packed

    def pack(self) -> None:
        """Leave out the bytes of texts that have changed."""
        kept = bytearray()
        for row, (begin, length) in enumerate(zip(self._begins, self._lengths, strict=True)):
            self._begins[row] = len(kept)
            kept += self._bytes[begin : begin + length]
        self._bytes = kept

    def __iter__(self) -> Iterator[str]:
        return (self[row] for row in range(len(self)))
