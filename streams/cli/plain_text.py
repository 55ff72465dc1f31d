"""How text is put for a person at a terminal; it must not know what the text says."""

from __future__ import annotations

import unicodedata

# Orders to a terminal, halves of characters, further line ends.
_NEVER = frozenset({"Cc", "Cs", "Zl", "Zp"})
# What turns the direction of writing, so that a line reads other than it is.
_TURNS = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def plain(text: str, keep: str = "") -> str:
    r"""The text with everything that could steer a terminal as `\uXXXX`, but for what is to be kept.

    JSON says the same afterwards as before.
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(c if c in keep or not _steers(c) else f"\\u{ord(c):04x}" for c in text)


def counted(number: int, what: str) -> str:
    """So many of it, as `1 line` or `1,200 lines`."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _steers(character: str) -> bool:
    return character in _TURNS or unicodedata.category(character) in _NEVER
