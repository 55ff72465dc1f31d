"""Workers are killed, join and leave under load: nothing missing, nothing twice, nothing unexplained."""

from __future__ import annotations

import random
import time
from collections import Counter

from tests.integration.system.conftest import MakeSite
from tests.integration.system.expectation import Signals, by_domain, read_log
from tests.integration.system.given import assert_as_the_log_says, differences, states
from tests.integration.system.lines import Line, account, buy, crm, event, news, see
from tests.integration.system.replaying import assert_log_replays_to
from tests.integration.system.site import Site

CUSTOMERS = 60
BATCH = 150
FAIL_AT = "after-events:0.04,after-changelog:0.04,after-signals:0.04,after-projection:0.03,before-commit:0.05"
LIVES_S = 7.0  # at most, start included
PAGES = ("/pricing", "/enterprise", "/help/cancel", "/blog")


class Load:
    """Random events that are sent in batches and remembered."""

    def __init__(self, site: Site, seed: int) -> None:
        self.site, self.rng, self.sent = site, random.Random(seed), list[Line]()
        who = [f"K{number}" for number in range(CUSTOMERS)]
        self.send([account(name, f"{name} 商店", domains=[f"{name.lower()}.example"]) for name in who])

    def send(self, lines: list[Line]) -> None:
        self.site.send(lines)
        self.sent += lines

    def batch(self) -> None:
        self.send([self.line() for _ in range(BATCH)])

    def line(self) -> Line:
        rng = self.rng
        who = f"K{rng.randrange(CUSTOMERS)}"
        makers = [
            lambda: buy(who, str(rng.randrange(1_000, 400_000))),
            lambda: see(who, rng.choice(PAGES), contact={"id": "p", "department": rng.choice("ABC") + "部"}),
            lambda: crm(who, "nps_response", score=rng.randrange(11)),
            lambda: crm(who, "cs_report", text="来期は増員とのこと"),
            lambda: event("purchases", "refund", who, amount=str(rng.randrange(50_000))),
            lambda: news("資金調達を実施", company={"domain": f"{who.lower()}.example"}),
        ]
        return rng.choice(makers)()

    def assert_counted_once(self) -> None:
        """Each event that was sent is in the log, and counts once."""
        facts = read_log(self.site).facts
        wanted = Counter(line["value"]["event_id"] for line in self.sent if line["topic"] != "accounts")
        assert Counter(fact.event.event_id for fact in facts if fact.event.topic != "accounts") == wanted
        assert sum(fact.event.topic == "accounts" for fact in facts) == CUSTOMERS


def test_a_worker_killed_again_and_again_under_load(make_site: MakeSite) -> None:
    site = make_site(partitions=3)
    load = Load(site, seed=1)
    for _ in range(3):
        worker = site.worker(KAKUHAN_FAIL_AT=FAIL_AT)
        until = time.monotonic() + LIVES_S
        while worker.alive() and time.monotonic() < until:
            load.batch()
            time.sleep(0.2)
        worker.kill()
        load.batch()
        site.bury()
    site.worker()
    site.wait_caught_up()
    found = assert_as_the_log_says(site, oracle=False)
    load.assert_counted_once()
    assert {worker.process.returncode for worker in site.workers[:-1]} == {-9}
    assert {one["type"] for one in found} >= {"segment.changed", "buying_signal.detected", "churn_risk.detected"}
    assert_notices(site, found)
    assert_log_replays_to(site, found, states(site))
    site.stop()


def test_workers_join_leave_and_die_while_others_go_on(make_site: MakeSite) -> None:
    site = make_site(partitions=4)
    load = Load(site, seed=2)
    first = site.worker()
    site.wait_caught_up()
    second = site.worker()
    _send_for(load, 3)
    assert first.stop() == 0, first.told()
    _send_for(load, 1)
    third = site.worker()
    _send_for(load, 3)
    second.kill()  # the third waits for its session to end
    _send_for(load, 1)
    site.wait_caught_up()
    found = assert_as_the_log_says(site, oracle=False)
    load.assert_counted_once()
    assert len(found) > CUSTOMERS
    assert third.alive(), third.told()
    site.stop()


def _send_for(load: Load, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        load.batch()
        time.sleep(0.3)


def assert_notices(site: Site, found: Signals) -> None:
    """The comparison above would have seen a signal missing, one too many, or a state that counts twice."""
    log, given = read_log(site), states(site)
    expected, customers = by_domain(log, site.policy), set(log.by_customer())
    name = next(iter(given))
    twice = given | {name: given[name] | {"lifetime": given[name]["lifetime"] | {"repeat_days": 99}}}
    assert differences(found, given, expected, customers) == []
    assert differences(found[1:], given, expected, customers)
    assert differences([*found, found[0] | {"signal_id": "0" * 32}], given, expected, customers)
    assert differences(found, twice, expected, customers)
