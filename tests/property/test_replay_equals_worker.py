"""`kakuhan replay` and the running worker decide random histories as the oracle does.

It must not know how either of them works.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from streams.adapters.topics import ensure_topics
from streams.local import LocalStack
from streams.settings import Settings
from tests.integration.system.given import assert_as_the_log_says, signals
from tests.integration.system.processes import run
from tests.integration.system.site import Site
from tests.oracle import oracle
from tests.oracle.clock import show_instant
from tests.oracle.compare import diff
from tests.oracle.histories import Case, replay_lines, seeded_case

REPLAYED = range(1_000, 1_006)
STREAMED = (2_000, 2_001, 2_003)
MOST_EVENTS = 40


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


@pytest.fixture
def site(request: pytest.FixtureRequest, stack: LocalStack, tmp_path: Path) -> Iterator[Site]:
    """An installation under the policy of a case."""
    case = seeded_case(request.param, most=MOST_EVENTS)
    name = f"prop{request.param}-{tmp_path.parent.name}"
    made = Site(stack.brokers, stack.redis_url, name, tmp_path, policy_file(case, tmp_path), partitions=2)
    assert ensure_topics(Settings.from_env(made.env)).ok
    yield made
    made.close()


@pytest.mark.parametrize(("site", "seed"), [(seed, seed) for seed in STREAMED], indirect=["site"])
def test_the_worker_decides_as_the_oracle_on_what_has_come_to_be_its_log(site: Site, seed: int) -> None:
    """The events come late, each after what it needs to be resolved: accounts first, then all in their order."""
    lines = [json.loads(line) for line in replay_lines(seeded_case(seed, most=MOST_EVENTS).records).splitlines()]
    accounts = [line for line in lines if line["topic"] == "accounts" and line["value"]]
    site.worker()
    site.send(accounts)
    site.wait_caught_up()
    site.send([line for line in lines if line["topic"] != "press-releases"])
    site.send([line for line in lines if line["topic"] == "press-releases"])
    site.wait_caught_up()
    assert_as_the_log_says(site)
    assert all(one["effective_at"] <= one["detected_at"] for one in signals(site))
    site.stop()
