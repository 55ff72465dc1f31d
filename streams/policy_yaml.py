"""YAML 1.2 as plain data, with the line of every value; it must not know what a policy is.

Read from parser events rather than by a ready-made loader, because three things matter here: every fault is found in
one go, each with its line; values follow the core schema of YAML 1.2 (chapter 10.3: no dates, no `yes`, no octal by a
leading zero); and no number loses a digit on its way in.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

MOST_LEVELS: Final = 20  # a policy has six; a limit keeps a broken file from exhausting the stack
EXACT_DIGITS: Final = 15  # every decimal of that many significant digits survives binary floating point

_WIDE_COLON: Final = "\uff1a"  # what a Japanese input method gives; for YAML a letter of the key
_NULL: Final = re.compile(r"~|null|Null|NULL|")
_TRUE: Final = re.compile(r"true|True|TRUE")
_FALSE: Final = re.compile(r"false|False|FALSE")
_INT: Final = re.compile(r"[-+]?[0-9]+", re.ASCII)
_BASED: Final = re.compile(r"0o[0-7]+|0x[0-9a-fA-F]+", re.ASCII)
_FLOAT: Final = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", re.ASCII)
_NOT_FINITE: Final = re.compile(r"[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class YamlFault:
    """What is wrong in the 1-based `line`, at the keys and 0-based list positions of `path`."""

    line: int
    path: Path
    text: str


@dataclass(slots=True)
class Document:
    """The plain data of a file, the line of each path, and what could not be read."""

    data: Any = None
    lines: dict[Path, int] = field(default_factory=dict)
    faults: list[YamlFault] = field(default_factory=list)

    def line(self, path: Path) -> int:
        """The 1-based line of the path, or of the nearest block around it that is in the file."""
        while path and path not in self.lines:
            path = path[:-1]
        return self.lines.get(path, 1)


def read_yaml(text: str) -> Document:
    """The one document of a YAML text; faults are collected, never raised."""
    document = Document()
    try:
        _Reader(document, YAML(typ="safe", pure=True).parse(text)).read()
    except YAMLError as error:
        document.faults.append(_syntax_fault(error))
    return document


def _syntax_fault(error: YAMLError) -> YamlFault:
    mark = (error.problem_mark or error.context_mark) if isinstance(error, MarkedYAMLError) else None
    problem = (error.problem or error.context) if isinstance(error, MarkedYAMLError) else str(error).splitlines()[0]
    hint = "check indentation (spaces, no tabs), colons, quotes and brackets here and in the line above"
    return YamlFault(mark.line + 1 if mark else 1, (), f"is not YAML: {problem}; {hint}")


class _Reader:
    """Turns parser events into plain data, one value at a time."""

    def __init__(self, document: Document, events: Iterator[Event]) -> None:
        self._document = document
        self._events = events

    def read(self) -> None:
        documents = 0
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            documents += 1
            if documents > 1:
                self._refuse(event, (), "a second document begins; write one policy a file, without a further ---")
                return
            if event.version not in (None, (1, 2)):
                self._refuse(event, (), "%YAML asks for another version; remove the line, the file is read as YAML 1.2")
            self._document.data = self._value(next(self._events), ())

    def _value(self, event: Event, path: Path) -> Any:
        self._document.lines.setdefault(path, event.start_mark.line + 1)
        if isinstance(event, AliasEvent):
            return self._refuse(event, path, "an alias (*name) is not read here; write the value out")
        if isinstance(event, NodeEvent) and event.anchor is not None:
            self._refuse(event, path, f"an anchor (&{event.anchor}) is not read here; remove it and write values out")
        tag = getattr(event, "tag", None)
        if tag is not None and str(tag) != "!":
            self._refuse(event, path, f"a tag ({tag}) is not read here; remove it, quotes make a text")
        if len(path) > MOST_LEVELS:
            raise YAMLError(f"blocks are nested more than {MOST_LEVELS} deep in line {event.start_mark.line + 1}")
        if isinstance(event, MappingStartEvent):
            return self._mapping(path)
        if isinstance(event, SequenceStartEvent):
            return self._sequence(path)
        return self._scalar(event, path) if isinstance(event, ScalarEvent) else None

    def _mapping(self, path: Path) -> dict[str, Any]:
        block: dict[str, Any] = {}
        while not isinstance(event := next(self._events), MappingEndEvent):
            key = self._key(event, path)
            below = (*path, key)
            if key in block:
                first = self._document.lines[below]
                self._refuse(event, below, f"this key is already in line {first}; keep one of the two")
            else:
                self._document.lines[below] = event.start_mark.line + 1
            value = self._value(next(self._events), below)
            block.setdefault(key, value)
        return block

    def _key(self, event: Event, path: Path) -> str:
        if isinstance(event, ScalarEvent):
            if _WIDE_COLON in (key := str(event.value)) and event.style is None:
                told = f"the colon in {key!r} is a full-width one; write : and a blank, or put the whole key in quotes"
                self._refuse(event, path, told)
            return key
        self._refuse(event, path, "a key must be a plain word; put a text with { or [ in quotes")
        self._value(event, (*path, "?"))
        return "?"

    def _sequence(self, path: Path) -> list[Any]:
        items: list[Any] = []
        while not isinstance(event := next(self._events), SequenceEndEvent):
            items.append(self._value(event, (*path, len(items))))
        return items

    def _scalar(self, event: ScalarEvent, path: Path) -> Any:
        text = str(event.value)
        if event.style is not None:  # in quotes or a block of text
            return text
        if _FLOAT.fullmatch(text) and not _INT.fullmatch(text):
            return self._float(event, text, path)
        return _plain(text)

    def _float(self, event: Event, text: str, path: Path) -> float:
        mantissa = re.split("[eE]", text)[0]
        if len(re.sub(r"[-+.]", "", mantissa).strip("0")) > EXACT_DIGITS:
            self._refuse(event, path, f'{text} has more than {EXACT_DIGITS} digits; put it in quotes: "{text}"')
        return float(text)

    def _refuse(self, event: Event, path: Path, text: str) -> None:
        self._document.faults.append(YamlFault(event.start_mark.line + 1, path, text))


def _plain(text: str) -> bool | int | float | str | None:
    if _NULL.fullmatch(text):
        return None
    if _TRUE.fullmatch(text) or _FALSE.fullmatch(text):
        return bool(_TRUE.fullmatch(text))
    if _INT.fullmatch(text):
        return int(text) if len(text) < 100 else text  # longer ones are no number of a policy
    if _BASED.fullmatch(text):
        return int(text, 0)
    return float(text.replace(".", "", 1)) if _NOT_FINITE.fullmatch(text) else text
