"""The whole way from five sources to topics, Redis and the commands: one worker, looked at from all sides."""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest

from streams.policy_file import load_policy
from streams.settings import SOURCES
from tests.integration.system.conftest import MakeSite
from tests.integration.system.expectation import Json, Signals, read_log
from tests.integration.system.given import (
    assert_as_the_log_says,
    listed,
    placed,
    shown_states,
    states,
    streamed,
)
from tests.integration.system.lines import DAY_S, Line, account, ago, buy, crm, event, news, removed, see
from tests.integration.system.processes import wait_until
from tests.integration.system.replaying import assert_log_replays_to
from tests.integration.system.site import Site
from tests.oracle.clock import DAY_MS, parse_instant, show_instant

LONG_AGO_S = 100 * DAY_S  # longer than onboarding
SOON_S = 12.0  # what time alone causes comes that long after the events
QUIET_DAYS = 60
REPORTED_WITHIN_S = 20.0  # a report a second
NUMBER = "9999990000018"


def lines() -> list[Line]:
    """What happens at a handful of companies."""
    return [
        account("C1", "架空工業株式会社", domains=["kakuu.example"], sales_owner="s-1", cs_owner="c-1"),
        account("C2", "みほん商事株式会社", corporate_number=NUMBER, industry="情報通信業"),
        account("C3", "みほん商事 名古屋支店", corporate_number=NUMBER),
        account("C6", "消えゆく物産"),
        buy("C1", "2000000", before_s=LONG_AGO_S),
        see("C1", "/pricing", contact={"id": "p-1", "department": "経理部"}),
        crm("C1", "sales_rating", rating="高"),
        event("web-behaviour", "download", "C1", document="活用ガイド", contact={"id": "p-2", "department": "法務部"}),
        event("web-behaviour", "download", "C1", document="活用ガイド", contact={"id": "p-3", "department": "開発部"}),
        event("web-behaviour", "webinar", "C2", title="見本会", attended=True),
        event("web-behaviour", "form", "C2", form="contact", text="お世話になります"),
        event("web-behaviour", "usage", "C2", metric="seats", value=3, licensed=5),
        event("press-releases", "job_postings", None, company={"corporate_number": NUMBER}, open_count=10),
        event("press-releases", "job_postings", None, company={"corporate_number": NUMBER}, open_count=20),
        crm("C3", "nps_response", score=2, text="残念です"),
        crm("C3", "deal_opened", amount="10.5", currency="USD"),
        buy("C4", "1500000", before_s=LONG_AGO_S),
        buy("C5", "1300000", before_s=LONG_AGO_S),
        buy("C5", "200.25", before_s=40 * DAY_S, currency="USD"),
        event("purchases", "plan_change", "C5", from_plan="pro", to_plan="lite", direction="downgrade"),
        see("C7", "/about"),
        removed("C6"),
    ]


def later_lines() -> list[Line]:
    """What follows on it, so that the order between topics does not matter."""
    return [
        news("架空工業、10億円の資金調達を実施", company={"domain": "www.kakuu.example"}, url="https://n.example/1"),
        event("press-releases", "media_mention", None, company={"name": "架空工業"}, headline="架空工業の挑戦"),
        news("みほん商事がA社を完全子会社化", company={"corporate_number": NUMBER}),
        event("purchases", "cancellation", "C4", scope="all", reason="price"),
        see("C5", "/help", before_s=QUIET_DAYS * DAY_S - SOON_S),
    ]


@dataclass(frozen=True)
class Flow:
    """A site after the events above, its signals, and what the channels said meanwhile.

    `later` is when the later events were sent, `quiet_at` when a silence ends.
    """

    site: Site
    signals: Signals
    later: str
    said: list[tuple[str, Json]]
    quiet_at: str

    def of(self, customer_id: str, rule: str) -> Json:
        """The only signal of a customer by that rule."""
        (found,) = (one for one in self.signals if (one["customer_id"], one["rule"]) == (customer_id, rule))
        return found


@pytest.fixture(scope="module")
def flow(make_shared_site: MakeSite) -> Flow:
    site = make_shared_site(sources={"purchases": 1, "web-behaviour": 3})
    with site.redis.pubsub() as channels:
        channels.psubscribe(site.key("signals:*"))
        site.worker()
        site.ok("send", site.write(lines()))
        value = {"type": "page_view", "customer_id": "C7", "path": "/enterprise/sso"}
        headers = {"ce_specversion": "1.0", "ce_id": "ce-1", "ce_time": ago(5), "ce_type": "web"}
        site.produce("web-behaviour", "C7", json.dumps(value).encode(), headers=headers)
        site.flush()
        site.wait_caught_up()
        later, last = ago(), later_lines()
        site.send(last)
        quiet_at = show_instant(parse_instant(last[-1]["value"]["occurred_at"]) + QUIET_DAYS * DAY_MS)
        assert wait_until(lambda: _is_heard(site, "gone-quiet") or site.failed(), SOON_S + 30), site.told()
        found = assert_as_the_log_says(site, oracle=False)
        said = list(_messages(channels, site))
        assert wait_until(lambda: _is_reported(site) or site.failed(), SOON_S), site.told()
    site.stop()
    return Flow(site, found, later, said, quiet_at)


