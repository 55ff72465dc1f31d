"""What is refused goes to the dead letters, says why, stops nothing, and can be sent again after a fix."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.integration.system.conftest import MakeSite
from tests.integration.system.expectation import read_log
from tests.integration.system.given import assert_as_the_log_says, states
from tests.integration.system.lines import account, ago, buy, crm, event, news, see
from tests.integration.system.processes import wait_until
from tests.integration.system.site import Site
from tests.integration.system.topics import Entry

TOPICS = ("purchases", "web-behaviour", "crm-activities", "press-releases", "accounts")
TWINS = {"name": "ふたご商会"}
HEADERS = {"sent-by": "test"}
REPORTED_WITHIN_S = 20.0  # a report a second


@dataclass(frozen=True)
class Bad:
    """A record that must be refused, for which reason, and what the detail must name."""

    topic: str
    reason: str
    names: str
    key: str | None
    value: bytes

    @property
    def title(self) -> str:
        return f"{self.topic}-{self.reason}-{self.names[:20]}"


def good(topic: str) -> dict[str, Any]:
    """The value of a valid record, to be spoilt in one place."""
    line = {
        "purchases": lambda: buy("C1", "100"),
        "web-behaviour": lambda: event("web-behaviour", "action", "C1", action="cart_add", amount="1"),
        "crm-activities": lambda: crm("C1", "deal_opened", amount="1"),
        "press-releases": lambda: news("お知らせ", company={"name": "一号商店"}),
        "accounts": lambda: account("C1", "一号商店", occurred_at=ago(1)),
    }[topic]()
    return dict(line["value"])


def spoilt(topic: str, reason: str, names: str, key: str | None = "C1", **changes: Any) -> Bad:
    """A record with a field changed, or left out where the change is None."""
    value = {name: field for name, field in (good(topic) | changes).items() if field is not None}
    return Bad(topic, reason, names, key, json.dumps(value).encode())


def bad_records() -> Iterator[Bad]:
    for topic in TOPICS:
        yield Bad(topic, "invalid_json", "JSON", "C1", b'{"event_id": ')
        yield Bad(topic, "invalid_json", "NaN", "C1", json.dumps(good(topic) | {"amount": float("nan")}).encode())
        yield spoilt(topic, "invalid_event", "type", type="no-such-type")
        yield spoilt(topic, "naive_timestamp", "occurred_at", occurred_at="2026-11-09T12:00:00")
        yield spoilt(topic, "future_event", "occurred_at", occurred_at=ago(-3600))
        yield spoilt(topic, "too_large", "262,144", padding="x" * 300_000)
        if topic != "press-releases":
            yield spoilt(topic, "missing_key", "key", key="" if topic == "accounts" else None)  # compacted: key needed
            yield spoilt(topic, "key_mismatch", "C1", key="C2")
        if topic != "accounts":
            yield spoilt(topic, "unknown_currency", "GBP", amount="1", currency="GBP")
            yield spoilt(topic, "invalid_event", "event_id", event_id=None)
            yield spoilt(topic, "invalid_event", "amount", amount=[1])
    yield spoilt("press-releases", "ambiguous_company", "company.name", key="n-1", company=TWINS)
    yield spoilt("press-releases", "invalid_event", "company", company=7)
    yield spoilt("accounts", "invalid_event", "name", name=None)
    yield spoilt("purchases", "invalid_event", "amount", amount="-1")


BAD = list(bad_records())


@dataclass(frozen=True)
class Refused:
    """A site that was sent every bad record, good ones between and after them, and its dead letters."""

    site: Site
    letters: list[Entry]
    sources: dict[tuple[str, int, int], Entry]


@pytest.fixture(scope="module")
def refused(make_shared_site: MakeSite) -> Refused:
    site = make_shared_site()
    site.worker()
    site.send([account("T1", "ふたご商会"), account("T2", "株式会社ふたご商会"), account("C1", "一号商店")])
    site.wait_caught_up()
    for bad in BAD:
        site.produce(bad.topic, bad.key, bad.value, headers=HEADERS)
    site.send([buy("C1", "100"), see("C1", "/pricing"), crm("C1", "inquiry", text="ロードマップを知りたい")])
    site.send([news("資金調達を実施", company={"name": "一号商店"}), account("C9", "九号商店")])
    site.wait_caught_up()
    sources = {(e.topic, e.partition, e.offset): e for topic in TOPICS for e in site.dump(topic)}
    return Refused(site, site.dump("dead-letters"), sources)


def test_every_bad_record_is_a_dead_letter_with_its_place_reason_and_content(refused: Refused) -> None:
    found = {}
    for letter in refused.letters:
        told = {name: letter.header(f"kakuhan-dlq-{name}") for name in ("topic", "partition", "offset")}
        place = str(told["topic"]), int(told["partition"] or -1), int(told["offset"] or -1)
        source = refused.sources[place]
        assert (letter.key, letter.value) == (source.key, source.value)
        assert letter.headers[: len(source.headers)] == source.headers
        found[letter.value, letter.key] = letter
    for bad in BAD:
        letter = found[bad.value, None if bad.key is None else bad.key.encode()]
        assert letter.header("kakuhan-dlq-reason") == bad.reason, bad.title
        assert bad.names in (letter.header("kakuhan-dlq-detail") or ""), bad.title
        assert letter.header("sent-by") == "test"
    assert len(refused.letters) == len(BAD)


def test_all_nine_reasons_were_met() -> None:
    reasons = {"invalid_json", "invalid_event", "missing_key", "key_mismatch", "naive_timestamp", "future_event"}
    assert {bad.reason for bad in BAD} == reasons | {"unknown_currency", "too_large", "ambiguous_company"}


def test_nothing_else_stopped_and_nothing_bad_counted(refused: Refused) -> None:
    log = read_log(refused.site)
    types = {fact.event.type for fact in log.facts if fact.customer_id == "C1"}
    assert types == {"account", "purchase", "page_view", "inquiry", "press_release"}
    assert len(log.facts) == 3 + 5
    state = states(refused.site)["C1"]
    assert state["rfm"]["frequency"] == 1
    assert {row["rule"] for row in state["potential"]["contributions"]} >= {"pricing-page-view", "funding-announced"}
    assert "C9" in states(refused.site)


def test_letters_are_listed_and_after_a_fix_sent_again_under_their_event_id(refused: Refused) -> None:
    site = refused.site
    listed = [json.loads(line) for line in site.ok("dead-letters", "list", "--json").splitlines()]
    assert len(listed) == len(BAD)
    (ambiguous,) = (letter for letter in listed if letter["reason"] == "ambiguous_company")
    event_id = json.loads(ambiguous["value"])["event_id"]

    site.send([account("T2", "もう双子ではない商会")])
    site.wait_caught_up()
    assert "1 sent again" in site.ok("dead-letters", "replay", "--reason", "ambiguous_company")
    site.ok("dead-letters", "replay", "--reason", "naive_timestamp", "--topic", "purchases")
    site.wait_caught_up()

    log = read_log(site)
    assert [f.customer_id for f in log.facts if f.event.event_id == event_id] == ["T1"]
    left = [json.loads(line) for line in site.ok("dead-letters", "list", "--json").splitlines()]
    reasons = [letter["reason"] for letter in left]
    assert "ambiguous_company" not in reasons
    assert reasons.count("naive_timestamp") == len(TOPICS)  # refused once more, and so a new letter
    assert len(left) == len(BAD) - 1
    waiting = site.key("summary"), "dead_letters"
    assert wait_until(lambda: site.redis.hget(*waiting) == str(len(left)), REPORTED_WITHIN_S)
    assert_as_the_log_says(site)
