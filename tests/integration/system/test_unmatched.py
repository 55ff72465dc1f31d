"""Releases about nobody we know wait, and count once when somebody turns out to be meant."""

from __future__ import annotations

from collections import Counter

from tests.integration.system.expectation import read_log
from tests.integration.system.given import assert_as_the_log_says, states
from tests.integration.system.lines import account, event, news
from tests.integration.system.processes import wait_until
from tests.integration.system.site import Site

RESOLVED_S = 30.0
NUMBER = "9999990000026"


def test_a_release_counts_once_its_company_has_an_account_and_only_once(site: Site) -> None:
    site.worker()
    funding = news("資金調達を実施", company={"name": "あとから産業"})
    both = news("海外進出", company={"corporate_number": NUMBER})
    never = news("経営統合", company={"domain": "nobody.example"})
    site.send([funding, both, never, account("C1", "はじめから物産")])
    site.wait_caught_up()
    assert len([e for e in site.dump("unmatched-companies") if e.value is not None]) == 3
    assert {fact.customer_id for fact in read_log(site).facts} == {"C1"}

    two = [account(name, f"支店 {name}", corporate_number=NUMBER) for name in ("C3", "C4")]
    site.send([account("C2", "株式会社あとから産業"), *two])
    wanted = {(_id(funding), "C2"): 1, (_id(both), "C3"): 1, (_id(both), "C4"): 1}
    assert wait_until(lambda: _releases(site).keys() >= wanted.keys(), RESOLVED_S), site.told()

    site.send([account("C2", "あとから産業", industry="情報通信業"), account("C5", "べつの会社")])
    site.wait_caught_up()
    site.stop()
    site.worker()  # reads the waiting releases from the beginning, and finds them done
    site.send([event("press-releases", "media_mention", None, company={"name": "あとから産業"}, headline="掲載")])
    site.wait_caught_up()
    assert wait_until(lambda: "media_mention" in {f.event.type for f in read_log(site).facts}, RESOLVED_S)
    releases = _releases(site)
    assert {key: releases[key] for key in wanted} == wanted
    assert (_id(never), "C1") not in releases
    assert "funding-announced" in {row["rule"] for row in states(site)["C2"]["potential"]["contributions"]}
    done = [e.header("kakuhan-unmatched-done") for e in site.dump("unmatched-companies") if e.value is None]
    assert len(done) == 2
    assert_as_the_log_says(site)


def _id(line: dict[str, dict[str, str]]) -> str:
    return line["value"]["event_id"]


def _releases(site: Site) -> Counter[tuple[str | None, str]]:
    """How often each release reached each customer."""
    facts = read_log(site).facts
    return Counter((fact.event.event_id, fact.customer_id) for fact in facts if fact.event.topic == "press-releases")
