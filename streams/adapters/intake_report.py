"""Tells readers of Redis how far the source topics are taken in, and how many records were refused.

It must not know what a record says, nor who reads the report.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from streams.adapters.redis_client import connect, view_errors
from streams.settings import Settings

# 1 prefix, 2 application, 3 refused records not yet seen to ('' = not known); then topic, partition, next offset to be
# taken in, end of what can be read, by turns.
_SCRIPT = """
local P = ARGV[1]
local owner = redis.call('GET', P .. 'view:owner')
if owner ~= ARGV[2] then return {'owner', owner or ''} end
local summary = P .. 'summary'
if ARGV[3] ~= '' then redis.call('HSET', summary, 'dead_letters', ARGV[3]) end
for i = 4, #ARGV, 4 do
  local place = ARGV[i] .. ':' .. ARGV[i + 1]
  redis.call('HSET', summary, 'read:topic:' .. place, ARGV[i + 2], 'end:topic:' .. place, ARGV[i + 3])
end
local fields, lags = redis.call('HGETALL', summary), {}
for i = 1, #fields, 2 do
  local topic = string.match(fields[i], '^end:topic:(.+):%d+$')
  if topic then
    local read = redis.call('HGET', summary, 'read:' .. string.sub(fields[i], 5))
    lags[topic] = (lags[topic] or 0) + math.max(0, tonumber(fields[i + 1]) - tonumber(read))
  end
end
for topic, lag in pairs(lags) do redis.call('HSET', summary, 'lag:topic:' .. topic, string.format('%.0f', lag)) end
return {'ok'}
"""


@dataclass(frozen=True, slots=True)
class SourceProgress:
    """How far a partition of a source topic (without prefix) is taken in, and its end, both as offsets."""

    topic: str
    partition: int
    next_offset: int
    end: int


class IntakeReport:
    """Writes fields of the hash `summary` while the view is this application's; close it."""

    def __init__(self, settings: Settings) -> None:
        self._settings, self._redis = settings, connect(settings.redis_url)
        self._script = self._redis.register_script(_SCRIPT)

    async def tell(self, sources: Sequence[SourceProgress], dead_letters: int | None) -> None:
        """Say how far the partitions of this worker are, and how many dead letters wait (None: not known).

        Raises:
            ViewError: Redis is away.
        """
        waiting = "" if dead_letters is None else dead_letters
        arguments: list[Any] = [self._settings.redis_prefix, self._settings.app, waiting]
        for source in sources:
            arguments += (source.topic, source.partition, source.next_offset, source.end)
        with view_errors("reporting intake"):
            await self._script(args=arguments)

    async def close(self) -> None:
        """End the connection."""
        await self._redis.aclose()
