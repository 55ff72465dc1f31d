"""What the page answers and to whom; and that an outcome goes to Kafka as an event."""

from __future__ import annotations

import json
import re
import urllib.parse
import urllib.request
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, TopicPartition

from streams.cli.dashboard import KafkaOutcomes
from streams.dashboard.guard import COOKIE, Access, networks
from streams.local import LocalStack
from streams.settings import Settings
from tests.integration.dashboard.conftest import ServePage
from tests.integration.dashboard.kit import Kept, PageServer, Shelf, answer, until
from tests.unit.dashboard.kit import row, scored, signal

TOKEN = "correct-horse-battery"
PAGES = ("/", "/boards", "/health", "/customers/C1", "/customers/a%2Fb")


def assets_of(html: str) -> set[str]:
    return set(re.findall(r'(?:href|src)="(/assets/[^"]+)"', html))


@pytest.mark.parametrize("path", PAGES)
def test_every_page_comes_with_its_own_assets_and_a_strict_policy(serve_page: ServePage, path: str) -> None:
    page = serve_page()
    status, headers, body = page.get(path)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert headers["cache-control"] == "no-store"
    html = body.decode()
    assert not re.search(r"<script(?![^>]*(src=|application/json))|\sstyle=|\son\w+=", html)
    assert len(assets_of(html)) >= 4
    for asset in assets_of(html):
        status, headers, _ = page.get(asset)
        assert (status, headers["cache-control"]) == (200, "public, max-age=31536000, immutable")


def test_all_modules_that_scripts_import_are_served(serve_page: ServePage) -> None:
    page = serve_page()
    entries = {asset for path in PAGES for asset in assets_of(page.get(path)[2].decode()) if asset.endswith(".js")}
    known: set[str] = set()
    while entries:
        script = entries.pop()
        known.add(script)
        status, headers, body = page.get(script, Accept_Encoding="identity")
        assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8"), script
        imported = re.findall(r'^import .*?from "(\.[^"]+)";', body.decode(), re.M)
        entries |= {urllib.parse.urljoin(script, name) for name in imported} - known
    assert len(known) > 20


def test_files_come_packed_to_browsers_that_can_unpack(serve_page: ServePage) -> None:
    page = serve_page()
    (style,) = (asset for asset in assets_of(page.get("/")[2].decode()) if asset.endswith("base.css"))
    _, plain, whole = page.get(style)
    _, packed, less = page.get(style, Accept_Encoding="gzip, br")
    assert "content-encoding" not in plain
    assert packed["content-encoding"] == "gzip"
    assert len(less) < len(whole) / 2
    assert page.get(style.replace("base.css", "../pages.py"))[0] == 404


def test_the_language_is_the_one_wished_for(serve_page: ServePage) -> None:
    page = serve_page()
    ways = (("/", {}, "ja"), ("/", {"Accept_Language": "en-US,en;q=0.9"}, "en"), ("/?lang=en", {}, "en"))
    more = (("/", {"Accept_Language": "fr,de"}, "ja"), ("/", {"Cookie": "kakuhan-language=en"}, "en"))
    for path, headers, language in (*ways, *more):
        assert f'<html lang="{language}">' in page.get(path, **headers)[2].decode()


def test_a_language_asked_for_stays_on_the_next_page(serve_page: ServePage) -> None:
    page = serve_page()
    cookie = page.get("/?lang=en")[1]["set-cookie"].partition(";")[0]
    assert cookie == "kakuhan-language=en"
    assert '<html lang="en">' in page.get("/boards", Cookie=cookie)[2].decode()
    assert "set-cookie" not in page.get("/?lang=fr")[1]
    assert "set-cookie" not in page.get("/", Cookie=cookie)[1]


