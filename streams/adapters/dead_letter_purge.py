"""Dead letters taken away for good; it must not know why they were refused.

Kafka deletes the beginning of a partition only. So what is to stay and lies before the last letter to go is first
written to the end once more, with its time and all headers and one more that names its old offset; then everything
up to that last letter is deleted. A crash between the two leaves both copies, of which only the new one counts, and
the next purge goes on from there. Deleted letters cannot be read from that moment on; the broker's disk is rid of them
when the segment they lie in has been closed (segment.ms, a day) and its file removed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from schemas.dead_letters import DeadLetter
from streams.adapters.dead_letter import Selection
from streams.adapters.dead_letters import (
    ACKNOWLEDGED_WITHIN_S,
    LETTERS_AT_ONCE,
    MOVED,
    REPLAYED,
    Notes,
    Progress,
    mark_replayed,
    notes_of,
    sendable,
)
from streams.adapters.kafka_admin import (
    KafkaConsumer,
    KafkaProducer,
    TopicPartition,
    admin,
    broker_errors,
    consumer,
    producer,
    read_all,
)
from streams.settings import Settings


@dataclass(frozen=True, slots=True)
class Purged:
    """How many letters are gone, and how many were written anew so that they could stay."""

    letters: int
    moved: int


@dataclass(slots=True)
class _Chosen:
    """Places of the letters to go; by partition the offset after the last of them."""

    places: set[tuple[int, int]] = field(default_factory=set)
    until: dict[int, int] = field(default_factory=dict)

    def add(self, partition: int, offset: int) -> None:
        self.places.add((partition, offset))
        self.until[partition] = max(self.until.get(partition, 0), offset + 1)


def purge(settings: Settings, selection: Selection, progress: Progress | None = None) -> Purged:
    """Delete the selected letters; the others stay, some of them under a new name.

    Raises:
        BrokerError: Kafka is away or refused; then nothing that was to stay is lost.
    """
    with consumer(settings.brokers) as client:
        notes = notes_of(client, settings, progress)
        chosen = _choose(client, settings, selection, notes)
        if not chosen.places:
            return Purged(0, 0)
        moved = _move_others(client, settings, chosen, notes)
    _delete(settings, chosen.until)
    return Purged(len(chosen.places), moved)


def _choose(client: KafkaConsumer, settings: Settings, selection: Selection, notes: Notes) -> _Chosen:
    chosen = _Chosen()
    for record in read_all(client, settings.dead_letters):
        letter = notes.letter(record)
        if letter is not None and selection.takes(letter, settings):
            chosen.add(letter.partition, letter.offset)
    return chosen


def _move_others(client: KafkaConsumer, settings: Settings, chosen: _Chosen, notes: Notes) -> int:
    moved, batch = 0, list[Any]()
    with producer(settings.brokers) as sender:
        for record in read_all(client, settings.dead_letters):
            if not _is_to_stay(record, chosen, notes):
                continue
            batch.append(record)
            moved += 1
            if len(batch) == LETTERS_AT_ONCE:
                _move(sender, settings, batch, notes)
                batch = []
        _move(sender, settings, batch, notes)
    return moved


def _is_to_stay(record: Any, chosen: _Chosen, notes: Notes) -> bool:
    """Whether it lies where everything will be deleted, and is neither chosen, nor a marker, nor moved already."""
    place = (record.partition, record.offset)
    if record.offset >= chosen.until.get(record.partition, 0) or place in chosen.places or place in notes.moved:
        return False
    if any(name == REPLAYED for name, _ in record.headers):
        return False
    return notes.letter(record) is not None or not _is_letter(record)


def _is_letter(record: Any) -> bool:
    try:
        DeadLetter.from_headers(record.headers)
    except ValueError:
        return False
    return True


def _move(sender: KafkaProducer, settings: Settings, records: list[Any], notes: Notes) -> None:
    """Write the records to the end of their partitions, and that they were sent again where they were."""
    with broker_errors("moving dead letters"):
        sent = [
            sender.send(
                settings.dead_letters,
                value=b"" if record.value is None and record.key is None else record.value,  # nothing cannot be sent
                key=record.key,
                headers=[*sendable(_without_move(record.headers)), (MOVED, str(record.offset).encode())],
                partition=record.partition,
                timestamp_ms=record.timestamp,
            )
            for record in records
        ]
        placed = [future.get(ACKNOWLEDGED_WITHIN_S) for future in sent]
    again = [
        (new.partition, new.offset)
        for record, new in zip(records, placed, strict=True)
        if (record.partition, record.offset) in notes.replayed
    ]
    mark_replayed(sender, settings, again)


def _without_move(headers: Iterable[tuple[str, bytes]]) -> list[tuple[str, bytes]]:
    return [(name, text) for name, text in headers if name != MOVED]


def _delete(settings: Settings, until: dict[int, int]) -> None:
    with admin(settings.brokers) as client, broker_errors("deleting dead letters"):
        client.delete_records({TopicPartition(settings.dead_letters, p): offset for p, offset in until.items()})
