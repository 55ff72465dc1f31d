"""The published signals, read back for a person: one after the other, without repeats.

It must not know what a signal means; how one looks as a line is in signal_line.
"""

from __future__ import annotations

import heapq
from collections import OrderedDict, deque
from collections.abc import Callable, Iterator
from typing import Any

import msgspec

from streams.adapters.kafka_admin import POLL_MS, KafkaConsumer, broker_errors, consumer, partitions_of
from streams.settings import Settings

# Records of one partition held while another one is waited for; bounds memory to some 10 MB a partition.
BUFFERED = 5_000
# Repeats come soon after a crash or not at all; that many ids are some 15 MB.
REMEMBERED = 100_000

_decode = msgspec.json.Decoder(dict[str, Any]).decode


def signals(
    settings: Settings,
    *,
    follow: bool = False,
    audience: str | None = None,
    stopped: Callable[[], bool] = lambda: False,
) -> Iterator[dict[str, Any]]:
    """The signals in the order of their publication; with `follow` for ever, until `stopped` says so.

    `stopped` is asked some four times a second while nothing comes.

    Raises:
        BrokerError: Kafka is away, or the topic is missing.
    """
    seen: OrderedDict[str, None] = OrderedDict()
    with consumer(settings.brokers) as client:
        for record in _records(client, settings.signals, follow, stopped):
            signal = _signal(record.value)
            if signal is None or not _is_new(signal["signal_id"], seen):
                continue
            if audience is None or audience in signal["audiences"]:
                yield signal


def _signal(value: bytes | None) -> dict[str, Any] | None:
    """The signal of a record; None for what somebody else wrote there."""
    try:
        signal = _decode(value or b"")
    except msgspec.MsgspecError:
        return None
    return signal if signal.keys() >= {"signal_id", "audiences"} else None


def _is_new(signal_id: str, seen: OrderedDict[str, None]) -> bool:
    if signal_id in seen:
        return False
    seen[signal_id] = None
    if len(seen) > REMEMBERED:
        seen.popitem(last=False)
    return True


def _records(client: KafkaConsumer, topic: str, follow: bool, stopped: Callable[[], bool]) -> Iterator[Any]:
    with broker_errors(f"reading {topic}"):
        tps = partitions_of(client, topic)
        client.assign(tps)
        client.seek_to_beginning(*tps)
        yield from _merged(client, client.end_offsets(tps), stopped)
        while follow and not stopped():
            polled = client.poll(timeout_ms=POLL_MS).values()
            yield from sorted((record for records in polled for record in records), key=_published)


def _merged(client: KafkaConsumer, ends: dict[Any, int], stopped: Callable[[], bool]) -> Iterator[Any]:
    """What the partitions hold up to (at least) these ends, merged by the time of publication.

    A record is given out once every partition that still has some to come has shown its next one.
    """
    waiting: dict[Any, deque[Any]] = {tp: deque() for tp in ends}
    while not stopped():
        unread = [tp for tp in ends if client.position(tp) < ends[tp]]
        if not unread:
            break
        client.pause(*(tp for tp in ends if len(waiting[tp]) > BUFFERED))
        for tp, records in client.poll(timeout_ms=POLL_MS).items():
            waiting[tp].extend(records)
        client.resume(*ends)
        while all(waiting[tp] for tp in unread) and any(waiting.values()):
            yield min((queue for queue in waiting.values() if queue), key=lambda queue: _published(queue[0])).popleft()
    yield from heapq.merge(*waiting.values(), key=_published)


def _published(record: Any) -> tuple[int, int, int]:
    return record.timestamp, record.partition, record.offset
