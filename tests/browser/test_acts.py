"""What people do on the page, and what must never happen on it, on the running system."""

from __future__ import annotations

import json

import pytest
from playwright.sync_api import expect

from tests.browser.asking import SEGMENTS, WITHIN_MS, accounts, activity, states, untold
from tests.browser.conftest import OpenPage
from tests.browser.running import PageProcess, evaluated, faults
from tests.integration.system.conftest import MakeSite
from tests.integration.system.site import Site


@pytest.mark.parametrize(
    ("address", "tag"),
    [
        ("https://press.example/1", "A"),
        ("/customers/C1", "A"),
        ("javascript:alert(1)", "SPAN"),
        (" javascript:alert(1)", "SPAN"),
        ("data:text/html,x", "SPAN"),
        ("//evil.example", "SPAN"),
        ("", "SPAN"),
    ],
)
def test_only_addresses_of_the_web_become_links(open_page: OpenPage, address: str, tag: str) -> None:
    page = open_page("/health")
    script = """async (address) => {
      const base = document.querySelector("script[type=module]").src.replace("health.js", "core/dom.js");
      return (await import(base)).link(address, {}, "x").tagName;
    }"""
    assert evaluated(page, script, address) == tag


def test_an_outcome_reaches_kafka_and_the_other_pages(site: Site, open_page: OpenPage) -> None:
    customer = untold(site, "key-person-moves", "expand", "retain")[0]
    site.send([activity(customer, "contact_transferred", contact={"id": f"{customer}-P1"})])
    page, other = open_page(), open_page()
    mine = page.locator(f'#feed .signal:has(a[href="/customers/{customer}"]):has-text("キーパーソンの異動")').first
    expect(mine).to_be_visible(timeout=WITHIN_MS)
    signal_id = mine.get_attribute("data-signal") or ""
    mine.get_by_role("button", name="商談化").click()
    expect(mine.get_by_role("button", name="商談化")).to_have_attribute("aria-pressed", "true")
    theirs = other.locator(f'#feed .signal[data-signal="{signal_id}"]')
    expect(theirs.get_by_role("button", name="商談化")).to_have_attribute("aria-pressed", "true")
    written = [json.loads(entry.value or b"{}") for entry in site.dump("crm-activities")]
    (event,) = [found for found in written if found.get("type") == "signal_outcome"]
    assert (event["customer_id"], event["signal_id"], event["outcome"]) == (customer, signal_id, "worked")
    site.wait_caught_up()
    assert [letter for letter in site.dump("dead-letters") if b"signal_outcome" in (letter.value or b"")] == []
    (kept,) = states(site)[customer]["outcomes"]
    assert (kept["signal_id"], kept["outcome"], kept["at"]) == (signal_id, "worked", event["occurred_at"])
    page.get_by_label("対応", exact=True).select_option("done")
    expect(page.locator("#feed .signal")).to_have_attribute("data-signal", signal_id)  # the only one with an outcome
    page.get_by_label("対応", exact=True).select_option("open")
    expect(page.locator(f'#feed .signal[data-signal="{signal_id}"]')).to_have_count(0)
    boards = open_page("/boards")
    expect(boards.locator(".acted_upon .rows li").first).to_contain_text("商談化")
    assert faults(page) == faults(other) == []


def test_a_script_in_a_companys_name_is_shown_as_text(site: Site, open_page: OpenPage) -> None:
    customer = untold(site, "detractor", *SEGMENTS)[0]
    name = "<img src=x onerror=\"document.title='broken'\"><script>alert(1)</script>{owner}"
    account = accounts(site)[customer]
    known = {
        "name": name,
        "kind": "b2b",
        "sales_owner": "<b>営業</b>",
        "industry": "</script><script>alert(2)</script>",
    }
    site.send([{"topic": "accounts", "value": {"customer_id": customer, "departments": ["<i>部</i>"]} | known}])
    site.send([activity(customer, "nps_response", score=0)])
    page = open_page()
    card = page.locator("#feed .signal").filter(has_text="NPS低スコア").filter(has_text="<script>").first
    expect(card).to_be_visible(timeout=WITHIN_MS)
    expect(card.locator(".who")).to_have_text(name)
    card.locator(".who").click()
    expect(page.get_by_role("dialog").locator(".title")).to_have_text(name)
    for path in (f"/customers/{customer}", "/boards", "/health", "/"):
        page.goto(page.url.split("/")[0] + "//" + page.url.split("/")[2] + path)
        page.wait_for_selector("body[data-ready]")
        page.wait_for_timeout(200)
        assert page.locator("main img, dialog img, main script, #by-industry script").count() == 0
    page.get_by_role("button", name="一覧").click()
    expect(page.get_by_role("table")).to_be_visible()
    assert "broken" not in page.title()
    assert faults(page) == []
    site.send([{"topic": "accounts", "value": account | {"customer_id": customer, "kind": "b2b"}}])
    site.wait_caught_up()


def test_a_worker_that_stops_is_told_and_its_return_too(make_site: MakeSite, open_page: OpenPage) -> None:
    own = make_site()
    own.worker()
    own.send([{"topic": "accounts", "value": {"customer_id": "C1", "name": "架空商事", "kind": "b2b"}}])
    own.wait_caught_up()
    with PageProcess(own.env, own.folder) as server:
        page, boards = open_page("/", address=server.address), open_page("/boards", address=server.address)
        expect(page.locator("#live")).to_have_attribute("data-level", "ok", timeout=WITHIN_MS)
        own.stop()
        for shown in (page, boards):
            expect(shown.locator("#banner")).to_contain_text("処理（worker）が止まっています", timeout=WITHIN_MS)
            expect(shown.locator("#live")).to_have_attribute("data-level", "bad")
        own.worker()
        for shown in (page, boards):
            expect(shown.locator("#banner")).to_be_hidden(timeout=60_000)
            expect(shown.locator("#live")).to_have_attribute("data-level", "ok")
    expect(page.locator("#banner")).to_contain_text(
        "接続が切れました", timeout=WITHIN_MS
    )  # now the page itself is gone
