"""How the cost of an event grows with a customer's past, with the number of rules and with the number of customers.

It must not know Kafka; customers are those of one partition in memory, as a worker holds it.
"""

from __future__ import annotations

import gc
import subprocess
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from time import perf_counter, thread_time
from typing import Any

from benchmarks.decisions import POLICY, ROOT, shipped_plan
from benchmarks.events import (
    LOG_MIX,
    Maker,
    customer_name,
    directory_of,
    encode_json,
    intake_for,
    raw_of,
    through_intake,
)
from benchmarks.figures import Table, figure, rounds
from benchmarks.shards import Measured, states_of
from benchmarks.sizes import Sizes
from schemas.log import LogEvent
from schemas.policy import Policy
from streams.domain.plan import Plan
from streams.domain.record import Record
from streams.domain.state import State, decode_state, encode_state
from streams.domain.step import step
from streams.domain.zone import DAY_MS
from streams.policy_file import load_policy
from streams.sample import b2b

BASE_MS = 1_795_000_000_000  # 2026-11-18T11:06:40Z
PAST_DAYS = 360
MEASURED = 40  # events a customer in the measurement of one round
TWINS = 25  # customers with the same past
TELLING_CUSTOMERS = 10_000  # of fewer the memory does not stand out from that of the process


def run(sizes: Sizes) -> list[Table]:
    """Tables by past events, by rules, by customers, and the speed of `replay`."""
    return [_by_history(sizes), _by_rules(sizes), _by_customers(sizes), _replay(sizes)]


# ---------------------------------------------------------------- one customer's past


def _by_history(sizes: Sizes) -> Table:
    plan = shipped_plan()
    table = Table("growth.history", ["past events", "step, µs", "decode state + step + store, µs", "state, bytes"])
    for past in sizes.step_history:
        stored = _with_past(past, plan)
        found = [_steps(stored, plan) for _ in range(sizes.rounds)]
        table.add(past, figure([hot for hot, _ in found]), figure([cold for _, cold in found]), len(stored))
    return table


def _with_past(count: int, plan: Plan) -> bytes:
    """The state of a customer with that many events over a year, received as they happened."""
    state = State(customer_name(0))
    for number, event in enumerate(_of_one(Maker(3, 1, BASE_MS), count)):
        received_ms = BASE_MS - PAST_DAYS * DAY_MS + number * PAST_DAYS * DAY_MS // count
        state, _ = step(state, _at(event, received_ms), plan)
    return encode_state(state)


def _of_one(maker: Maker, count: int) -> list[LogEvent]:
    intake = intake_for(directory_of(1))
    values = maker.mixed(count, LOG_MIX)
    return [event for topic, value in values for event in through_intake(intake, raw_of(topic, value, BASE_MS))]


def _at(event: LogEvent, received_ms: int) -> Record:
    """The event as having happened just before its receipt."""
    fields = {name: getattr(event, name) for name in event.__struct_fields__}
    return Record(LogEvent(**fields | {"occurred_ms": received_ms - 1_000}), received_ms, received_ms)


def _steps(stored: bytes, plan: Plan) -> tuple[float, float]:
    """µs an event with states at hand, and with states as bytes before and after; both come to the same."""
    events = _of_one(Maker(4, 1, BASE_MS), MEASURED)
    records = [_at(event, BASE_MS + number * 60_000) for number, event in enumerate(events)]
    hot = [decode_state(stored) for _ in range(TWINS)]
    began = _begin()
    for record in records:
        hot = [step(state, record, plan)[0] for state in hot]
    hot_us = _ended(began, TWINS * MEASURED)
    cold = [stored] * TWINS
    began = _begin()
    for record in records:
        cold = [encode_state(step(decode_state(state), record, plan)[0]) for state in cold]
    cold_us = _ended(began, TWINS * MEASURED)
    assert {encode_state(state) for state in hot} == set(cold)
    return hot_us, cold_us


def _begin() -> float:
    gc.disable()
    return thread_time()


def _ended(began: float, count: int) -> float:
    took_s = thread_time() - began
    gc.enable()
    return took_s / count * 1e6


