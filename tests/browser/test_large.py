"""Fifty thousand customers: how soon they are seen, and how fast the page answers.

Times are the best of several tries: a busy machine can only add to them. While none is good enough, more are made;
what is too slow by itself never becomes fast by trying.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from redis import Redis

from streams.local import LocalStack
from tests.browser import crowd
from tests.browser.conftest import OpenPage
from tests.browser.running import PageProcess, evaluated, faults
from tests.integration.dashboard.kit import POLICY

CUSTOMERS = 50_000
FIRST_PAINT_MS, ANSWER_MS = 1_500, 100
PAINTS, TRIES, MOST_TRIES = 3, 5, 60
LOADED_WITHIN_S = 60.0

# Making fifty thousand customers takes a minute or two on a busy machine.
pytestmark = pytest.mark.timeout(600)

# Milliseconds from an act to the frame that shows it.
TAKES = """async ({ act, tries, most, within }) => {
  const frame = () => new Promise((done) => requestAnimationFrame(() => setTimeout(done)));
  const acts = {
    filter(n) { const by = document.getElementById("by-industry"); by.selectedIndex = 1 + (n % 20); by.dispatchEvent(new Event("change")); },
    segment() { document.querySelector(".corner.nurture").click(); },
    zoom() { document.querySelector(".zoom button").click(); },
    walk() { document.getElementById("overlay").dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowRight", bubbles: true })); },
    point(n) { document.getElementById("overlay").dispatchEvent(
      new PointerEvent("pointermove", { clientX: 300 + 40 * (n % 8), clientY: 420, bubbles: true })); },
    search(n) { const text = document.getElementById("search-text"); text.value = "見本0" + (n % 10); text.dispatchEvent(new Event("input")); },
  };
  const took = [];
  for (let n = 0; n < tries || (n < most && Math.min(...took) >= within); n += 1) {
    await frame();
    const begun = performance.now();
    acts[act](n);
    await frame();
    took.push(performance.now() - begun);
  }
  return took;
}"""  # noqa: E501 - a script reads better unbroken


@pytest.fixture(scope="module")
def large(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Redis, str, PageProcess]]:
    prefix = "large:"
    with Redis.from_url(stack.redis_url) as redis:
        crowd.fill(redis, prefix, CUSTOMERS, POLICY)
        env = {"KAKUHAN_REDIS_URL": stack.redis_url, "KAKUHAN_REDIS_PREFIX": prefix, "KAKUHAN_BROKERS": stack.brokers}
        with PageProcess(env, tmp_path_factory.mktemp("large")) as server:
            yield redis, prefix, server
        redis.flushdb()


def test_all_are_seen_at_once_and_every_act_is_answered_at_once(large: Any, open_page: OpenPage) -> None:
    redis, prefix, server = large
    page: Page | None = None
    painted: list[float] = []
    took = {}
    while len(painted) < PAINTS or (min(painted) >= FIRST_PAINT_MS and len(painted) < 3 * PAINTS):
        crowd.beat(redis, prefix, POLICY)
        if page is not None:
            page.close()  # one at a time is measured
        page = open_page("/", address=server.address)
        page.wait_for_function("([n]) => kakuhan.columns.count === n", arg=[CUSTOMERS], timeout=LOADED_WITHIN_S * 1000)
        painted.append(evaluated(page, "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"))
        assert faults(page) == []
    assert page is not None
    assert min(painted) < FIRST_PAINT_MS, painted
    page.wait_for_function("() => kakuhan.names() !== null")
    asked = {"tries": TRIES, "most": MOST_TRIES, "within": ANSWER_MS}
    for act in ("filter", "segment", "zoom", "walk", "point", "search"):
        took[act] = [round(ms) for ms in evaluated(page, TAKES, asked | {"act": act})]
    assert {act: ms for act, ms in took.items() if min(ms) >= ANSWER_MS} == {}
    print({"first paint ms": [round(ms) for ms in painted], **took})


def test_every_one_of_them_is_shown(large: Any, open_page: OpenPage) -> None:
    page = open_page("/", address=large[2].address)
    page.wait_for_function("([n]) => kakuhan.columns.count === n", arg=[CUSTOMERS], timeout=LOADED_WITHIN_S * 1000)
    held = evaluated(
        page,
        """() => {
          const { columns, plot } = kakuhan;
          const counts = [0, 0, 0, 0]; let potential = 0;
          for (let row = 0; row < columns.count; row += 1) if (plot.shown[row]) {
            counts[columns.segment[row]] += 1; potential += columns.potential[row];
          }
          return { counts, potential };
        }""",
    )
    states = [state for state, _ in crowd.customers(CUSTOMERS, POLICY)]
    segments = ("retain", "nurture", "expand", "streamline")
    assert held["counts"] == [sum(state["segment"] == segment for state in states) for segment in segments]
    assert held["potential"] == pytest.approx(sum(state["potential"]["score"] for state in states), rel=1e-6)
    expect(page.locator(".shown")).to_have_text("50,000 件を表示")
