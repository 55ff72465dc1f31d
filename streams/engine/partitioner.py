"""Which partition a key belongs to: the Java producer's default, so that foreign tools agree.

It must not know topics; the log, its changelog, the outputs and the states share one partition count.
"""

from __future__ import annotations

from aiokafka.partitioner import murmur2


def partition_of(key: bytes, partitions: int) -> int:
    """The partition (0 ≤ p < partitions) of a key: murmur2 with the sign bit cleared, modulo the count.

    Source: org.apache.kafka.clients.producer.internals.BuiltInPartitioner.partitionForKey.
    """
    return int((murmur2(key) & 0x7FFFFFFF) % partitions)
