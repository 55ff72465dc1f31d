"""aiokafka alone: records are fetched and counted, nothing else; the limit for anything built on it."""

from __future__ import annotations

import asyncio
import json
import sys
from time import perf_counter, process_time

from aiokafka import AIOKafkaConsumer


async def consume(brokers: str, topic: str, count: int) -> None:
    """Read that many records and print how long it took."""
    consumer = AIOKafkaConsumer(
        topic, bootstrap_servers=brokers, enable_auto_commit=False, auto_offset_reset="earliest", fetch_max_wait_ms=50,
        max_partition_fetch_bytes=4 << 20,
    )  # fmt: skip
    await consumer.start()
    seen, began_s, cpu_s = 0, 0.0, 0.0
    while seen < count:
        for records in (await consumer.getmany(timeout_ms=500, max_records=5_000)).values():
            if not seen:
                began_s, cpu_s = perf_counter(), process_time()
            seen += len(records)
    took_s, cpu_s = perf_counter() - began_s, process_time() - cpu_s
    await consumer.stop()
    print(json.dumps({"seconds": took_s, "cpu_s": cpu_s, "records": seen}), flush=True)


if __name__ == "__main__":
    asyncio.run(consume(sys.argv[1], sys.argv[2], int(sys.argv[4])))