def _is_reported(site: Site) -> bool:
    """Whether the summary knows of all records, those that have changed nothing included."""
    newest, summary = show_instant(max(read_log(site).newest_ms.values())), site.redis.hgetall(site.key("summary"))
    ends = {f"applied:{p}": str(end) for p, end in site.kafka.ends(site.topic("events")).items()}
    return bool(summary["newest_event"] == newest and ends.items() <= summary.items())


def _is_heard(site: Site, rule: str) -> bool:
    return rule in {signal["rule"] for signal in streamed(site)}


def _messages(channels: Any, site: Site) -> Iterator[tuple[str, Json]]:
    while message := channels.get_message(timeout=0.2):
        if message["type"] == "pmessage":
            yield message["channel"].removeprefix(site.key("signals:")), json.loads(message["data"])


def test_signals_and_states_are_what_the_log_says_by_domain_oracle_and_replay(flow: Flow) -> None:
    site = flow.site
    assert_as_the_log_says(site)
    given = states(site)
    assert given.keys() == {"C1", "C2", "C3", "C4", "C5", "C6", "C7"}
    assert_log_replays_to(site, flow.signals, given)


def test_signals_say_what_happened(flow: Flow) -> None:
    bought, grown = flow.of("C1", "segment"), flow.of("C2", "segment")
    assert bought["change"] == {"from": "streamline", "to": "expand"}  # by the purchase; two weeks of stay follow
    assert bought["cause"]["kind"] == "late"
    assert grown["change"] == {"from": "streamline", "to": "nurture"}
    (row,) = (row for row in grown["evidence"] if row["rule"] == "m-and-a-announced")
    assert (row["points"], row["matched_by"], row["title"]) == (
        12.0,
        "corporate_number",
        "みほん商事がA社を完全子会社化",
    )
    assert flow.of("C3", "detractor")["severity"] == "high"
    assert flow.of("C4", "lifecycle")["change"] == {"from": "active", "to": "former"}
    assert flow.of("C5", "downgrade")["audiences"] == ["cs", "sales"]
    assert {
        one["evidence"][0]["department"] for one in flow.signals if one["rule"] == "request-from-another-department"
    }


def test_what_time_alone_causes_comes_at_its_very_instant(flow: Flow) -> None:
    quiet = flow.of("C5", "gone-quiet")
    assert quiet["effective_at"] == flow.quiet_at
    assert quiet["cause"]["kind"] == "silence"
    assert quiet["detected_at"] >= quiet["effective_at"]


def test_signals_are_cloudevents_in_binary_mode_keyed_by_customer(flow: Flow) -> None:
    for entry in flow.site.dump("signals"):
        signal = entry.json()
        assert entry.key == signal["customer_id"].encode()
        assert dict(entry.headers) == {
            "ce_specversion": b"1.0",
            "ce_type": f"kakuhan.{signal['type']}.v1".encode(),
            "ce_source": b"/kakuhan",
            "ce_id": signal["signal_id"].encode(),
            "ce_time": signal["effective_at"].encode(),
            "ce_subject": signal["customer_id"].encode(),
            "content-type": b"application/json",
        }


def test_signal_ids_are_hashes_of_what_caused_them(flow: Flow) -> None:
    detractor, quiet = flow.of("C3", "detractor"), flow.of("C5", "gone-quiet")
    caused = ["C3", "detractor", "event", "crm-activities", detractor["cause"]["event_id"]]
    assert detractor["signal_id"] == _digest(caused)
    assert quiet["signal_id"] == _digest(["C5", "gone-quiet", "time", 0])


