"""One partition's side of the projection: what it shows already, what it still lacks, and when to try again.

It must not know the store; while that is away it only remembers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Container, Iterable
from itertools import islice
from time import monotonic

from streams.engine.fold import Output
from streams.engine.projection import Projection, Update
from streams.engine.stats import PartitionStats
from streams.errors import ViewError

logger = logging.getLogger(__name__)

# At worst a store that hangs holds up one turn of a partition that long once per retry; below any session timeout,
# within which partitions that are given up must have ended their turn.
WRITE_TIMEOUT_S = 4.0
ASK_TIMEOUT_S = 10.0  # of the question what it holds, in which a store may clear what another application left
RETRY_FIRST_S, RETRY_MOST_S = 0.2, 5.0
PROBE_S = 2.0  # an idle partition asks that often whether the store still holds what was written
MISSED_OUTPUTS = 50_000  # remembered while the store is away, some 50 MB at worst; beyond that only the views come back
SLICE_KEYS = 500  # views written between live chunks, some 10 ms

Reached = tuple[int, int]


class Mirror:
    """Writes updates while the store is there, and brings it up to date when it returns.

    `expected` is what the store should say of this partition. When it says that on its return, only the keys that
    missed an update are written; else all of them are.
    """

    def __init__(
        self,
        projection: Projection,
        partition: int,
        epoch: int,
        expected: Iterable[Reached | None],
        missed: dict[bytes, list[Output]],
        keys: Callable[[], list[bytes]],
        stats: PartitionStats,
    ) -> None:
        self._projection, self._partition, self.epoch = projection, partition, epoch
        self._expected, self._missed, self._keys, self._stats = set(expected), missed, keys, stats
        self._missed_outputs = sum(map(len, missed.values()))
        self._all: list[bytes] = []  # keys still to be written because the store lacks everything
        self._up = False
        self._ask_at, self._retry_s = 0.0, RETRY_FIRST_S
        self._asking: asyncio.Future[Reached | None] | None = None
        self.projected: Reached | None = None

    def take_over(self, epoch: int, stats: PartitionStats) -> None:
        """Go on under another epoch, asking the store first what it holds."""
        self.epoch, self._stats, self._ask_at = epoch, stats, 0.0

    @property
    def behind(self) -> bool:
        """Whether the store lacks updates."""
        return not self._up or bool(self._missed) or bool(self._all)

    def has_work(self) -> bool:
        """Whether it is time to ask the store, or it lacks something it can be given now."""
        if self._asking is not None:
            return self._asking.done()
        return (self._up and self.behind) or monotonic() >= self._ask_at

    def lacks_offset(self, next_offset: int) -> bool:
        """Whether the store has all views, but does not know that none is to come of what lies before an offset."""
        return not self.behind and (self.projected is None or self.projected[1] < next_offset)

    async def connect(self) -> None:
        """Ask the store what it holds, if it is time to; it may be back, or have lost something meanwhile."""
        asked = self._asked()
        if asked is None:
            return
        try:
            reached = await asked
        except (ViewError, TimeoutError) as error:
            self._went_away(error)
            return
        if self._up:  # and nothing has failed since it was asked last: it may be read and yet not be written
            self._works()
        self._up, self._ask_at = True, monotonic() + PROBE_S
        if reached not in self._expected:
            self._begin_anew(reached)
        self.projected = reached
        self._tell()

    def _asked(self) -> asyncio.Future[Reached | None] | None:
        """The answer to wait for, if any; a store that is away may hang, so it is asked beside the folding."""
        asking, self._asking = self._asking, None
        if asking is None and monotonic() >= self._ask_at:
            asking = asyncio.ensure_future(self._ask())
            if self._up or self._retry_s == RETRY_FIRST_S:
                return asking
        if asking is not None and not asking.done():
            self._asking, asking = asking, None
        return asking

    async def _ask(self) -> Reached | None:
        async with asyncio.timeout(ASK_TIMEOUT_S):
            return await self._projection.reached(self._partition)

    async def close(self) -> None:
        """Ask nothing more."""
        asking, self._asking = self._asking, None
        if asking is not None:
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)

    def _begin_anew(self, reached: Reached | None) -> None:
        self._all = self._keys()
        self._expected = {reached}
        if self._all:
            logger.warning(
                "partition %d: the projection holds %s, not what was written last; %d views are written again",
                self._partition, "nothing" if reached is None else reached, len(self._all),
            )  # fmt: skip

    def take(self, late: Container[bytes]) -> list[bytes]:
        """Keys whose views are to be written now although nothing has changed them, but for those to be shown later."""
        if not self._up:
            return []
        if self._all:
            taken = self._all[-SLICE_KEYS:]
            del self._all[-SLICE_KEYS:]
            return [key for key in taken if key not in late]
        return list(islice((key for key in self._missed if key not in late), SLICE_KEYS))

    def hand_over(self, key: bytes) -> list[Output]:
        """The outputs that were not shown of a key that has changed and is shown later; it is missed no longer."""
        missed = self._missed.pop(key, [])
        self._missed_outputs -= len(missed)
        return missed

    async def write(self, next_offset: int, updates: list[Update]) -> None:
        """Show the updates, perhaps none, and how far they go; or remember that they were not shown.

        Raises:
            FencedError: A newer epoch owns the partition.
        """
        updates = [self._with_missed(update) for update in updates]
        if self._up and not await self._try(next_offset, updates):
            self._stats.view_behind = True
        if not self._up:
            self._remember(updates)
        self._tell()

    def _tell(self) -> None:
        self._stats.view_behind = self.behind
        self._stats.views_behind = len(self._missed) + len(self._all)

    def _with_missed(self, update: Update) -> Update:
        missed = self.hand_over(update.key)
        if not missed:
            return update
        return Update(update.key, update.offset, update.view, [*missed, *update.outputs])

    async def _try(self, next_offset: int, updates: list[Update]) -> bool:
        attempted = (self.epoch, next_offset)
        try:
            async with asyncio.timeout(WRITE_TIMEOUT_S):
                await self._projection.write(self._partition, self.epoch, next_offset, updates)
        except (ViewError, TimeoutError) as error:
            self._expected.add(attempted)  # it may have been written although we were not told
            self._went_away(error)
            return False
        self._expected, self.projected = {attempted}, attempted
        self._works()
        self._ask_at = monotonic() + PROBE_S
        return True

    def _works(self) -> None:
        """The store does what it is asked, after an outage or as ever."""
        if self._retry_s != RETRY_FIRST_S:
            logger.warning("partition %d: the projection is back", self._partition)
        self._retry_s = RETRY_FIRST_S

    def _remember(self, updates: list[Update]) -> None:
        for update in updates:
            missed = self._missed.setdefault(update.key, [])
            if self._missed_outputs < MISSED_OUTPUTS:
                missed.extend(update.outputs)
                self._missed_outputs += len(update.outputs)

    def _went_away(self, error: Exception) -> None:
        if self._retry_s == RETRY_FIRST_S:
            logger.warning("partition %d: the projection is away, folding goes on: %s", self._partition, error)
        self._up = False
        self._ask_at = monotonic() + self._retry_s
        self._retry_s = min(self._retry_s * 2, RETRY_MOST_S)
