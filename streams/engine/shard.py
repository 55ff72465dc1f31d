"""One partition of the fold in memory: its states as bytes, what is due, and what a turn has touched.

It must not do any I/O: what it gives out is written by others, in the order of durability.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Generic

import msgspec

from streams.engine.envelope import due_of, seal, state_of, touched_of, unseal, with_outbox
from streams.engine.failpoints import switched_off
from streams.engine.fold import ERASE, FACT, LOAD_BEGIN, LOAD_END, Entry, Fold, Loaded, Origin, Output, S
from streams.engine.headers import parse_headers
from streams.engine.origins import Origins
from streams.engine.position import Position
from streams.engine.schedule import DueCalendar, RefreshRound, refreshed_ms
from streams.engine.stats import PartitionStats
from streams.errors import EngineError

HOT_KEYS = 5_000  # decoded states kept per partition: some 3 kB each, so 15 MB at worst
FOREIGN = (
    "nobody but Kakuhan may append to this topic: stop whoever does, and copy the log without that record into topics "
    "of a new prefix"
)
LOG_APPEND_TIME = 1  # timestamp type of a Kafka record


class Touch(msgspec.Struct, Generic[S]):
    """A state that a turn has opened, and what came of it."""

    state: S
    applied: int
    outputs: list[Output] = []
    changed: bool = False
    advanced: bool = False  # time was worked off up to the newest append time


class Shard(Generic[S]):
    """The fold of one partition; records and time go in, sealed states, outputs and views come out."""

    def __init__(self, fold: Fold[S], rows: dict[bytes, bytes], position: Position, stats: PartitionStats) -> None:
        self._fold, self._rows, self._stats, self.epoch = fold, rows, stats, position.epoch
        self._hot: dict[bytes, tuple[S, int]] = {}  # state, and the offset of the last record applied to it
        self._touches: dict[bytes, Touch[S]] = {}
        self._due = DueCalendar(self._due_ms, rows)
        self._restore(position)
        self._dedupe = "no-seen" not in switched_off()
        self._outbox = "no-outbox" not in switched_off()

    def _restore(self, position: Position) -> None:
        self.next_offset, self.newest_ms = position.next_offset, position.newest_ms
        self.loads, self._origins = set(position.loads), Origins(position.seen)
        self._round = RefreshRound(self._rows, position.refreshed)
        if self.newest_ms:
            self._round.begin(self.newest_ms)
        self._stats.keys, self._stats.newest_ms = len(self._rows), self.newest_ms

    def take_over(self, epoch: int, stats: PartitionStats) -> None:
        """Go on under another epoch, with everything as it is."""
        self.epoch, self._stats = epoch, stats
        stats.keys, stats.newest_ms = len(self._rows), self.newest_ms

    # -- what a turn does

    def apply(self, records: Sequence[Any]) -> None:
        """Fold consumed records of the log in offset order.

        Raises:
            EngineError: A record is not of the log: no append time, no key, a malformed header.
        """
        for record in records:
            if record.timestamp_type != LOG_APPEND_TIME:
                raise EngineError(f"{_where(record)} has no append time: set message.timestamp.type=LogAppendTime")
            if record.timestamp > self.newest_ms:
                self.newest_ms = record.timestamp
            try:
                kind, origin, loaded = parse_headers(record.headers)
            except ValueError as error:
                raise EngineError(f"{_where(record)} has a malformed header: {error}; {FOREIGN}") from error
            if loaded is not None:
                self._mark_load(kind, loaded)
            if kind in (FACT, ERASE):
                self._apply_fact(record, kind, origin, loaded)
            self.next_offset = record.offset + 1
        self._stats.records += len(records)
        self._round.begin(self.newest_ms)

    def _mark_load(self, kind: str, loaded: Loaded) -> None:
        if kind == LOAD_END:
            self.loads.discard(loaded.load_id)
        elif kind in (FACT, LOAD_BEGIN):
            self.loads.add(loaded.load_id)

    def _apply_fact(self, record: Any, kind: str, origin: Origin | None, loaded: Loaded | None) -> None:
        key = record.key
        if key is None:
            raise EngineError(f"{_where(record)} has no key; {FOREIGN}")
        if origin is not None and self._dedupe and not self._origins.admit(origin, key):
            self._stats.copies += 1
            return
        touch = self._touch(key)
        if record.offset <= touch.applied:
            self._stats.repeats += 1
            return
        entry = Entry(record.offset, key, record.value or b"", self.newest_ms, kind, origin, loaded)
        if outputs := self._fold.apply(touch.state, entry):
            touch.outputs += outputs
        touch.applied, touch.changed = record.offset, True

    def work_off(self, most: int) -> None:
        """Do due work up to the newest append time read, for up to `most` keys."""
        if self.loads:
            return
        for key in self._due.take(self.newest_ms, most):
            touch = self._touch(key)
            touch.outputs += self._fold.advance(touch.state, self.newest_ms)
            touch.changed = touch.advanced = True
            self._stats.due_work += 1

    def seal(self) -> list[tuple[bytes, bytes]]:
        """Changelog records (key, value) of the states the turn has changed, outputs inside."""
        sealed = []
        for key, touch in self._touches.items():
            if not touch.changed:
                continue
            due_ms = self._next_due_ms(touch)
            value = seal(self.epoch, touch.applied, due_ms, self.newest_ms, self._fold.encode(touch.state))
            self._keep(key, value, touch, due_ms)
            sealed.append((key, with_outbox(value, touch.outputs) if self._outbox else value))
        return sealed

    def _next_due_ms(self, touch: Touch[S]) -> int | None:
        due_ms = self._fold.due_ms(touch.state)
        if due_ms is None or not touch.advanced:
            return due_ms
        # all is done up to here: an instant not after it was an early one, and taking it at once would go on for ever
        return max(due_ms, self.newest_ms + 1)

    def _keep(self, key: bytes, value: bytes, touch: Touch[S], due_ms: int | None) -> None:
        if (row := self._rows.get(key)) is None:
            self._round.add(key)
            self._stats.keys += 1
        self._rows[key] = value
        if due_ms is not None and (touch.advanced or row is None or due_of(row) != due_ms):
            self._due.add(key, due_ms)
        self._hot.pop(key, None)
        self._hot[key] = touch.state, touch.applied

    def touched(self) -> Iterator[tuple[bytes, Touch[S]]]:
        """Keys the turn has opened, changed or not."""
        return iter(self._touches.items())

    def end_turn(self) -> None:
        """Forget what the turn has touched; what it changed stays."""
        self._touches = {}
        for key in list(islice(self._hot, max(0, len(self._hot) - HOT_KEYS))):  # those that have waited longest
            del self._hot[key]

    def _touch(self, key: bytes) -> Touch[S]:
        touch = self._touches.get(key)
        if touch is None:
            state, applied = self._hot.get(key) or (self.peek(key), self.applied(key))
            touch = self._touches[key] = Touch(state, applied)
        return touch

    # -- looking

    def peek(self, key: bytes) -> S:
        """The state of a key, to be looked at only."""
        if (hot := self._hot.get(key)) is not None:
            return hot[0]
        row = self._rows.get(key)
        return self._fold.open(key, None if row is None else state_of(row))

    def applied(self, key: bytes) -> int:
        """The offset of the last record applied to a key; -1: none."""
        row = self._rows.get(key)
        return -1 if row is None else unseal(row).applied

    def keys(self) -> list[bytes]:
        """All keys of the partition."""
        return list(self._rows)

    def __contains__(self, key: bytes) -> bool:
        return key in self._rows

    def shown_ms(self, key: bytes) -> int | None:
        """At which instant the key's view stands now: its last refresh (epoch ms), or None, its own clock."""
        row = self._rows.get(key)
        refreshed = refreshed_ms(key, self._round.done)
        return refreshed if row is not None and refreshed > touched_of(row) else None

    # -- time

    @property
    def refreshed(self) -> int:
        """The number of the last refresh slot that is done."""
        return self._round.done

    def refresh(self, most: int) -> tuple[int, list[bytes]]:
        """The end of a slot that is over (epoch ms) and up to `most` keys whose views were last shown before it."""
        if self.loads or not self._round.done:
            return 0, []
        ended_ms, keys = self._round.take(self.newest_ms, most)
        return ended_ms, [k for k in keys if self._is_stale(self._rows[k], ended_ms)]

    def _is_stale(self, row: bytes, ended_ms: int) -> bool:
        """Whether nothing has shown the key since, and no due work is about to."""
        return touched_of(row) < ended_ms and due_of(row) > self.newest_ms

    def _due_ms(self, key: bytes) -> int:
        return due_of(self._rows[key])

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


def _where(record: Any) -> str:
    return f"{record.topic}[{record.partition}] offset {record.offset}"
