"""Dead letters: finding them again, and sending them once more to where they came from.

It must not know why something is refused.

A letter that was sent again is remembered by a marker in the same topic and partition: a record without value whose
header names the letter's offset. It lives as long as the letter does at least, needs no other store, and choosing
some letters out of many leaves the others as they are. The marker follows its letter's copy; when a crash comes
between the two, the next replay sends a second copy, which the duplicate rule drops by its `event_id`.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from schemas.dead_letters import HEADER_PREFIX, DeadLetter, Headers, original_headers
from streams.adapters.kafka_admin import KafkaConsumer, KafkaProducer, broker_errors, consumer, producer, read_all
from streams.errors import SettingsError
from streams.settings import Settings

REPLAYED = HEADER_PREFIX + "replayed"
MARKER_KEY = b"replayed"
# Copies acknowledged before their markers are written; a crash repeats at most that many.
LETTERS_AT_ONCE = 200
# What a broker may take to acknowledge them.
ACKNOWLEDGED_WITHIN_S = 60.0

Progress = Callable[[int, int], None]
_Place = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Letter:
    """A refused record as it lies in `dead-letters`; `headers` are those it had in its source topic.

    `partition` and `offset` are its place among the dead letters, `source` says where it came from and why it was
    refused, `at_ms` when (epoch ms).
    """

    partition: int
    offset: int
    at_ms: int
    source: DeadLetter
    key: bytes | None
    value: bytes | None
    headers: Headers
    replayed: bool

    @property
    def name(self) -> str:
        """How a person names this letter: `partition:offset`."""
        return f"{self.partition}:{self.offset}"


@dataclass(frozen=True, slots=True)
class Selection:
    """Which letters are meant; what is empty or None does not narrow. `topics` are without prefix."""

    topics: Collection[str] = ()
    reasons: Collection[str] = ()
    names: Collection[str] = ()
    since_ms: int | None = None
    replayed: bool = False

    def takes(self, letter: Letter, settings: Settings) -> bool:
        """Whether the letter is meant; one already replayed only if `replayed`."""
        return (
            (self.replayed or not letter.replayed)
            and (not self.topics or settings.without_prefix(letter.source.topic) in self.topics)
            and (not self.reasons or letter.source.reason in self.reasons)
            and (not self.names or letter.name in self.names)
            and (self.since_ms is None or letter.at_ms >= self.since_ms)
        )


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
        replayed = _markers(client, settings, progress)
        for record in read_all(client, settings.dead_letters, progress):
            letter = _letter(record, replayed)
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
            _mark(client, settings, batch)
            count += len(batch)
    return count


def _send(client: KafkaProducer, letters: list[Letter]) -> None:
    with broker_errors("sending dead letters again"):
        sent = [
            client.send(letter.source.topic, value=letter.value, key=letter.key, headers=letter.headers)
            for letter in letters
            if letter.value is not None or letter.key is not None  # nothing at all cannot be sent, nor mended
        ]
        for future in sent:
            future.get(ACKNOWLEDGED_WITHIN_S)


def _mark(client: KafkaProducer, settings: Settings, letters: list[Letter]) -> None:
    with broker_errors("noting what was sent again"):
        marked = [
            client.send(
                settings.dead_letters,
                key=MARKER_KEY,
                headers=[(REPLAYED, str(letter.offset).encode())],
                partition=letter.partition,
            )
            for letter in letters
        ]
        for future in marked:
            future.get(ACKNOWLEDGED_WITHIN_S)


def _markers(client: KafkaConsumer, settings: Settings, progress: Progress | None) -> set[_Place]:
    found: set[_Place] = set()
    for record in read_all(client, settings.dead_letters, progress):
        for name, offset in record.headers:
            if name == REPLAYED:
                found.add((record.partition, int(offset)))
    return found


def _letter(record: Any, replayed: set[_Place]) -> Letter | None:
    """The letter of a record; None for a marker, and for what somebody else wrote there."""
    try:
        source = DeadLetter.from_headers(record.headers)
    except ValueError:
        return None
    place = (record.partition, record.offset)
    headers = original_headers(record.headers)
    return Letter(*place, record.timestamp, source, record.key, record.value, headers, place in replayed)


def _check_source(letter: Letter, settings: Settings) -> None:
    if letter.source.topic not in settings.sources:
        raise SettingsError(
            f"dead letter {letter.name} comes from {letter.source.topic}, which is no source topic of these settings; "
            "the topic prefix may be another one, or narrow the choice"
        )
