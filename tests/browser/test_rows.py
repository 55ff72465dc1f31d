"""The page's rows stay those of the server, whatever happens while they are fetched, on the running system."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, Route

from tests.browser.asking import HELD, NAMES, WITHIN_MS, activity, states, untold
from tests.browser.conftest import OpenPage
from tests.browser.running import PageProcess, evaluated
from tests.integration.system.site import Site


def assert_rows_are_those_of_redis(site: Site, page: Page) -> None:
    """Every customer's id stands at the row of its own score."""
    held, expected = evaluated(page, HELD), states(site)
    assert held.keys() == expected.keys()
    scores = {customer: state["potential"]["score"] for customer, state in expected.items()}
    assert {customer: row[1] for customer, row in held.items()} == pytest.approx(scores, rel=1e-6, abs=1e-6)


def test_what_changes_while_everything_is_fetched_is_shown_without_fetching_again(
    site: Site, open_page: OpenPage
) -> None:
    page = open_page()
    page.wait_for_function(NAMES)
    customer = untold(site, "meaningful-inquiry", "streamline", "nurture")[0]
    asked = []

    def late(route: Route) -> None:
        """An answer that has become old on its way."""
        asked.append(route.request.url)
        answer = route.fetch()
        if len(asked) == 1:
            site.send([activity(customer, "contact_promoted", contact={"id": f"{customer}-P9"})])
            site.wait_caught_up()
        route.fulfill(response=answer)

    page.route("**/data/snapshot", late)
    page.reload()
    page.wait_for_function(NAMES)
    row = evaluated(page, "(id) => kakuhan.names().ids.indexOf(id)", customer)
    score = states(site)[customer]["potential"]["score"]
    page.wait_for_function(
        "([row, score]) => Math.abs(kakuhan.columns.potential[row] - score) < 0.001",
        arg=[row, score],
        timeout=WITHIN_MS,
    )
    assert_rows_are_those_of_redis(site, page)
    assert len(asked) == 1


def test_when_the_page_was_started_anew_every_name_stands_at_its_row(site: Site, open_page: OpenPage) -> None:
    with PageProcess(site.env, site.folder) as first:
        page = open_page(address=first.address)
        page.wait_for_function(NAMES)
        epoch = evaluated(page, "() => kakuhan.columns.epoch")
    # Worth nothing yet, it comes first in its list: all others move on by one row.
    site.send([{"topic": "accounts", "value": {"customer_id": "K-000", "name": "架空一番商会", "kind": "b2b"}}])
    site.send([activity("K-000", "inquiry", text="こんにちは")])
    site.wait_caught_up()
    with PageProcess(site.env, site.folder, port=int(first.address.rsplit(":", 1)[1])):
        page.wait_for_function("([old]) => kakuhan.columns.epoch !== old", arg=[epoch], timeout=WITHIN_MS)
        page.wait_for_function("() => kakuhan.names()?.ids.includes('K-000')", timeout=WITHIN_MS)
        assert_rows_are_those_of_redis(site, page)
