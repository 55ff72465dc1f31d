"""What pages fetch: the columns, names, boards, single customers, older signals; and the outcomes they send.

It must not know HTML, nor who may ask.
"""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import tzinfo
from typing import Any

import msgspec
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

from streams.dashboard import boards, wire
from streams.dashboard.customer_view import CustomerViews
from streams.dashboard.feed import order
from streams.dashboard.follower import Follower
from streams.dashboard.outcomes import Outcomes, parsed
from streams.dashboard.records import read_object
from streams.errors import KakuhanError, SettingsError, ViewError

CHUNK_BYTES = 65_536  # sent at the receiver's pace, so that many slow pages hold one copy between them
BOARDS_KEPT_S = 2.0  # boards are made at most that often, however many pages look
SIGNALS_KEPT_PER_CUSTOMER = 20
OLDER_AT_ONCE = 100
LARGEST_BODY = 16_384


class Data:
    """The endpoints below `/data/`."""

    def __init__(
        self,
        follower: Follower,
        customers: CustomerViews,
        outcomes: Outcomes,
        now_ms: Callable[[], int],
        zone: tzinfo,
    ) -> None:
        self._follower, self._customers, self._outcomes = follower, customers, outcomes
        self._now_ms, self._zone = now_ms, zone
        self._snapshot: tuple[tuple[str, int, int], bytes] | None = None
        self._boards: dict[str, tuple[float, bytes]] = {}

    def routes(self) -> list[Route]:
        """What is served."""
        return [
            Route("/data/snapshot", self.snapshot),
            Route("/data/names", self.names),
            Route("/data/boards", self.boards),
            Route("/data/health", self.health),
            Route("/data/signals", self.signals),
            Route("/data/customers/{customer_id:path}", self.customer),
            Route("/data/outcomes", self.outcome, methods=["POST"]),
        ]

    async def snapshot(self, request: Request) -> Response:
        """All customers as one binary, see `wire`."""
        book = self._follower.book
        now = (book.epoch, book.seq, len(book))
        if self._snapshot is None or self._snapshot[0] != now:
            self._snapshot = (now, wire.snapshot(book, {}))
        return _streamed(self._snapshot[1], "application/octet-stream")

    async def names(self, request: Request) -> Response:
        """Ids and names by row."""
        return StreamingResponse(_each(wire.names(self._follower.book)), media_type="application/json")

    async def boards(self, request: Request) -> Response:
        """The four boards, with `owner` over one person's customers alone."""
        now_s, owner = time.monotonic(), request.query_params.get("owner", "")
        self._boards = {name: kept for name, kept in self._boards.items() if now_s - kept[0] <= BOARDS_KEPT_S}
        if owner not in self._boards:
            self._boards[owner] = (now_s, msgspec.json.encode(self._made_boards(owner)))
        return Response(self._boards[owner][1], media_type="application/json")

    async def health(self, request: Request) -> Response:
        """How fresh everything is."""
        return _json(self._follower.health.report(time.monotonic()))

    async def signals(self, request: Request) -> Response:
        """Older signals of the stream, newest first, before the id `before`."""
        before = request.query_params.get("before", "")
        if order(before) == (0, 0):
            return JSONResponse({"error": "before: an id of the stream is expected"}, 400)
        try:
            items = await self._follower.news.items(await self._follower.store.newest_signals(OLDER_AT_ONCE, before))
        except ViewError as error:
            return JSONResponse({"error": str(error)}, 503)
        return _json({"items": [{"id": item.id, "signal": item.view} for item in items]})

    async def customer(self, request: Request) -> Response:
        """One customer."""
        customer_id = request.path_params["customer_id"]
        store = self._follower.store
        try:
            ((state_json, account_json),) = await store.customers([customer_id])
            (listed,) = await store.customer_signals([customer_id], SIGNALS_KEPT_PER_CUSTOMER)
        except ViewError as error:
            return JSONResponse({"error": str(error)}, 503)
        state = read_object(state_json)
        if state is None:
            return JSONResponse({"error": "no such customer"}, 404)
        signals = [signal for stored in listed if (signal := read_object(stored))]
        return _json(self._customers.view(state, read_object(account_json), signals))

    async def outcome(self, request: Request) -> Response:
        """Take an outcome and pass it on as an event."""
        if request.headers.get("content-type", "").partition(";")[0] != "application/json":
            return JSONResponse({"error": "content-type: application/json is expected"}, 415)
        try:
            outcome = parsed(await _body(request))
            await self._check_known(outcome.customer_id, outcome.signal_id)
            record = await self._outcomes.report(outcome, request.scope.get("person"))
        except SettingsError as error:
            return JSONResponse({"error": str(error)}, 400)
        except KakuhanError as error:
            return JSONResponse({"error": str(error)}, 503)
        except TimeoutError:  # it may be stored yet; to report it again does no harm, as the newest counts
            return JSONResponse({"error": "Kafka has not answered in time"}, 504)
        self._boards.clear()
        self._tell(outcome.customer_id, record)
        return _json(record)

    def _tell(self, customer_id: str, record: Any) -> None:
        follower = self._follower
        follower.book.acted.add(customer_id)
        follower.refresh(customer_id)
        follower.news.feed.mark(record.signal_id, record)
        follower.hub.publish("signals", {"t": "outcome", "outcome": record})
        follower.hub.publish(f"customer:{customer_id}", {"t": "outcome", "outcome": record})
        follower.hub.publish("boards", {"t": "boards"})

    async def _check_known(self, customer_id: str, signal_id: str) -> None:
        """An outcome is about a signal that this customer has.

        Raises:
            SettingsError: There is none.
        """
        shown = (item.view for item in self._follower.news.feed.items)
        if any(view["signal_id"] == signal_id and view["customer_id"] == customer_id for view in shown):
            return
        (listed,) = await self._follower.store.customer_signals([customer_id], SIGNALS_KEPT_PER_CUSTOMER)
        if not any((read_object(stored) or {}).get("signal_id") == signal_id for stored in listed):
            raise SettingsError("signal_id: this customer has no such signal")

    def _made_boards(self, owner: str) -> dict[str, Any]:
        book = self._follower.book
        mine = book.of_person(owner) if owner else None
        return {
            "people": sorted(filter(None, book.people.words)),
            "at_risk": boards.at_risk(book, self._now_ms(), self._zone, mine),
            "golden_eggs": boards.golden_eggs(book, mine),
            "gone_quiet": boards.gone_quiet(book, self._follower.news.quiet.silences, mine),
            "acted_upon": boards.acted_upon(book, self._outcomes.by_customer(), mine),
        }


async def _body(request: Request) -> bytes:
    """The body of a small request.

    Raises:
        SettingsError: It is larger than anything a page sends.
    """
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_BODY:
            raise SettingsError(f"body: more than {LARGEST_BODY} bytes")
    return body


def _json(found: object) -> Response:
    return Response(msgspec.json.encode(found), media_type="application/json")


def _streamed(content: bytes, media_type: str) -> Response:
    headers = {"content-length": str(len(content))}
    return StreamingResponse(_chunks(content), media_type=media_type, headers=headers)


async def _chunks(content: bytes) -> AsyncIterator[memoryview]:
    view = memoryview(content)
    for start in range(0, len(content), CHUNK_BYTES):
        yield view[start : start + CHUNK_BYTES]


async def _each(pieces: Iterator[bytes]) -> AsyncIterator[bytes]:
    """The pieces; asynchronous, because Starlette would run a plain iterator in another thread."""
    for piece in pieces:
        yield piece
