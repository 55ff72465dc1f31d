"""History is loaded whole or not at all, decided as if it had been lived through, and told to nobody as news."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import time
from typing import Any

import pytest

from streams.adapters.history_load import Load, write
from streams.errors import LoadError
from streams.settings import Settings
from tests.integration.system.expectation import read_log
from tests.integration.system.given import assert_as_the_log_says, signals, states, streamed
from tests.integration.system.lines import DAY_S, Line, account, ago, buy, news, removed, see
from tests.integration.system.processes import wait_until
from tests.integration.system.replaying import assert_equal_to_replay, loads
from tests.integration.system.samples import companies, customers
from tests.integration.system.site import Site

LOADING_S = 90.0
LATE_DAYS = 30


def test_a_load_is_what_replay_says_and_no_news(site: Site) -> None:
    file = site.write(companies(accounts=12, months=6), "history.jsonl")
    site.worker()
    with site.redis.pubsub() as channels:
        channels.psubscribe(site.key("signals:*"))
        site.command("send", "--history", file)
        site.wait_caught_up()
        found = assert_as_the_log_says(site, oracle=False)
        heard = _heard(channels)
    assert_equal_to_replay(site, file)
    past = {one["signal_id"] for one in found if one["historical"]}
    assert len(past) > 12
    assert not past & {one["signal_id"] for one in [*heard, *streamed(site)]}


def _heard(channels: Any) -> list[dict[str, Any]]:
    messages = iter(lambda: channels.get_message(timeout=0.2), None)
    return [json.loads(message["data"]) for message in messages if message["type"] == "pmessage"]


def test_a_history_is_not_about_accounts_that_were_removed(site: Site) -> None:
    site.send([account("C1", "去った商会"), account("C2", "旧名の商会"), account("C3", "残る商会")])
    site.send([removed("C1"), account("C2", "新名の商会")])
    names = ("去った商会", "旧名の商会", "新名の商会", "残る商会")
    lines = [past(news(name, company={"name": name}), 10) for name in names]
    site.ok("send", "--history", site.write(lines, "history.jsonl"))
    told = [(fact.customer_id, fact.event.headline) for fact in read_log(site).facts]
    assert sorted(told) == [("C2", "新名の商会"), ("C3", "残る商会")]


def past(line: Line, days: float) -> Line:
    """The line as received so long ago, right after it happened."""
    return line | {"received_at": ago(days * DAY_S), "value": line["value"] | {"occurred_at": ago(days * DAY_S + 1)}}


def test_a_file_is_loaded_once_and_what_it_names_is_known_live(site: Site) -> None:
    site.worker()
    site.send([see("C2", "/blog")])
    site.wait_caught_up()
    lines = [
        past(account("C1", "きのうの産業", domains=["kinou.example"]), 60),
        past(buy("C1", "1500000"), 50),
        past(account("C2", "さきに来た商会"), 60),
        past(buy("C2", "1500000"), LATE_DAYS),
    ]
    file = site.write(lines, "history.jsonl")
    site.ok("send", "--history", file)
    site.send([news("資金調達を実施", company={"domain": "kinou.example"})])  # resolved by the loaded account
    site.wait_caught_up()

    (load,) = loads(site)
    assert (load["records"], load["source"]) == (4, str(file))
    assert [entry.key for entry in site.dump("accounts")].count(b"C1") == 1
    facts = [(fact.customer_id, fact.event.topic) for fact in read_log(site).facts]
    assert facts.count(("C1", "accounts")) == 1  # intake does not append it a second time
    assert ("C1", "press-releases") in facts
    segment = {one["customer_id"]: one for one in reversed(signals(site)) if one["rule"] == "segment"}  # the first
    assert (segment["C1"]["cause"]["kind"], segment["C1"]["effective_at"]) == ("event", lines[1]["received_at"])
    late = segment["C2"]  # it has lived already: the past comes to it now, and late
    assert (late["cause"]["kind"], late["historical"]) == ("late", True)
    assert LATE_DAYS * DAY_S <= late["cause"]["late_by_s"] < LATE_DAYS * DAY_S + 600
    assert states(site)["C2"]["segment_since"] == late["effective_at"] > segment["C1"]["effective_at"]
    assert_as_the_log_says(site, oracle=False)
    assert_not_loaded_twice(site, file)


def assert_not_loaded_twice(site: Site, file: Any) -> None:
    """A second load is refused and changes nothing; one that is asked for counts nothing twice."""
    ends, known = site.kafka.ends(site.topic("events")), states(site)
    refused = site.command("send", "--history", file)
    assert refused.returncode == 1
    assert "was loaded already" in refused.stderr
    assert site.kafka.ends(site.topic("events")) == ends
    site.ok("send", "--history", "--again", file)
    site.wait_caught_up()
    assert_as_the_log_says(site, oracle=False)
    assert {load["digest"] for load in loads(site)} == {loads(site)[0]["digest"]}
    again = states(site)
    assert {name: state["lifetime"] for name, state in again.items()} == {n: s["lifetime"] for n, s in known.items()}
    assert {name: state["value"] for name, state in again.items()} == {n: s["value"] for n, s in known.items()}


def test_of_two_loads_of_a_file_that_began_side_by_side_one_is_written(site: Site) -> None:
    file = site.write([past(buy("C1", "100"), 60)], "history.jsonl")
    site.ok("send", "--history", file)
    ends, settings = site.kafka.ends(site.topic("events")), Settings.from_env(site.env)
    (known,) = loads(site)
    other = Load(known["digest"], "the same", known["go_live_ms"], [])  # asked and read the file before that
    with pytest.raises(LoadError, match=r"the same was loaded already at .*say --again"):
        asyncio.run(write(settings, other, lambda _: None, again=False))
    assert site.kafka.ends(site.topic("events")) == ends
    asyncio.run(write(settings, other, lambda _: None, again=True))
    assert site.kafka.ends(site.topic("events")) != ends


def test_a_file_may_have_a_name_that_is_not_utf_8(site: Site) -> None:
    name = os.fsdecode("履歴".encode() + b"\x83")
    lines = site.write([past(buy("C1", "100"), 60), past(buy("C1", "-1"), 60)], f"{name}.jsonl")
    table = site.folder / f"{name}.csv"
    table.write_text("id,day,amount\nC2,2025-01-31,100\nC2,yesterday,100\n")
    columns = [("--map", f"{field}={column}") for field, column in (("customer_id", "id"), ("occurred_at", "day"))]
    for command in (
        ["send", "--history", lines],
        ["backfill", table, "--topic", "purchases", *sum(columns, ()), "--map", "amount=amount"],
    ):
        done = site.command(*command)
        assert (done.returncode, "1 record of 1 customer loaded as history" in done.stdout) == (1, True), done.stderr
    shown = {f"{site.folder}/履歴\\x83.jsonl", f"{site.folder}/履歴\\x83.csv"}
    assert {load["source"] for load in loads(site)} == shown
    refused = [json.loads(path.read_bytes()) for path in site.folder.glob("*.rejects.jsonl")]
    assert {reject["path"] for reject in refused} == shown


def test_a_load_killed_half_way_leaves_nothing_and_loads_all_the_next_time(site: Site) -> None:
    site.worker()
    site.send([buy("LIVE", "100")])
    site.wait_caught_up()
    lines = companies(accounts=40, months=18)
    file = site.write(lines, "history.jsonl")

    before = _written(site)
    loading = site.begin("send", "--history", file)
    assert wait_until(lambda: _written(site) > before + 100 or loading.poll() is not None, LOADING_S, 0.005)
    os.kill(loading.pid, signal.SIGKILL)
    assert loading.wait() == -signal.SIGKILL, "the load was over before it could be killed"

    site.send([buy("LIVE", "200")])
    time.sleep(2.0)  # long enough for a worker that reads what was not committed
    assert {fact.customer_id for fact in read_log(site).facts} == {"LIVE"}
    assert states(site).keys() == {"LIVE"}
    assert loads(site) == []
    assert len(site.dump("accounts")) == 0

    site.command("send", "--history", file)
    site.wait_caught_up()
    assert_as_the_log_says(site, oracle=False)
    state = states(site)
    assert state["LIVE"]["rfm"]["frequency"] == 2  # what came meanwhile waited, and was not lost
    assert state.keys() == customers(lines) | {"LIVE"}
    (load,) = loads(site)
    assert load["records"] == sum(fact.history is not None for fact in read_log(site).facts)


def _written(site: Site) -> int:
    """How many records lie in `events`, committed or not."""
    return sum(site.kafka.ends(site.topic("events"), "read_uncommitted").values())
