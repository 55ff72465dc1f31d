"""What makes one fold of one log: its topics, its decisions and where they are shown."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from streams.engine.fold import Fold
from streams.engine.projection import Projection

Prepare = Callable[[Sequence[Any]], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class FoldSpec:
    """Full topic names; all four have `partitions` partitions. `decided_by` names what decides, e.g. a policy."""

    topic: str
    changelog: str
    outputs_topic: str
    states_topic: str
    fold: Fold[Any]
    projection: Projection | None
    decided_by: str
    prefix: str  # of source topics, whose names in origins have none
    partitions: int = 0  # found when the worker starts
    prepare: Prepare | None = None  # awaited with a chunk's records before they are folded
