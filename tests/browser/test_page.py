"""The page in a real browser on the running system: what it shows is what Redis holds, and what is sent arrives."""

from __future__ import annotations

import json
import re
import statistics
import time
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.running import PageProcess, evaluated, faults
from tests.integration.system.conftest import MakeSite
from tests.integration.system.site import Site

pytestmark = pytest.mark.xdist_group("browser")  # one process: a browser is a heavy thing

SEGMENTS = ("retain", "nurture", "expand", "streamline")
ARRIVES_WITHIN_S = 1.0
WITHIN_MS = 20_000

# What the page holds of every customer that it shows: id → value, potential, segment.
HELD = """() => {
  const { columns, plot, names } = kakuhan;
  const found = {};
  for (let row = 0; row < columns.count; row += 1)
    if (plot.shown[row]) found[names().ids[row]] = [columns.value[row], columns.potential[row], columns.segment[row]];
  return found;
}"""
NAMES = "() => kakuhan.names() !== null"


def states(site: Site) -> dict[str, dict[str, Any]]:
    """The public states of all customers that have not left."""
    ids = [found for segment in SEGMENTS for found in site.redis.zrange(site.key(f"segment:{segment}"), 0, -1)]
    return {found: json.loads(site.redis.get(site.key(f"customer:{found}")) or "") for found in ids}


def accounts(site: Site) -> dict[str, dict[str, Any]]:
    return {found: json.loads(site.redis.get(site.key(f"account:{found}")) or "{}") for found in states(site)}


def somebody(site: Site, segment: str) -> str:
    return str(site.redis.zrange(site.key(f"segment:{segment}"), 0, 0)[0])


def untold(site: Site, rule: str, *segments: str) -> list[str]:
    """Active customers of these segments of whom this rule has not told yet, so that no cooldown holds it back."""
    found = [customer for customer, state in states(site).items() if state["segment"] in segments]
    told = {customer: site.redis.lrange(site.key(f"customer-signals:{customer}"), 0, -1) for customer in found}
    rules = {customer: {json.loads(signal)["rule"] for signal in told[customer]} for customer in found}
    return [c for c in found if rule not in rules[c] and states(site)[c]["lifecycle"] == "active"]


def now() -> str:
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime()) + f".{time.time_ns() // 1_000_000 % 1000:03d}Z"


def activity(customer: str, type_: str, **fields: Any) -> dict[str, Any]:
    """An event of the CRM, happening now."""
    event = {"event_id": f"test-{time.time_ns()}", "occurred_at": now(), "type": type_, "customer_id": customer}
    return {"topic": "crm-activities", "value": event | fields}


