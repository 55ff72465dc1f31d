"""`kakuhan replay` and the running worker decide random histories as the oracle does.

It must not know how either of them works.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from streams.adapters.topics import ensure_topics
from streams.local import LocalStack
from streams.settings import Settings
from tests.integration.system.expectation import ByOracle, in_order, read_log
from tests.integration.system.given import assert_as_the_log_says, differences, signals, states
from tests.integration.system.lines import now_ms
from tests.integration.system.processes import run
from tests.integration.system.replaying import loads
from tests.integration.system.site import Site
from tests.oracle import oracle
from tests.oracle.clock import DAY_MS, show_instant
from tests.oracle.compare import diff
from tests.oracle.histories import Case, replay_lines, seeded_case

REPLAYED = range(1_000, 1_006)
STREAMED = (2_000, 2_001)
MOST_EVENTS, MANY_SIGNALS = 40, 20


def policy_file(case: Case, folder: Path) -> Path:
    """The case's policy as a user would write it."""
    path = folder / "policy.yaml"
    YAML(typ="safe", pure=True).dump(case.policy, path)
    return path


def rows(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text().splitlines()]


@pytest.mark.parametrize("seed", REPLAYED)
def test_replay_prints_what_the_oracle_decides(seed: int, tmp_path: Path) -> None:
    case = seeded_case(seed, most=MOST_EVENTS)
    file = tmp_path / "events.jsonl"
    file.write_text(replay_lines(case.records))
    instants = {"--until": case.until_ms, "--go-live": case.go_live_ms}
    options = [text for name, at in instants.items() if at is not None for text in (name, show_instant(at))]
    done = run("replay", file, "--policy", policy_file(case, tmp_path), "--out", tmp_path, *options, env={})
    assert done.returncode == 0, done.stderr
    assert rows(tmp_path / "rejects.jsonl") == []
    assert rows(tmp_path / "unmatched.jsonl") == []
    decided = {state["customer_id"]: state for state in rows(tmp_path / "states.jsonl")}
    expected = oracle.decide(case.policy, case.records, case.until_ms, case.go_live_ms)
    assert diff(rows(tmp_path / "signals.jsonl"), decided, *expected) == [], f"seed {seed}"


MakeSite = Callable[[Case], Site]


@pytest.fixture
def make_site(stack: LocalStack, tmp_path: Path) -> Iterator[MakeSite]:
    """Makes an installation under the policy of a case."""
    made: list[Site] = []

    def make(case: Case) -> Site:
        name = f"prop-{tmp_path.parent.name}-{tmp_path.name}"
        made.append(Site(stack.brokers, stack.redis_url, name, tmp_path, policy_file(case, tmp_path)))
        assert ensure_topics(Settings.from_env(made[-1].env)).ok
        return made[-1]

    yield make
    for site in made:
        site.close()


@pytest.mark.parametrize("seed", STREAMED)
def test_the_worker_decides_as_the_oracle_on_what_has_come_to_be_its_log(make_site: MakeSite, seed: int) -> None:
    """All events come now, and late; accounts first, since releases need them."""
    case = seeded_case(seed, most=MOST_EVENTS)
    lines = [json.loads(line) for line in replay_lines(case.records).splitlines()]
    site = make_site(case)
    site.worker()
    site.send([line for line in lines if line["topic"] == "accounts" and line["value"]])
    site.wait_caught_up()
    site.send([line for line in lines if line["topic"] != "press-releases"])
    site.send([line for line in lines if line["topic"] == "press-releases"])
    site.wait_caught_up()
    assert_as_the_log_says(site)
    assert all(one["effective_at"] <= one["detected_at"] for one in signals(site))
    site.stop()


def eventful_past(which: int) -> Case:
    """The first, second … case of those that lie in the past and cause a lot."""
    cases = (seeded_case(seed, most=MOST_EVENTS) for seed in itertools.count(3_000))
    past = (case for case in cases if max(one["received_ms"] for one in case.records) < now_ms() - DAY_MS)
    eventful = (case for case in past if len(oracle.decide(case.policy, case.records)[0]) >= MANY_SIGNALS)
    return next(itertools.islice(eventful, which, None))


@pytest.mark.parametrize("which", [0, 1])
def test_the_worker_lives_through_a_loaded_history_as_the_oracle_does(make_site: MakeSite, which: int) -> None:
    case = eventful_past(which)
    site = make_site(case)
    site.worker()
    site.ok("send", "--history", site.write(map(json.loads, replay_lines(case.records).splitlines())))
    site.wait_caught_up()
    assert_as_the_log_says(site, oracle=False)

    log, go_live_ms = read_log(site), loads(site)[0]["go_live_ms"]
    newest_ms = {fact.customer_id: log.newest_ms[fact.entry.partition] for fact in log.facts}
    lived = [oracle.live(case.policy, who, case.records, at, go_live_ms) for who, at in newest_ms.items()]
    caused = in_order([signal for customer in lived for signal in customer.signals])
    expected = ByOracle(caused, {customer.customer_id: customer for customer in lived})
    assert differences(signals(site), states(site), expected, set(newest_ms)) == []
    site.stop()
