"""The customers' states as others read them in Redis: a projection that never runs ahead of the log.

It must not know how a state comes about, nor keep anything that the log could not bring back.

Who may write. A partition belongs to the highest epoch that has written to it; a lower one gets `FencedError`. All
keys belong to one application: another one that starts later clears them and takes over, and the earlier one then
gets `FencedError`. An update older than what its customer's view holds from the same epoch is ignored.

What went missing. The view holds, per partition, the next offset last written and a mark of that write, as time alone
writes much under one offset. A store that holds another mark than this process left there (it came back empty, or
older, maybe between two commands) answers with `ViewError` until `reached` was asked; the caller compares and writes
again what is missing.

Signals do not come through `write`: a feed beside it reads them from their topic and remembers its own position
in Redis, so that whatever happened to Redis or to a worker, lists and stream are complete again without anybody
having kept them (see signal_feed).
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from secrets import token_hex
from typing import Any, Protocol, Self

import msgspec

from streams.adapters import redis_scripts
from streams.adapters.facets import Facets, instant_text, score_text, split_amount
from streams.adapters.redis_calls import ScriptCalls
from streams.adapters.redis_client import connect, view_errors
from streams.adapters.signal_feed import SignalFeed
from streams.adapters.view_owner import ViewOwner
from streams.errors import EngineError, FencedError, ViewError
from streams.settings import Settings

# Customers in one call of the script: about 2 ms of Redis, during which nobody else is served.
CUSTOMERS_PER_CALL = 200
# How long it is remembered (as a digest) that a customer was erased: longer than any feed can be behind, and than the
# day after which the engine shows every state anew, which renews it.
ERASED_REMEMBERED_S = 30 * 86_400
ANY_MARK, NO_MARK = "*", ""

log = logging.getLogger(__name__)


class ViewLike(Protocol):
    """What is to be shown of one customer; `public` None: the customer was erased."""

    @property
    def public(self) -> bytes | None:
        """The public state's JSON."""

    @property
    def facets(self) -> Any:
        """The `Facets` beside it; may be None for an erased customer."""


class UpdateLike(Protocol):
    """One customer's view as of one offset of its partition."""

    @property
    def key(self) -> bytes:
        """The customer's id."""

    @property
    def offset(self) -> int:
        """The last offset applied to the state."""

    @property
    def view(self) -> ViewLike:
        """What is to be shown."""


@dataclass(frozen=True, slots=True)
class PartitionProgress:
    """How far a partition's owner is.

    `lag` in records not yet applied and views not yet shown, the newest applied receipt in epoch ms, and the end of the
    log as last seen.
    """

    partition: int
    epoch: int
    lag: int
    newest_event_ms: int | None
    end: int = 0


