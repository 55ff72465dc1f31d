"""Numbers for whoever watches a worker; it must not know who that is."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class PartitionStats:
    """One source or log partition: where it is, and what has happened to it since it was opened."""

    next_offset: int = -1  # everything before it is durable here; -1: nothing yet
    end: int = 0  # of what could be read at the last look
    lag: int = 0  # records that can be read and are not yet read
    newest_ms: int = 0  # newest append time read (epoch ms)
    records: int = 0
    copies: int = 0  # records dropped because their origin had been counted
    repeats: int = 0  # records already in the state they reached
    outputs: int = 0
    views: int = 0
    keys: int = 0
    due_work: int = 0
    view_behind: bool = False  # the projection is away or being brought up to date


@dataclass(slots=True)
class Stats:
    """All partitions this worker has now, by (topic, partition)."""

    partitions: dict[tuple[str, int], PartitionStats] = field(default_factory=dict)
    rebalances: int = 0

    def of(self, topic: str, partition: int) -> PartitionStats:
        """The numbers of one partition, begun when first asked for."""
        return self.partitions.setdefault((topic, partition), PartitionStats())

    def lag(self) -> int:
        """Records of all partitions that can be read and are not yet read."""
        return sum(p.lag for p in self.partitions.values())
