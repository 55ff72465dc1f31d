"""What is done to Redis and to the network; it must not know what is expected afterwards."""

from __future__ import annotations

import random
import time
from contextlib import suppress
from typing import Any

from redis import Redis
from redis.exceptions import ConnectionError as RedisConnectionError

from tests.fault.bench import Bench
from tests.fault.faults import Fault
from tests.fault.proxy import CUT, HOLD, OPEN, SLICE, SLOW, Proxy

AWAY_S = (1.5, 4.0)  # long enough to be met by several attempts of a worker
HOLD_S = (3.0, 12.0)  # both sides of a worker's session and of the time-out of a Redis command
HARASSED_S = (3.0, 6.0)
CUTS = 3


def _redis(bench: Bench) -> Any:
    return Redis.from_url(bench.stack.redis_url, decode_responses=True)


def stop_redis(bench: Bench, rng: random.Random) -> None:
    """Redis ends and comes back with what it had."""
    bench.stack.redis.stop()
    time.sleep(rng.uniform(*AWAY_S))
    bench.stack.redis.start()


def kill_redis(bench: Bench, rng: random.Random) -> None:
    """Redis dies and comes back without the last second, as after a fail-over that lost writes."""
    bench.stack.redis.kill()
    time.sleep(rng.uniform(*AWAY_S))
    bench.stack.redis.start()


def empty_redis(bench: Bench, rng: random.Random) -> None:
    """Redis comes back with nothing at all."""
    with _redis(bench) as redis:
        redis.flushall()
    stop_redis(bench, rng)


def freeze_redis(bench: Bench, rng: random.Random) -> None:
    """Redis hangs for longer than a command may take."""
    bench.stack.redis.freeze()
    try:
        time.sleep(rng.uniform(*HOLD_S))
    finally:
        bench.stack.redis.thaw()


def _while_set(do: tuple[str, ...], undo: tuple[str, ...]) -> Fault:
    def fault(bench: Bench, rng: random.Random) -> None:
        with _redis(bench) as redis:
            redis.execute_command(*do)
            try:
                time.sleep(rng.uniform(*AWAY_S))
            finally:
                with suppress(RedisConnectionError):
                    redis.execute_command(*undo)

    return fault


REDIS_FAULTS: dict[str, Fault] = {
    "redis-stopped": stop_redis,
    "redis-killed": kill_redis,
    "redis-emptied": empty_redis,
    "redis-frozen": freeze_redis,
    "redis-read-only": _while_set(("REPLICAOF", "127.0.0.1", "1"), ("REPLICAOF", "NO", "ONE")),
    "redis-out-of-memory": _while_set(("CONFIG", "SET", "maxmemory", "1"), ("CONFIG", "SET", "maxmemory", "0")),
}


def through(proxy: Proxy, mode: str) -> Fault:
    """A proxy misbehaves for a while."""
    times, span_s = (CUTS, (0.2, 1.0)) if mode == CUT else (1, HOLD_S if mode == HOLD else HARASSED_S)

    def fault(bench: Bench, rng: random.Random) -> None:
        for _ in range(times):
            proxy.mode = mode
            time.sleep(rng.uniform(*span_s))
            proxy.mode = OPEN
            time.sleep(rng.uniform(*span_s) if times > 1 else 0)

    return fault


def network_faults(name: str, proxy: Proxy) -> dict[str, Fault]:
    """All that a proxy can do to one of the two."""
    return {f"{name}-{mode}": through(proxy, mode) for mode in (CUT, HOLD, SLOW, SLICE)}
