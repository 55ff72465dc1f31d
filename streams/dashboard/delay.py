"""Whether records wait for too long, told by offsets alone; it must not know what they are records of.

However busy a topic is, there is always something on its way, so that a number of waiting records says little. What
says it all: whether everything that was there some seconds ago has been reached by now.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping

# Each pair of fields of the summary says how far a partition is and where it ended at the last look.
_PAIRS = (("applied:", "end:"), ("read:topic:", "end:topic:"))

Offsets = dict[str, int]


class Delay:
    """Looks at the summary now and then; times are monotonic seconds."""

    def __init__(self, longest_s: float) -> None:
        self._longest_s = longest_s
        self._ends: deque[tuple[float, Offsets]] = deque()
        self.too_long = False

    def take(self, summary: Mapping[str, str], now_s: float) -> None:
        """The summary as it stands now; `too_long` then says whether anything waits for longer than it may."""
        reached, ends = _offsets(summary)
        self._ends.append((now_s, ends))
        while len(self._ends) > 1 and now_s - self._ends[1][0] >= self._longest_s:
            self._ends.popleft()
        since_s, then = self._ends[0]
        # A partition of which nothing is heard any more is another matter: then the worker has stopped.
        waits = any(reached[place] < end for place, end in then.items() if place in reached)
        self.too_long = now_s - since_s >= self._longest_s and waits


def _offsets(summary: Mapping[str, str]) -> tuple[Offsets, Offsets]:
    reached: Offsets = {}
    ends: Offsets = {}
    for so_far, until in _PAIRS:
        for name, text in summary.items():
            place = name.removeprefix(so_far)
            end = summary.get(until + place, "")
            if name.startswith(so_far) and text.isdecimal() and end.isdecimal():
                reached[so_far + place], ends[so_far + place] = int(text), int(end)
    return reached, ends
