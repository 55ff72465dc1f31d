"""What the engine asks of a store that shows the states to readers; it must not know which store that is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from streams.engine.fold import Output, View


@dataclass(frozen=True, slots=True)
class Update:
    """A key's newest view, the offset of the last record applied to it, and the outputs not projected before."""

    key: bytes
    offset: int
    view: View
    outputs: list[Output]


class Projection(Protocol):
    """A store that follows the states, may be away for a while, and may come back empty."""

    async def write(self, partition: int, epoch: int, next_offset: int, updates: list[Update]) -> None:
        """Show the updates and remember (epoch, next_offset) as reached, both or neither.

        Raises:
            ViewError: The store is away; the engine tries again later.
            FencedError: A newer epoch owns the partition; the engine stops.
        """
        ...

    async def reached(self, partition: int) -> tuple[int, int] | None:
        """The (epoch, next_offset) the store holds of a partition; None: nothing, it is new or came back empty.

        Raises:
            ViewError: The store is away.
        """
        ...
