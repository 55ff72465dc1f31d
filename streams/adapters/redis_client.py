"""How Redis is spoken to: one kind of client, its timeouts, its errors in our words.

It must not know what is stored.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from streams.cancelling import heed_cancel
from streams.errors import ViewError

# A machine that does not accept within that time is away; worst case: one write is that late in saying so.
CONNECT_TIMEOUT_S = 2.0
# The largest script takes milliseconds; this covers a Redis that forks to save or swaps, and is below what the engine
# allows a write (10 s). Worst case: the view of one partition stands still that long before it counts as away.
ANSWER_TIMEOUT_S = 5.0
# Two per partition of a busy worker would be plenty; a leak shows instead of eating Redis' connections.
MOST_CONNECTIONS = 64


# redis-py's types leave open whether answers are bytes or text; with `connect` they are bytes.
Client = Any


def connect(url: str) -> Client:
    """A client for this address that gives bytes and tries nothing twice; it connects at the first command.

    Whether to try again is decided where it is known what a repetition means.
    """
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        max_connections=MOST_CONNECTIONS,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
    )


@contextmanager
def view_errors(doing: str) -> Iterator[None]:
    """Translate what Redis and the network say.

    Raises:
        ViewError: Redis is away, loading, read-only, out of memory, or refused.
    """
    try:
        with heed_cancel():
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise ViewError(f"Redis, {doing}: {error or type(error).__name__}") from error
