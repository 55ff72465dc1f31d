"""Sources may have any number of partitions and be written by any client: each record counts once all the same."""

from __future__ import annotations

import random
from collections import Counter

import pytest

from tests.integration.system.conftest import MakeSite
from tests.integration.system.expectation import read_log
from tests.integration.system.given import assert_as_the_log_says, states
from tests.integration.system.lines import Line, account, buy, crm, news, see
from tests.integration.system.site import JAVA, LIBRDKAFKA, Site

PARTITIONS = 4  # of events
CUSTOMERS = 24


def records(seed: int) -> list[Line]:
    """A few dozen records of every source."""
    rng = random.Random(seed)
    who = [f"客-{rng.getrandbits(40):x}" for _ in range(CUSTOMERS)]
    found = [account(name, f"{name} 商店", domains=[f"{name[2:]}.example"]) for name in who]
    for name in who:
        found += [buy(name, str(rng.randrange(1_000, 900_000))) for _ in range(rng.randrange(4))]
        found += [see(name, rng.choice(["/pricing", "/enterprise", "/blog"])) for _ in range(rng.randrange(4))]
        found += [crm(name, "inquiry", text="ロードマップは") for _ in range(rng.randrange(2))]
    return found


@pytest.mark.parametrize(
    "sources",
    [
        {"purchases": 1, "web-behaviour": 3, "crm-activities": 12, "press-releases": 1, "accounts": 12},
        {"purchases": 12, "web-behaviour": 1, "crm-activities": 3, "press-releases": 12, "accounts": 3},
    ],
)
def test_any_partition_count_and_partitioner_gives_the_same(make_site: MakeSite, sources: dict[str, int]) -> None:
    site = make_site(sources=sources, partitions=PARTITIONS)
    site.worker()
    sent = records(seed=sources["purchases"])
    site.send(sent[::2], JAVA)
    site.send(sent[1::2], LIBRDKAFKA)
    site.wait_caught_up()
    releases = [news("資金調達", company={"domain": line["value"]["domains"][0]}) for line in sent[:CUSTOMERS]]
    site.send(releases[::2], JAVA)
    site.send(releases[1::2], LIBRDKAFKA)
    site.wait_caught_up()
    assert_as_the_log_says(site)
    assert_all_counted_once(site, sent, releases)
    site.stop()


def assert_all_counted_once(site: Site, sent: list[Line], releases: list[Line]) -> None:
    facts = read_log(site).facts
    assert len(facts) == len(sent) + len(releases)
    found = Counter(fact.event.event_id for fact in facts if fact.event.topic != "accounts")
    wanted = [line["value"]["event_id"] for line in [*sent, *releases] if line["topic"] != "accounts"]
    assert found == Counter(wanted)
    bought = Counter(line["value"]["customer_id"] for line in sent if line["topic"] == "purchases")
    assert {name: state["rfm"]["frequency"] for name, state in states(site).items()} == {
        name: bought[name] for name in states(site)
    }
    homes = {(fact.origin[0], fact.customer_id, fact.origin[1]) for fact in facts if fact.origin}
    spread = Counter((topic, name) for topic, name, _ in homes)
    assert max(spread.values()) > 1  # one customer's records of one source lay in several partitions
