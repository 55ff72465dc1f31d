"""Finding phrases and naming departments in customers' words; it must not know which rule asks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

_NEVER = re.compile(r"(?!)")
_NAMES_REMEMBERED = 10_000


def normalised(text: str) -> str:
    """Text as it is compared: NFKC, then case folding."""
    return unicodedata.normalize("NFKC", text).casefold()


@lru_cache(_NAMES_REMEMBERED)
def department_name(text: str) -> str:
    """A department as it is compared and listed: NFKC, without spaces."""
    return "".join(unicodedata.normalize("NFKC", text).split())


def phrase_pattern(phrases: Iterable[str]) -> re.Pattern[str]:
    """One expression that finds any of the phrases in normalised text.

    An ASCII letter or digit at either end of a phrase matches only where no ASCII letter or digit adjoins it.
    """
    parts = [_bounded(normalised(phrase)) for phrase in phrases if phrase]
    return re.compile("|".join(parts)) if parts else _NEVER


def glob_pattern(globs: Iterable[str]) -> re.Pattern[str]:
    """One expression that matches a whole path against any of the globs; `*` stands for any run of characters."""
    parts = [".*".join(map(re.escape, glob.split("*"))) for glob in globs]
    return re.compile("|".join(f"(?:{part})" for part in parts), re.DOTALL) if parts else _NEVER


def bare_path(path: str) -> str:
    """The path without query and fragment."""
    return path.partition("#")[0].partition("?")[0]


def _bounded(phrase: str) -> str:
    before = r"(?<![a-z0-9])" if _is_ascii_alnum(phrase[0]) else ""
    after = r"(?![a-z0-9])" if _is_ascii_alnum(phrase[-1]) else ""
    return before + re.escape(phrase) + after


def _is_ascii_alnum(char: str) -> bool:
    return char.isascii() and char.isalnum()
