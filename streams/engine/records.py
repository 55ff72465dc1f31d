"""Consumed records in a lighter form than aiokafka's own; it must not know what they say.

aiokafka makes a data class of every record, which takes four times as long as a struct, four times the memory, and the
garbage collector's attention for as long as records wait.
"""

from __future__ import annotations

from typing import Any

import msgspec
from aiokafka.consumer import fetcher


class Record(msgspec.Struct, gc=False):
    """The fields of aiokafka's `ConsumerRecord` that anybody reads, by the same names; key and value are bytes or None.

    `timestamp` is epoch ms, `timestamp_type` 1 where the broker has dated the record. Its headers are a tuple of bytes
    and names, which make no cycles.
    """

    topic: str
    partition: int
    offset: int
    timestamp: int
    timestamp_type: int
    key: bytes | None
    value: bytes | None
    headers: tuple[tuple[str, bytes], ...]


def _light(_: Any, tp: Any, record: Any) -> Record:
    """What `PartitionRecords._consumer_record` does where keys and values are left as bytes."""
    return Record(
        tp.topic,
        tp.partition,
        record.offset,
        record.timestamp,
        record.timestamp_type,
        record.key,
        record.value,
        tuple(record.headers),
    )


def use_light_records() -> None:
    """From now on all aiokafka consumers of this process give out `Record`; none of them may have deserializers."""
    fetcher.PartitionRecords._consumer_record = _light
