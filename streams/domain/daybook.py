"""Bookings by local day, packed, with running totals; it must not know what is bought or which windows are looked at.

Days ascend, and each entry holds what has been booked up to and including its day. So what is in any window is the
difference of two entries, whatever the clock says, and nothing has to be worked off as days pass.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from struct import Struct, error

import msgspec

# day, purchases and full refunds of that day; running totals of count, value and money
_NARROW = Struct("<HBBIqq")
_WIDE = Struct("<qqqq40s40s")  # days before 1970, very many purchases, money beyond 64 bits
_WIDE_BYTES = 40

_Entry = tuple[int, int, int, int, int, int]


class Day(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What was booked on one local day; micro-units, `value` the part of `money` that the value axis counts itself."""

    day: int
    purchases: int = 0
    full_refunds: int = 0
    value: int = 0
    money: int = 0

    @property
    def count(self) -> int:
        """Purchases left on that day."""
        return max(0, self.purchases - self.full_refunds)


class Totals(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """What some days come to."""

    count: int = 0
    value: int = 0
    money: int = 0


NOTHING = Totals()


class DayBook(msgspec.Struct, array_like=True):
    """Local days with bookings, ascending.

    `before` are the totals of the days that were dropped. `falling` are the days on which more value went back than
    came in: without any, what is in a window only falls as days leave it.
    """

    packed: bytearray = msgspec.field(default_factory=bytearray)
    is_wide: bool = False
    before: Totals = NOTHING
    falling: list[int] = msgspec.field(default_factory=list)

    def __len__(self) -> int:
        return len(self.packed) // self._size

    def day_at(self, at: int) -> int:
        """The local day of an entry."""
        return self._entry(at)[0]

    def entry(self, at: int) -> Day:
        """What was booked on the day of an entry."""
        day, purchases, full_refunds, _, value, money = self._entry(at)
        if not at:
            return Day(day, purchases, full_refunds, value - self.before.value, money - self.before.money)
        _, _, _, _, value_before, money_before = self._entry(at - 1)
        return Day(day, purchases, full_refunds, value - value_before, money - money_before)

    def first(self, day: int) -> int:
        """The position of the first entry of that day or a later one."""
        many = len(self)
        if not many or self._entry(0)[0] >= day:
            return 0
        if self._entry(many - 1)[0] < day:
            return many
        return bisect_left(range(many), day, key=self.day_at)

    def on(self, day: int) -> Day:
        """What was booked on a local day."""
        at = self.first(day)
        return self.entry(at) if at < len(self) and self.day_at(at) == day else Day(day)

    def totals(self, end: int) -> Totals:
        """What the entries before position `end` and the dropped days come to."""
        return Totals(*self._entry(end - 1)[3:]) if end else self.before

    def since(self, day: int) -> Totals:
        """What that day and all later ones come to."""
        before, now = self.totals(self.first(day)), self.totals(len(self))
        return Totals(now.count - before.count, now.value - before.value, now.money - before.money)

    def put(self, day: Day) -> None:
        """Replace what was booked on a day."""
        at = self.first(day.day)
        if at == len(self) or self.day_at(at) != day.day:
            self._insert(at, day.day)
        old = self.entry(at)
        _, _, _, count, value, money = self._entry(at)
        more = (day.count - old.count, day.value - old.value, day.money - old.money)
        entry = (day.day, day.purchases, day.full_refunds, count + more[0], value + more[1], money + more[2])
        self._write(at, entry)
        self._mark_falling(day.day, old.value < 0, day.value < 0)
        if any(more):
            self._add(at + 1, *more)

    def drop(self, many: int) -> None:
        """Forget the first entries; their totals stay."""
        if many:
            last = self.day_at(many - 1)
            self.falling = [day for day in self.falling if day > last]
            self.before = self.totals(many)
            del self.packed[: many * self._size]

    # ------------------------------------------------------------ entries as they lie

    @property
    def _size(self) -> int:
        return _WIDE.size if self.is_wide else _NARROW.size

    def _entry(self, at: int) -> _Entry:
        if not self.is_wide:
            return _NARROW.unpack_from(self.packed, at * _NARROW.size)
        *small, value, money = _WIDE.unpack_from(self.packed, at * _WIDE.size)
        return (*small, _number(value), _number(money))

    def _insert(self, at: int, day: int) -> None:
        before, start = self.totals(at), at * self._size
        self.packed[start:start] = bytes(self._size)
        self._write(at, (day, 0, 0, before.count, before.value, before.money))

    def _add(self, first: int, count: int, value: int, money: int) -> None:
        for at in range(first, len(self)):
            entry = self._entry(at)
            self._write(at, (*entry[:3], entry[3] + count, entry[4] + value, entry[5] + money))

    def _mark_falling(self, day: int, was: bool, is_now: bool) -> None:
        if is_now and not was:
            insort(self.falling, day)
        elif was and not is_now:
            self.falling.remove(day)

    def _write(self, at: int, entry: _Entry) -> None:
        if not self.is_wide:
            try:
                _NARROW.pack_into(self.packed, at * _NARROW.size, *entry)
            except error:
                self._widen()
        if self.is_wide:
            *small, value, money = entry
            _WIDE.pack_into(self.packed, at * _WIDE.size, *small, _bytes(value), _bytes(money))

    def _widen(self) -> None:
        entries = [self._entry(at) for at in range(len(self))]
        self.packed, self.is_wide = bytearray(_WIDE.size * len(entries)), True
        for at, entry in enumerate(entries):
            self._write(at, entry)


def _bytes(number: int) -> bytes:
    return number.to_bytes(_WIDE_BYTES, "little", signed=True)


def _number(packed: bytes) -> int:
    return int.from_bytes(packed, "little", signed=True)
