"""`python -m tests.browser.screenshots FOLDER`: the pictures of the documentation, taken from the running system.

It must not know the documentation. The companies in the pictures are the sample's: made up, all of them.
"""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page, sync_playwright

from streams.adapters.topics import ensure_topics
from streams.local import LocalStack
from streams.sample import b2b
from streams.sample.live import live
from streams.settings import Settings
from tests.browser.chromium import FLAGS, path
from tests.browser.running import PageProcess
from tests.integration.system.processes import ROOT, wait_until
from tests.integration.system.site import Site

SEED, PACE_PER_S = 3, 6.0
LIVE_S, FRESH_S = 60.0, 12.0
LOADED_WITHIN_S = 900.0
HISTORY_ENDS_BEFORE = timedelta(minutes=5)
DESKTOP, PHONE = (1440, 900), (390, 844)
OUTCOMES = ("商談化", "対応中", "後日対応", "商談化", "見送り")


def main(folder: Path) -> None:
    """Start everything, let it live for a minute, and take the pictures."""
    folder.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        work = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="kakuhan-pictures-")))
        site = stack.enter_context(_site(work))
        server = stack.enter_context(PageProcess(site.env, work))
        playwright = stack.enter_context(sync_playwright())
        browser = playwright.chromium.launch(executable_path=path(), args=FLAGS)
        stack.callback(browser.close)
        page = _open(browser, server.address, "/")
        _live(site, LIVE_S)
        _report(page)
        _live(site, FRESH_S)
        _take_all(browser, server.address, page, site, folder)


@contextmanager
def _site(work: Path) -> Iterator[Site]:
    with LocalStack(temporary=True, kafka_port=0, redis_port=0) as stack:
        site = Site(stack.brokers, stack.redis_url, "pictures", work, ROOT / "policies" / "b2b.yaml")
        try:
            ensure_topics(Settings.from_env(site.env))
            history = site.write(b2b.history(SEED, datetime.now(UTC) - HISTORY_ENDS_BEFORE), "history.jsonl")
            site.worker()
            site.begin("send", history, "--history").wait(LOADED_WITHIN_S)
            assert wait_until(lambda: site.failed() or (site.is_taken_in() and site.is_fed()), LOADED_WITHIN_S, 0.5)
            site.wait_caught_up()
            yield site
        finally:
            site.close()


def _live(site: Site, for_s: float) -> None:
    """Events as they would come in, for a while."""
    until_s = time.monotonic() + for_s
    for line in live(SEED, datetime.now(UTC), PACE_PER_S):
        due_s = datetime.fromisoformat(line["received_at"]).timestamp()
        if time.monotonic() > until_s:
            return
        time.sleep(max(0.0, due_s - time.time()))
        site.send([line | {"key": line["value"].get("customer_id") or line["value"].get("event_id")}])


def _report(page: Page) -> None:
    """What a sales team would have clicked by now."""
    cards = page.locator("#feed .signal")
    for number, outcome in enumerate(OUTCOMES):
        if number + 2 < cards.count():
            cards.nth(number + 2).get_by_role("button", name=outcome).click()
            page.wait_for_timeout(300)
    page.mouse.move(1, 1)
    page.locator("#feed .scroll").evaluate("(feed) => { feed.scrollTop = 0; }")


def _take_all(browser: Browser, address: str, page: Page, site: Site, folder: Path) -> None:
    page.wait_for_timeout(500)
    page.screenshot(path=folder / "matrix.png")
    moved = page.locator('#feed .signal.segment a[href^="/customers/"]')
    customer = str((moved if moved.count() else page.locator("#feed .signal a.who")).first.get_attribute("href"))
    pictures: list[tuple[str, str, tuple[int, int], dict[str, Any]]] = [
        ("matrix-dark.png", "/", DESKTOP, {"color_scheme": "dark"}),
        ("matrix-en.png", "/", DESKTOP, {"locale": "en-US"}),
        ("customer.png", customer, (1200, 1180), {}),
        ("boards.png", "/boards", DESKTOP, {}),
        ("health.png", "/health", (1100, 720), {}),
        ("phone.png", "/", PHONE, {"is_mobile": True, "has_touch": True, "device_scale_factor": 1.5}),
        (
            "phone-customer.png",
            customer,
            PHONE,
            {"is_mobile": True, "color_scheme": "dark", "device_scale_factor": 1.5},
        ),
    ]
    for name, where, size, options in pictures:
        shown = _open(browser, address, where, size, **options)
        shown.wait_for_timeout(700)
        shown.screenshot(path=folder / name)
        shown.context.close()


def _open(browser: Browser, address: str, where: str, size: tuple[int, int] = DESKTOP, **options: Any) -> Page:
    given = {"locale": "ja-JP", "timezone_id": "Asia/Tokyo"} | options
    context = browser.new_context(viewport={"width": size[0], "height": size[1]}, **given)
    page = context.new_page()
    page.goto(address + where)
    page.wait_for_selector("body[data-ready]")
    return page


if __name__ == "__main__":
    main(Path(sys.argv[1]))
