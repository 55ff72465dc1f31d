"""The page while something is wrong with Redis, with what stands in it, or with the worker; and afterwards."""

from __future__ import annotations

from typing import Any

import pytest
from redis import Redis

from streams.dashboard.book import Book
from streams.local import LocalStack
from tests.integration.dashboard.conftest import ServePage
from tests.integration.dashboard.kit import Shelf, seen, until
from tests.unit.dashboard.kit import signal, worth


def cut_off_readers(redis: Redis) -> None:
    """Break every connection but this one, and have nobody answered for a moment: what comes then is heard by none."""
    redis.config_set("maxclients", 1)
    redis.client_kill_filter(_type="normal", skipme=True)
    redis.client_kill_filter(_type="pubsub", skipme=True)


def test_everything_is_read_again_after_redis_was_away(
    own_stack: LocalStack, names: Any, serve_page: ServePage
) -> None:
    with Redis.from_url(own_stack.redis_url) as redis:
        shelf = Shelf(redis, names.redis_prefix)
        shelf.put("C1")
        shelf.put("C2")
        page = serve_page(redis_url=own_stack.redis_url)
        page.loaded(2)
        with page.page() as heard:
            heard.next("health", lambda message: message["level"] != "away")
            own_stack.redis.stop()
            assert heard.next("health", lambda message: message["level"] == "away")["error"]
            assert page.get("/data/customers/C1")[0] == 503
            assert seen(page) == {"C1": "C1商事", "C2": "C2商事"}  # what was last known
            own_stack.redis.start()
            shelf.put("C3")
            shelf.erase("C2")
            heard.next("health", lambda message: message["level"] != "away")
            until(lambda: seen(page) == {"C1": "C1商事", "C3": "C3商事"})
            shelf.put("C1", "また届く")
            until(lambda: seen(page).get("C1") == "また届く")


def test_open_pages_hear_what_came_while_redis_was_away(
    own_stack: LocalStack, names: Any, serve_page: ServePage
) -> None:
    """What is written before the reader is back stands in no stream that it follows."""
    with Redis.from_url(own_stack.redis_url) as redis:
        shelf = Shelf(redis, names.redis_prefix)
        shelf.put("C1")
        page = serve_page(redis_url=own_stack.redis_url)
        page.loaded(1)
        with page.page("topics=signals&show=customer:C1") as heard:
            heard.next("signals_anew")
            cut_off_readers(redis)
            heard.next("health", lambda message: message["level"] == "away")
            stream_id = shelf.tell(signal(1))
            shelf.put("C1", "また届く")
            redis.config_set("maxclients", 1_000)
            assert [item["id"] for item in heard.next("signals_anew")["items"]] == [stream_id]
            assert heard.next("customer")["id"] == "C1"


def test_an_emptied_redis_is_read_again(shelf: Shelf, own_stack: LocalStack, names: Any, serve_page: ServePage) -> None:
    with Redis.from_url(own_stack.redis_url) as redis:
        own = Shelf(redis, names.redis_prefix)
        own.put("C1")
        page = serve_page(redis_url=own_stack.redis_url)
        page.loaded(1)
        redis.flushall()
        own.put("C2")
        until(lambda: seen(page) == {"C2": "C2商事"})


def test_a_worker_that_stops_reporting_is_told(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    shelf.report()
    page = serve_page()
    page.loaded(1)
    with page.page("topics=") as heard:
        heard.next("health", lambda message: message["level"] == "ok")
        heard.next("health", lambda message: message["level"] == "stopped")
        shelf.report()
        heard.next("health", lambda message: message["level"] == "ok")


def test_damaged_values_blind_nobody(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    shelf.put("C2")
    shelf.redis.set(shelf.key("customer:C1"), b"{broken")
    shelf.redis.set(shelf.key("account:C2"), b"\xff")
    shelf.redis.xadd(shelf.key("signals"), {"data": b"nonsense"})
    shelf.redis.hset(shelf.key("playbooks"), "offer", "nonsense")
    page = serve_page()
    page.loaded(1)
    assert seen(page) == {"C2": "C2"}
    with page.page() as heard:
        shelf.redis.xadd(shelf.key("signals"), {"data": b"[]"})
        shelf.tell(signal(1, customer_id="C2"))
        assert heard.next("signal")["signal"]["customer_id"] == "C2"


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b'"segment": "streamline"', b'"segment": "platinum"'),
        (b'"lifecycle": "active"', b'"lifecycle": "asleep"'),
        (b'"amount": "450000"', b'"amount": "many"'),
        (b'"monetary": "450000"', b'"monetary": ""'),
    ],
)
def test_a_state_that_makes_no_sense_blinds_nobody(shelf: Shelf, serve_page: ServePage, old: bytes, new: bytes) -> None:
    shelf.put("C1", value=worth("450000", measure="rfm"))
    shelf.put("C2")
    page = serve_page()
    page.loaded(2)
    stored = shelf.redis.get(shelf.key("customer:C1"))
    assert old in stored
    shelf.redis.set(shelf.key("customer:C1"), stored.replace(old, new))
    shelf.put("C2", "また届く")
    until(lambda: seen(page) == {"C1": "C1商事", "C2": "また届く"})
    assert page.json("/data/health")["error"] is None


def test_signals_that_make_no_sense_blind_nobody(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    page = serve_page()
    page.loaded(1)
    with page.page() as heard:
        heard.next("signals_anew")
        shelf.redis.xadd(shelf.key("signals"), {"data": b'{"customer_id": "C1"}'})
        shelf.tell(signal(1))
        assert heard.next("signal")["signal"]["signal_id"] == f"{1:032x}"
    assert page.json("/data/health")["error"] is None


def test_whatever_goes_wrong_the_page_says_so_and_follows_on(
    shelf: Shelf, serve_page: ServePage, monkeypatch: pytest.MonkeyPatch
) -> None:
    shelf.put("C1")
    shelf.report()
    page = serve_page()
    page.loaded(1)

    def broken(*_: Any) -> int:
        raise LookupError("nobody thought of this")

    with page.page() as heard:
        heard.next("health", lambda message: message["level"] == "ok")
        monkeypatch.setattr(Book, "put", broken)
        shelf.put("C1", "また届く")
        assert heard.next("health", lambda message: message["level"] == "away")["error"] == "nobody thought of this"
        monkeypatch.undo()
        until(lambda: seen(page) == {"C1": "また届く"})
