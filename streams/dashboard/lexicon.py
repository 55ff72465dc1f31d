"""Words that many customers share, each kept once; it must not know whose they are."""

from __future__ import annotations

from collections.abc import Sequence


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
