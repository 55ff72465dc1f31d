"""When time alone has something to do in a partition: due instants, and the slots of the daily refresh.

It must not know states, nor any clock but the log's.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Sequence
from heapq import heappop, heappush
from itertools import chain

from streams.engine.envelope import NOT_DUE_MS
from streams.engine.rows import GROUPS, group_of

# Every view is refreshed once a round of 132 slots of 10 min = 22 h: at least once a day with two hours to spare for a
# worker that lags or restarts, and an idle partition needs one clock record per slot only.
SLOT_MS = 600_000
SLOTS = GROUPS
HOUR_MS = 3_600_000  # keys due in one hour to come lie together: some 9,000 heaps of keys for a year
FEW = 1_000  # replaced instants that are not worth making a calendar anew


class DueCalendar:
    """Numbers of keys by due instant (epoch ms); a key has one instant, the one that `due_of` tells of it.

    It holds keys by hour, and those of the next hours to come by instant: four bytes a key, whether all are due at one
    midnight or each at an instant of its own. A key that was given another instant stays at its old place until that is
    looked at; once there may be more of those than others, the calendar is made anew, so that it stays in proportion to
    the keys, at a cost that each of them has paid for.
    """

    __slots__ = ("_ahead", "_at", "_due_of", "_entries", "_hours", "_instants", "_most", "_opened")

    def __init__(self, due_of: Callable[[int], int], dues: Iterable[tuple[int, int]] = ()) -> None:
        self._due_of = due_of
        self._make(dues)

    def _make(self, dues: Iterable[tuple[int, int]]) -> None:
        self._ahead: dict[int, array[int]] = {}  # by hour, in no order
        self._opened: set[int] = set()  # hours whose keys lie by instant
        self._at: dict[int, array[int]] = {}  # by instant
        self._instants: list[int] = []  # a heap of those instants
        self._entries, ahead = 0, self._ahead
        for key, due_ms in dues:
            if due_ms < NOT_DUE_MS:
                self._entries += 1
                if (keys := ahead.get(due_ms // HOUR_MS)) is not None:
                    keys.append(key)
                else:
                    ahead[due_ms // HOUR_MS] = array("I", (key,))
        self._hours = sorted(ahead)  # a heap of those hours
        self._most = 2 * self._entries + FEW

    def add(self, key: int, due_ms: int) -> None:
        """Note that the key is due at another instant than before, or once more after it was taken."""
        hour = due_ms // HOUR_MS
        if hour in self._opened:
            self._put(key, due_ms)
        elif (keys := self._ahead.get(hour)) is not None:
            keys.append(key)
        else:
            self._ahead[hour] = array("I", (key,))
            heappush(self._hours, hour)
        self._entries += 1
        if self._entries > self._most:
            keys_once = dict.fromkeys(chain(*self._ahead.values(), *self._at.values()))
            self._make((key, self._due_of(key)) for key in keys_once)

    def _put(self, key: int, due_ms: int) -> None:
        if (keys := self._at.get(due_ms)) is not None:
            keys.append(key)
        else:
            self._at[due_ms] = array("I", (key,))
            heappush(self._instants, due_ms)

    def __len__(self) -> int:
        """Places taken, those of replaced instants among them."""
        return self._entries

    def next_ms(self) -> int | None:
        """The earliest due instant."""
        while self._hours or self._instants:
            if not self._instants or (self._hours and self._hours[0] * HOUR_MS < self._instants[0]):
                self._open(heappop(self._hours))
            elif self._is_real(due_ms := self._instants[0]):
                return due_ms
            else:
                self._close(heappop(self._instants))
        return None

    def _open(self, hour: int) -> None:
        self._opened.add(hour)
        keys = self._ahead.pop(hour)
        self._entries -= len(keys)
        for key in keys:
            if (due_ms := self._due_of(key)) // HOUR_MS == hour:
                self._put(key, due_ms)
                self._entries += 1
        if not self._instants or self._instants[0] // HOUR_MS != hour:  # all of them were given another
            self._opened.remove(hour)

    def _is_real(self, due_ms: int) -> bool:
        """Whether a key is still due at the instant; the last of its keys is one."""
        keys = self._at[due_ms]
        while keys and self._due_of(keys[-1]) != due_ms:
            keys.pop()
            self._entries -= 1
        return bool(keys)

    def _close(self, due_ms: int) -> None:
        del self._at[due_ms]
        hour = due_ms // HOUR_MS
        if not self._instants or self._instants[0] // HOUR_MS != hour:
            self._opened.remove(hour)

    def take(self, until_ms: int, most: int) -> list[int]:
        """Remove and return up to `most` keys that are due at or before an instant, earliest first.

        They are to be given other instants, or none, before anything is taken again.
        """
        taken: dict[int, None] = {}  # a key whose instant was moved away and back is there twice
        while len(taken) < most and (due_ms := self.next_ms()) is not None and due_ms <= until_ms:
            taken[self._at[due_ms].pop()] = None
            self._entries -= 1
        return list(taken)


class RefreshRound:
    """Groups of keys by refresh slot; slot number n ends at instant n · SLOT_MS of the log's clock."""

    __slots__ = ("_at", "_groups", "done")

    def __init__(self, groups: Sequence[Sequence[int]], done: int) -> None:
        self._groups = groups  # may grow
        self.done = done  # number of the last slot that is finished
        self._at = 0

    def begin(self, newest_ms: int) -> None:
        """Let the round begin with the slot after an instant, or skip what a long outage has missed twice."""
        latest = newest_ms // SLOT_MS
        if not self.done or latest - self.done > SLOTS:
            self.done = latest if not self.done else latest - SLOTS

    def next_ms(self) -> int:
        """When the slot that is worked on ended, or will end."""
        return (self.done + 1) * SLOT_MS

    def take(self, until_ms: int, most: int) -> tuple[int, Sequence[int]]:
        """The end of a slot that is over, and its next numbers; finished slots are counted in `done`."""
        while self.next_ms() <= until_ms:
            ended_ms, keys = self.next_ms(), self._groups[(self.done + 1) % SLOTS]
            if self._at < len(keys):
                taken = keys[self._at : self._at + most]
                self._at += len(taken)
                return ended_ms, taken
            self.done, self._at = self.done + 1, 0
        return 0, ()


def refreshed_ms(key: bytes, done: int) -> int:
    """When the key's slot last ended (epoch ms), `done` being the last finished slot."""
    return (done - (done - group_of(key)) % SLOTS) * SLOT_MS
