"""Connections to Kafka and to Redis are cut, held, slowed and sliced on their way, and Redis itself goes away."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fault.bench import SESSION_S, Bench, bench
from tests.fault.concluding import assert_exact, wrong_in
from tests.fault.conftest import Proxied
from tests.fault.load import as_sent
from tests.fault.outages import REDIS_FAULTS, network_faults
from tests.fault.proxy import HOLD, OPEN
from tests.integration.system.lines import see
from tests.integration.system.processes import ROOT
from tests.oracle.clock import parse_instant

TEST_S = 600  # a limit against hanging, on a machine that has other things to do
B2B = ROOT / "policies" / "b2b.yaml"  # time alone writes nobody's state again within minutes
PRODUCE, CHANGELOG, MORE_THAN_A_POSITION = b"\0\0", b"customers-changelog", 1_200
STRANGERS = 24  # enough that each partition gets some


@pytest.mark.timeout(TEST_S)
def test_connections_to_kafka_are_cut_held_slowed_and_sliced(proxied: Proxied, tmp_path: Path) -> None:
    rng = random.Random(7)
    with bench(proxied.stack, tmp_path, seed=7, workers=1, **proxied.ways) as run:
        for name, fault in network_faults("kafka", proxied.kafka).items():
            fault(run, rng)
            run.recovered(name)
        assert proxied.kafka.lost > 0
        assert proxied.kafka.held > 0
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_redis_and_the_way_to_it_fail_in_every_way(proxied: Proxied, tmp_path: Path) -> None:
    rng = random.Random(5)
    with bench(proxied.stack, tmp_path, seed=5, workers=1, **proxied.ways) as run:
        for name, fault in (REDIS_FAULTS | network_faults("redis", proxied.redis)).items():
            fault(run, rng)
            run.view_recovered(name)
        proxied.redis.mode = HOLD
        run.decided(15)  # nothing is held up by it
        proxied.redis.mode = OPEN
        run.wait(lambda: _age_s(run) < 5, "readers to see a fresh view")
        assert proxied.redis.lost > 0
        assert proxied.redis.held > 0
        assert run.crew.exits == [], "no outage of Redis may end a worker"
        assert_exact(run)


def _age_s(run: Bench) -> float:
    """How old readers of the summary see the view to be, by the clock of Redis."""
    seen_at = run.site.redis.hget(run.site.key("summary"), "seen_at")
    return float(run.site.redis.time()[0]) - parse_instant(seen_at) / 1000


def _appends_states(request: bytes) -> bool:
    """Whether it is a request of Kafka's protocol that appends more to a changelog than a position."""
    return request[4:6] == PRODUCE and CHANGELOG in request and len(request) > MORE_THAN_A_POSITION


def _lose_to_another(run: Bench, proxied: Proxied) -> None:
    """A worker's appends stay on the way until another has taken its partitions over and gone on, then arrive."""
    run.decided(100)
    proxied.kafka.hold_when = _appends_states
    run.wait(lambda: proxied.kafka.mode == HOLD, "states on their way")
    run.crew.env |= {"KAKUHAN_BROKERS": proxied.stack.brokers}  # others come another way
    run.crew.join()
    time.sleep(SESSION_S)
    run.recovered("the loss of a worker's connection")
    run.decided(200)  # so that what arrives late is old
    run.sender.pause()
    run.recovered("the end of sending")
    proxied.kafka.mode = OPEN
    run.wait(lambda: run.checker.late() > 0, "what was on its way: without it the run proves nothing")
    run.wait(lambda: 70 in run.crew.exits, "the end of the worker that was cut off")
    strangers = [see(f"X{n}", "/blog") for n in range(STRANGERS)]
    run.sender.send([as_sent(line) for line in strangers])  # the newer owner goes on, with others
    run.sender.flush()
    run.recovered("going on")


@pytest.mark.timeout(TEST_S)
def test_what_a_worker_wrote_before_it_lost_its_partitions_and_arrives_after(proxied: Proxied, tmp_path: Path) -> None:
    with bench(proxied.stack, tmp_path, seed=8, workers=1, policy=B2B, **proxied.ways) as run:
        _lose_to_another(run, proxied)
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_without_the_epoch_such_a_record_survives(proxied: Proxied, tmp_path: Path) -> None:
    unsafe = {"KAKUHAN_UNSAFE": "no-epoch"}
    with bench(proxied.stack, tmp_path, seed=8, workers=1, policy=B2B, env=unsafe, **proxied.ways) as run:
        _lose_to_another(run, proxied)
        wrong = wrong_in(run)
    assert wrong & {"states", "changelog"}, wrong