def test_every_point_stands_where_redis_says(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.wait_for_function(NAMES)
    held = evaluated(page, HELD)
    expected = states(site)
    assert held.keys() == expected.keys()
    for customer, state in expected.items():
        value, potential, segment = held[customer]
        assert value == pytest.approx(float(state["value"]["amount"]), rel=1e-6)  # drawn from 32-bit floats
        assert potential == pytest.approx(state["potential"]["score"], rel=1e-6, abs=1e-6)
        assert SEGMENTS[segment] == state["segment"]
    summary = site.redis.hgetall(site.key("summary"))
    for segment in SEGMENTS:
        shown = page.locator(f".corner.{segment} .numbers b").inner_text()
        assert int(re.sub(r"\D", "", shown)) == int(summary[f"customers:{segment}"])
    assert faults(page) == []


def test_a_point_is_drawn_at_its_place(site: Site, open_page: OpenPage) -> None:
    """The pixel where a lone customer stands has its segment's colour."""
    page = open_page()
    drawn = evaluated(
        page,
        """() => {
          const { plot, columns, overlay } = kakuhan;
          const g = document.getElementById("base").getContext("2d", { willReadFrequently: true });
          const found = [];
          for (let row = 0; row < columns.count; row += 1) {
            if (!plot.shown[row] || columns.segment[row] === 3) continue;
            const [x, y] = plot.at(row);
            const crowded = Array.from({ length: columns.count }, (_, other) => other).some((other) => {
              if (other === row || !plot.shown[other]) return false;
              const [ox, oy] = plot.at(other);
              return Math.hypot(ox - x, oy - y) < 16;
            });
            const [cx, cy] = plot.cross;
            if (crowded || Math.abs(x - cx) < 8 || Math.abs(y - cy) < 8) continue;
            const [r, gr, b] = g.getImageData(Math.round(x * plot.ratio), Math.round(y * plot.ratio), 1, 1).data;
            found.push([columns.segment[row], r, gr, b]);
          }
          return found;
        }""",
    )
    assert len(drawn) >= 5
    hues = {0: lambda r, g, b: b > r, 1: lambda r, g, b: r > b, 2: lambda r, g, b: g > r}
    assert [found for found in drawn if not hues[found[0]](*found[1:])] == []


def test_a_signal_sent_through_kafka_appears_within_a_second(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.wait_for_function(NAMES)
    took_s = []
    for customer in untold(site, "detractor", "expand", "streamline")[:5]:
        cards = page.locator(f'#feed .signal:has(a[href="/customers/{customer}"]):has-text("NPS低スコア")')
        before = cards.count()
        begun_s = time.monotonic()
        site.send([activity(customer, "nps_response", score=1)])
        expect(cards).to_have_count(before + 1, timeout=WITHIN_MS)
        took_s.append(time.monotonic() - begun_s)
    assert statistics.median(took_s) < ARRIVES_WITHIN_S, took_s
    first = page.locator("#feed .signal").first
    expect(first).to_contain_text("離反の兆し")
    expect(first.locator("summary")).to_have_text("NPS低スコア（批判者）")
    assert faults(page) == []


def test_a_customer_that_rises_moves_and_glows(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.wait_for_function(NAMES)
    known = accounts(site)
    numbered = [c for c in untold(site, "segment", "streamline") if known[c].get("corporate_number")]
    customer = max(numbered, key=lambda c: states(site)[c]["potential"]["score"])
    row = evaluated(page, "(id) => kakuhan.names().ids.indexOf(id)", customer)
    before = evaluated(page, "(row) => [kakuhan.columns.potential[row], ...kakuhan.plot.at(row)]", row)
    release = {
        "event_id": f"test-{time.time_ns()}",
        "occurred_at": now(),
        "type": "press_release",
        "company": {"corporate_number": known[customer]["corporate_number"]},
        "headline": "シリーズBで10億円の資金調達を実施",
        "url": "https://press.example/1",
    }
    site.produce("press-releases", None, json.dumps(release).encode())
    site.flush()
    page.wait_for_function(
        "([row, before]) => kakuhan.columns.potential[row] > before + 10", arg=[row, before[0]], timeout=WITHIN_MS
    )
    page.wait_for_function("(row) => kakuhan.overlay.glowing.has(row)", arg=row, timeout=WITHIN_MS)
    page.wait_for_function("() => kakuhan.overlay.moving.size === 0 && kakuhan.plot.hidden.size === 0")
    assert evaluated(page, "(row) => kakuhan.plot.at(row)[1]", row) < before[2] - 5  # higher up
    expect(page.locator("#feed .signal").filter(has_text="最重要育成層").first).to_contain_text("資金調達")
    source = page.locator(f'#feed .signal:has(a[href="/customers/{customer}"]) .source').first
    expect(source).to_have_attribute("href", "https://press.example/1")
    expect(source).to_have_attribute("rel", "noopener noreferrer")


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


def test_filters_show_exactly_those_that_fit(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.wait_for_function(NAMES)
    known, all_states = accounts(site), states(site)
    industry = known[somebody(site, "expand")]["industry"]
    owner = all_states[somebody(site, "expand")]["owners"]["sales"]
    page.select_option("#by-industry", industry)
    by_industry = {found for found in known if known[found].get("industry") == industry}
    assert evaluated(page, HELD).keys() == by_industry
    page.select_option("#by-owner", owner)
    by_both = {found for found in by_industry if owner in all_states[found]["owners"].values()}
    assert evaluated(page, HELD).keys() == by_both
    assert "industry=" in page.url
    page.reload()
    page.wait_for_function(NAMES)
    assert evaluated(page, HELD).keys() == by_both  # the address carries the view
    page.get_by_role("button", name="解除").click()
    assert evaluated(page, HELD).keys() == known.keys()
    department = next(found["departments"][0] for found in all_states.values() if found["departments"])
    page.select_option("#by-department", department)
    assert evaluated(page, HELD).keys() == {c for c, found in all_states.items() if department in found["departments"]}
    page.select_option("#by-department", "")
    page.locator(".corner.expand").click()
    assert evaluated(page, HELD).keys() == {c for c, found in all_states.items() if found["segment"] == "expand"}


def test_the_feed_is_narrowed_down(site: Site, open_page: OpenPage) -> None:
    site.send([activity(untold(site, "detractor", *SEGMENTS)[0], "nps_response", score=2)])
    page = open_page()
    cards = page.locator("#feed .signal")
    expect(cards.filter(has_text="NPS低スコア").first).to_be_visible(timeout=WITHIN_MS)
    page.get_by_label("宛先").select_option("cs")
    page.get_by_label("重要度", exact=True).select_option("high")
    held = evaluated(
        page, "() => kakuhan.feed.items.filter((item) => kakuhan.feed.fits(item)).map(({ signal }) => signal)"
    )
    assert held
    assert all("cs" in signal["audiences"] and signal["severity"] == "high" for signal in held)
    expect(cards).to_have_count(min(len(held), 40))


def test_a_customer_is_found_by_name_and_its_terms_add_up(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    customer = str(site.redis.zrange(site.key("segment:nurture"), 0, 0, desc=True)[0])
    name = accounts(site)[customer]["name"]
    page.get_by_role("combobox", name="顧客名・IDで検索").fill(name[:-2])
    page.get_by_role("option").filter(has_text=customer).click()
    drawer = page.get_by_role("dialog")
    expect(drawer.locator(".customer .title")).to_have_text(name)
    assert_terms_add_up(page, states(site)[customer]["potential"]["score"])
    expect(drawer.get_by_role("heading", name="この先のポテンシャル")).to_be_visible()
    page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    assert faults(page) == []


def assert_terms_add_up(page: Page, score: float) -> None:
    """The shown terms, the shown total and the score in Redis are one number."""
    terms = page.locator(".of-potential .terms")
    parts = [
        float(text)
        for text in terms.locator("[data-points]").evaluate_all("(all) => all.map((one) => one.dataset.points)")
    ]
    assert parts
    assert round(sum(parts), 3) == pytest.approx(score, abs=0.001)
    assert float(terms.locator("[data-total]").get_attribute("data-total") or "nan") == score


@pytest.mark.parametrize("segment", SEGMENTS)
def test_a_customers_own_page_says_what_redis_holds(site: Site, open_page: OpenPage, segment: str) -> None:
    customer = somebody(site, segment)
    page = open_page(f"/customers/{customer}")
    state = states(site)[customer]
    expect(page.locator(".customer .title")).to_have_text(accounts(site)[customer]["name"])
    expect(page.locator(".customer .tag.big")).to_contain_text(
        {"retain": "優良維持層", "nurture": "最重要育成層", "expand": "機会発見層", "streamline": "効率化対象層"}[
            segment
        ]
    )
    if state["potential"]["contributions"]:
        assert_terms_add_up(page, state["potential"]["score"])
    expect(page.locator("p.next")).to_contain_text("このままなら")
    assert page.locator(".customer .history li").count() == len(state["segment_history"]) + 1
    assert page.locator(".customer .signal").count() == site.redis.llen(site.key(f"customer-signals:{customer}"))
    assert faults(page) == []


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
