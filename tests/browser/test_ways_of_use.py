"""The page for everybody: by keyboard, by screen reader, on a phone, in the dark, in English, on paper."""

from __future__ import annotations

from itertools import pairwise

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import OpenPage
from tests.browser.running import evaluated, faults
from tests.integration.system.site import Site

PATHS = ("/", "/boards", "/health")
NAMES = "() => kakuhan.names() !== null"

# Everything that can be used and has no name that a screen reader could say.
NAMELESS = """() => [...document.querySelectorAll("a[href], button, input, select, summary, canvas[tabindex], dialog")]
  .concat(...document.querySelectorAll("[role=img]"))
  .filter((one) => one.checkVisibility())
  .filter((one) => !(one.getAttribute("aria-label") || one.textContent.trim() || one.title
    || [...(one.labels || [])].some((label) => label.textContent.trim())))
  .map((one) => one.outerHTML.slice(0, 120))"""
UNNAMED_PICTURES = "() => [...document.querySelectorAll('img:not([alt])')].map((one) => one.src)"
DOUBLE_IDS = """() => [...document.querySelectorAll("[id]")].map((one) => one.id)
  .filter((id, at, all) => all.indexOf(id) !== at)"""
LEVELS = "() => [...document.querySelectorAll('main h1, main h2, main h3')].map((one) => Number(one.tagName[1]))"

# Text whose colour stands out from what is behind it by less than WCAG 2.2, 1.4.3 asks for (4.5, large text 3).
FAINT = """() => {
  const linear = (c) => { c /= 255; return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4; };
  const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
  const rgba = (colour) => {
    canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1);
    const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data; return [r, g, b, a / 255];
  };
  const light = ([r, g, b]) => 0.2126 * linear(r) + 0.7152 * linear(g) + 0.0722 * linear(b);
  const behind = (one) => {
    const layers = [];
    for (let at = one; at; at = at.parentElement) layers.push(rgba(getComputedStyle(at).backgroundColor));
    let found = [255, 255, 255];
    for (const [r, g, b, a] of layers.reverse()) found = [r, g, b].map((c, n) => c * a + found[n] * (1 - a));
    return found;
  };
  const faint = [];
  for (const one of document.querySelectorAll("body *")) {
    const own = [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim());
    if (!own || !one.checkVisibility() || one.closest(".unseen, svg, script, option, :disabled")) continue;
    const style = getComputedStyle(one);
    const [a, b] = [light(rgba(style.color)), light(behind(one))].sort((x, y) => y - x);
    const ratio = (a + 0.05) / (b + 0.05);
    const size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    const shown = `${ratio.toFixed(2)} ${one.className} ${one.textContent.trim().slice(0, 30)}`;
    if (ratio < (large ? 3 : 4.5)) faint.push(shown);
  }
  return [...new Set(faint)];
}"""


def nurtured(site: Site) -> str:
    return str(site.redis.zrange(site.key("segment:nurture"), 0, 0, desc=True)[0])


def paths(site: Site) -> list[str]:
    return [*PATHS, f"/customers/{nurtured(site)}"]


@pytest.mark.parametrize("language", ["ja", "en"])
def test_everything_that_can_be_used_has_a_name(site: Site, open_page: OpenPage, language: str) -> None:
    for path in paths(site):
        page = open_page(path, language=language)
        assert evaluated(page, "() => document.documentElement.lang") == language
        assert evaluated(page, NAMELESS) == []
        assert evaluated(page, UNNAMED_PICTURES) == []
        assert evaluated(page, DOUBLE_IDS) == []
        levels = evaluated(page, LEVELS)
        assert all(later - earlier <= 1 for earlier, later in pairwise(levels)), (path, levels)
        assert page.locator("main").count() == page.locator("h1").count() == 1, path
        assert faults(page) == []


@pytest.mark.parametrize("dark", [False, True])
def test_every_text_stands_out(site: Site, open_page: OpenPage, dark: bool) -> None:
    for path in paths(site):
        page = open_page(path, dark=dark)
        page.wait_for_timeout(300)
        assert evaluated(page, FAINT) == [], path


@pytest.mark.parametrize("language", ["ja", "en"])
@pytest.mark.parametrize("width", [768, 820, 900, 1024])
def test_the_header_is_one_line_on_a_tablet(open_page: OpenPage, width: int, language: str) -> None:
    page = open_page("/", width=width, language=language)
    boxes = evaluated(
        page,
        """() => [...document.querySelectorAll(".brand span, .pages a, .search input, .tools > *")]
          .filter((one) => one.checkVisibility()).map((one) => one.getBoundingClientRect())
          .map(({ height, left, right }) => [height, left, right])""",
    )
    assert max(height for height, _, _ in boxes) <= 40, boxes
    assert all(right <= left for (_, _, right), (_, left, _) in pairwise(boxes)), boxes  # nothing lies over another
    assert boxes[-1][2] <= width


def test_no_page_is_wider_than_a_phone(site: Site, open_page: OpenPage) -> None:
    for path in paths(site):
        page = open_page(path, width=360, height=740, is_mobile=True, has_touch=True)
        assert evaluated(page, "() => document.documentElement.scrollWidth") <= 360, path
    page = open_page("/", width=360, height=740, is_mobile=True, has_touch=True)
    expect(page.locator("#field")).to_be_in_viewport()
    small = evaluated(
        page,
        """() => [...document.querySelectorAll("main button, main select, nav a")]
          .filter((one) => one.checkVisibility())
          .map((one) => [one.getBoundingClientRect().height, one.className]).filter(([height]) => height < 24)""",
    )
    assert small == []  # WCAG 2.2, 2.5.8


