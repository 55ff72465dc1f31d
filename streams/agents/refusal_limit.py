"""When refusing goes on for too much: a wrong sender or a wrong policy, not some bad records.

It must not know a clock, nor how a worker stops.
"""

from __future__ import annotations

from collections import deque

# Fewer records say little: three typing errors among five records are no outage.
LEAST_RECORDS = 200
# Long enough to gather that many, short enough that what was mended an hour ago no longer counts.
WINDOW_MS = 60_000


class RefusalLimit:
    """Counts one worker's records of the last minute; `percent` (0 to 100) of them may be refused, 100 means any."""

    def __init__(self, percent: int, least_records: int = LEAST_RECORDS, window_ms: int = WINDOW_MS) -> None:
        self.percent, self._least_records, self._window_ms = percent, least_records, window_ms
        self._counts: deque[tuple[int, int, int]] = deque()
        self.records = self.refused = 0

    def exceeded(self, now_ms: int, records: int, refused: int) -> bool:
        """Count further records, some refused, at an instant of a clock that never goes back; is it too much?"""
        self._counts.append((now_ms, records, refused))
        self.records += records
        self.refused += refused
        while self._counts[0][0] <= now_ms - self._window_ms:
            _, old_records, old_refused = self._counts.popleft()
            self.records -= old_records
            self.refused -= old_refused
        return self.records >= self._least_records and self.refused * 100 > self.records * self.percent
