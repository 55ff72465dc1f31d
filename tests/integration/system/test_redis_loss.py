"""Redis may lose everything or be away: the worker goes on, and the view is soon what the states say again."""

from __future__ import annotations

import time

from streams.local import LocalStack
from tests.integration.system.expectation import by_domain, read_log
from tests.integration.system.given import differences, signals, states, streamed, view_differences
from tests.integration.system.lines import Line, account, buy, crm, news, see
from tests.integration.system.processes import wait_until
from tests.integration.system.site import Site

BACK_WITHIN_S = 40.0  # on a busy machine; on an idle one it takes two to five
CUSTOMERS = 40
AWAY_S = 3.0


def records(round_no: int) -> list[Line]:
    """Events that cause signals at every customer; each round adds some."""
    who = [f"R{number}" for number in range(CUSTOMERS)]
    accounts = [account(name, f"{name} 商店", domains=[f"{name.lower()}.example"]) for name in who]
    caused = [
        line
        for number, name in enumerate(who)
        for line in (
            buy(name, str(100_000 * number)),
            see(name, "/help/cancel"),
            crm(name, "nps_response", score=number % 11),
            news("資金調達を実施", company={"domain": f"{name.lower()}.example"}),
        )
    ]
    return [*([] if round_no else accounts), *caused]


def test_redis_emptied_and_away_while_the_worker_runs(own_site: Site, own_stack: LocalStack) -> None:
    site = own_site
    worker = site.worker()
    site.send(records(0)[:CUSTOMERS])
    site.wait_caught_up()
    site.send(records(0)[CUSTOMERS:])
    site.wait_caught_up()
    assert_view_is_whole(site)
    before = [one["signal_id"] for one in streamed(site)]
    assert len(before) > CUSTOMERS

    site.redis.flushall()
    assert_view_is_whole(site)
    assert sorted(one["signal_id"] for one in streamed(site)) == sorted(before)

    site.send(records(1)[: CUSTOMERS * 2])
    site.redis.flushall()  # in the middle of the work
    site.send(records(1)[CUSTOMERS * 2 :])
    assert_view_is_whole(site)

    own_stack.redis.stop()
    site.send(records(2))
    time.sleep(AWAY_S)
    states_while_away = sum(site.kafka.ends(site.topic("customer-states")).values())
    own_stack.redis.start()
    assert_view_is_whole(site)
    assert states_while_away > 3 * CUSTOMERS  # the outage stopped nothing
    site.wait_caught_up()
    log = read_log(site)
    assert differences(signals(site), states(site), by_domain(log, site.policy), set(log.by_customer())) == []
    assert worker.alive(), worker.told()
    site.stop()


def assert_view_is_whole(site: Site) -> None:
    """Redis shows the states and signals of the topics, all of those sent, within seconds."""
    told: list[str] = []

    def is_whole() -> bool:
        told[:] = [] if site.is_taken_in() else ["not all is taken in"]
        told[:] = told or view_differences(site, signals(site), states(site))
        return not told or site.failed()

    wait_until(is_whole, BACK_WITHIN_S, 0.3)
    assert not told, "\n".join(told[:10]) + "\n" + site.told()
