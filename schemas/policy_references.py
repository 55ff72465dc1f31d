"""Names in a policy that point elsewhere in it: ids, page groups, press categories, playbooks.

It works on the plain data as written, so that a wrong number elsewhere hides no wrong name; it must not know
what the named things mean.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from schemas.policy_parts import Fault, Path, suggestion

RESERVED_IDS: Final = ("segment", "lifecycle", "limit")

_POINTS: Final = ("potential", "points")
_FACTS: Final = ("potential", "facts")
_RULES: Final = ("rules",)


def reference_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    """Ids that are taken or reserved, and names of page groups, press categories and playbooks that do not exist."""
    yield from _id_faults(data)
    for section in (_POINTS, _RULES):
        for path, item in _items(data, section):
            yield from _unknown("page group", "pages", data, path, item, "page")
            yield from _unknown("press category", "press_categories", data, path, item, "categories")
    for path, item in _with_playbook(data):
        yield from _unknown("playbook", "playbooks", data, path, item, "playbook")


def _id_faults(data: Mapping[str, Any]) -> Iterator[Fault]:
    taken: dict[str, Path] = {}
    for section in (_POINTS, _FACTS, _RULES):
        for path, item in _items(data, section):
            name = item.get("id")
            if not isinstance(name, str):
                continue
            if name in RESERVED_IDS:
                yield Fault((*path, "id"), f'"{name}" is reserved; choose another id')
            elif name in taken:
                where = ".".join(str(key) for key in taken[name])
                yield Fault((*path, "id"), f'"{name}" is already an id of {where}; ids are unique, choose another')
            taken.setdefault(name, section)


def _unknown(
    what: str, section: str, data: Mapping[str, Any], path: Path, item: Mapping[str, Any], key: str
) -> Iterator[Fault]:
    known = _block(data, (section,))
    value = item.get(key)
    for at, name in enumerate(value) if isinstance(value, list | tuple) else [(0, value)]:
        if isinstance(name, str) and name not in known:
            yield Fault((*path, key, at), f'there is no {what} "{name}" in {section}; {suggestion(name, known)}')


def _with_playbook(data: Mapping[str, Any]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    yield from _items(data, _RULES)
    for section in ("lifecycle", "segments"):
        for name, block in _block(data, (section,)).items():
            if isinstance(block, Mapping):
                yield (section, name), block


def _items(data: Mapping[str, Any], section: tuple[str, ...]) -> Iterator[tuple[Path, Mapping[str, Any]]]:
    holder = _block(data, section[:-1])
    items = holder.get(section[-1])
    for at, item in enumerate(items if isinstance(items, list | tuple) else ()):
        if isinstance(item, Mapping):
            yield (*section, at), item


def _block(data: Mapping[str, Any], keys: Iterable[str]) -> Mapping[str, Any]:
    block: Any = data
    for key in keys:
        block = block.get(key) if isinstance(block, Mapping) else None
    return block if isinstance(block, Mapping) else {}
