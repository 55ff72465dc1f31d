"""Which application the Redis view shows, and the texts that stand beside it.

It must not know partitions or customers.

The application that started last shows its customers: it clears what another one left under the same prefix. One
that finds itself replaced while running stops; give the two different prefixes to keep both.
"""

from __future__ import annotations

from collections.abc import Mapping

from streams.adapters import redis_scripts
from streams.adapters.redis_client import Client, view_errors
from streams.errors import FencedError, ViewError
from streams.settings import Settings

# Everything the view writes, as patterns below the prefix; other keys there (a notifier's, say) are left alone.
OWN_KEYS = (
    "customer:*",
    "customer-signals:*",
    "account:*",
    "segment:*",
    "lifecycle:former",
    "next",
    "signals",
    "playbooks",
    "summary",
    "view:partition:*",
    "view:marks:*",
    "view:erased:*",
    "view:sums",
    "view:sweep",
    "view:stream",
    "view:stream-restored",
    "view:stream-restorer",
)
# Keys looked at and dropped in one round trip: about a millisecond of Redis.
KEYS_PER_ROUND = 1_000
# One clearing worker is enough; when it dies, another may go on after that time.
CLEARING_LOCK_MS = 60_000


class ViewOwner:
    """This application's claim on the view; not shared between event loops."""

    def __init__(
        self, redis: Client, settings: Settings, policy_version: str, playbooks: Mapping[str, str | bytes]
    ) -> None:
        self._redis, self._prefix, self._app = redis, settings.redis_prefix, settings.app
        self._policy_version, self._playbooks = policy_version, dict(playbooks)
        self._claim = redis.register_script(redis_scripts.CLAIM)
        self._certain = False
        self._had_it = False

    def doubt(self) -> None:
        """Ask Redis again at the next use."""
        self._certain = False

    async def claim_once(self) -> None:
        """Claim the view unless this was done and never doubted since."""
        if not self._certain:
            await self.claim()

    async def claim(self) -> None:
        """Make sure that the view is this application's, with its playbooks.

        Raises:
            ViewError: Redis is away, or another worker is just clearing the view.
            FencedError: The view was this application's and another one has taken it over.
        """
        with view_errors("claiming the view"):
            said = [part.decode() for part in await self._claim(args=[self._prefix, self._app])]
            if said[0] == "owner":
                await self._take_over(said[1])
            if said[0] != "ok" or not self._certain:
                await self._put_texts()
        self._certain = self._had_it = True

    async def _take_over(self, other: str) -> None:
        if self._had_it:
            raise FencedError(f"the application {other} has taken over the Redis keys {self._prefix}*")
        lock = self._prefix + "view:clearing"
        if not await self._redis.set(lock, self._app, nx=True, px=CLEARING_LOCK_MS):
            raise ViewError(f"Redis is being cleared of what the application {other} left")
        try:
            if await self._redis.get(self._prefix + "view:owner") == self._app.encode():
                return  # another worker of ours has just done it
            await self._redis.set(self._prefix + "view:owner", f"{self._app} (clearing)")
            for pattern in OWN_KEYS:
                await self._drop(_literally(self._prefix) + pattern, lock)
            await self._redis.set(self._prefix + "view:owner", self._app)
        finally:  # cut short, the next attempt goes on from here
            await self._redis.delete(lock)

    async def _drop(self, pattern: str, lock: str) -> None:
        cursor = -1
        while cursor != 0:
            cursor, keys = await self._redis.scan(max(cursor, 0), match=pattern, count=KEYS_PER_ROUND)
            await self._redis.pexpire(lock, CLEARING_LOCK_MS)
            if keys:
                await self._redis.unlink(*keys)

    async def _put_texts(self) -> None:
        async with self._redis.pipeline(transaction=True) as pipe:
            pipe.delete(self._prefix + "playbooks")
            if self._playbooks:
                pipe.hset(self._prefix + "playbooks", mapping=self._playbooks)
            pipe.hset(self._prefix + "summary", "policy_version", self._policy_version)
            await pipe.execute()


def _literally(prefix: str) -> str:
    """The prefix as a pattern that matches nothing but itself."""
    return "".join("\\" + c if c in "*?[]\\" else c for c in prefix)
