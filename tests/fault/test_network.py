"""Connections to Kafka and to Redis are cut, held, slowed and sliced on their way."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from tests.fault.bench import SESSION_S, Bench, bench
from tests.fault.concluding import assert_exact, wrong_in
from tests.fault.conftest import Proxied
from tests.fault.outages import network_faults
from tests.fault.proxy import HOLD, OPEN

TEST_S = 600


@pytest.mark.timeout(TEST_S)
@pytest.mark.parametrize("store", ["kafka", "redis"])
def test_cut_held_slowed_and_sliced(proxied: Proxied, tmp_path: Path, store: str) -> None:
    rng = random.Random(7)
    proxy = proxied.kafka if store == "kafka" else proxied.redis
    with bench(proxied.stack, tmp_path, seed=7, workers=1, **proxied.ways) as run:
        for name, fault in network_faults(store, proxy).items():
            fault(run, rng)
            run.recovered(name)
        assert proxy.lost > 0
        assert proxy.held > 0
        assert_exact(run)


def _lose_to_another(run: Bench, proxied: Proxied) -> None:
    """A worker's appends stay on the way until another has taken its partitions over and gone on, then arrive."""
    run.decided(100)
    proxied.kafka.mode = HOLD
    run.crew.env |= {"KAKUHAN_BROKERS": proxied.stack.brokers}  # others come another way
    run.crew.join()
    time.sleep(SESSION_S)
    run.recovered("the loss of a worker's connection")
    run.decided(200)  # so that what arrives late is old
    run.sender.pause()
    run.recovered("the end of sending")
    before = run.site.kafka.ends(_changelog(run))
    proxied.kafka.mode = OPEN
    run.wait(lambda: 70 in run.crew.exits, "the end of the worker that was cut off")
    late = sum(run.site.kafka.ends(_changelog(run)).values()) - sum(before.values())
    assert late > 0, "nothing arrived late: the run proves nothing"


def _changelog(run: Bench) -> str:
    return run.site.topic(f"{run.site.group}-customers-changelog")


@pytest.mark.timeout(TEST_S)
def test_what_a_worker_wrote_before_it_lost_its_partitions_and_arrives_after(proxied: Proxied, tmp_path: Path) -> None:
    with bench(proxied.stack, tmp_path, seed=8, workers=1, **proxied.ways) as run:
        _lose_to_another(run, proxied)
        assert_exact(run)


@pytest.mark.timeout(TEST_S)
def test_without_the_epoch_such_a_record_survives(proxied: Proxied, tmp_path: Path) -> None:
    with bench(proxied.stack, tmp_path, seed=8, workers=1, env={"KAKUHAN_UNSAFE": "no-epoch"}, **proxied.ways) as run:
        _lose_to_another(run, proxied)
        wrong = wrong_in(run)
    assert wrong & {"states", "changelog"}, wrong
