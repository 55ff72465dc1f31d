"""The sample data taken in and decided, once for all tests that look at the outcome."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import takewhile
from pathlib import Path
from typing import Any

import msgspec
import pytest

from streams.agents.offline import Decisions, decide
from streams.domain.plan import Plan
from streams.intake.companies import Directory
from streams.intake.intake import Accepted, Intake, IntakeSettings, Raw, Rejection, Unmatched
from streams.policy_file import load_policy
from streams.sample import b2b, b2c
from streams.sample.live import live
from streams.sample.writer import Line

POLICIES = Path(__file__).parents[3] / "policies"
END = datetime.fromisoformat("2026-11-01T00:00:00+09:00")
WATCHED = timedelta(minutes=15)


@dataclass
class Outcome:
    """What became of lines: decisions, how many lines were refused and why, releases about nobody known."""

    policy: Any
    decisions: Decisions
    lines: int
    refused: Counter[str] = field(default_factory=Counter)
    unmatched: int = 0
    states: list[dict[str, Any]] = field(default_factory=list)
    live_lines: int = 0
    live_signals: list[dict[str, Any]] = field(default_factory=list)

    @property
    def signals(self) -> list[dict[str, Any]]:
        return list(self.decisions.signals)


def ms(moment: datetime) -> int:
    return round(moment.timestamp() * 1000)


def raw_of(line: Line) -> Raw:
    value = line["value"]
    key = line["key"] if value is None else value.get("customer_id", "-")
    content = None if value is None else msgspec.json.encode(value)
    return Raw(line["topic"], key.encode(), content, [], ms(datetime.fromisoformat(line["received_at"])))


def taken_in(lines: Iterable[Line], intake: Intake, outcome: Outcome) -> Iterable[tuple[Any, int]]:
    for raw in map(raw_of, lines):
        decision = intake.take(raw)
        if isinstance(decision, Accepted):
            yield from ((event, raw.received_ms) for event in decision.events)
        elif isinstance(decision, Rejection):
            outcome.refused[decision.reason] += 1
        elif isinstance(decision, Unmatched):
            outcome.unmatched += 1


def decided(policy_name: str, lines: list[Line], watched: Iterable[Line] = ()) -> Outcome:
    policy = load_policy(POLICIES / policy_name)
    directory = Directory(keep_all_versions=True)
    settings = IntakeSettings(policy.max_future_s, policy.currency.base, frozenset(policy.currency.rates))
    intake = Intake(settings, directory)
    outcome = Outcome(policy, Decisions(Plan(policy)), len(lines))
    for line in lines:
        if line["topic"] == "accounts" and line["value"] is not None:
            decision = intake.take(raw_of(line))
            assert isinstance(decision, Accepted)
            assert decision.events[0].account is not None
            directory.put(decision.events[0].customer_id, decision.events[0].account)
    outcome.decisions = decide(Plan(policy), taken_in(lines, intake, outcome), ms(END))
    outcome.states = list(outcome.decisions.public_states(ms(END)))
    going_on = Decisions(outcome.decisions.plan, states=outcome.decisions.states)
    for event, received_ms in taken_in(watched, intake, outcome):
        outcome.live_lines += 1
        going_on.apply(event, received_ms)
    outcome.live_signals = list(going_on.signals)
    return outcome


@pytest.fixture(scope="session")
def b2b_lines() -> list[Line]:
    return list(b2b.history(1, END))


@pytest.fixture(scope="session")
def b2b_outcome(b2b_lines: list[Line]) -> Outcome:
    """The whole B2B history under its policy, then a quarter of an hour of live events on top."""
    until = END + WATCHED
    watched = takewhile(lambda line: datetime.fromisoformat(line["received_at"]) < until, live(1, END))
    return decided("b2b.yaml", b2b_lines, watched)


@pytest.fixture(scope="session")
def b2c_outcome() -> Outcome:
    """600 of the shop's members under their policy."""
    return decided("b2c.yaml", list(b2c.history(1, END, members=600)))
