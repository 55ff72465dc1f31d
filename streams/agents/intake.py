"""Intake as the engine runs it: source records become records of the log, dead letters, or unmatched releases.

It must not know how those are written, nor what a valid record is; `streams.intake` decides that.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator, Sequence
from dataclasses import dataclass

from schemas.log import LogEvent, encode_event
from streams.agents.refusal_limit import RefusalLimit
from streams.engine.fatal import EXIT_REFUSED, die
from streams.engine.fold import Origin
from streams.engine.forward import Append, SourceRecord
from streams.engine.headers import LOADED, log_headers
from streams.intake.intake import Accepted, Decision, Intake, Raw, Unmatched
from streams.intake.refusals import Rejection

APPEND_TIME = 1  # Kafka's timestamp type where the broker dates the record


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """Where a record goes that is not for the log."""

    refused: Callable[[SourceRecord, Rejection], Append]
    unmatched: Callable[[SourceRecord, Unmatched], Append]


Seal = Callable[[Sequence[LogEvent]], Awaitable[Sequence[LogEvent]]]
_Decided = Sequence[tuple[SourceRecord, Decision]]


class IntakeHandler:
    """The engine's handler for all source topics.

    `events` is the log's full topic name, `prefix` what topic names begin with. `ready` returns once the accounts
    known so far are in the directory. `broker_ms` dates receipt where the source topic has no append time, so that no
    worker's clock decides what lies in the future; `steady_ms` only counts the minutes of `limit`, beyond which the
    worker ends before anything of the chunk is written. `seal` gives events the form in which they may lie in the log
    for ever.
    """

    def __init__(
        self,
        intake: Intake,
        elsewhere: Elsewhere,
        *,
        events: str,
        prefix: str,
        ready: Callable[[], Awaitable[object]],
        broker_ms: Callable[[], Awaitable[int]],
        steady_ms: Callable[[], int],
        seal: Seal,
        limit: RefusalLimit,
    ) -> None:
        self._intake, self._elsewhere, self._events, self._prefix = intake, elsewhere, events, prefix
        self._ready, self._broker_ms, self._steady_ms = ready, broker_ms, steady_ms
        self._seal, self._limit = seal, limit

    async def __call__(self, topic: str, partition: int, records: Sequence[SourceRecord]) -> list[Append]:
        """What the records become, in their order."""
        await self._ready()
        name = topic.removeprefix(self._prefix)
        undated = any(record.timestamp_type != APPEND_TIME for record in records)
        now_ms = await self._broker_ms() if undated else 0
        decided = [(record, self._decide(name, record, now_ms)) for record in records if not _is_loaded(record)]
        self._stop_at_limit(topic, decided)
        accepted = [event for _, decision in decided for event in _events_of(decision)]
        sealed = iter(await self._seal(accepted))
        return [append for record, decision in decided for append in self._appends(name, record, decision, sealed)]

    def _decide(self, topic: str, record: SourceRecord, now_ms: int) -> Decision:
        received_ms = record.timestamp if record.timestamp_type == APPEND_TIME else now_ms
        return self._intake.take(Raw(topic, record.key, record.value, record.headers, received_ms))

    def _stop_at_limit(self, topic: str, decided: _Decided) -> None:
        """Releases about nobody known count on neither side."""
        refused = [decision for _, decision in decided if isinstance(decision, Rejection)]
        judged = sum(not isinstance(decision, Unmatched) for _, decision in decided)
        if self._limit.exceeded(self._steady_ms(), judged, len(refused)):
            die(_too_much(topic, self._limit, refused), EXIT_REFUSED)

    def _appends(
        self, topic: str, record: SourceRecord, decision: Decision, sealed: Iterator[LogEvent]
    ) -> list[Append]:
        if isinstance(decision, Accepted):
            headers = log_headers(origin=Origin(topic, record.partition, record.offset))
            return [
                Append(self._events, event.customer_id.encode(), encode_event(event), headers)
                for event in (next(sealed) for _ in decision.events)
            ]
        if isinstance(decision, Unmatched):
            return [self._elsewhere.unmatched(record, decision)]
        return [self._elsewhere.refused(record, decision)]


def _is_loaded(record: SourceRecord) -> bool:
    """Whether the log knows it from elsewhere: a history load, or an erasure."""
    return any(name == LOADED for name, _ in record.headers)


def _events_of(decision: Decision) -> Sequence[LogEvent]:
    return decision.events if isinstance(decision, Accepted) else ()


def _too_much(topic: str, limit: RefusalLimit, refused: Sequence[Rejection]) -> str:
    last = f"; the last one: {refused[-1].reason}: {refused[-1].detail}" if refused else ""
    return (
        f"{limit.refused} of {limit.records} records of the last minute are refused, more than "
        f"{limit.percent} %: a sender or the policy is wrong{last}. Nothing of this part of {topic} "
        "was taken in or diverted. Mend it and start again; or set KAKUHAN_DEAD_LETTER_LIMIT=100 to have all of it "
        "among the dead letters"
    )