def test_a_finger_opens_a_customer(site: Site, open_page: OpenPage) -> None:
    page = open_page("/", width=390, height=844, is_mobile=True, has_touch=True)
    page.wait_for_function(NAMES)
    row, x, y = evaluated(
        page,
        """() => {
          const { columns, plot } = kakuhan;
          const row = [...Array(columns.count).keys()].filter((one) => plot.shown[one] && columns.segment[one] === 1)
            .sort((a, b) => columns.potential[b] - columns.potential[a])[0];
          return [row, ...plot.at(row)];
        }""",
    )
    box = page.locator("#overlay").bounding_box()
    assert box is not None
    page.touchscreen.tap(box["x"] + x, box["y"] + y)
    expected = evaluated(page, "(row) => kakuhan.names().names[row]", row)
    expect(page.get_by_role("dialog").locator(".title")).to_have_text(expected)
    page.get_by_role("button", name="閉じる").click()
    expect(page.get_by_role("dialog")).to_be_hidden()


def test_the_matrix_is_walked_and_opened_by_keyboard(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.wait_for_function(NAMES)
    page.locator("#overlay").focus()
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowUp", "ArrowLeft"):
        before = position(page)
        page.keyboard.press(key)
        after = position(page)
        seen.append(after["row"])
        went = {"ArrowRight": after["x"] - before["x"], "ArrowUp": before["y"] - after["y"]}
        went["ArrowLeft"] = -went["ArrowRight"]
        assert before["row"] < 0 or went[key] > 0
    assert len(set(seen)) >= 3
    name = evaluated(page, "() => kakuhan.names().names[kakuhan.overlay.chosen]")
    expect(page.locator("#said")).to_contain_text(name)
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator(".title")).to_have_text(name)
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_be_hidden()
    assert evaluated(page, "() => document.activeElement.id") == "overlay"  # back where one was
    page.keyboard.press("+")
    assert evaluated(page, "() => kakuhan.plot.view.x1 - kakuhan.plot.view.x0") < 0.9
    page.keyboard.press("0")
    assert evaluated(page, "() => kakuhan.plot.view.x1 - kakuhan.plot.view.x0") == 1


def position(page: Page) -> dict[str, float]:
    script = """() => {
      const row = kakuhan.overlay.chosen;
      const [x, y] = row < 0 ? [0, 0] : kakuhan.plot.at(row);
      return { row, x, y };
    }"""
    found: dict[str, float] = evaluated(page, script)
    return found


def test_the_whole_page_is_reached_by_tab(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    reached = set()
    for _ in range(40):
        page.keyboard.press("Tab")
        reached.add(evaluated(page, "() => document.activeElement.id || document.activeElement.className"))
    assert {"skip", "search-text", "language", "theme", "by-owner", "by-industry", "overlay"} <= reached
    assert any("corner" in one for one in reached)


def test_search_works_by_keyboard_alone(site: Site, open_page: OpenPage) -> None:
    page = open_page()
    page.keyboard.press("/")
    page.keyboard.type("K-000")
    box = page.get_by_role("combobox", name="顧客名・IDで検索")
    expect(box).to_have_attribute("aria-expanded", "true")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    chosen = page.locator(f"#{box.get_attribute('aria-activedescendant')} .id").inner_text()
    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog").locator(".heading .id")).to_have_text(chosen)


def test_those_who_asked_for_calm_see_no_movement(open_page: OpenPage) -> None:
    page = open_page("/", reduced_motion="reduce")
    page.wait_for_function(NAMES)
    moved = evaluated(page, "() => { kakuhan.overlay.move(0, 0, 0); return kakuhan.overlay.moving.size; }")
    assert moved == 0


def test_the_language_is_switched_and_kept(open_page: OpenPage) -> None:
    page = open_page()
    expect(page.get_by_role("link", name="ボード")).to_be_visible()
    page.get_by_role("button", name="English").click()
    expect(page.get_by_role("link", name="Boards")).to_be_visible()
    page.reload()
    expect(page.get_by_role("heading", name="Signals")).to_be_visible()
    assert evaluated(page, "() => kakuhan.frame.segments.retain") == "優良維持層"
    expect(page.locator(".corner.retain")).to_contain_text("Retain")  # names are ours in English


def test_the_colours_are_chosen_and_kept(open_page: OpenPage) -> None:
    page = open_page()
    background = "() => getComputedStyle(document.documentElement).backgroundColor"
    light = evaluated(page, background)
    page.locator("#theme").click()
    assert evaluated(page, background) == light
    page.locator("#theme").click()
    dark = evaluated(page, background)
    assert dark != light
    page.reload()
    assert evaluated(page, background) == dark


def test_on_paper_a_customer_is_whole_and_nothing_else_is(site: Site, open_page: OpenPage) -> None:
    page = open_page(f"/customers/{nurtured(site)}", dark=True)
    evaluated(page, "() => dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    for shown in (".title", ".terms", ".curve", ".months", ".playbook .talk", ".signal .says"):
        expect(page.locator(f".customer {shown}").first).to_be_visible()
    assert page.locator(".customer .signal details[open]").count() == 0  # told once, above
    for hidden in (".top", ".toolbar", ".outcome button"):
        expect(page.locator(hidden).first).to_be_hidden()
    assert evaluated(page, "() => getComputedStyle(document.documentElement).backgroundColor") == "rgb(255, 255, 255)"
    assert evaluated(page, FAINT) == []
