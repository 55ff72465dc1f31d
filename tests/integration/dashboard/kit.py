"""A page over a real Redis, and a Redis filled by its documented keys, as any worker would leave them."""

from __future__ import annotations

import json
import struct
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from redis import Redis
from websockets.sync.client import ClientConnection, connect

from streams.cli.dashboard import address_of, listen, server_of
from streams.dashboard.guard import Access
from streams.dashboard.outcomes import OutcomeWriter
from streams.dashboard.web import create_page
from streams.policy_file import load_policy
from streams.settings import Settings
from tests.unit.dashboard.kit import public

POLICY = load_policy(Path(__file__).parents[3] / "policies" / "b2b.yaml")
WITHIN_S = 15.0  # a busy machine; what is waited for normally takes milliseconds


def now_ms() -> int:
    return time.time_ns() // 1_000_000


def instant(epoch_ms: int) -> str:
    return datetime.fromtimestamp(epoch_ms / 1000, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@dataclass
class Shelf:
    """Redis under one prefix, written key by key."""

    redis: Redis
    prefix: str
    sums: dict[str, int] = field(default_factory=dict)

    def key(self, name: str) -> str:
        return self.prefix + name

    def put(self, customer: str, name: str = "", **changes: Any) -> dict[str, Any]:
        """A customer's state and account, and its place in the lists."""
        state = public(customer, **({"policy_version": POLICY.policy_version} | changes))
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.set(self.key(f"customer:{customer}"), json.dumps(state, ensure_ascii=False))
            account = {"customer_id": customer, "name": name or f"{customer}商事", "industry": "卸売業", "plan": "基本"}
            pipe.set(self.key(f"account:{customer}"), json.dumps(account, ensure_ascii=False))
            for segment in ("retain", "nurture", "expand", "streamline"):
                pipe.zrem(self.key(f"segment:{segment}"), customer)
            place = "lifecycle:former" if state["lifecycle"] == "former" else f"segment:{state['segment']}"
            pipe.zadd(self.key(place), {customer: float(state["value"]["amount"])})
            pipe.execute()
        return state

    def erase(self, customer: str) -> None:
        with self.redis.pipeline(transaction=True) as pipe:
            pipe.delete(self.key(f"customer:{customer}"), self.key(f"account:{customer}"))
            for segment in ("retain", "nurture", "expand", "streamline"):
                pipe.zrem(self.key(f"segment:{segment}"), customer)
            pipe.execute()

    def tell(self, signal: dict[str, Any]) -> str:
        """A live signal: the customer's list and the stream; its id there."""
        text = json.dumps(signal, ensure_ascii=False, separators=(",", ":"))
        self.redis.lpush(self.key(f"customer-signals:{signal['customer_id']}"), text)
        return bytes(self.redis.xadd(self.key("signals"), {"data": text})).decode()

    def report(self, **fields: str) -> None:
        """What a worker says of itself once a second."""
        said = {"seen_at": instant(now_ms()), "lag": "0", "policy_version": POLICY.policy_version}
        self.redis.hset(self.key("summary"), mapping=said | fields)

    def clear(self) -> None:
        keys = list(self.redis.scan_iter(match=self.prefix + "*", count=1_000))
        if keys:
            self.redis.delete(*keys)


class Kept:
    """A writer of outcomes that keeps them."""

    def __init__(self) -> None:
        self.events: list[tuple[str, dict[str, Any]]] = []

    async def write(self, customer_id: str, event: dict[str, Any]) -> None:
        self.events.append((customer_id, event))


class PageServer:
    """The page, served from a thread of this process."""

    def __init__(self, settings: Settings, writer: OutcomeWriter, access: Access) -> None:
        listening = listen("127.0.0.1", 0)
        self.address, self._listening = address_of(listening).rstrip("/"), listening
        self.app = create_page(settings, POLICY, writer, now_ms, access)
        self._server = server_of(self.app)
        self._thread = threading.Thread(target=self._server.run, args=([listening],), name="page")

    def start(self) -> None:
        self._thread.start()
        until(lambda: self._server.started)

    def stop(self) -> None:
        self._server.should_exit = True
        self._thread.join()
        self._listening.close()

    def get(self, path: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """Status, headers and body; errors are answers, too."""
        asked = urllib.request.Request(self.address + path, headers=_named(headers))
        return answer(asked)

    def json(self, path: str) -> Any:
        status, _, body = self.get(path)
        assert status == 200, (path, status, body)
        return json.loads(body)

    def post(self, path: str, body: Any, **headers: str) -> tuple[int, Any]:
        sent = json.dumps(body).encode()
        named = {"Content-Type": "application/json"} | _named(headers)
        status, _, said = answer(urllib.request.Request(self.address + path, sent, named, method="POST"))
        return status, json.loads(said) if said.startswith(b"{") else said.decode()

    @contextmanager
    def page(self, asked: str = "topics=matrix+signals", **headers: str) -> Iterator[Heard]:
        """An open page: what it hears."""
        address = self.address.replace("http://", "ws://") + "/live?" + asked
        with connect(
            address, additional_headers=_named(headers), compression=None, max_size=None, proxy=None
        ) as socket:
            yield Heard(socket)

    def loaded(self, customers: int) -> None:
        """Wait until the page has read that many customers."""
        until(lambda: sum(1 for _ in self.app.state.follower.book.standing()) == customers)
        until(lambda: self.json("/data/health")["level"] not in ("loading", "away"))


class Heard:
    """The messages of one page."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket
        self.messages: list[dict[str, Any]] = []

    def next(self, kind: str, fits: Callable[[dict[str, Any]], bool] = lambda message: True) -> dict[str, Any]:
        """The next message of a kind that fits; everything before it is passed over."""
        end_s = time.monotonic() + WITHIN_S
        while True:
            for at, message in enumerate(self.messages):
                if message["t"] == kind and fits(message):
                    del self.messages[: at + 1]
                    return message
            self.messages += json.loads(self.socket.recv(timeout=max(0.01, end_s - time.monotonic())))


def header_of(page: PageServer) -> dict[str, Any]:
    _, _, binary = page.get("/data/snapshot")
    (length,) = struct.unpack_from("<I", binary)
    found: dict[str, Any] = json.loads(binary[4 : 4 + length])
    return found


def seen(page: PageServer) -> dict[str, str]:
    """Ids and names that the page knows."""
    return {customer: name for customer, name in page.json("/data/names")["rows"] if customer}


def until(holds: Callable[[], bool]) -> None:
    """Wait for something that will hold soon."""
    end_s = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < end_s, "what was waited for did not happen"
        time.sleep(0.01)


def answer(asked: urllib.request.Request) -> tuple[int, dict[str, str], bytes]:
    opener = urllib.request.build_opener(_Stay, urllib.request.ProxyHandler({}))
    try:
        with opener.open(asked, timeout=WITHIN_S) as said:
            return said.status, {name.lower(): text for name, text in said.headers.items()}, said.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, {name.lower(): text for name, text in error.headers.items()}, error.read()


class _Stay(urllib.request.HTTPRedirectHandler):
    """Redirects are answers to be looked at."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None


def _named(headers: dict[str, str]) -> dict[str, str]:
    return {name.replace("_", "-"): text for name, text in headers.items()}
