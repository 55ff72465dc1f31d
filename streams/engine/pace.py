"""How long a request for records waits for more of them: the longer, the more of them come.

A request, its answer and the turns it causes cost the same for one record as for ten. Few records are fetched at once,
as each is worth it; of many, those of some milliseconds are fetched together. It must not know what the records are.
"""

from __future__ import annotations

from collections.abc import Callable
from math import exp
from time import monotonic

OVER_S = 0.1  # the rate is that of about this long
MOST_MS = 8  # the longest wait: two of them lie between a source and its reader
LEAST_MS = 3  # to ask again after less costs more than it gathers
MS_PER_RECORD_A_SECOND = 0.008  # from 1,000 records/s on, which are 500 events taken in and folded, the longest


class Pace:
    """The rate of records, and the wait that goes with it."""

    __slots__ = ("_at_s", "_now_s", "_rate")

    def __init__(self, now_s: Callable[[], float] = monotonic) -> None:
        self._now_s, self._rate = now_s, 0.0
        self._at_s = now_s()

    def note(self, records: int) -> None:
        """So many records have come."""
        self._rate = self.rate() + records / OVER_S
        self._at_s = self._now_s()

    def rate(self) -> float:
        """Records a second, lately."""
        return self._rate * exp((self._at_s - self._now_s()) / OVER_S)

    def gather_ms(self) -> int:
        """How long the next request is to wait whatever comes; 0: until the first record."""
        wait_ms = int(self.rate() * MS_PER_RECORD_A_SECOND)
        return min(MOST_MS, wait_ms) if wait_ms >= LEAST_MS else 0
