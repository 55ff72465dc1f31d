"""Faust's recovery service with the restoring replaced: no positions, no per-message path, one bulk read.

It must not know what is restored.
"""

from __future__ import annotations

import ctypes

from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery


def give_back() -> None:
    """Let the system have the memory that reading has left free between the states, where the C library can (glibc)."""
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


class BulkRecovery(Recovery):  # type: ignore[misc]
    """Restores after every assignment; cancelled by Faust when another rebalance begins meanwhile."""

    async def _resume_streams(self, generation_id: int = 0) -> None:
        await self._wait(self.app.restore(generation_id))
        give_back()
        await super()._resume_streams(generation_id=generation_id)


class Tables(TableManager):  # type: ignore[misc]
    """Faust's table manager without tables: states live in the partitions' shards."""

    _recovery: BulkRecovery | None

    @property
    def recovery(self) -> Recovery:
        """The recovery service of this app."""
        if self._recovery is None:
            self._recovery = BulkRecovery(self.app, self, beacon=self.beacon, loop=self.loop)
        return self._recovery

    async def on_start(self) -> None:
        """Start without Faust's pause of a second, which waits for tables to be declared."""
        await self._update_channels()
        await self.recovery.start()
