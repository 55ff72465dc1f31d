"""A page that stays open while things happen in a Redis that the test writes: nothing is lost, or shown twice."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from playwright.sync_api import Page, Route, WebSocketRoute, expect
from redis import Redis

from streams.local import LocalStack
from tests.browser.asking import NAMES, WITHIN_MS
from tests.browser.conftest import OpenPage
from tests.browser.running import PageProcess, evaluated, faults
from tests.integration.dashboard.kit import Shelf, until
from tests.unit.dashboard.kit import leads_to, row, scored, signal, worth

TOKEN = "correct-horse-battery"


@dataclass(frozen=True, slots=True)
class Place:
    """The page, and the Redis that it looks at."""

    shelf: Shelf
    address: str
    env: dict[str, str]


@pytest.fixture
def place(stack: LocalStack, names: Any, tmp_path: Any) -> Iterator[Place]:
    with Redis.from_url(stack.redis_url) as redis:
        shelf = Shelf(redis, names.redis_prefix)
        shelf.put("C1", "架空商事")
        shelf.report()
        env = {"KAKUHAN_REDIS_URL": stack.redis_url, "KAKUHAN_REDIS_PREFIX": names.redis_prefix}
        env |= {"KAKUHAN_BROKERS": stack.brokers}
        with PageProcess(env, tmp_path) as server:
            yield Place(shelf, server.address, env)
        shelf.clear()


def shown(page: Page) -> list[int]:
    """The numbers of the signals in the feed, from above."""
    ids = evaluated(page, "() => [...document.querySelectorAll('#feed .signal')].map((one) => one.dataset.signal)")
    return [int(found, 16) for found in ids]


def test_older_signals_are_appended_once_and_in_order(place: Place, open_page: OpenPage) -> None:
    for number in range(1, 91):
        place.shelf.tell(signal(number))
    page = open_page(address=place.address)
    expect(page.locator("#feed .signal")).to_have_count(40)
    for number in range(91, 96):
        place.shelf.tell(signal(number))
    expect(page.locator("#feed .signal")).to_have_count(45, timeout=WITHIN_MS)
    for expected in (65, 95):
        page.locator("#feed .more").click()
        expect(page.locator("#feed .signal")).to_have_count(expected, timeout=WITHIN_MS)
    assert shown(page) == list(range(95, 0, -1))
    page.locator("#feed .more").click()
    expect(page.get_by_text("これより前はありません")).to_be_disabled()
    assert faults(page) == []


def test_older_signals_that_fit_are_looked_for_until_there_are_some(place: Place, open_page: OpenPage) -> None:
    place.shelf.tell(signal(1, severity="high"))
    for number in range(2, 352):
        place.shelf.tell(signal(number, severity="low"))
    page = open_page(address=place.address)
    page.locator("#feed").get_by_label("重要度", exact=True).select_option("high")
    expect(page.locator("#feed .empty")).to_be_visible()
    page.locator("#feed .more").click()
    expect(page.locator("#feed .signal")).to_have_count(1, timeout=WITHIN_MS)
    expect(page.locator("#feed .empty")).to_have_count(0)
    page.route("**/data/signals?*", lambda route: route.fulfill(status=503, body="{}"))
    page.locator("#feed .more").click()
    expect(page.locator("#feed .more")).to_have_text("読み込めませんでした。 もう一度")
    expect(page.locator("#feed .more")).to_be_enabled()
    page.unroute("**/data/signals?*")
    page.locator("#feed .more").click()
    expect(page.get_by_text("これより前はありません")).to_be_disabled()


def test_keys_of_a_conversion_choose_nobody(place: Place, open_page: OpenPage) -> None:
    page = open_page("/boards", address=place.address)
    page.locator("#search-text").fill("架空")
    expect(page.locator("#search-list [role=option]")).to_have_count(1)
    said = evaluated(
        page,
        """() => ["Enter", "ArrowDown", "Escape"].map((key) => document.getElementById("search-text").dispatchEvent(
          new KeyboardEvent("keydown", { key, isComposing: true, bubbles: true, cancelable: true })))""",
    )
    assert said == [True, True, True]  # nobody took them
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator(".title")).to_have_text("架空商事")


def test_search_finds_every_word_in_name_or_id(place: Place, open_page: OpenPage) -> None:
    place.shelf.put("カナ 7", "見本工業")
    page = open_page(address=place.address)
    for text in ("カナ 7", "かな7", "見本 かな", "7 工業"):
        page.locator("#search-text").fill(text)
        expect(page.locator("#search-list [role=option]")).to_have_text("見本工業カナ 7")


def test_search_takes_old_and_new_forms_of_characters_for_the_same(place: Place, open_page: OpenPage) -> None:
    place.shelf.put("C9", "髙﨑渡邊商会")
    page = open_page(address=place.address)
    for text in ("高崎渡辺", "髙﨑渡邉"):
        page.locator("#search-text").fill(text)
        expect(page.locator("#search-list [role=option]")).to_have_text("髙﨑渡邊商会C9")


def test_a_list_that_is_shown_anew_leaves_the_keyboard_where_it_is(place: Place, open_page: OpenPage) -> None:
    for number in range(2, 6):
        place.shelf.put(f"C{number}", segment="retain", next_transition=leads_to("2031-01-01T00:00:00.000Z", "expand"))
    page = open_page("/boards", address=place.address)
    page.locator(".at_risk").get_by_role("link", name="C3商事").focus()
    place.shelf.put("C9", segment="retain", next_transition=leads_to("2030-01-01T00:00:00.000Z", "expand"))
    expect(page.locator(".at_risk .rows li")).to_have_count(5, timeout=WITHIN_MS)
    assert evaluated(page, "() => document.activeElement.textContent") == "C3商事"

    page = open_page(address=place.address)
    page.get_by_role("button", name="一覧").click()
    page.locator("#listing").get_by_role("button", name="C3商事").focus()
    place.shelf.put("C5", "C5商事", potential=scored(row("a", 90.0)))
    expect(page.locator("#listing tbody tr").first).to_contain_text("C5商事", timeout=WITHIN_MS)
    assert evaluated(page, "() => document.activeElement.textContent") == "C3商事"

    page = open_page("/customers/C3", address=place.address)
    page.get_by_text("数値で見る").first.click()
    expect(page.locator("details.numbers").first).to_have_attribute("open", "")
    place.shelf.put("C3", "新しい名前")
    expect(page.locator("h1")).to_have_text("新しい名前", timeout=WITHIN_MS)
    expect(page.locator("details.numbers").first).to_have_attribute("open", "")
    assert evaluated(page, "() => document.activeElement.tagName") == "SUMMARY"


def test_what_is_pressed_in_the_list_stays_under_the_finger(place: Place, open_page: OpenPage) -> None:
    page = open_page(address=place.address)
    page.wait_for_function(NAMES)
    page.get_by_role("button", name="一覧").click()
    name = page.locator("#listing").get_by_role("button", name="架空商事")
    box = name.bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 5, box["y"] + 5)
    page.mouse.down()
    place.shelf.put("C1", "架空商事", potential=scored(row("a", 8.0)))
    page.wait_for_function("() => Math.abs(kakuhan.columns.potential[0] - 8) < 0.01", timeout=WITHIN_MS)
    page.wait_for_timeout(600)
    page.mouse.up()
    expect(page.get_by_role("dialog").locator(".title")).to_have_text("架空商事")
    expect(page.locator("#listing tbody tr")).to_contain_text("8.0")


def test_numbers_are_those_of_the_state(place: Place, open_page: OpenPage) -> None:
    """Columns hold 32 bits of each: no more digits are shown than that."""
    place.shelf.put("C1", "架空商事", value=worth("123456789"), potential=scored(row("a", 12.45)))
    page = open_page(address=place.address)
    page.wait_for_function(NAMES)
    page.get_by_role("button", name="一覧").click()
    line = page.locator("#listing tbody tr")
    expect(line).to_contain_text("12.5 点")
    expect(line).to_contain_text("1.235億円")
    titles = "() => [...document.querySelectorAll('#listing [title], .corner [title]')].map((one) => one.title)"
    assert [text for text in evaluated(page, titles) if "123,456" in text] == []


def test_a_page_open_for_weeks_keeps_one_set_of_departments(place: Place, open_page: OpenPage) -> None:
    page = open_page(address=place.address)
    for number in range(1, 6):
        place.shelf.put("C1", "架空商事", departments=["経理部", "人事部"], potential=scored(row("a", float(number))))
        page.wait_for_function(
            "([score]) => Math.abs(kakuhan.columns.potential[0] - score) < 0.01", arg=[number], timeout=WITHIN_MS
        )
    assert evaluated(page, "() => kakuhan.columns.departmentSets.length") == 2
    page.locator("#by-department").select_option("人事部")  # new words are offered as they come
    assert evaluated(page, "() => kakuhan.plot.shown[0]") == 1


def test_who_comes_while_the_names_are_fetched_has_a_name(place: Place, open_page: OpenPage) -> None:
    page = open_page("/boards", address=place.address)

    def late(route: Route) -> None:
        answer = route.fetch()
        place.shelf.put("C2", "あとから商事")
        page.wait_for_timeout(1_000)
        route.fulfill(response=answer)

    page.route("**/data/names", late)
    page.goto(place.address + "/")
    page.wait_for_function(NAMES)
    assert evaluated(page, "() => [kakuhan.names().names[1], kakuhan.names().rows.get('C2')]") == ["あとから商事", 1]


def test_a_reload_told_while_everything_is_fetched_is_not_lost(place: Place, open_page: OpenPage) -> None:
    """The answer is of before, and nothing may change again for hours."""
    asked, lines = [], list[WebSocketRoute]()
    page = open_page("/boards", address=place.address)

    def tap(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    def late(route: Route) -> None:
        asked.append(route.request.url)
        answer = route.fetch()
        if len(asked) == 1:
            lines[0].send(json.dumps([{"t": "reload", "epoch": "another", "seq": 1}]))
            page.wait_for_timeout(4_000)
        route.fulfill(response=answer)

    page.route_web_socket("**/live?*", tap)
    page.route("**/data/snapshot", late)
    page.goto(place.address + "/")
    page.wait_for_selector("body[data-ready]")
    page.wait_for_timeout(3_500)
    assert len(asked) == 2


def test_a_dead_line_is_told_though_nobody_closes_it(place: Place, open_page: OpenPage) -> None:
    lines = list[WebSocketRoute]()
    page = open_page("/boards", address=place.address)
    page.clock.install()
    page.route_web_socket("**/live?*", lambda line: lines.append(line))  # says one thing, and then nothing for ever
    page.goto(place.address + "/health")
    page.wait_for_timeout(300)
    lines[0].send(json.dumps([{"t": "beat"}]))
    lines[0].on_close(lambda *_: None)
    page.clock.run_for(26_000)
    expect(page.locator("#banner")).to_contain_text("サーバーとの接続が切れました")


def test_who_came_meanwhile_is_found_on_every_page(place: Place, open_page: OpenPage) -> None:
    page = open_page("/boards", address=place.address)
    page.clock.install()
    page.goto(place.address + "/boards")
    hits = page.locator("#search-list [role=option]")
    page.locator("#search-text").fill("架空")
    expect(hits).to_have_count(1)
    place.shelf.put("C2", "あとから架空")
    page.locator("#search-text").blur()
    until(lambda: "C2" in page.request.get(place.address + "/data/names").text())
    page.clock.fast_forward(61_000)
    page.locator("#search-text").fill("架空商")
    page.locator("#search-text").fill("架空")
    expect(hits).to_have_count(2)


def test_a_person_signs_in_with_the_token(place: Place, open_page: OpenPage, tmp_path: Any) -> None:
    with PageProcess(place.env | {"KAKUHAN_PAGE_TOKEN": TOKEN}, tmp_path) as server:
        page = open_page("/boards", address=place.address)
        page.goto(server.address + "/customers/C1")
        page.locator("#token").fill("wrong-horse-battery")
        page.locator("button").click()
        expect(page.get_by_role("alert")).to_have_text("トークンが違います。")
        page.locator("#token").fill(TOKEN)
        page.locator("button").click()
        expect(page.locator("h1")).to_have_text("架空商事")


def test_who_must_sign_in_again_is_led_there(place: Place, open_page: OpenPage, tmp_path: Any) -> None:
    """The cookie of a page that was left open overnight has gone, and then the line breaks."""
    lines = list[WebSocketRoute]()

    def tap(line: WebSocketRoute) -> None:
        line.connect_to_server()
        lines.append(line)

    with PageProcess(place.env | {"KAKUHAN_PAGE_TOKEN": TOKEN}, tmp_path) as server:
        page = open_page("/boards", address=place.address)
        page.route_web_socket("**/live?*", tap)
        page.goto(server.address + "/boards?owner=x")
        page.locator("#token").fill(TOKEN)
        page.locator("button").click()
        page.wait_for_selector("body[data-ready]")
        assert page.url == server.address + "/boards?owner=x"
        page.context.clear_cookies()
        lines[-1].close()
        expect(page.locator("#token")).to_be_visible(timeout=WITHIN_MS)


@pytest.mark.parametrize("zone", ["Pacific/Auckland", "Pacific/Kiritimati", "America/Los_Angeles", "Etc/GMT+12"])
def test_a_calendar_day_is_that_day_in_every_zone(place: Place, open_page: OpenPage, zone: str) -> None:
    page = open_page("/boards", address=place.address, language="en")

    def there(route: Route) -> None:
        answer = route.fetch()
        assert '"Asia/Tokyo"' in answer.text()
        route.fulfill(response=answer, body=answer.text().replace('"Asia/Tokyo"', f'"{zone}"'))

    page.route(place.address + "/health", there)
    page.goto(place.address + "/health")
    script = """async () => {
      const base = document.querySelector("script[type=module]").src.replace("health.js", "core/words.js");
      return (await import(base)).day("2026-11-20");
    }"""
    assert evaluated(page, script) == "Nov 20, 2026"
