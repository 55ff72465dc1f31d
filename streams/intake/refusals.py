"""Why something is not taken in: a reason out of a closed list and one line for the person who must mend it.

It must not know where refusals go, nor any Kafka.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from schemas.dead_letters import Reason
from schemas.fields import NAIVE_TIMESTAMP
from streams.intake.corporate_number import explain_fault

_MAX_FOUND_CHARACTERS = 60
_MAX_FAULTS_TOLD = 3
_MAX_DETAIL_CHARACTERS = 1000  # reached only by keys as long as that in the sender's own objects
_Location = Sequence[str | int]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A refusal; `detail` says where, what was found (shortened) and what was expected."""

    reason: Reason
    detail: str


class RefusedError(Exception):
    """Carries a refusal out of the step that found it; never leaves intake."""

    def __init__(self, reason: Reason, detail: str):
        super().__init__(detail)
        self.rejection = Rejection(reason, detail)

    @classmethod
    def of(cls, rejection: Rejection) -> RefusedError:
        """The error that carries a refusal."""
        return cls(rejection.reason, rejection.detail)


def fault(where: str, found: object, expected: str, remark: str = "") -> str:
    """The line for one fault; `found` None means nothing was there, `remark` says more about what was found."""
    line = f"found {shortened(found)}{remark}, expected {expected}"
    return f"{where}: {line}" if where else line


def shortened(found: object) -> str:
    """A value as JSON writes it, of at most some 60 characters; containers by their kind alone."""
    if found is None:
        return "nothing"
    if isinstance(found, dict | list):
        return "an object" if isinstance(found, dict) else "a list"
    text = str(found) if isinstance(found, Decimal) else json.dumps(found, ensure_ascii=False, default=str)
    whole = text if len(text) <= _MAX_FOUND_CHARACTERS else text[: _MAX_FOUND_CHARACTERS - 1] + "…"
    return whole.encode("utf-8", "backslashreplace").decode("utf-8")  # half a surrogate pair cannot be written


def refusal_of(error: ValidationError, models: dict[str, type[BaseModel]]) -> Rejection:
    """The refusal of a value that fits no model of its topic; `models` are the topic's by event type.

    A lacking offset is only the reason when nothing else is wrong, as the rest would have to be mended as well.
    """
    errors = error.errors(include_url=False)
    others = [each for each in errors if each["type"] != NAIVE_TIMESTAMP]
    told = [_line(each, models) for each in (others or errors)[:_MAX_FAULTS_TOLD]]
    more = len(others or errors) - len(told)
    detail = "; ".join(told)[:_MAX_DETAIL_CHARACTERS] + (f" (and {more} more)" if more else "")
    return Rejection("invalid_event" if others else "naive_timestamp", detail)


def _line(error: ErrorDetails, models: dict[str, type[BaseModel]]) -> str:
    if error["type"] in ("union_tag_not_found", "union_tag_invalid"):
        return fault("type", error["input"].get("type"), "one of " + ", ".join(sorted(models)))
    alone = len(models) == 1  # then there is no union whose tag would come first
    location = error["loc"] if alone else error["loc"][1:]
    model = next(iter(models.values())) if alone else models[str(error["loc"][0])]
    if error["type"] == "rule_broken":
        rule = error["ctx"]
        where = [*location, rule["field"]] if rule["field"] else location
        return fault(_path(where), error["input"].get(rule["field"]), rule["expected"])
    found = None if error["type"] == "missing" else error["input"]
    if location and location[-1] == "corporate_number":
        return fault(_path(location), found, explain_fault(found))
    return fault(_path(location), found, _expected(model, location) or error["msg"])


def _path(location: _Location) -> str:
    text = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in location)
    return text.removeprefix(".").removesuffix(".[key]")


def _expected(annotation: Any, location: _Location) -> str | None:
    """The description of the field at a location, walking down models, lists and unions."""
    description: str | None = None
    for step in location:
        model = _model_in(annotation)
        field = _field(model, step) if model is not None and isinstance(step, str) else None
        if field is None:
            annotation = _element_of(annotation)
            description = _description(annotation)
            continue
        annotation = field.annotation
        description = field.description or _description(annotation)
    return description


def _field(model: type[BaseModel], name: str) -> FieldInfo | None:
    fields = model.model_fields
    return fields.get(name) or next((each for each in fields.values() if each.alias == name), None)


def _model_in(annotation: Any) -> type[BaseModel] | None:
    """The model an annotation is or may be (`Contact | None`), not one inside a list."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    if get_origin(annotation) in (list, dict):
        return None
    return next(filter(None, map(_model_in, get_args(annotation))), None)


def _element_of(annotation: Any) -> Any:
    """What a list, or the values of an object, consist of."""
    if get_origin(annotation) in (list, dict):
        return get_args(annotation)[-1]
    return next(filter(None, map(_element_of, get_args(annotation))), None)


def _description(annotation: Any) -> str | None:
    if get_origin(annotation) is Annotated:
        notes = [note.description for note in annotation.__metadata__ if isinstance(note, FieldInfo)]
        return next(filter(None, notes), None)
    if _model_in(annotation) is not None:
        return "an object"
    return next(filter(None, map(_description, get_args(annotation))), None)
