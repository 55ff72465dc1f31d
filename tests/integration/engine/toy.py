"""A worker for the engine's tests: sums, counts, an order-sensitive digest, an output at each fifth fact, alarms.

Run as `python -m tests.integration.engine.toy`, told by the environment what to do.

A fact is JSON: {"id": text, "amount": int, "alarm_ms": optional instant at which time alone makes an output}.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import time
import zlib
from typing import Any

from faust.transport.drivers import aiokafka as driver

from streams.engine import fold_task, thread
from streams.engine.app import EngineApp
from streams.engine.fold import ERASE, Entry, Origin, Output, View
from streams.engine.forward import Append
from streams.engine.headers import log_headers
from streams.engine.projection import Update
from streams.engine.run import run
from streams.errors import FencedError, KakuhanError, ViewError

EVERY = 5
SLOW_S = float(os.environ.get("TOY_SLOW_S", "0"))  # per fact: lets a test catch a worker in the middle


class ToyFold:
    """State: {"n", "total", "digest", "as_of", "alarms": [[ms, id], ...], "marks": offsets, "loaded": n}."""

    def open(self, key: bytes, stored: bytes | None) -> dict[str, Any]:
        new = {"key": key.decode(), "n": 0, "total": 0, "digest": 0, "as_of": 0, "alarms": [], "loaded": 0}
        return json.loads(stored) if stored else new

    def apply(self, state: dict[str, Any], entry: Entry) -> list[Output]:
        if SLOW_S:
            time.sleep(SLOW_S)
        received_ms = entry.loaded.received_ms if entry.loaded else entry.appended_ms
        outputs = self.advance(state, received_ms)
        state["as_of"] = max(state["as_of"], received_ms)
        if entry.kind == ERASE:
            state.update(n=0, total=0, digest=0, alarms=[])
            return outputs
        fact = json.loads(entry.value)
        state["n"] += 1
        state["loaded"] += entry.loaded is not None
        state["total"] += fact["amount"]
        state["digest"] = zlib.crc32(fact["id"].encode(), state["digest"])
        if fact.get("alarm_ms"):
            state["alarms"] = sorted([*state["alarms"], [fact["alarm_ms"], fact["id"]]])
        if state["n"] % EVERY == 0:
            outputs.append(_output(state, f"{state['key']}:{state['n']}", fact["id"], received_ms))
        return outputs

    def advance(self, state: dict[str, Any], until_ms: int) -> list[Output]:
        due = [a for a in state["alarms"] if a[0] <= until_ms]
        state["alarms"] = [a for a in state["alarms"] if a[0] > until_ms]
        for at_ms, _ in due:
            state["as_of"] = max(state["as_of"], at_ms)
        return [_output(state, f"{state['key']}:alarm:{cause}", cause, at_ms) for at_ms, cause in due]

    def due_ms(self, state: dict[str, Any]) -> int | None:
        return state["alarms"][0][0] if state["alarms"] else None

    def encode(self, state: dict[str, Any]) -> bytes:
        return json.dumps(state).encode()

    def view(self, state: dict[str, Any], at_ms: int | None) -> View:
        shown = {k: state[k] for k in ("key", "n", "total", "digest")} | {"at": at_ms or state["as_of"]}
        return View(json.dumps(shown).encode(), shown["total"])


def _output(state: dict[str, Any], name: str, cause: str, at_ms: int) -> Output:
    value = json.dumps({"id": name, "cause": cause, "total": state["total"], "at": at_ms}).encode()
    return Output(state["key"].encode(), value, [("id", name.encode())])


class RedisToy:
    """A projection in one Redis hash per partition, with the guards a real one has."""

    def __init__(self, url: str, prefix: str) -> None:
        import redis.asyncio

        self._redis = redis.asyncio.from_url(url, socket_timeout=2, socket_connect_timeout=1)
        self._prefix = prefix

    async def write(self, partition: int, epoch: int, next_offset: int, updates: list[Update]) -> None:
        script = """
        local owned = redis.call('HGET', KEYS[1], 'epoch')
        if owned and tonumber(owned) > tonumber(ARGV[1]) then return 0 end
        redis.call('HSET', KEYS[1], 'epoch', ARGV[1], 'next', ARGV[2])
        for i = 3, #ARGV, 2 do redis.call('HSET', KEYS[2], ARGV[i], ARGV[i + 1]) end
        return 1
        """
        keys = [f"{self._prefix}own:{partition}", f"{self._prefix}rows"]
        values = [x for u in updates for x in (u.key, u.view.public or b"")]
        if not await self._ask(self._redis.eval(script, 2, *keys, epoch, next_offset, *values)):
            raise FencedError(f"partition {partition}: epoch {epoch} is old")

    async def reached(self, partition: int) -> tuple[int, int] | None:
        epoch, next_offset = await self._ask(self._redis.hmget(f"{self._prefix}own:{partition}", "epoch", "next"))
        return None if epoch is None else (int(epoch), int(next_offset))

    async def _ask(self, call: Any) -> Any:
        from redis.exceptions import RedisError

        try:
            return await call
        except (RedisError, OSError) as error:
            raise ViewError(str(error)) from error


def make_app(env: dict[str, str]) -> EngineApp:
    """The worker as the environment wants it."""
    prefix = env["TOY_PREFIX"]
    fold_task.LOOK_EVERY_S = float(env.get("TOY_LOOK_S", "600"))
    fold_task.FoldTask.chunk_records = int(env.get("TOY_CHUNK", fold_task.FOLD_RECORDS))
    app = EngineApp(
        env["TOY_APP"],
        brokers=env["TOY_BROKERS"],
        prefix=prefix,
        session_timeout_s=float(env.get("TOY_SESSION_S", "10")),
        stall_s=float(env.get("TOY_STALL_S", "120")),
        broker_commit_interval=0.2,
    )
    projection = RedisToy(env["TOY_REDIS"], env["TOY_REDIS_PREFIX"]) if env.get("TOY_REDIS") else None
    if env.get("TOY_FOLD", "1") == "1":
        app.fold(
            f"{prefix}events",
            ToyFold(),
            changelog=f"{prefix}changelog",
            outputs_topic=f"{prefix}signals",
            states_topic=f"{prefix}states",
            projection=projection,
            decided_by=env.get("TOY_POLICY", "toy@1"),
        )
    for source in filter(None, env.get("TOY_SOURCES", "").split(",")):
        app.forward(prefix + source, intake(prefix))
    if at := env.get("TOY_END_AT"):
        {"connect": end_while_connecting, "join": end_while_joining}[at]()
    return app


def end_while_connecting() -> None:
    """Tell this process to end when the first of its producers has connected."""
    connect = driver.Producer.on_start

    async def told(self: Any) -> None:
        await connect(self)
        os.kill(os.getpid(), signal.SIGTERM)
        while self._producer is not None:  # until this service has been stopped, which had not quite started
            await asyncio.sleep(0)

    driver.Producer.on_start = told


def end_while_joining() -> None:
    """Tell this process to end when it has joined its group and is about to hear what it got."""
    take = thread.Listener.on_partitions_assigned

    async def told(self: Any, assigned: Any) -> None:
        os.kill(os.getpid(), signal.SIGTERM)
        time.sleep(0.3)  # the main thread gets as far as it can without this one,
        taken = asyncio.ensure_future(take(self, assigned))
        await asyncio.sleep(0)
        time.sleep(0.3)  # is told, and answers before this one may go on to end
        await taken

    thread.Listener.on_partitions_assigned = told  # type: ignore[method-assign]


def intake(prefix: str) -> Any:
    """Appends each record to the log under the keys its value names ("to": [...]), or its own."""

    async def handler(topic: str, partition: int, records: Any) -> list[Append]:
        appends = []
        for record in records:
            if record.value == b"hang":
                await asyncio.sleep(1_000)
            if record.value == b"refuse":
                appends.append(Append(f"{prefix}dead", record.key, record.value))
                continue
            origin = Origin(topic.removeprefix(prefix), partition, record.offset)
            keys = json.loads(record.value).get("to") or [record.key.decode()]
            appends += [Append(f"{prefix}events", k.encode(), record.value, log_headers(origin=origin)) for k in keys]
        return appends

    return handler


if __name__ == "__main__":
    try:
        sys.exit(run(make_app(dict(os.environ)), os.environ.get("TOY_LOG", "WARNING")))
    except KakuhanError as refused:
        print(refused, file=sys.stderr)
        sys.exit(1)
