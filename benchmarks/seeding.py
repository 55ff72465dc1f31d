"""Puts a state of any size into an installation without living through it: its changelog, as a worker writes it.

It must not know what is measured with it.
"""

from __future__ import annotations

from collections.abc import Iterable

from benchmarks.installation import ANSWER_S, PARTITIONS, Installation, producer
from streams.engine.fold import CLOCK
from streams.engine.headers import log_headers
from streams.engine.partitioner import partition_of
from streams.engine.position import POSITION_KEY, Position, encode_position


def seed_changelog(installation: Installation, rows: Iterable[tuple[bytes, bytes]], base_ms: int) -> None:
    """Changelog rows (key, sealed value) and the positions that say that all of them are there, up to `base_ms`."""
    client, topic = producer(installation.brokers), installation.settings.changelog
    for partition in range(PARTITIONS):  # the states are those after the first record of the log
        client.produce(installation.settings.events, b"", None, partition, headers=log_headers(CLOCK))
    for key, value in rows:
        client.produce(topic, value, key, partition_of(key, PARTITIONS))
        client.poll(0)
    assert client.flush(ANSWER_S) == 0
    decided_by = installation.policy_version()
    position = Position(decided_by=decided_by, partitions=PARTITIONS, epoch=1, next_offset=1, newest_ms=base_ms)
    for partition in range(PARTITIONS):
        client.produce(topic, encode_position(position), POSITION_KEY, partition)
    assert client.flush(ANSWER_S) == 0
