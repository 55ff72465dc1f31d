"""The base of every part of a policy: frozen, unknown keys refused, every fault in words for the person who wrote it.

It must not know any particular key of a policy, nor files and lines.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, ModelWrapValidatorHandler, ValidationError, model_validator
from pydantic_core import ErrorDetails, InitErrorDetails, PydanticCustomError

SHOWN_CHARACTERS = 40  # of a wrong value in a message: enough to recognise it, short enough for one line

Path = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong at `path` (keys and 0-based list positions below the part that reports it), and what to write."""

    path: Path
    text: str


def fault(text: str) -> PydanticCustomError:
    """The exception with which a field validator refuses a value."""
    return PydanticCustomError("policy", "{text}", {"text": text})


def found(value: object) -> str:
    """A wrong value as a message names it, on one line and shortened."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "a block of keys"
    if isinstance(value, list | tuple):
        return "a list"
    text = f'"{value}"' if isinstance(value, str) else str(value)
    return text if len(text) <= SHOWN_CHARACTERS else text[: SHOWN_CHARACTERS - 1] + "…"


def suggestion(word: str, known: Iterable[str]) -> str:
    """`did you mean "x"?` or else the known words; for the end of a message."""
    names = list(known)
    close = get_close_matches(word.casefold(), [name.casefold() for name in names], n=1, cutoff=0.6)
    if close:
        meant = next(name for name in names if name.casefold() == close[0])
        return f'did you mean "{meant}"?'
    return f"write one of: {', '.join(names)}" if names else "there are none yet"


class PolicyPart(BaseModel):
    """A block of keys of the policy file."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    @classmethod
    def raw_faults(cls, data: Mapping[str, Any]) -> Iterator[Fault]:
        """What is wrong between the block's parts as written; asked even when single values are wrong."""
        return iter(())

    def contradictions(self) -> Iterator[Fault]:
        """What is wrong between values that are each right alone."""
        return iter(())

    def remember(self, data: Mapping[str, Any]) -> None:
        """Keep what the part needs of the plain data it was read from."""

    @model_validator(mode="wrap")
    @classmethod
    def _explain(cls, data: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(data, cls):
            return handler(data)
        # An empty value is a key not given: a list whose every line is commented out must stay readable.
        given = {key: value for key, value in data.items() if value is not None} if isinstance(data, Mapping) else data
        faults, part = cls._attempt(given, handler)
        if isinstance(given, Mapping):
            faults += cls.raw_faults(given)
        if part is not None:
            faults += part.contradictions()
        if faults or part is None:
            raise ValidationError.from_exception_data(cls.__name__, [_detail(item) for item in faults])
        part.remember(data)
        return part

    @classmethod
    def _attempt(cls, given: Any, handler: ModelWrapValidatorHandler[Self]) -> tuple[list[Fault], Self | None]:
        try:
            return [], handler(given)
        except ValidationError as error:
            return [Fault(item["loc"], cls._words(item)) for item in error.errors(include_url=False)], None

    @classmethod
    def _words(cls, item: ErrorDetails) -> str:
        here = len(item["loc"]) == 1
        if item["type"] == "extra_forbidden" and here:
            return f"there is no such key; {suggestion(str(item['loc'][0]), cls.model_fields)}"
        if item["type"] == "missing" and here:
            return "is missing; write this key"
        if item["type"] in ("model_type", "model_attributes_type", "dict_type"):
            return f"found {found(item['input'])}; write a block of keys, one `key: value` a line"
        if item["type"] in ("tuple_type", "list_type"):
            return f"found {found(item['input'])}; write a list"
        return item["msg"]


def _detail(item: Fault) -> InitErrorDetails:
    return {"type": fault(item.text), "loc": item.path, "input": None}
