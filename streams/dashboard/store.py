"""What the page asks of Redis, by the documented keys alone; it must not know what is done with the answers."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any

from redis.asyncio import Redis
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import RedisError

from streams.cancelling import heed_cancel
from streams.dashboard.book import SEGMENTS
from streams.errors import ViewError

CONNECT_TIMEOUT_S = 2.0
# Longer than a blocking read waits for news, so that a silent Redis is told from a quiet one.
ANSWER_TIMEOUT_S = 5.0
NEWS_WAIT_MS = 2_000
# Customers in one round trip: some 250 KB, a few milliseconds on both sides.
CUSTOMERS_PER_READ = 100
SIGNALS_PER_READ = 100
INVALIDATIONS = "__redis__:invalidate"

Client = Any  # redis-py's types leave open whether answers are bytes or text; here they are bytes
Entry = tuple[str, bytes]  # id in the stream, JSON of the signal


@contextmanager
def redis_errors(doing: str) -> Iterator[None]:
    """Translate what Redis and the network say.

    Raises:
        ViewError: Redis is away, or does not do what is asked.
    """
    try:
        with heed_cancel():
            yield
    except (RedisError, OSError, TimeoutError) as error:
        raise ViewError(f"Redis, {doing}: {error or type(error).__name__}") from error


def connect(url: str, **options: Any) -> Client:
    """A client that gives bytes and tries nothing twice; it connects at the first command."""
    return Redis.from_url(
        url,
        socket_connect_timeout=CONNECT_TIMEOUT_S,
        socket_timeout=ANSWER_TIMEOUT_S,
        retry=Retry(NoBackoff(), 0),
        protocol=2,
        **options,
    )


class Store:
    """Reads; every method raises `ViewError` when Redis is away."""

    def __init__(self, url: str, prefix: str) -> None:
        self._url, self._prefix = url, prefix
        self._redis = connect(url)

    async def close(self) -> None:
        """End the connections."""
        await self._redis.aclose()

    async def customer_ids(self) -> list[str]:
        """All customers of the lists, those that left included."""
        with redis_errors("listing customers"):
            lists = [self._key(f"segment:{segment}") for segment in SEGMENTS] + [self._key("lifecycle:former")]
            found = [await self._redis.zrange(name, 0, -1) for name in lists]
        return list(dict.fromkeys(member.decode() for members in found for member in members))

    async def customers(self, ids: Sequence[str]) -> list[tuple[bytes | None, bytes | None]]:
        """Public state and account of each of at most `CUSTOMERS_PER_READ` customers."""
        with redis_errors("reading customers"):
            names = [self._key(f"{kind}:{customer}") for kind in ("customer", "account") for customer in ids]
            found = await self._redis.mget(names)
        return list(zip(found[: len(ids)], found[len(ids) :], strict=True))

    async def customer_signals(self, ids: Sequence[str], most: int) -> list[list[bytes]]:
        """The newest signals of each customer, newest first."""
        with redis_errors("reading customers' signals"):
            async with self._redis.pipeline(transaction=False) as pipe:
                for customer in ids:
                    pipe.lrange(self._key(f"customer-signals:{customer}"), 0, most - 1)
                found: list[list[bytes]] = await pipe.execute()
        return found

    async def newest_signals(self, most: int, before: str = "+") -> list[Entry]:
        """The newest signals of the stream before an id, newest first."""
        with redis_errors("reading the stream of signals"):
            last = before if before == "+" else f"({before}"
            return _entries(await self._redis.xrevrange(self._key("signals"), last, "-", most))

    async def signals_after(self, stream_id: str, client: Client) -> list[Entry]:
        """The next signals of the stream, oldest first; waits for `NEWS_WAIT_MS` for one."""
        name = self._key("signals")
        with redis_errors("following the stream of signals"):
            said = await client.xread({name: stream_id}, count=SIGNALS_PER_READ, block=NEWS_WAIT_MS)
        return _entries(said[0][1]) if said else []

    async def texts(self, name: str) -> dict[str, str]:
        """A hash: `summary` or `playbooks`."""
        with redis_errors(f"reading {name}"):
            found = await self._redis.hgetall(self._key(name))
        return {field.decode(): value.decode() for field, value in found.items()}

    @asynccontextmanager
    async def own_client(self) -> AsyncIterator[Client]:
        """A client with one connection of its own."""
        client = connect(self._url, single_connection_client=True)
        try:
            yield client
        finally:
            await client.aclose()

    @asynccontextmanager
    async def changes(self) -> AsyncIterator[Changes]:
        """Hear of changed customers while inside."""
        changes = Changes(self._url, self._prefix)
        try:
            with redis_errors("asking to be told of changes"):
                await changes.start()
            yield changes
        finally:
            await changes.close()

    def _key(self, name: str) -> str:
        return self._prefix + name


@dataclass(frozen=True, slots=True)
class Changed:
    """What changed: customers by id, and whether playbooks did."""

    customers: set[str]
    playbooks: bool


NOTHING_CHANGED = Changed(set(), False)


class Changes:
    """Which keys changed, as Redis' own client-side caching tells it (Redis 6 and later, `CLIENT TRACKING`).

    In broadcast mode Redis names every changed key below a prefix, whoever wrote it and in whatever way, on another
    connection of the same client. Nothing has to be written or configured for it, and nothing is polled. It ends with
    either connection: what was missed meanwhile must then be read again.
    """

    def __init__(self, url: str, prefix: str) -> None:
        self._customers = tuple(f"{prefix}{kind}:" for kind in ("customer", "account"))
        self._playbooks = f"{prefix}playbooks"
        self._asking = connect(url, single_connection_client=True)
        self._told = connect(url)
        self._pubsub = self._told.pubsub()

    async def start(self) -> None:
        """Ask to be told."""
        await self._pubsub.connect()
        await self._pubsub.connection.send_command("CLIENT", "ID")
        told = await self._pubsub.connection.read_response()
        await self._pubsub.subscribe(INVALIDATIONS)
        prefixes = [word for name in (*self._customers, self._playbooks) for word in ("PREFIX", name)]
        await self._asking.execute_command("CLIENT", "TRACKING", "ON", "REDIRECT", told, "BCAST", *prefixes)

    async def following(self) -> Changed | None:
        """What changed since last asked, waiting for `NEWS_WAIT_MS`; None: all may have.

        Raises:
            ViewError: A connection broke; what changed meanwhile is not known.
        """
        with redis_errors("hearing of changes"):
            message = await self._pubsub.get_message(timeout=NEWS_WAIT_MS / 1000)
            if message is None:
                await self._asking.ping()
        if message is None or message["type"] != "message":
            return NOTHING_CHANGED
        if message["data"] is None:
            return None
        names = [name.decode() for name in message["data"]]
        found = {name.removeprefix(kind) for kind in self._customers for name in names if name.startswith(kind)}
        return Changed(found, self._playbooks in names)

    async def close(self) -> None:
        """End both connections."""
        await self._pubsub.aclose()
        await self._told.aclose()
        await self._asking.aclose()


def _entries(said: Any) -> list[Entry]:
    return [(stream_id.decode(), fields[b"data"]) for stream_id, fields in said if fields and b"data" in fields]
