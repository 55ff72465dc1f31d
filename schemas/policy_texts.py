"""The words of a policy: groups of pages, phrases of press categories, and playbooks with their placeholders.

It must not know how a path or a phrase is matched, nor what fills a placeholder.
"""

from __future__ import annotations

import re
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BeforeValidator

from schemas.policy_parts import PolicyPart, fault, found, suggestion
from schemas.policy_scalars import Text, YesNo

PLACEHOLDERS: Final = ("evidence", "department", "document", "link", "company", "owner")

_PLACEHOLDER: Final = re.compile(r"\{([^{}|]*)(?:\|[^{}]*)?\}")


def _glob(value: str) -> str:
    if not value.startswith(("/", "*")):
        raise fault(f'found {found(value)}; write a path that begins with "/" or "*", such as /pricing/*')
    if "?" in value or "#" in value:
        raise fault(f'found {found(value)}; paths are compared without "?" and "#" and what follows: leave it out')
    return value


def _filled(value: str) -> str:
    for match in _PLACEHOLDER.finditer(value):
        if match[1] not in PLACEHOLDERS:
            raise fault(f'there is no placeholder "{{{match[1]}}}"; {suggestion(match[1], PLACEHOLDERS)}')
    if re.search(r"[{}]", _PLACEHOLDER.sub("", value)):
        raise fault("a brace stands alone; write a placeholder as {name} or {name|fallback}")
    return value


def _phrases(value: object) -> list[Any]:
    # Unlike elsewhere empty is allowed: a category that only the releases themselves bring.
    items = [value] if isinstance(value, str) else value
    if not isinstance(items, list | tuple):
        raise fault(
            f"found {found(value)}; write a list of phrases, or [] for a category that releases bring themselves"
        )
    return list(items)


def _listed(value: object) -> list[Any]:
    if not isinstance(value, list | tuple):
        raise fault(f"found {found(value)}; write a list such as [first step, second step]")
    return list(value)


Glob = Annotated[Text, AfterValidator(_glob)]
CategoryPhrases = Annotated[tuple[Text, ...], BeforeValidator(_phrases)]
Template = Annotated[Text, AfterValidator(_filled)]


class PressMatch(PolicyPart):
    """Where the phrases of press categories are looked for."""

    body: YesNo = False
    """Whether in the body too; the headline always."""


class Playbook(PolicyPart):
    """What to do on a signal; `{name}` or `{name|fallback}` of `PLACEHOLDERS` are filled in when it is shown."""

    title: Template
    """Heading."""
    talk_track: Template
    """How to open the conversation."""
    actions: Annotated[tuple[Template, ...], BeforeValidator(_listed)]
    """Steps, in order."""