def test_a_foreign_name_for_this_machine_gets_nothing(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    page = serve_page()
    for path in ("/", "/data/snapshot", "/assets/x/y.js"):
        for name in ("rebound.example", "[", "[::1", "//"):
            assert page.get(path, Host=name)[0] == 421, name


def test_a_token_is_asked_for_once(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    page = serve_page(Access(token=TOKEN, names=frozenset()))
    status, headers, _ = page.get("/")
    assert (status, headers["location"]) == (303, "/sign-in")
    assert page.get("/data/snapshot")[0] == 401
    assert page.get("/sign-in")[0] == 200
    assert sign_in(page, "wrong-horse-battery")[0] == 403
    status, headers = sign_in(page, TOKEN)
    assert (status, headers["location"]) == (303, "/")
    assert {"HttpOnly", "SameSite=lax"} <= set(headers["set-cookie"].split("; "))
    cookie = headers["set-cookie"].partition(";")[0]
    assert cookie.startswith(COOKIE)
    assert page.get("/data/snapshot", Cookie=cookie)[0] == 200
    assert page.get("/data/snapshot", Authorization=f"Bearer {TOKEN}")[0] == 200
    with page.page(Cookie=cookie) as heard:
        heard.next("health")


@pytest.mark.parametrize(
    "path", ["/customers/a%2Fb%20%E6%A0%AA", "/?owner=%E5%96%B6%E6%A5%AD+1&segment=nurture", "/boards"]
)
def test_signing_in_leads_to_what_was_asked_for(serve_page: ServePage, path: str) -> None:
    page = serve_page(Access(token=TOKEN, names=frozenset()))
    status, headers, _ = page.get(path)
    where = headers["location"]
    assert (status, where.partition("?")[0]) == (303, "/sign-in")
    (action,) = re.findall(r'action="([^"]+)"', page.get(where)[2].decode())
    assert sign_in(page, "wrong-horse-battery", action)[0] == 403
    status, headers = sign_in(page, TOKEN, action)
    assert (status, headers["location"]) == (303, path)


@pytest.mark.parametrize(
    "to", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", ""]
)
def test_signing_in_leads_to_nobody_else(serve_page: ServePage, to: str) -> None:
    page = serve_page(Access(token=TOKEN, names=frozenset()))
    _, headers = sign_in(page, TOKEN, f"/sign-in?to={urllib.parse.quote(to, safe='')}")
    assert headers["location"] == "/"


def sign_in(page: PageServer, token: str, where: str = "/sign-in") -> tuple[int, dict[str, str]]:
    body = urllib.parse.urlencode({"token": token}).encode()
    asked = urllib.request.Request(page.address + where, body, method="POST")
    status, headers, _ = answer(asked)
    return status, headers


def test_a_customer_is_shown_whole(shelf: Shelf, serve_page: ServePage) -> None:
    odd = "a/b 株?#<script>"
    shelf.put(
        odd, "<script>alert(1)</script>", potential=scored(row("webinar-attended", 5.0), row("sales-rating", 8.0))
    )
    shelf.tell(signal(1, customer_id=odd))
    page = serve_page()
    found = page.json("/data/customers/" + urllib.parse.quote(odd, safe=""))
    assert (found["id"], found["name"]) == (odd, "<script>alert(1)</script>")
    assert sum(term["points"] for term in found["terms"]) == found["state"]["potential"]["score"] == 13.0
    assert found["curve"]["points"][0][1] == 13.0
    assert [shown["signal_id"] for shown in found["signals"]] == [f"{1:032x}"]
    assert page.get("/data/customers/nobody")[0] == 404


# ---------------------------------------------------------------- outcomes


def outcome(number: int = 1, **changes: Any) -> dict[str, Any]:
    return {"customer_id": "C1", "signal_id": f"{number:032x}", "outcome": "worked"} | changes


def test_an_outcome_reaches_kafka_and_every_page(
    stack: LocalStack, names: Any, create_topics: Callable[..., None], shelf: Shelf, serve_page: ServePage
) -> None:
    create_topics("crm-activities", partitions=2)
    settings = Settings(brokers=stack.brokers, topic_prefix=names.prefix)
    shelf.put("C1", "架空商事")
    shelf.tell(signal(1))
    page = serve_page(writer=Closing(settings))
    page.loaded(1)
    with page.page() as heard:
        heard.next("signals_anew")
        status, record = page.post("/data/outcomes", outcome(text="電話した"))
        assert status == 200
        assert heard.next("outcome")["outcome"] == record
    key, event = last_of(stack, f"{names.prefix}crm-activities")
    assert key == b"C1"
    assert (event["type"], event["signal_id"], event["outcome"]) == ("signal_outcome", f"{1:032x}", "worked")
    assert event["text"] == "電話した"
    until(lambda: page.json("/data/boards")["acted_upon"]["total"] == 1)
    (acted,) = page.json("/data/boards")["acted_upon"]["rows"]
    assert (acted["name"], acted["outcome"]) == ("架空商事", "worked")
    (shown,) = page.json("/data/customers/C1")["signals"]
    assert shown["outcome"]["outcome"] == "worked"


def test_a_second_outcome_stands_though_the_state_tells_the_first(shelf: Shelf, serve_page: ServePage) -> None:
    """The worker may take its time: until then nobody may see again what was reported before."""
    told = {"signal_id": f"{1:032x}", "outcome": "acknowledged", "at": "2026-01-01T00:00:00.000Z"}
    shelf.put("C1", outcomes=[told | {"revenue_since": "0"}])
    first = shelf.tell(signal(1))
    page = serve_page()
    page.loaded(1)
    with page.page() as heard:
        assert heard.next("signals_anew")["items"][0]["signal"]["outcome"]["outcome"] == "acknowledged"
        _, record = page.post("/data/outcomes", outcome())
        heard.next("moves")  # the state was read again
        shelf.report(lag="1")
        heard.next("health", lambda message: message["lag"] == 1)
    with page.page() as heard:
        assert heard.next("signals_anew")["items"][0]["signal"]["outcome"] == record
    with page.page(f"topics=signals&again=1&signal={first}") as heard:
        assert heard.next("signals")["items"] == []
        assert heard.next("outcome")["outcome"] == record
    (acted,) = page.json("/data/boards")["acted_upon"]["rows"]
    assert acted["outcome"] == "worked"


class Closing(KafkaOutcomes):
    """Ends its connection after each event: the test has no other moment for it."""

    async def write(self, customer_id: str, event: dict[str, Any]) -> None:
        await super().write(customer_id, event)
        await self.close()
        self._producer = None


def last_of(stack: LocalStack, topic: str) -> tuple[bytes | None, dict[str, Any]]:
    consumer = Consumer({"bootstrap.servers": stack.brokers, "group.id": topic, "auto.offset.reset": "earliest"})
    try:
        consumer.assign([TopicPartition(topic, partition, 0) for partition in range(2)])
        message = consumer.poll(20)
        assert message is not None
        assert message.error() is None
        return message.key(), json.loads(message.value())
    finally:
        consumer.close()


@pytest.mark.parametrize(
    ("body", "headers", "status"),
    [
        (outcome(2), {}, 400),  # no such signal
        (outcome(customer_id="C2"), {}, 400),  # another customer's
        (outcome(), {}, 200),
        (outcome(outcome="great"), {}, 400),
        ("x" * 20_000, {}, 400),
        (outcome(), {"Content_Type": "text/plain"}, 415),
        (outcome(), {"Origin": "https://evil.example"}, 403),
        (outcome(), {"Origin": "https://[evil"}, 403),
        (outcome(), {"Sec_Fetch_Site": "cross-site"}, 403),
    ],
)
def test_what_is_no_outcome_of_ours_is_not_passed_on(
    shelf: Shelf, serve_page: ServePage, body: Any, headers: dict[str, str], status: int
) -> None:
    shelf.put("C1")
    shelf.tell(signal(1))
    kept = Kept()
    page = serve_page(writer=kept)
    page.loaded(1)
    until(lambda: len(page.app.state.follower.news.feed.items) == 1)
    assert page.post("/data/outcomes", body, **headers)[0] == status
    assert len(kept.events) == (status == 200)


def test_kafka_away_is_told_to_whoever_clicked(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    shelf.tell(signal(1))
    page = serve_page(writer=KafkaOutcomes(Settings(brokers="127.0.0.1:1")))
    page.loaded(1)
    status, said = page.post("/data/outcomes", outcome())
    assert status == 503
    assert "Kafka" in said["error"]
    assert page.json("/data/boards")["acted_upon"]["total"] == 0


def test_it_is_not_called_failed_where_nobody_knows(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    shelf.tell(signal(1))
    page = serve_page(writer=Late())
    page.loaded(1)
    assert page.post("/data/outcomes", outcome()) == (504, {"error": "Kafka has not answered in time"})
    assert page.json("/data/boards")["acted_upon"]["total"] == 0


class Late(Kept):
    """A Kafka that may have taken the event, and has not said so in time."""

    async def write(self, customer_id: str, event: dict[str, Any]) -> None:
        raise TimeoutError


def test_the_proxys_name_is_the_author(shelf: Shelf, serve_page: ServePage) -> None:
    shelf.put("C1")
    shelf.tell(signal(1))
    kept = Kept()
    access = Access(header="X-User", proxies=networks(["127.0.0.1/32"]), names=frozenset())
    page = serve_page(access, kept)
    until(lambda: b'"loading":null' in page.get("/data/health", X_User="tanaka")[2])
    assert page.post("/data/outcomes", outcome(), X_User="tanaka")[0] == 200
    assert page.post("/data/outcomes", outcome())[0] == 401
    assert [event["author"] for _, event in kept.events] == ["tanaka"]
