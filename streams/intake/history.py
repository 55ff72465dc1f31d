"""Files of past facts as events in the order of their receipt, with whom they are about resolved.

It must not know whether they are replayed or loaded, nor any policy beyond what intake needs.

Two passes, since a release may be about a company whose account stands further down. The first reads when each line
was received and makes every account version known, whatever its time; the second decides the lines in the order of
(`received_at`, position). Between them only some thirty bytes a line are held.
"""

from __future__ import annotations

import contextlib
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from schemas.log import LogEvent
from streams.intake.companies import Directory, MatchedBy
from streams.intake.intake import ACCOUNTS, Accepted, Decision, Intake, IntakeSettings, Raw, Unmatched
from streams.intake.lines import JsonLines, Line, LineSource, Reject, parse_line, value_bytes
from streams.intake.refusals import RefusedError, Rejection, fault

_UNKNOWN = -(2**63)  # stands for a receipt that is known only when all lines were read


@dataclass(frozen=True, slots=True)
class HistoryEvent:
    """An event of the past; `account_value` is, for an account, its record's value as the line has it."""

    received_ms: int
    path: str
    line_no: int
    event: LogEvent
    account_value: bytes | None = None


@dataclass(frozen=True, slots=True)
class UnmatchedLine:
    """A line with a release about nobody known; `identifier`, in the form compared, decided."""

    path: str
    line_no: int
    event_id: str
    decided_by: MatchedBy
    identifier: str


class HistoryInput:
    """The lines of some sources, read once by `events`; `rejects` and `unmatched` are complete after it."""

    def __init__(
        self,
        sources: Sequence[LineSource],
        settings: IntakeSettings,
        directory: Directory,
        now_ms: int | None = None,
        on_bytes: Callable[[int], object] = lambda _: None,
    ):
        """Nothing is read yet.

        With `now_ms` a line received later is refused as `future_event`, or within the tolerance taken as received
        now; without it (replay) no clock is asked. `on_bytes` hears of every stretch read, `total_bytes` in all.
        """
        if not directory.keep_all_versions:
            raise ValueError("history is resolved among all account versions: the directory must keep them")
        self.rejects: list[Reject] = []
        self.unmatched: list[UnmatchedLine] = []
        self._sources = sources
        self._directory = directory
        self._intake = Intake(settings, directory)
        self._now_ms = now_ms
        self._max_future_ms = round(settings.max_future_s * 1000)
        self._on_bytes = on_bytes
        self._received_ms = array("q")
        self._places = array("q")
        self._line_nos = array("q")
        self._source_nos = array("H")

    @property
    def total_bytes(self) -> int:
        """How much `on_bytes` will have heard of at the end: everything twice, but for lines refused early."""
        return 2 * sum(source.size_bytes for source in self._sources)

    def events(self) -> Iterator[HistoryEvent]:
        """The events in order; SettingsError if a file cannot be read. To be gone through once."""
        for source_no, source in enumerate(self._sources):
            self._index(source_no, source)
        self._settle_unknown()
        yield from self._decided()
        order = {source.name: source_no for source_no, source in enumerate(self._sources)}
        self.rejects.sort(key=lambda reject: (order[reject.path], reject.line_no))
        self.unmatched.sort(key=lambda line: (order[line.path], line.line_no))

    def _index(self, source_no: int, source: LineSource) -> None:
        for place, line_no, text in source.lines():
            self._on_bytes(len(text))
            try:
                received_ms = self._first_look(parse_line(text))
            except RefusedError as refused:
                self._reject(source.name, line_no, refused.rejection)
                continue
            self._received_ms.append(received_ms)
            self._places.append(place)
            self._line_nos.append(line_no)
            self._source_nos.append(source_no)

    def _first_look(self, line: Line) -> int:
        """When a line was received, an account being made known on the way; RefusedError if it cannot be taken."""
        received_ms = None if line.received_ms is None else self._not_after_now(line.received_ms)
        if line.topic == ACCOUNTS and line.value is not None:
            self._make_known(self._intake.take_value(ACCOUNTS, line.value, received_ms or 0, key=line.key))
        elif received_ms is None:
            raise RefusedError.of(self._why_unknown(line))
        return _UNKNOWN if received_ms is None else received_ms

    def _make_known(self, decision: Decision) -> None:
        if isinstance(decision, Rejection):
            raise RefusedError.of(decision)
        for event in decision.events if isinstance(decision, Accepted) else ():
            if event.account is not None:
                self._directory.put(event.customer_id, event.account)

    def _why_unknown(self, line: Line) -> Rejection:
        """Why a line does not tell when it was received: its value has no usable instant, or is a tombstone."""
        decision = None if line.value is None else self._intake.take_value(line.topic, line.value, 0, key=line.key)
        if isinstance(decision, Rejection):
            return decision
        return Rejection("invalid_event", fault("received_at", None, "the instant the account was removed"))

    def _not_after_now(self, received_ms: int) -> int:
        if self._now_ms is None or received_ms <= self._now_ms:
            return received_ms
        if received_ms - self._now_ms > self._max_future_ms:
            ahead_s = (received_ms - self._now_ms) / 1000
            raise RefusedError("future_event", f"received_at: found {ahead_s:.3f} s after now, expected the past")
        return self._now_ms

    def _settle_unknown(self) -> None:
        """An account that tells no time was there from the start: it is received with the first line."""
        known = (received_ms for received_ms in self._received_ms if received_ms != _UNKNOWN)
        earliest_ms = min(known, default=self._now_ms or 0)
        for index, received_ms in enumerate(self._received_ms):
            if received_ms == _UNKNOWN:
                self._received_ms[index] = earliest_ms

    def _decided(self) -> Iterator[HistoryEvent]:
        order = sorted(range(len(self._received_ms)), key=self._received_ms.__getitem__)  # stable: ties by position
        with contextlib.ExitStack() as stack:
            fetch = [stack.enter_context(source.fetching()) for source in self._sources]
            for index in order:
                text = fetch[self._source_nos[index]](self._places[index])
                self._on_bytes(len(text))
                yield from self._decide(index, text)

    def _decide(self, index: int, text: bytes) -> Iterator[HistoryEvent]:
        path, line_no = self._sources[self._source_nos[index]].name, self._line_nos[index]
        received_ms = self._received_ms[index]
        decision = self._take(parse_line(text), received_ms)
        if isinstance(decision, Rejection):
            self._reject(path, line_no, decision)
        elif isinstance(decision, Unmatched):
            nobody = UnmatchedLine(path, line_no, decision.event_id, decision.decided_by, decision.identifier)
            self.unmatched.append(nobody)
        else:
            for event in decision.events:
                account_value = value_bytes(text) if event.account is not None else None
                yield HistoryEvent(received_ms, path, line_no, event, account_value)

    def _take(self, line: Line, received_ms: int) -> Decision:
        if line.value is None:
            return self._intake.take(Raw(ACCOUNTS, line.key, None, (), received_ms))
        return self._intake.take_value(line.topic, line.value, received_ms, key=line.key, matched=line.matched)

    def _reject(self, path: str, line_no: int, rejection: Rejection) -> None:
        self.rejects.append(Reject(path, line_no, rejection.reason, rejection.detail))


def read_history(
    paths: Sequence[str | Path],
    settings: IntakeSettings,
    directory: Directory,
    now_ms: int | None = None,
    on_bytes: Callable[[int], object] = lambda _: None,
) -> HistoryInput:
    """The history that files of lines tell, see `HistoryInput`; `directory` must keep all versions."""
    return HistoryInput([JsonLines(path) for path in paths], settings, directory, now_ms, on_bytes)
