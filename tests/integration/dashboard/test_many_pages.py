"""What a hundred open pages cost with fifty thousand customers, measured on the page as a process of its own."""

from __future__ import annotations

import asyncio
import json
import math
import time
from collections.abc import Callable
from pathlib import Path
from urllib.request import urlopen

import pytest
from redis import Redis
from websockets.asyncio.client import connect

from streams.local import LocalStack
from tests.browser import crowd
from tests.browser.running import PageProcess
from tests.integration.dashboard.kit import POLICY
from tests.integration.system.processes import wait_until
from tests.unit.dashboard.kit import signal

CUSTOMERS, PAGES = 50_000, 100
CPU_SHARE, MEMORY_BYTES = 0.05, 80_000_000
MEASURED_S = 15.0
EVENTS_PER_S = 2.0  # a busy company of that size
EVENTS_PER_SIGNAL = 4
SIGNALS = math.ceil(MEASURED_S * EVENTS_PER_S / EVENTS_PER_SIGNAL)
HEARD_WITHIN_S = 30.0
LOADED_WITHIN_S = 60.0
SETTLES_S = 1.0  # a hundred pages have just come; what that costs is not what they cost while open
TRIMMED_WITHIN_S = 75.0  # the page gives memory back once a minute


@pytest.mark.timeout(600)  # making fifty thousand customers takes a minute or two on a busy machine
def test_a_hundred_open_pages_cost_little(own_stack: LocalStack, tmp_path: Path) -> None:
    prefix = "kakuhan:"
    with Redis.from_url(own_stack.redis_url) as redis:
        crowd.fill(redis, prefix, CUSTOMERS, POLICY)
        with PageProcess(
            {"KAKUHAN_REDIS_URL": own_stack.redis_url, "KAKUHAN_REDIS_PREFIX": prefix}, tmp_path
        ) as server:
            assert wait_until(lambda: loaded(server), LOADED_WITHIN_S)
            heard, share, memory = asyncio.run(hundred_pages(redis, prefix, server))
    print({"cpu share": round(share, 4), "memory MB": round(memory / 1e6, 1), "signals heard": heard})
    assert set(heard) == {SIGNALS}  # every page heard every signal
    assert share < CPU_SHARE
    assert memory < MEMORY_BYTES


def loaded(server: PageProcess) -> bool:
    """Whether the page has read everything."""
    with urlopen(f"{server.address}/data/health", timeout=10) as answer:
        return str(json.load(answer)["level"]) not in ("loading", "away")


async def hundred_pages(redis: Redis, prefix: str, server: PageProcess) -> tuple[list[int], float, int]:
    """How many signals each page heard, the share of one processor, and resident memory with all of them open.

    The share is processor time over the time that the events should take: a machine with other work to do may take
    longer, which must not make the page look cheaper.
    """
    heard, connected = [0] * PAGES, [False] * PAGES
    address = server.address.replace("http", "ws") + "/live?topics=matrix+signals"

    async def page(number: int) -> None:
        async with connect(address, compression=None, max_size=None, proxy=None) as socket:
            async for frame in socket:
                connected[number] = True
                heard[number] += sum(message["t"] == "signal" for message in json.loads(frame))

    pages = [asyncio.create_task(page(number)) for number in range(PAGES)]
    await everybody(lambda: all(connected))
    await asyncio.sleep(SETTLES_S)
    used_s = server.cpu_s
    await live(redis, prefix)
    await everybody(lambda: min(heard) == SIGNALS)
    share = (server.cpu_s - used_s) / MEASURED_S
    memory, until_s = server.memory_bytes, time.monotonic() + TRIMMED_WITHIN_S
    while memory >= MEMORY_BYTES and time.monotonic() < until_s:
        await asyncio.sleep(1.0)
        memory = server.memory_bytes
    for task in pages:
        task.cancel()
    await asyncio.gather(*pages, return_exceptions=True)
    return heard, share, memory


async def everybody(ready: Callable[[], bool]) -> None:
    """Wait until it holds of all pages, or until it should have: what is counted then tells."""
    until_s = time.monotonic() + HEARD_WITHIN_S
    while not ready() and time.monotonic() < until_s:
        await asyncio.sleep(0.05)


async def live(redis: Redis, prefix: str) -> None:
    """Customers change and signals come as on a busy day."""
    states = [state for state, _ in crowd.customers(200, POLICY)]
    for number in range(int(MEASURED_S * EVENTS_PER_S)):
        state = states[number]
        state["potential"]["score"] = round((state["potential"]["score"] + 7) % 60, 4)
        redis.set(f"{prefix}customer:{state['customer_id']}", json.dumps(state, ensure_ascii=False))
        if number % EVENTS_PER_SIGNAL == 0:
            told = signal(number, customer_id=state["customer_id"])
            redis.xadd(f"{prefix}signals", {"data": json.dumps(told, ensure_ascii=False)})
        if number % EVENTS_PER_S == 0:
            crowd.beat(redis, prefix, POLICY)
        await asyncio.sleep(1 / EVENTS_PER_S)
