"""Intake as the engine runs it: source records become records of the log, dead letters, or unmatched releases.

It must not know how those are written, nor what a valid record is; `streams.intake` decides that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from schemas.log import encode_event
from streams.engine.fold import Origin
from streams.engine.forward import Append, SourceRecord
from streams.engine.headers import LOADED, log_headers
from streams.intake.intake import Accepted, Intake, Raw, Unmatched
from streams.intake.refusals import Rejection

APPEND_TIME = 1  # Kafka's timestamp type where the broker dates the record


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a record goes that is not for the log."""

    refused: Callable[[SourceRecord, Rejection], Append]
    unmatched: Callable[[SourceRecord, Unmatched], Append]


class IntakeHandler:
    """The engine's handler for all source topics.

    `events` is the log's full topic name, `prefix` what topic names begin with. `ready` returns once the accounts
    known so far are in the directory. `now_ms` dates receipt where the source topic has no append time.
    """

    def __init__(
        self,
        intake: Intake,
        elsewhere: Elsewhere,
        *,
        events: str,
        prefix: str,
        ready: Callable[[], Awaitable[object]],
        now_ms: Callable[[], int],
    ) -> None:
        self._intake, self._elsewhere, self._events, self._prefix = intake, elsewhere, events, prefix
        self._ready, self._now_ms = ready, now_ms

    async def __call__(self, topic: str, partition: int, records: Sequence[SourceRecord]) -> list[Append]:
        """What the records become, in their order."""
        await self._ready()
        name = topic.removeprefix(self._prefix)
        return [append for record in records for append in self._take(name, record)]

    def _take(self, topic: str, record: SourceRecord) -> list[Append]:
        if any(name == LOADED for name, _ in record.headers):  # a load has put it into the log itself
            return []
        received_ms = record.timestamp if record.timestamp_type == APPEND_TIME else self._now_ms()
        decision = self._intake.take(Raw(topic, record.key, record.value, record.headers, received_ms))
        if isinstance(decision, Accepted):
            headers = log_headers(origin=Origin(topic, record.partition, record.offset))
            return [
                Append(self._events, event.customer_id.encode(), encode_event(event), headers)
                for event in decision.events
            ]
        if isinstance(decision, Unmatched):
            return [self._elsewhere.unmatched(record, decision)]
        return [self._elsewhere.refused(record, decision)]