class RedisView:
    """The projection of customer states into Redis; use it from one event loop and close it."""

    def __init__(self, settings: Settings, policy_version: str, playbooks: Mapping[str, str | bytes]) -> None:
        self._settings = settings
        self._redis = connect(settings.redis_url)
        self._owner = ViewOwner(self._redis, settings, policy_version, playbooks)
        self._feed = SignalFeed(self._redis, settings)
        self._write = ScriptCalls(self._redis, redis_scripts.WRITE)
        self._progress = self._redis.register_script(redis_scripts.PROGRESS)
        self._name, self._writes = token_hex(4), 0
        self._held: dict[int, str] = {}  # the mark that Redis holds of a partition
        self._mine: dict[int, tuple[int, set[str]]] = {}  # epoch, and the marks one of which it must hold of that
        self._lost: set[int] = set()

    async def write(self, partition: int, epoch: int, next_offset: int, updates: Sequence[UpdateLike]) -> None:
        """Show these updates, then that everything below `next_offset` of the partition is shown.

        Raises:
            ViewError: Redis is away or does not hold what was last written; ask `reached` before the next write.
            FencedError: A newer epoch owns the partition, or another application the view; write nothing more.
        """
        if partition in self._lost:
            raise ViewError(f"Redis has lost what was written of partition {partition}: ask how far it is first")
        for start in range(0, max(len(updates), 1), CUSTOMERS_PER_CALL):
            part = updates[start : start + CUSTOMERS_PER_CALL]
            last = start + CUSTOMERS_PER_CALL >= len(updates)
            await self._write_part(partition, epoch, str(next_offset) if last else "", part)
        self._feed.own(partition, epoch)

    async def reached(self, partition: int) -> tuple[int, int] | None:
        """Epoch and next offset that Redis holds of the partition; None when nothing, or less than was written here.

        Raises:
            ViewError: Redis is away, or being cleared of another application's keys.
            FencedError: Another application has taken over the view.
        """
        await self._owner.claim()
        with view_errors(f"asking how far partition {partition} is"):
            fields = ["epoch", "next_offset", "signals_next", "mark"]
            held = await self._redis.hmget(self._key(f"view:partition:{partition}"), fields)
        epoch, next_offset, signals_next, mark = held
        self._lost.discard(partition)
        self._held[partition] = NO_MARK if mark is None else mark.decode()
        self._feed.own(partition, None)
        self._feed.recheck(partition, "" if signals_next is None else signals_next.decode())
        if epoch is None or next_offset is None or self._is_older(partition, int(epoch)):
            return None
        return int(epoch), int(next_offset)

    async def report(self, progress: Sequence[PartitionProgress], now_ms: int) -> None:
        """Tell readers how far the partitions of this worker are and that it lives, say once a second.

        Raises:
            ViewError: Redis is away.
        """
        arguments: list[Any] = [self._settings.redis_prefix, self._settings.app, instant_text(now_ms)]
        for p in progress:
            newest = "" if p.newest_event_ms is None else instant_text(p.newest_event_ms)
            arguments += (p.partition, p.epoch, p.lag, newest, p.end)
        with view_errors("reporting progress"):
            await self._progress(args=arguments)

    async def settled(self) -> None:
        """Wait until every signal published so far, of the partitions written or asked for, is shown."""
        await self._feed.settled()

    async def close(self) -> None:
        """End the feed and the connections; nothing is lost by it."""
        await self._feed.close()
        await self._write.close()
        await self._redis.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def _write_part(self, partition: int, epoch: int, next_offset: str, updates: Sequence[UpdateLike]) -> None:
        await self._owner.claim_once()
        held, mark = self._held.get(partition, ANY_MARK), self._next_mark()
        head = [self._settings.redis_prefix, self._settings.app, partition, epoch, next_offset, held]
        texts: list[str] = []
        for update in updates:
            texts += _texts(update)
        of_epoch, marks = self._mine.get(partition, (epoch, set[str]()))
        self._mine[partition] = epoch, (marks | {held, mark} if of_epoch == epoch else {held, mark})
        with view_errors(f"writing partition {partition}"):
            said = await self._write.call([*head, ERASED_REMEMBERED_S, mark, msgspec.msgpack.encode(texts)])
        if said[0] == b"ok":
            self._held[partition], self._mine[partition] = mark, (epoch, {mark})
        await self._judge(partition, epoch, [part.decode() for part in said])

    async def _judge(self, partition: int, epoch: int, said: list[str]) -> None:
        if said[0] == "ok":
            return
        if said[0] == "fenced":
            self._feed.disown(partition)
            raise FencedError(f"Redis: partition {partition} belongs to epoch {said[1]}, this worker has {epoch}")
        self._lost.add(partition)
        if said[0] == "owner":
            self._owner.doubt()
            await self._owner.claim()
        raise ViewError(f"Redis does not hold what was last written of partition {partition}: it must be compared")

    def _next_mark(self) -> str:
        self._writes += 1
        return f"{self._name}.{self._writes}"

    def _is_older(self, partition: int, epoch: int) -> bool:
        """Whether what Redis holds of an epoch is not what this process wrote there last, and so must be of before."""
        held, (of_epoch, marks) = self._held[partition], self._mine.get(partition, (epoch, set[str]()))
        self._mine[partition] = epoch, {held}
        return of_epoch == epoch and bool(marks) and marks.isdisjoint((held, ANY_MARK))

    def _key(self, name: str) -> str:
        return self._settings.redis_prefix + name


def _texts(update: UpdateLike) -> tuple[str, ...]:
    """What the script is told of one customer, in its order."""
    facets: Facets | None = update.view.facets
    public, offset = update.view.public, str(update.offset)
    since = "" if facets is None or facets.erased_at_ms is None else instant_text(facets.erased_at_ms)
    if public is None:
        return (update.key.decode(), offset, "", "", "-", "0", "", "0", "0", since)
    if facets is None:
        raise EngineError(f"the view of {update.key!r} has a public state, but nothing to list it by")
    units, micros = split_amount(facets.revenue)
    next_ms = "" if facets.next_at_ms is None else str(facets.next_at_ms)
    account, score = (facets.account or b"").decode(), score_text(facets.priority)
    return (
        update.key.decode(),
        offset,
        public.decode(),
        account,
        facets.place,
        score,
        next_ms,
        str(units),
        str(micros),
        since,
    )
