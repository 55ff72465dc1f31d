"""A policy read from its file, every fault with file, line, key and what to write instead.

It must not know what the numbers of a policy decide.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from schemas.policy import Policy
from streams.errors import PolicyError
from streams.policy_warnings import PolicyWarning, policy_warnings
from streams.policy_yaml import Document, YamlFault, read_yaml

LARGEST_FILE_BYTES: Final = 1_048_576  # a policy has about 20 kB; more is another file named by mistake

KeyPath = tuple[int | str, ...]


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """A valid policy, and the file it stands in."""

    path: Path
    policy: Policy
    document: Document

    def at(self, path: KeyPath) -> str:
        """`file:line: key`, for a key path within the policy (list positions count from 0)."""
        return _at(self.path, self.document, self.document.line(path), path)

    def warnings(self) -> list[str]:
        """What is allowed but probably not meant, `file:line: key: text`, by line."""
        found = sorted(warnings(self.policy), key=lambda item: self.document.line(item.path))
        return [f"{self.at(item.path)}: {item.text}" for item in found]


def load_policy(path: str | Path) -> Policy:
    """The policy of a YAML file.

    Raises:
        PolicyError: The file cannot be read or is no valid policy; one line per fault, in the order of the file.
    """
    return read_policy(path).policy


def read_policy(path: str | Path) -> PolicyFile:
    """The policy of a YAML file together with the lines of its keys.

    Raises:
        PolicyError: As `load_policy`.
    """
    file = Path(path)
    document = read_yaml(_text(file))
    faults = list(document.faults)
    policy = None
    if document.data is not None or not faults:
        try:
            policy = Policy.model_validate({} if document.data is None else document.data)
        except ValidationError as error:
            faults += _faults(error, document)
    if policy is None or faults:
        raise PolicyError("\n".join(_lines(file, document, faults)))
    return PolicyFile(file, policy, document)


def warnings(policy: Policy) -> list[PolicyWarning]:
    """What is allowed but probably not meant, with key paths, in the order of the sections."""
    return policy_warnings(policy)


def _text(file: Path) -> str:
    try:
        raw = file.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise PolicyError(
            f"{file}: cannot be read ({reason}); "
            "name an existing policy file (most commands: --policy or KAKUHAN_POLICY)"
        ) from error
    if len(raw) > LARGEST_FILE_BYTES:
        raise PolicyError(f"{file}: is larger than {LARGEST_FILE_BYTES} bytes; name a policy file")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise PolicyError(f"{file}:{line}: is not UTF-8; save the file as UTF-8") from error


def _faults(error: ValidationError, document: Document) -> Iterable[YamlFault]:
    for item in error.errors(include_url=False, include_input=False):
        path = tuple(key for key in item["loc"] if key != "[key]")
        yield YamlFault(document.line(path), path, item["msg"])


def _lines(file: Path, document: Document, faults: Iterable[YamlFault]) -> list[str]:
    ordered = sorted(faults, key=lambda item: item.line)
    return list(dict.fromkeys(f"{_at(file, document, item.line, item.path)}: {item.text}" for item in ordered))


def _at(file: Path, document: Document, line: int, path: KeyPath) -> str:
    shown = _shown(path, document.data)
    return f"{file}:{line}: {shown}" if shown else f"{file}:{line}"


def _shown(path: KeyPath, data: Any) -> str:
    """A key path for a person: `rules[dormant].severity`, `pages.pricing[2]` (list positions count from 1)."""
    shown = ""
    for key in path:
        if isinstance(data, list):
            data = data[key] if isinstance(key, int) and key < len(data) else None
            shown += f"[{_named(key, data)}]"
        elif isinstance(data, Mapping) or isinstance(key, str):
            data = data.get(key) if isinstance(data, Mapping) else None
            shown += f".{key}" if shown else str(key)
    return shown


def _named(key: int | str, item: Any) -> str:
    name = item.get("id") if isinstance(item, Mapping) else None
    if isinstance(name, str):
        return name
    return str(key + 1) if isinstance(key, int) else key
