"""A real Chromium on the running system: Kafka, Redis, a worker and the page, each a process of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from streams.local import LocalStack
from streams.sample import b2b
from tests.browser.chromium import FLAGS, path
from tests.browser.running import PageProcess, watched
from tests.integration.system.conftest import MakeSite
from tests.integration.system.conftest import make_shared_site as make_shared_site
from tests.integration.system.conftest import make_site as make_site
from tests.integration.system.site import Site

ACCOUNTS, MONTHS = 60, 8
HISTORY_ENDS_BEFORE = timedelta(minutes=30)

OpenPage = Callable[..., Page]


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    """A browser for the tests of a file; while it lives, no other event loop can run in this thread."""
    try:
        program = path()
    except FileNotFoundError as error:
        pytest.fail(str(error), pytrace=False)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def site(stack: LocalStack, make_shared_site: MakeSite, tmp_path_factory: pytest.TempPathFactory) -> Site:
    """An installation with eight months of a made-up company's history, and a worker that has decided them."""
    made = make_shared_site()
    now = datetime.now(UTC)
    history = made.write(b2b.history(5, now - HISTORY_ENDS_BEFORE, ACCOUNTS, MONTHS), "history.jsonl")
    made.worker()
    loaded = made.command("send", history, "--history")  # two releases of the sample fit nobody: status 1
    assert f"of {ACCOUNTS} customers loaded" in loaded.stdout + loaded.stderr, loaded
    made.wait_caught_up()
    return made


@pytest.fixture(scope="module")
def server(site: Site) -> Iterator[PageProcess]:
    """The page of that installation."""
    with PageProcess(site.env, site.folder) as running:
        yield running


@pytest.fixture
def open_page(chromium: Browser, server: PageProcess) -> Iterator[OpenPage]:
    """`open_page("/boards", width=390, dark=True, language="en")`: a page that is ready, in a browser of its own."""
    contexts: list[BrowserContext] = []

    def opened(where: str = "/", *, address: str = "", width: int = 1440, height: int = 900, **options: Any) -> Page:
        language, dark = options.pop("language", "ja"), options.pop("dark", False)
        context = chromium.new_context(
            viewport={"width": width, "height": height},
            locale="en-US" if language == "en" else "ja-JP",
            timezone_id="Asia/Tokyo",
            color_scheme="dark" if dark else "light",
            **options,
        )
        contexts.append(context)
        page = context.new_page()
        watched(page)
        page.goto((address or server.address) + where)
        page.wait_for_selector("body[data-ready]")
        return page

    yield opened
    for context in contexts:
        context.close()
