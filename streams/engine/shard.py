"""One partition of the fold in memory: its states as bytes, what is due, and what a turn has touched.

It must not do any I/O: what it gives out is written by others, in the order of durability.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Generic

import msgspec

from streams.engine.envelope import NOT_DUE_MS, applied_of, due_of, seal, state_of, touched_of, with_outbox
from streams.engine.failpoints import switched_off
from streams.engine.fold import ERASE, FACT, LOAD_BEGIN, LOAD_END, Entry, Fold, Loaded, Output, S
from streams.engine.headers import read_headers
from streams.engine.origins import Origins
from streams.engine.position import Position
from streams.engine.rows import Rows, key_of, value_of
from streams.engine.schedule import DueCalendar, RefreshRound, refreshed_ms
from streams.engine.stats import PartitionStats
from streams.errors import EngineError

# Decoded states at hand until the turn ends: as many as the cache of a core holds (some 4 kB each, of 1 MB). To let go
# of more, and to decode those again that are looked at, takes a fifth less time for all that is folded meanwhile.
STATES_AT_HAND = 100
FOREIGN = (
    "nobody but Kakuhan may append to this topic: stop whoever does, and copy the log without that record into topics "
    "of a new prefix"
)
LOG_APPEND_TIME = 1  # timestamp type of a Kafka record


class Touch(msgspec.Struct, Generic[S], gc=False):
    """A key that a turn has opened, and what came of it."""

    state: S | None  # None: not at hand, as nothing asked for it, or let go of once it was sealed
    number: int  # of its row, `NONE` while there is none
    applied: int
    outputs: Sequence[Output] = ()
    changed: bool = False
    advanced: bool = False  # time was worked off up to the newest append time
    sealed: bool = True  # the row is what the state is


class Shard(Generic[S]):
    """The fold of one partition; records and time go in, sealed states, outputs and views come out."""

    def __init__(self, fold: Fold[S], rows: Rows, position: Position, stats: PartitionStats) -> None:
        self._fold, self._rows, self._stats, self.epoch = fold, rows, stats, position.epoch
        self._by_number = rows.by_number
        self._touches: dict[bytes, Touch[S]] = {}
        self._at_hand = 0  # sealed keys whose states the turn has kept
        self._due = DueCalendar(self._due_ms, ((number, due_of(row)) for number, row in rows.numbered()))
        self._restore(position)
        self._dedupe = "no-seen" not in switched_off()
        self._outbox = "no-outbox" not in switched_off()

    def _restore(self, position: Position) -> None:
        self.next_offset, self.newest_ms = position.next_offset, position.newest_ms
        self.loads, self._origins = set(position.loads), Origins(position.seen)
        self._round = RefreshRound(self._rows.groups, position.refreshed)
        if self.newest_ms:
            self._round.begin(self.newest_ms)
        self._stats.keys, self._stats.newest_ms = len(self._rows), self.newest_ms

    def take_over(self, epoch: int, stats: PartitionStats) -> None:
        """Go on under another epoch, with everything as it is."""
        self.epoch, self._stats = epoch, stats
        stats.keys, stats.newest_ms = len(self._rows), self.newest_ms

    # -- what a turn does

    def apply(self, records: Sequence[Any]) -> None:
        """Fold consumed records of the log, given in offset order; raises as `applying`."""
        for _ in self.applying(records, len(records)):
            pass

    def applying(self, records: Sequence[Any], slice_records: int) -> Iterator[None]:
        """The same, with a pause after every so many records.

        All records of one key are folded before those of the next, which decisions by key alone cannot tell from the
        order of the log: each state is decoded, changed and encoded while it is in the processor's cache.

        Raises:
            EngineError: A record is not of the log: no append time, no key, a malformed header.
        """
        folded = 0
        first, more = self._sorted(records)
        for key, entry in first.items():
            entries = [entry, *more[key]] if key in more else [entry]
            self._apply(key, entries)
            folded += len(entries)
            if folded >= slice_records:
                folded = 0
                yield

    def _sorted(self, records: Sequence[Any]) -> tuple[dict[bytes, Entry], dict[bytes, list[Entry]]]:
        """What is to be folded of each key, first and then; all that depends on the order of the log is done here."""
        first, more = dict[bytes, Entry](), defaultdict[bytes, list[Entry]](list)
        for record in records:
            if record.timestamp_type != LOG_APPEND_TIME:
                raise EngineError(f"{_where(record)} has no append time: set message.timestamp.type=LogAppendTime")
            if record.timestamp > self.newest_ms:
                self.newest_ms = record.timestamp
            try:
                entry = self._entry(record)
            except ValueError as error:
                raise EngineError(f"{_where(record)} has a malformed header: {error}; {FOREIGN}") from error
            if entry is not None and first.setdefault(entry.key, entry) is not entry:
                more[entry.key].append(entry)
        if records:
            self.next_offset = records[-1].offset + 1
        self._stats.records += len(records)
        self._round.begin(self.newest_ms)
        return first, more

    def _entry(self, record: Any) -> Entry | None:
        kind, origin, loaded = read_headers(record.headers)
        if loaded is not None:
            self._mark_load(kind, loaded)
        if kind not in (FACT, ERASE):
            return None
        key = record.key
        if key is None:
            raise EngineError(f"{_where(record)} has no key; {FOREIGN}")
        if origin is not None and self._dedupe and not self._origins.admit(origin, key):
            self._stats.copies += 1
            return None
        return Entry(record.offset, key, record.value or b"", self.newest_ms, kind, loaded)

    def _mark_load(self, kind: str, loaded: Loaded) -> None:
        if kind == LOAD_END:
            self.loads.discard(loaded.load_id)
        elif kind in (FACT, LOAD_BEGIN):
            self.loads.add(loaded.load_id)

    def _apply(self, key: bytes, entries: list[Entry]) -> None:
        touch = self._touch(key)
        if entries[0].offset <= touch.applied:
            count, entries = len(entries), [entry for entry in entries if entry.offset > touch.applied]
            self._stats.repeats += count - len(entries)
            if not entries:
                return
        row = self._by_number[touch.number]
        state = self._opened(key, touch, row)
        for entry in entries:
            if outputs := self._fold.apply(state, entry):
                touch.outputs = [*touch.outputs, *outputs]
        touch.applied, touch.changed = entries[-1].offset, True
        due_ms = self._fold.due_ms(state)
        if self.loads or _earliest_ms(due_ms, row) > self.newest_ms:
            self._seal(key, touch, row, due_ms)
        else:  # due work may be about to change it once more
            touch.sealed = False

    def work_off(self, most: int) -> None:
        """Do due work up to the newest append time read, for up to `most` keys."""
        if self.loads:
            return
        for number in self._due.take(self.newest_ms, most):
            row = self._by_number[number]
            key = key_of(row)
            touch = self._touch(key)
            state = self._opened(key, touch, row)
            if outputs := self._fold.advance(state, self.newest_ms):
                touch.outputs = [*touch.outputs, *outputs]
            touch.changed = touch.advanced = True
            # all is done up to here: an instant not after it is an early one, and to take it at once would never end
            due_ms = self._fold.due_ms(state)
            self._seal(key, touch, row, None if due_ms is None else max(due_ms, self.newest_ms + 1))
            self._stats.due_work += 1

    def seal(self) -> list[tuple[bytes, bytes]]:
        """Changelog records (key, value) of the states the turn has changed, outputs inside."""
        sealed = []
        for key, touch in self._touches.items():
            if not touch.sealed and touch.state is not None:
                self._seal(key, touch, self._by_number[touch.number], self._fold.due_ms(touch.state))
            if touch.changed:
                value = value_of(self._by_number[touch.number], key)
                sealed.append((key, with_outbox(value, touch.outputs) if touch.outputs and self._outbox else value))
        return sealed

    def _seal(self, key: bytes, touch: Touch[S], row: bytes, due_ms: int | None) -> None:
        """Let the state of the touch take the place of the key's row."""
        assert touch.state is not None
        value = seal(self.epoch, touch.applied, due_ms, self.newest_ms, self._fold.encode(touch.state))
        touch.number = self._rows.put(key, value, touch.number)
        if not row:
            self._stats.keys += 1
        if due_ms is not None and (touch.advanced or not row or due_of(row) != due_ms):
            self._due.add(touch.number, due_ms)
        touch.sealed = True
        if self._at_hand < STATES_AT_HAND:
            self._at_hand += 1
        else:
            touch.state = None

    def touched(self) -> Iterator[tuple[bytes, Touch[S]]]:
        """Keys the turn has opened, changed or not."""
        return iter(self._touches.items())

    def end_turn(self) -> None:
        """Forget what the turn has touched; what it changed stays."""
        self._touches, self._at_hand = {}, 0

    def _touch(self, key: bytes) -> Touch[S]:
        touch = self._touches.get(key)
        if touch is None:
            number = self._rows.find(key)
            touch = self._touches[key] = Touch(None, number, _applied(self._by_number[number]))
        return touch

    def _opened(self, key: bytes, touch: Touch[S], row: bytes) -> S:
        if touch.state is None:
            touch.state = self._read(key, row)
        return touch.state

    def _read(self, key: bytes, row: bytes) -> S:
        return self._fold.open(key, state_of(row) if row else None)

    def _row(self, key: bytes) -> bytes:
        """What is known of a key; empty if nothing is."""
        return self._by_number[self._rows.find(key)]

    # -- looking

    def peek(self, key: bytes) -> S:
        """The state of a key, to be looked at only."""
        touch = self._touches.get(key)
        if touch is not None and touch.state is not None:
            return touch.state
        return self._read(key, self._row(key))

    def applied(self, key: bytes) -> int:
        """The offset of the last record applied to a key; -1: none."""
        return _applied(self._row(key))

    def keys(self) -> list[bytes]:
        """All keys of the partition."""
        return list(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def shown_ms(self, key: bytes) -> int | None:
        """At which instant the key's view stands now: its last refresh (epoch ms), or None, its own clock."""
        row, refreshed = self._row(key), refreshed_ms(key, self._round.done)
        return refreshed if row and refreshed > touched_of(row) else None

    # -- time

    @property
    def refreshed(self) -> int:
        """The number of the last refresh slot that is done."""
        return self._round.done

    def refresh(self, most: int) -> tuple[int, list[bytes]]:
        """The end of a slot that is over (epoch ms) and up to `most` keys whose views were last shown before it."""
        if self.loads or not self._round.done:
            return 0, []
        ended_ms, numbers = self._round.take(self.newest_ms, most)
        return ended_ms, [
            key_of(row) for row in map(self._by_number.__getitem__, numbers) if row and self._is_stale(row, ended_ms)
        ]

    def _is_stale(self, row: bytes, ended_ms: int) -> bool:
        """Whether nothing has shown the key since, and no due work is about to."""
        return touched_of(row) < ended_ms and due_of(row) > self.newest_ms

    def _due_ms(self, number: int) -> int:
        return due_of(self._by_number[number])

    def has_work(self) -> bool:
        """Whether something is due at or before the newest append time read."""
        next_ms = self.next_ms()
        return not self.loads and next_ms is not None and next_ms <= self.newest_ms

    def next_ms(self) -> int | None:
        """When time next has something to do here (epoch ms); None: never, as there is nothing here."""
        if not self._rows or not self._round.done:
            return None
        due_ms, slot_ms = self._due.next_ms(), self._round.next_ms()
        return slot_ms if due_ms is None else min(due_ms, slot_ms)

    def dump_origins(self) -> list[tuple[str, int, int, list[bytes]]]:
        """What was seen of the sources, for the position."""
        return self._origins.dump()


def _applied(row: bytes) -> int:
    return applied_of(row) if row else -1


def _earliest_ms(due_ms: int | None, row: bytes) -> int:
    """When a key is due by its state or by its row, whichever comes first."""
    row_ms = due_of(row) if row else NOT_DUE_MS
    return row_ms if due_ms is None else min(due_ms, row_ms)


def _where(record: Any) -> str:
    return f"{record.topic}[{record.partition}] offset {record.offset}"