# ---------------------------------------------------------------- rules


def _by_rules(sizes: Sizes) -> Table:
    table = Table("growth.rules", ["rules", "of them for the event's type", "step, µs"])
    for count in sizes.rule_counts:
        plan = Plan(policy_with(count))
        stored = _with_past(100, plan)
        views = sum(rule["event"] == "page_view" for rule in made_rules(count))
        table.add(count, views, figure([_steps(stored, plan)[0] for _ in range(sizes.rounds)]))
    return table


def policy_with(count: int) -> Policy:
    """The shipped policy with that many rules instead of its own: half give points, half give signals."""
    content = load_policy(POLICY).model_dump(mode="json", exclude_none=True)
    made = made_rules(count)
    content["version"] = f"rules-{count}"
    content["potential"]["points"] = made[::2]
    content["rules"] = made[1::2]
    return Policy.model_validate(content)


def made_rules(count: int) -> list[dict[str, Any]]:
    """Rules over the types of the mix, each with a condition of its own where the type has one."""
    kinds = list(LOG_MIX)
    return [_rule(number, kinds[number // 2 % len(kinds)]) for number in range(count)]


def _rule(number: int, kind: str) -> dict[str, Any]:
    rule: dict[str, Any] = {"id": f"made-{number}", "label": f"made {number}", "event": kind}
    if kind == "page_view":
        rule["page"] = ("pricing", "upper_plan", "new_service", "leaving")[number % 4]
    if number % 2 == 0:
        return rule | {"points": 1, "half_life_days": 14 + number % 50, "cap": 3, "per_day": 1}
    count = {"at_least": 2 + number % 3, "within_days": 14, "distinct": "day"}
    kind_of = {"type": "churn_risk" if number % 4 == 1 else "buying_signal", "audiences": ["sales"], "severity": "low"}
    return rule | kind_of | {"cooldown_days": 30, "count": count}


# ---------------------------------------------------------------- customers of a partition


def _by_customers(sizes: Sizes) -> Table:
    columns = ["customers", "busy: µs an event", "quiet: µs an event", "memory a customer, bytes", "stored, bytes"]
    table, plan = Table("growth.customers", columns), shipped_plan()
    states = states_of(plan)
    for customers in sizes.shard_customers:
        measured = Measured(plan, states, customers)
        busy, quiet = [], []
        for turn in range(sizes.rounds):
            busy.append(measured.fold(sizes.shard_events, 2_000, turn))
            quiet.append(measured.fold(sizes.shard_events // 4, 50, turn + 1_000))
        bytes_each = measured.bytes_each if customers >= TELLING_CUSTOMERS else "–"
        table.add(customers, figure(busy), figure(quiet), bytes_each, measured.stored_bytes)
        measured.check()
    return table


# ---------------------------------------------------------------- replay


def _replay(sizes: Sizes) -> Table:
    table = Table("growth.replay", ["events in the file", "events/s, the whole command", "signals"])
    with tempfile.TemporaryDirectory() as folder:
        file, out = Path(folder) / "history.jsonl", Path(folder) / "out"
        lines = list(b2b.history(1, datetime(2026, 11, 1, tzinfo=UTC), sizes.replay_customers, 18))
        file.write_bytes(b"".join(encode_json(line) + b"\n" for line in lines))
        speed = rounds(sizes.broker_rounds, lambda: len(lines) / _replay_s(file, out))
        signals = (out / "signals.jsonl").read_bytes().count(b"\n")
        rejects = (out / "rejects.jsonl").read_bytes().count(b"\n")
    assert signals > 0, "a year and a half without a signal"
    assert rejects <= len(lines) // 100, rejects
    table.add(len(lines), speed, signals)
    return table


def _replay_s(file: Path, out: Path) -> float:
    kakuhan = [sys.executable, "-m", "streams.cli.main"]
    command = [*kakuhan, "replay", str(file), "--policy", str(POLICY), "--out", str(out)]
    began = perf_counter()
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    return perf_counter() - began
