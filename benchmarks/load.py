"""Sends prepared records at a steady rate and writes down when: `python -m benchmarks.load BROKERS RATE IN OUT`.

A process of its own, so that neither observers nor workers hold it up. It must not know who receives them.
"""

from __future__ import annotations

import sys
import time
from array import array
from pathlib import Path

import msgspec
from confluent_kafka import Producer

TICK_S = 0.001
ANSWER_S = 60.0
Prepared = list[tuple[str, bytes, bytes]]  # topic, key, value

encode_prepared = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Prepared).decode


def main(brokers: str, rate: str, prepared: str, sent: str) -> None:
    """Send all records, `rate` a second; OUT gets one epoch time (ns) a record, taken just before it is handed over."""
    records, each_s = _decode(Path(prepared).read_bytes()), 1 / float(rate)
    producer = Producer(
        {"bootstrap.servers": brokers, "linger.ms": 1, "partitioner": "murmur2_random", "log_level": 0,
         "queue.buffering.max.messages": 500_000}
    )  # fmt: skip
    producer.list_topics(timeout=ANSWER_S)
    at_ns, began_s = array("q"), time.perf_counter() + 0.1
    for number, (topic, key, value) in enumerate(records):
        while (ahead_s := began_s + number * each_s - time.perf_counter()) > 0:
            producer.poll(0)
            time.sleep(min(ahead_s, TICK_S))
        at_ns.append(time.time_ns())
        producer.produce(topic, value, key)
    assert producer.flush(ANSWER_S) == 0
    Path(sent).write_bytes(at_ns.tobytes())


if __name__ == "__main__":
    main(*sys.argv[1:])
