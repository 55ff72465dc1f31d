"""Dead letters: finding them again, and sending them once more to where they came from.

It must not know why something is refused.

A letter that was sent again is remembered by a marker in the same topic and partition: a record without value whose
header names the letter's offset. It lives as long as the letter does at least, needs no other store, and choosing
some letters out of many leaves the others as they are. The marker follows its letter's copy; when a crash comes
between the two, the next replay sends a second copy, which the duplicate rule drops by its `event_id`.

A letter that was moved (see dead_letter_purge) names in a header the offset it had; from then on the copy counts.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from schemas.dead_letters import HEADER_PREFIX, DeadLetter, Headers, original_headers
from streams.adapters.dead_letter import Letter, Selection
from streams.adapters.kafka_admin import KafkaConsumer, KafkaProducer, broker_errors, consumer, producer, read_all
from streams.errors import SettingsError
from streams.settings import Settings

__all__ = ["Letter", "Selection", "dead_letters", "mark_replayed", "notes_of", "replay", "sendable"]

REPLAYED = HEADER_PREFIX + "replayed"
MOVED = HEADER_PREFIX + "moved"
MARKER_KEY = b"replayed"
# Copies acknowledged before their markers are written; a crash repeats at most that many.
LETTERS_AT_ONCE = 200
# What a broker may take to acknowledge them.
ACKNOWLEDGED_WITHIN_S = 60.0

Progress = Callable[[int, int], None]
_Place = tuple[int, int]


@dataclass(slots=True)
class Notes:
    """What the topic says about its letters: places sent again, and places whose letter has moved to which offset."""

    replayed: set[_Place] = field(default_factory=set)
    moved: dict[_Place, int] = field(default_factory=dict)

    def take(self, record: Any) -> None:
        """Read what one record says about others."""
        for name, text in record.headers:
            if name == REPLAYED:
                self.replayed.add((record.partition, int(text)))
            elif name == MOVED:
                self.moved.setdefault((record.partition, int(text)), record.offset)

    def letter(self, record: Any) -> Letter | None:
        """The letter of a record; None for a marker, for one that has moved on, and for what is no letter."""
        place = (record.partition, record.offset)
        if place in self.moved or self._is_second_copy(record):
            return None
        try:
            source = DeadLetter.from_headers(record.headers)
        except ValueError:
            return None
        headers = original_headers(record.headers)
        replayed = place in self.replayed
        return Letter(*place, record.timestamp, source, record.key, record.value, headers, replayed)

    def _is_second_copy(self, record: Any) -> bool:
        """Two purges at once, or one that was cut short and done again, may have copied a letter twice."""
        before = next((int(text) for name, text in record.headers if name == MOVED), None)
        return before is not None and self.moved.get((record.partition, before), record.offset) != record.offset


def dead_letters(
    settings: Settings, selection: Selection | None = None, progress: Progress | None = None
) -> Iterator[Letter]:
    """The selected letters, each partition of `dead-letters` in its order; by default those not yet replayed.

    The topic is read twice, for markers and for letters, so that a million letters need no memory.

    Raises:
        BrokerError: Kafka is away, or the topic is missing.
    """
    selection = selection or Selection()
    with consumer(settings.brokers) as client:
        notes = notes_of(client, settings, progress)
        for record in read_all(client, settings.dead_letters, progress):
            letter = notes.letter(record)
            if letter is not None and selection.takes(letter, settings):
                yield letter


def replay(settings: Settings, selection: Selection | None = None, progress: Progress | None = None) -> int:
    """Send the selected letters to their source topics again, as they were; returns how many.

    Raises:
        BrokerError: Kafka is away or refused; what was sent and marked until then stays so.
        SettingsError: A letter does not come from one of the source topics; nothing of its batch was sent.
    """
    chosen = dead_letters(settings, selection, progress)
    count = 0
    with producer(settings.brokers) as client:
        while batch := list(islice(chosen, LETTERS_AT_ONCE)):
            for letter in batch:
                _check_source(letter, settings)
            _send(client, batch)
            mark_replayed(client, settings, [(letter.partition, letter.offset) for letter in batch])
            count += len(batch)
    return count


def notes_of(client: KafkaConsumer, settings: Settings, progress: Progress | None = None) -> Notes:
    """Everything that the topic says about its letters now."""
    notes = Notes()
    for record in read_all(client, settings.dead_letters, progress):
        notes.take(record)
    return notes


def mark_replayed(client: KafkaProducer, settings: Settings, places: Iterable[_Place]) -> None:
    """Note durably that the letters at these places were sent again."""
    with broker_errors("noting what was sent again"):
        marked = [
            client.send(
                settings.dead_letters,
                key=MARKER_KEY,
                headers=[(REPLAYED, str(offset).encode())],
                partition=partition,
            )
            for partition, offset in places
        ]
        for future in marked:
            future.get(ACKNOWLEDGED_WITHIN_S)


def sendable(headers: Iterable[tuple[str, bytes | None]]) -> Headers:
    """Headers as kafka-python takes them: one without a value, as other producers write it, gets an empty one."""
    return [(name, b"" if text is None else text) for name, text in headers]


def _send(client: KafkaProducer, letters: list[Letter]) -> None:
    with broker_errors("sending dead letters again"):
        sent = [
            client.send(letter.source.topic, value=letter.value, key=letter.key, headers=sendable(letter.headers))
            for letter in letters
            if letter.value is not None or letter.key is not None  # nothing at all cannot be sent, nor mended
        ]
        for future in sent:
            future.get(ACKNOWLEDGED_WITHIN_S)


def _check_source(letter: Letter, settings: Settings) -> None:
    if letter.source.topic not in settings.sources:
        raise SettingsError(
            f"dead letter {letter.name} comes from {letter.source.topic}, which is no source topic of these settings; "
            "the topic prefix may be another one, or narrow the choice"
        )
