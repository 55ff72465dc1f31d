"""Playbooks as they are read out: placeholders replaced literally, in one pass; it must not know where texts lie.

`{name}` and `{name|fallback}` name one of a closed list. What is put in is never looked at again, so a company called
`{owner}` stays a company called `{owner}`; an unknown name stays as it is written.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from schemas.policy_texts import PLACEHOLDERS

NOTHING = "—"  # stands for a placeholder that has neither value nor fallback
_PLACEHOLDER = re.compile(r"\{([^{}|]*)(?:\|([^{}]*))?\}")


def filled(template: str, values: Mapping[str, str | None]) -> str:
    """The template with its placeholders replaced."""

    def replaced(match: re.Match[str]) -> str:
        name, fallback = match[1], match[2]
        if name not in PLACEHOLDERS:
            return match[0]
        return values.get(name) or (NOTHING if fallback is None else fallback)

    return _PLACEHOLDER.sub(replaced, template)


def spoken(playbook: Mapping[str, Any] | None, values: Mapping[str, str | None]) -> dict[str, Any] | None:
    """Title, talk track and actions of a playbook, filled; None without one."""
    if playbook is None:
        return None
    return {
        "title": filled(str(playbook.get("title", "")), values),
        "talk_track": filled(str(playbook.get("talk_track", "")), values),
        "actions": [filled(str(action), values) for action in playbook.get("actions", ())],
    }
