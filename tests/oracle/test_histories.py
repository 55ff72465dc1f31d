"""The random histories reach what they are for, and the oracle is consistent on them.

It must not know what the first implementation makes of them.
"""

from __future__ import annotations

import json
from collections import Counter
from datetime import timedelta

import pytest

from tests.oracle import timeline
from tests.oracle.book import Book
from tests.oracle.clock import local_midnight, show_instant
from tests.oracle.compare import diff
from tests.oracle.events import MAKERS
from tests.oracle.histories import replay_lines, seeded_case
from tests.oracle.oracle import decide

SEEDS = range(40)
EVERY_DAY_FOR = 800


def test_the_same_seed_makes_the_same_case() -> None:
    assert seeded_case(7) == seeded_case(7)


def test_histories_hold_every_type_and_cause_every_kind_of_signal() -> None:
    types: Counter[str] = Counter()
    causes: Counter[tuple[str, str]] = Counter()
    for case in map(seeded_case, SEEDS):
        types.update((record["value"] or {"type": "removed"}).get("type", "account") for record in case.records)
        causes.update((one["type"], one["cause"]["kind"]) for one in decide(case.policy, case.records)[0])
    assert set(types) == {*MAKERS, "removed"}
    time_kinds = {("segment.changed", kind) for kind in ("window", "decay", "expiry", "dwell")}
    event_kinds = {("segment.changed", kind) for kind in ("event", "late", "refund")}
    silences = {("churn_risk.detected", "silence"), ("lifecycle.changed", "lifecycle"), ("lifecycle.changed", "event")}
    assert (time_kinds | event_kinds | silences) <= set(causes)


def test_histories_come_in_log_order_and_as_lines_of_a_file() -> None:
    case = seeded_case(3)
    received = [record["received_ms"] for record in case.records]
    lines = [json.loads(line) for line in replay_lines(case.records).splitlines()]
    assert received == sorted(received)
    assert [line["received_at"] for line in lines] == [show_instant(at_ms) for at_ms in received]
    assert all(line["value"] is not None or line["key"].startswith("C") for line in lines)


@pytest.mark.parametrize("seed", range(0, 24, 3))
def test_stopping_earlier_finds_the_same_signals_up_to_there(seed: int) -> None:
    case = seeded_case(seed)
    stop = case.records[len(case.records) // 2]["received_ms"]
    whole, _ = decide(case.policy, case.records)
    part, _ = decide(case.policy, case.records, stop)
    assert diff([one for one in whole if one["effective_at"] <= show_instant(stop)], {}, part, {}) == []


@pytest.mark.parametrize("seed", [0, 11, 26])
def test_looking_at_every_midnight_finds_no_more_than_the_chosen_ones(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = seeded_case(seed, most=20)
    chosen = timeline.midnights
    expected = decide(case.policy, case.records, case.until_ms)

    def every(book: Book) -> list[int]:
        days = [book.facts[0].received_day + timedelta(days=after) for after in range(EVERY_DAY_FOR)]
        return [*chosen(book), *(local_midnight(day, book.zone) for day in days)]

    monkeypatch.setattr(timeline, "midnights", every)
    assert diff(*decide(case.policy, case.records, case.until_ms), *expected) == []


@pytest.mark.parametrize("seed", range(0, 30, 3))
def test_contributions_add_up_to_the_score(seed: int) -> None:
    case = seeded_case(seed)
    for state in decide(case.policy, case.records)[1].values():
        rows = state["potential"]["contributions"]
        # Every row, and every row that rounds to nothing, may be off by half a unit of the fourth decimal.
        slack = 0.00005 * (len(case.policy["potential"]["points"]) + 2)
        assert abs(sum(row["points"] for row in rows) - state["potential"]["score"]) <= slack
