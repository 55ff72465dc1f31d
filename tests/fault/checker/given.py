"""What the installation gives out: signals, public states, the changelog; read from topics, not through the system.

It must not know what is expected.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

import msgspec

from tests.fault.checker.place import Place
from tests.integration.system.topics import Cluster, Entry

Json = dict[str, Any]

POSITION = b"\xffposition"
POSITION_EPOCH = 3  # place in its MessagePack array
HEAD = struct.Struct(">BIqqqI")  # version, epoch, applied offset, due, touched, length of the state
# Places in the state's MessagePack array, which follows one byte that names its format.
AS_OF, STARTED, SEGMENT, LIFECYCLE = 1, 10, 25, 28


@dataclass(frozen=True, slots=True)
class Stored:
    """A customer in the changelog, as far as it is read here."""

    epoch: int
    applied: int
    as_of_ms: int
    started: bool
    segment: str
    lifecycle: str


@dataclass(slots=True)
class Changelog:
    """The last record of each customer, as compaction leaves it, and what went on before."""

    rows: dict[str, Stored] = field(default_factory=dict)
    epochs: dict[int, int] = field(default_factory=dict)  # highest per partition
    late: int = 0  # records of an epoch lower than one before them
    stale: list[str] = field(default_factory=list)  # records that would replace those of a higher epoch


@dataclass(slots=True)
class Signals:
    """Signals by id; `published` counts how often each was, `unequal` tells of those that changed meanwhile."""

    by_id: dict[str, Json] = field(default_factory=dict)
    published: Counter[str] = field(default_factory=Counter)
    unequal: list[str] = field(default_factory=list)

    @property
    def repeated(self) -> int:
        """Publications beyond the first ones."""
        return self.published.total() - len(self.published)

    def without(self, customers: Collection[str]) -> Signals:
        """Those of the others."""
        mine = {name: one for name, one in self.by_id.items() if one["customer_id"] not in customers}
        return Signals(mine, Counter({name: self.published[name] for name in mine}), self.unequal)


def read_signals(cluster: Cluster, place: Place) -> Signals:
    found = Signals()
    for entry in cluster.dump(place.topic("signals")):
        signal = undated(entry.json())
        name = signal["signal_id"]
        first = found.by_id.setdefault(name, signal)
        found.published[name] += 1
        if first != signal:
            found.unequal.append(f"signal {name} was published as {first} and as {signal}")
    return found


def undated(signal: Json) -> Json:
    """When a signal was found may differ between its repeats."""
    return {name: what for name, what in signal.items() if name != "detected_at"}


def read_states(cluster: Cluster, place: Place) -> dict[str, Json]:
    """The last public state of each customer."""
    last: dict[str, Entry] = {e.key.decode(): e for e in cluster.dump(place.topic("customer-states")) if e.key}
    return {name: json.loads(entry.value) for name, entry in last.items() if entry.value is not None}


def read_changelog(cluster: Cluster, place: Place) -> Changelog:
    found, highest, stale = Changelog(), dict[bytes, int](), dict[bytes, str]()
    for entry in cluster.dump(place.changelog):
        key = entry.key or b""
        epoch = _epoch(entry)
        found.late += epoch < found.epochs.get(entry.partition, 0)
        found.epochs[entry.partition] = max(epoch, found.epochs.get(entry.partition, 0))
        if key == POSITION:
            continue
        stale.pop(key, None)  # what was written over does no harm
        if epoch < highest.get(key, 0):
            stale[key] = f"{key.decode()} at {entry.partition}:{entry.offset}: epoch {epoch} after {highest[key]}"
        highest[key] = max(epoch, highest.get(key, 0))
        if entry.value is None:
            found.rows.pop(key.decode(), None)
        else:
            found.rows[key.decode()] = _stored(entry.value)
    found.stale = list(stale.values())
    return found


def _epoch(entry: Entry) -> int:
    if entry.value is None:
        return int(entry.header("kakuhan-epoch") or 0)
    return _position_epoch(entry.value) if entry.key == POSITION else int(HEAD.unpack_from(entry.value)[1])


def _position_epoch(value: bytes) -> int:
    return int(msgspec.msgpack.decode(value)[POSITION_EPOCH])


def _stored(value: bytes) -> Stored:
    _, epoch, applied, _, _, length = HEAD.unpack_from(value)
    state = msgspec.msgpack.decode(value[HEAD.size + 1 : HEAD.size + length])
    return Stored(epoch, applied, state[AS_OF], state[STARTED], state[SEGMENT], state[LIFECYCLE])
