"""Bookings by local day, packed, with running totals; it must not know what is bought or which windows are looked at.

Days ascend, and each entry holds what has been booked up to and including its day. So what is in any window is the
difference of two entries, whatever the clock says, and nothing has to be worked off as days pass.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from struct import Struct, error
from sys import byteorder

import msgspec

# day, purchases and full refunds of that day; running totals of count, value and money
_NARROW = Struct("<HBBIqq")
_WIDE = Struct("<qqqq40s40s")  # days before 1970, very many purchases, money beyond 64 bits
_COUNT_BIT = 32  # where the count lies in the first 64-bit word of an entry, if that is little-endian
_FEW = 6  # entries that are shifted one by one as quickly as by column
_NARROW_BYTES, _WIDE_BYTES = _NARROW.size, _WIDE.size
_MONEY_BYTES = 40
_IS_LITTLE_ENDIAN = byteorder == "little"  # as entries lie

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
        return self.purchases - self.full_refunds if self.purchases > self.full_refunds else 0


Totals = tuple[int, int, int]  # what some days come to: count, value, money
NOTHING: Totals = (0, 0, 0)


class DayBook(msgspec.Struct, array_like=True):
    """Local days with bookings, ascending; `many` of them.

    `before` are the totals of the days that were dropped. `falling` are the days on which more value went back than
    came in, each with its value, below 0: without any, what is in a window only falls as days leave it.
    """

    packed: bytearray = msgspec.field(default_factory=bytearray)
    many: int = 0
    is_wide: bool = False
    before: Totals = NOTHING
    falling: dict[int, int] = msgspec.field(default_factory=dict)

    @property
    def is_worth_anything(self) -> bool:
        """Does what has been booked come to any value, or do its days at least?"""
        return bool(self.falling) or self.totals(self.many)[1] != self.before[1]

    def day_at(self, at: int) -> int:
        """The local day of an entry."""
        return self._entry(at)[0]

    def entry(self, at: int) -> Day:
        """What was booked on the day of an entry."""
        day, purchases, full_refunds, _, value, money = self._entry(at)
        if not at:
            return Day(day, purchases, full_refunds, value - self.before[1], money - self.before[2])
        _, _, _, _, value_before, money_before = self._entry(at - 1)
        return Day(day, purchases, full_refunds, value - value_before, money - money_before)

    def first(self, day: int) -> int:
        """The position of the first entry of that day or a later one."""
        many = self.many
        if not many or self._entry(0)[0] >= day:
            return 0
        if self._entry(many - 1)[0] < day:
            return many
        if self._lies_natively:
            return bisect_left(memoryview(self.packed).cast("H")[:: _NARROW_BYTES // 2], day, 1, many)
        return bisect_left(range(many), day, lo=1, key=self.day_at)

    def on(self, day: int) -> Day:
        """What was booked on a local day."""
        at = self.first(day)
        return self.entry(at) if at < self.many and self.day_at(at) == day else Day(day)

    def totals(self, end: int) -> Totals:
        """What the entries before position `end` and the dropped days come to."""
        return self._entry(end - 1)[3:] if end else self.before

    def first_worth_more(self, value: int, first: int, last: int) -> int:
        """The first position from `first` to before `last` whose running total of value is greater; `last` without any.

        Totals ascend but for days of refunds. So where one is as far below `value` as those may have taken, no earlier
        one is greater; and from there the first is no further than one that bisection finds.
        """
        fallen = sum(self.falling.values())
        low = self._some_worth_more(value + fallen, first, last)
        if not fallen:
            return low
        high = self._some_worth_more(value, low, last)
        return next((at for at, total in enumerate(self._running(low, high), low) if total > value), high)

    def first_worth_at_most(self, value: int, first: int, last: int) -> int:
        """The first position from `first` to before `last` whose running total of value is no greater; or `last`."""
        total = self._entry(first)[4]
        if total <= value or total + sum(self.falling.values()) > value:
            return first if total <= value else last
        return next((at for at, total in enumerate(self._running(first, last), first) if total <= value), last)

    def since(self, day: int) -> Totals:
        """What that day and all later ones come to."""
        many, first = self.many, self.first(day)
        if first == many:
            return NOTHING
        _, _, _, count, value, money = self._entry(many - 1)
        count_before, value_before, money_before = self.totals(first)
        return count - count_before, value - value_before, money - money_before

    def add(self, more: Day) -> tuple[Day, Day]:
        """Add to what was booked on a day; what it was before, and what it is now."""
        at, size = self.first(more.day), self._size
        if at == self.many or self._entry(at)[0] != more.day:
            before = Day(more.day)
            self.packed[at * size : at * size] = bytes(size)
            self.many += 1
        else:
            before = self.entry(at)
        now = Day(
            more.day,
            before.purchases + more.purchases,
            before.full_refunds + more.full_refunds,
            before.value + more.value,
            before.money + more.money,
        )
        count, value, money = self.totals(at)
        totals = count + now.count, value + now.value, money + now.money
        self._write(at, (now.day, now.purchases, now.full_refunds, *totals))
        if at + 1 < self.many:
            self._shift(at + 1, now.count - before.count, more.value, more.money)
        if now.value < 0:
            self.falling[now.day] = now.value
        elif before.value < 0:
            del self.falling[now.day]
        return before, now

    def drop(self, many: int) -> None:
        """Forget the first entries; their totals stay."""
        if many:
            last = self.day_at(many - 1)
            self.falling = {day: value for day, value in self.falling.items() if day > last}
            self.before = self.totals(many)
            del self.packed[: many * self._size]
            self.many -= many

    # ------------------------------------------------------------ entries as they lie

    @property
    def _lies_natively(self) -> bool:
        return not self.is_wide and _IS_LITTLE_ENDIAN

    @property
    def _size(self) -> int:
        return _WIDE_BYTES if self.is_wide else _NARROW_BYTES

    def _entry(self, at: int) -> _Entry:
        if not self.is_wide:
            return _NARROW.unpack_from(self.packed, at * _NARROW_BYTES)
        *small, value, money = _WIDE.unpack_from(self.packed, at * _WIDE_BYTES)
        return (*small, _number(value), _number(money))

    def _some_worth_more(self, value: int, first: int, last: int) -> int:
        """A position before which the total is no greater and at which it is; the only one, if totals ascend."""
        if self._lies_natively:  # an entry is three 64-bit words, of which the second is the value
            return bisect_right(memoryview(self.packed).cast("q")[1::3], value, first, last)
        return bisect_right(range(last), value, lo=first, key=lambda at: self._entry(at)[4])

    def _running(self, first: int, last: int) -> list[int]:
        """The running totals of value of the entries from position `first` to before `last`."""
        if self._lies_natively:
            return memoryview(self.packed).cast("q")[3 * first + 1 : 3 * last : 3].tolist()
        return [self._entry(at)[4] for at in range(first, last)]

    def _shift(self, first: int, count: int, value: int, money: int) -> None:
        """Add to the totals of all entries from a position on."""
        if self._lies_natively and self.many - first > _FEW and self._shift_words(first, count, value, money):
            return
        for at in range(first, self.many):
            entry = self._entry(at)
            self._write(at, (*entry[:3], entry[3] + count, entry[4] + value, entry[5] + money))

    def _shift_words(self, first: int, count: int, value: int, money: int) -> bool:
        """The same on the three 64-bit words of an entry; False, with nothing done, where a total leaves its field."""
        lying = memoryview(self.packed).cast("q")[3 * first :]
        words, of_count = lying.tolist(), count << _COUNT_BIT
        if count:
            words[::3] = [word + of_count for word in words[::3]]
        words[1::3] = [word + value for word in words[1::3]]
        words[2::3] = [word + money for word in words[2::3]]
        try:
            lying[:] = memoryview(array("q", words))
        except OverflowError:
            return False
        return True

    def _write(self, at: int, entry: _Entry) -> None:
        if not self.is_wide:
            try:
                _NARROW.pack_into(self.packed, at * _NARROW_BYTES, *entry)
            except error:
                self._widen()
        if self.is_wide:
            *small, value, money = entry
            _WIDE.pack_into(self.packed, at * _WIDE_BYTES, *small, _bytes(value), _bytes(money))

    def _widen(self) -> None:
        entries = [self._entry(at) for at in range(self.many)]
        self.packed, self.is_wide = bytearray(_WIDE_BYTES * len(entries)), True
        for at, entry in enumerate(entries):
            self._write(at, entry)


def _bytes(number: int) -> bytes:
    return number.to_bytes(_MONEY_BYTES, "little", signed=True)


def _number(packed: bytes) -> int:
    return int.from_bytes(packed, "little", signed=True)
