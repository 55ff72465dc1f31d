"""Releases about nobody we know: kept, and sent to `press-releases` again once somebody is known.

It must not know how a company is recognised; that is given.

Each worker looks after the partitions of `unmatched-companies` that a consumer group gives it, and reads them from
their beginning. A release that now matches is sent again as it was, with its `event_id`, and then marked done by a
record without value in the same partition whose header names its offset. A crash between the two makes a second
copy, which the duplicate rule drops; a restart finds the markers, so that nothing is sent for ever.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Callable, Iterable
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener
from aiokafka.errors import KafkaError
from pydantic import ValidationError

from schemas.releases import Company
from streams.adapters.kafka_read import behind, broker_errors, fetch, start
from streams.errors import BrokerError
from streams.intake.decoding import decode_object
from streams.intake.refusals import RefusedError
from streams.settings import Settings

HEADER_PREFIX = "kakuhan-unmatched-"
DONE = HEADER_PREFIX + "done"
# Between two looks through all open releases: an account that several workers learn of moments apart is known to all
# by then, so that a release is not sent back and forth.
LOOK_EVERY_S = 2.0
CUT_EVERY_S = 60.0  # how often expired releases are forgotten
# Releases looked at before other work gets its turn: about 5 ms.
LOOKED_AT_ONCE = 500
RETRY_S = 1.0
# A record whose offset is known comes at once; one that has just expired never does.
READ_WITHIN_MS = 5_000
STEP_ENDS_WITHIN_S = 6.0

log = logging.getLogger(__name__)

Headers = list[tuple[str, bytes]]


def unmatched_headers(topic: str, partition: int, offset: int, original: Iterable[tuple[str, bytes]]) -> Headers:
    """The headers of a release that is put aside: its own, then where it came from; key and value stay as they are."""
    ours = {"topic": topic, "partition": str(partition), "offset": str(offset)}
    return [*original_headers(original), *((HEADER_PREFIX + name, text.encode()) for name, text in ours.items())]


def original_headers(headers: Iterable[tuple[str, bytes]]) -> Headers:
    """The headers the release had in its source topic."""
    return [(name, value) for name, value in headers if not name.startswith(HEADER_PREFIX)]


class UnmatchedRetry(ConsumerRebalanceListener):  # type: ignore[misc] # aiokafka has no types
    """Looks through the open releases when told that an account changed; one background task.

    `matches` says whether a company is somebody now; it should say yes to one that fits several customers, too, since
    the release then belongs among the dead letters.
    """

    def __init__(self, settings: Settings, matches: Callable[[Company], bool]) -> None:
        self._settings, self._matches = settings, matches
        self._open: dict[Any, dict[int, Company]] = defaultdict(dict)
        self._look, self._closing = asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.sent_again = 0

    @property
    def open_releases(self) -> int:
        """How many releases of this worker's partitions wait for their company."""
        return sum(map(len, self._open.values()))

    def look_again(self) -> None:
        """An account appeared or changed."""
        self._look.set()

    def start(self) -> None:
        """Begin; whoever starts it also closes it."""
        self._task = asyncio.create_task(self._run(), name="unmatched releases")

    async def close(self) -> None:
        """End after the step under way."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STEP_ENDS_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def on_partitions_revoked(self, revoked: Any) -> None:
        """Forget what another worker may look after now."""
        self._open.clear()

    async def on_partitions_assigned(self, assigned: Any) -> None:
        """Read the new partitions, then look through them."""
        self._look.set()

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._serve()
            except (BrokerError, KafkaError, OSError) as error:
                log.warning("releases that matched nobody are not looked at for the moment: %s", error)
                await asyncio.sleep(RETRY_S)

    async def _serve(self) -> None:
        brokers = self._settings.brokers
        consumer = _consumer(brokers, group_id=f"{self._settings.app}-unmatched")
        producer = AIOKafkaProducer(bootstrap_servers=brokers, acks="all", max_request_size=4 << 20)
        self._open.clear()
        try:
            consumer.subscribe([self._settings.unmatched_companies], listener=self)
            await start(producer)
            await start(consumer)
            await self._follow(consumer, producer)
        finally:
            await consumer.stop()
            await producer.stop()

    async def _follow(self, consumer: Any, producer: Any) -> None:
        loop, look_at, cut_at = asyncio.get_running_loop(), 0.0, 0.0
        while not self._closing.is_set():
            self._take(await fetch(consumer))
            if loop.time() >= cut_at:
                if assigned := list(consumer.assignment()):
                    self._cut(await consumer.beginning_offsets(assigned))
                cut_at = loop.time() + CUT_EVERY_S
            if not self._look.is_set() or loop.time() < look_at or not await self._caught_up(consumer):
                continue
            self._look.clear()
            look_at = loop.time() + LOOK_EVERY_S
            await self._send_again(producer, await self._matching())

    async def _caught_up(self, consumer: Any) -> bool:
        assigned = list(consumer.assignment())
        return not await behind(consumer, await consumer.end_offsets(assigned)) if assigned else False

    def _take(self, fetched: dict[Any, list[Any]]) -> None:
        for tp, records in fetched.items():
            for record in records:
                self._apply(self._open[tp], record)

    def _cut(self, begins: dict[Any, int]) -> None:
        """Forget releases that have expired."""
        for tp, begin in begins.items():
            for offset in [offset for offset in self._open.get(tp, ()) if offset < begin]:
                del self._open[tp][offset]

    def _apply(self, opened: dict[int, Company], record: Any) -> None:
        for name, offset in record.headers:
            if name == DONE:
                opened.pop(int(offset), None)
                return
        company = _company(record.value)
        if company is not None:
            opened[record.offset] = company
            self._look.set()  # the account may have come between intake's look and this

    async def _matching(self) -> dict[Any, list[int]]:
        """The offsets of the open releases that match now, ascending, by partition."""
        found: dict[Any, list[int]] = {}
        waiting = [(tp, offset, company) for tp, opened in self._open.items() for offset, company in opened.items()]
        for looked_at, (tp, offset, company) in enumerate(waiting):
            if self._matches(company):
                found.setdefault(tp, []).append(offset)
            if looked_at % LOOKED_AT_ONCE == LOOKED_AT_ONCE - 1:
                await asyncio.sleep(0)
        return found

    async def _send_again(self, producer: Any, matching: dict[Any, list[int]]) -> None:
        if not matching:
            return
        reader = _consumer(self._settings.brokers, group_id=None)
        try:
            await start(reader)
            for tp, offsets in matching.items():
                await self._send_partition(producer, reader, tp, offsets)
        finally:
            await reader.stop()

    async def _send_partition(self, producer: Any, reader: Any, tp: Any, offsets: list[int]) -> None:
        reader.assign([tp])
        for offset in offsets:
            record = None if self._closing.is_set() else await _record_at(reader, tp, offset)
            if record is None or offset not in self._open[tp]:  # expired, or handed to another worker meanwhile
                continue
            await self._send(producer, record)
            self._open[tp].pop(offset, None)

    async def _send(self, producer: Any, record: Any) -> None:
        with broker_errors("sending a release again"):
            headers = original_headers(record.headers)
            await producer.send_and_wait(self._settings.press_releases, record.value, key=record.key, headers=headers)
            done = [(DONE, str(record.offset).encode())]
            await producer.send_and_wait(record.topic, None, key=b"done", partition=record.partition, headers=done)
        self.sent_again += 1


async def _record_at(reader: Any, tp: Any, offset: int) -> Any | None:
    """The record at exactly this offset; None when it is there no longer."""
    reader.seek(tp, offset)
    fetched = await reader.getmany(tp, timeout_ms=READ_WITHIN_MS, max_records=1)
    records = fetched.get(tp) or []
    return records[0] if records and records[0].offset == offset else None


def _consumer(brokers: str, group_id: str | None) -> Any:
    return AIOKafkaConsumer(
        bootstrap_servers=brokers,
        group_id=group_id,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
    )


def _company(value: bytes | None) -> Company | None:
    """The company of a release, read as intake does; None where there is none that could ever match."""
    if value is None:
        return None
    try:
        return Company.model_validate(decode_object(value).get("company"))
    except (RefusedError, ValidationError):
        return None
