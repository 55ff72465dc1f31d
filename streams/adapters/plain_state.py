"""A stored state as plain values with names, for a person to read; it must not know what any of them means."""

from __future__ import annotations

import base64
import json
from typing import Any

import msgspec

from streams.domain.daybook import DayBook
from streams.domain.parts import PREFIX
from streams.domain.state import State, decode_state

# The account lies deflated; it is told as it was before.
_ACCOUNT, _DEFLATED = "account_json", "deflated_account"


def plain_state(stored: bytes) -> dict[str, Any]:
    """Everything in a state, by name: structs as objects, packed parts unpacked, other bytes as base64.

    Raises:
        EngineError: It was stored by another version.
    """
    state = decode_state(stored)
    found = {_name(name): _plain(_field(state, name)) for name in state.__struct_fields__ if name != _DEFLATED}
    return found | {_ACCOUNT: json.loads(state.account_json)}


def _name(field: str) -> str:
    return field.removeprefix(PREFIX)


def _field(state: State, field: str) -> Any:
    return getattr(state, _name(field))


def _plain(found: Any) -> Any:
    if isinstance(found, DayBook):
        days = [_plain(found.entry(at)) for at in range(found.many)]
        return {"days": days, "before": _plain(found.before)}
    if isinstance(found, msgspec.Struct):
        return {name: _plain(getattr(found, name)) for name in found.__struct_fields__}
    if isinstance(found, dict):
        return {str(name): _plain(part) for name, part in found.items()}
    if isinstance(found, list | tuple):
        return [_plain(part) for part in found]
    return base64.b64encode(found).decode() if isinstance(found, bytes | bytearray) else found