def _digest(parts: list[object]) -> str:
    text = json.dumps(parts, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def test_redis_lists_customers_accounts_and_signals(flow: Flow) -> None:
    site = flow.site
    assert shown_states(site) == states(site)
    first = json.loads(site.redis.get(site.key("account:C1")))
    assert (first["name"], first["domains"], first["sales_owner"]) == ("架空工業株式会社", ["kakuu.example"], "s-1")
    assert states(site)["C1"]["owners"] == {"sales": "s-1", "cs": "c-1"}
    accounts = {key.rsplit(":", 1)[1] for key in site.redis.scan_iter(match=site.key("account:*"))}
    assert accounts == {"C1", "C2", "C3"}  # C6 was removed, the others have none
    assert placed(site)["lifecycle:former"].keys() == {"C4"}
    assert listed(site, "C5")[0] == flow.of("C5", "gone-quiet")["signal_id"]


def test_redis_has_the_playbooks_and_sums(flow: Flow) -> None:
    site, policy = flow.site, load_policy(flow.site.policy)
    playbooks = {name: json.loads(text) for name, text in site.redis.hgetall(site.key("playbooks")).items()}
    assert playbooks.keys() == policy.playbooks.keys()
    assert playbooks["nurture"]["title"] == policy.playbooks["nurture"].title
    summary = site.redis.hgetall(site.key("summary"))
    revenue = Counter({"former": Decimal(0)})
    for state in states(site).values():
        former = state["lifecycle"] == "former"
        revenue["former" if former else state["segment"]] += Decimal(state["value"]["amount"])  # type: ignore[assignment]
    shown = {name.split(":")[1]: Decimal(text) for name, text in summary.items() if name.startswith("revenue:")}
    assert {name: amount for name, amount in shown.items() if amount} == {n: a for n, a in revenue.items() if a}
    assert summary["policy_version"] == policy.policy_version
    log = site.dump("events")
    for p, end in site.kafka.ends(site.topic("events")).items():
        facts = [entry for entry in log if entry.partition == p and entry.header("kakuhan-kind") is None]
        # the last thing a worker appended may be a clock record that it did not read any more
        assert facts[-1].offset < int(summary[f"applied:{p}"]) <= end
        assert show_instant(facts[-1].at_ms) <= summary["newest_event"]


def test_redis_says_how_far_each_source_is_taken_in(flow: Flow) -> None:
    site = flow.site
    ends = {
        f"read:topic:{source}:{p}": str(end)
        for source in SOURCES
        for p, end in site.kafka.ends(site.topic(source)).items()
    }
    assert any(end != "0" for end in ends.values())
    assert wait_until(lambda: ends.items() <= site.redis.hgetall(site.key("summary")).items(), REPORTED_WITHIN_S)
    summary = site.redis.hgetall(site.key("summary"))
    assert {summary[f"lag:topic:{source}"] for source in SOURCES} == {"0"}


def test_live_signals_go_to_stream_and_channels(flow: Flow) -> None:
    told = Counter((channel, one["signal_id"]) for channel, one in flow.said)
    wanted = Counter((audience, one["signal_id"]) for one in flow.signals for audience in one["audiences"])
    assert told <= wanted  # the channels are a hint: those who listen before the stream exists miss it
    later = {one["signal_id"] for one in flow.signals if one["effective_at"] >= flow.later}
    assert {hint for hint in wanted if hint[1] in later} <= told.keys()
    assert len(later) >= 3
    by_id = {one["signal_id"]: one for one in flow.signals}
    assert all(one == by_id[one["signal_id"]] for _, one in flow.said)
    assert {one["signal_id"]: one for one in streamed(flow.site)} == by_id


def test_explain_agrees_with_the_state(flow: Flow) -> None:
    site, state = flow.site, states(flow.site)["C1"]
    assert json.loads(site.ok("explain", "C1", "--json")) == state
    text = site.ok("explain", "C1")
    assert "架空工業株式会社 (C1)" in text
    assert f"{state['potential']['score']:.4f}  in all" in text
    rows = state["potential"]["contributions"]
    rounding = Decimal("0.00005") * (len(rows) + 1)  # each row and the sum are rounded on their own
    assert abs(sum(Decimal(str(row["points"])) for row in rows) - Decimal(str(state["potential"]["score"]))) <= rounding
    assert all(f"{row['points']:+.4f}  {row['label']} `{row['rule']}`" in text for row in rows)
    assert f"`{state['next_transition']['to']}` on" in text
    assert site.command("explain", "nobody").returncode == 1


def test_signals_command_prints_them_all(flow: Flow) -> None:
    printed = [json.loads(line) for line in flow.site.ok("signals", "--json").splitlines()]
    assert {one["signal_id"]: one for one in printed} == {one["signal_id"]: one for one in flow.signals}
    only = [json.loads(line) for line in flow.site.ok("signals", "--json", "--audience", "sales").splitlines()]
    sales = {one["signal_id"] for one in flow.signals if "sales" in one["audiences"]}
    assert {one["signal_id"] for one in only} == sales


def test_states_topic_is_compacted_and_keyed_by_customer(flow: Flow) -> None:
    for entry in flow.site.dump("customer-states"):
        assert entry.key == entry.json()["customer_id"].encode()
    assert time.time() * 1000 - parse_instant(states(flow.site)["C1"]["as_of"]) < DAY_MS
