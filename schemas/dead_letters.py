"""What is written beside a record that could not be taken in: the headers of a dead letter.

It must not know Kafka, nor how the refusal came about.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal, get_args

from pydantic.dataclasses import dataclass

Reason = Literal[
    "invalid_json",
    "invalid_event",
    "missing_key",
    "key_mismatch",
    "naive_timestamp",
    "future_event",
    "unknown_currency",
    "too_large",
    "ambiguous_company",
]
REASONS: tuple[str, ...] = get_args(Reason)
HEADER_PREFIX = "kakuhan-dlq-"

Headers = list[tuple[str, bytes]]


@dataclass(frozen=True, slots=True)
class DeadLetter:
    """Where a refused record came from and why it was refused.

    `topic` is the source topic as it is called on the broker, prefix included; `detail` is one line for a person.
    """

    topic: str
    partition: int
    offset: int
    reason: str
    detail: str

    def headers(self, original: Iterable[tuple[str, bytes]]) -> Headers:
        """The headers of the dead letter: the record's own, then ours, each value as UTF-8 text."""
        ours = {
            "topic": self.topic,
            "partition": str(self.partition),
            "offset": str(self.offset),
            "reason": self.reason,
            "detail": self.detail,
        }
        return [*original_headers(original), *((HEADER_PREFIX + name, text.encode()) for name, text in ours.items())]

    @classmethod
    def from_headers(cls, headers: Iterable[tuple[str, bytes]]) -> DeadLetter:
        """The dead letter that the headers tell of.

        Raises:
            ValueError: One of our headers is missing, or partition or offset is no number.
        """
        ours = {name.removeprefix(HEADER_PREFIX): text for name, text in headers if name.startswith(HEADER_PREFIX)}
        missing = [name for name in ("topic", "partition", "offset", "reason", "detail") if name not in ours]
        if missing:
            raise ValueError(f"no header {HEADER_PREFIX}{missing[0]}")
        text = {name: value.decode() for name, value in ours.items()}
        return cls(text["topic"], int(text["partition"]), int(text["offset"]), text["reason"], text["detail"])


def original_headers(headers: Iterable[tuple[str, bytes]]) -> Headers:
    """The headers the record had in its source topic, to send it again as it was."""
    return [(name, value) for name, value in headers if not name.startswith(HEADER_PREFIX)]
