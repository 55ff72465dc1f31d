"""The measurements that need no broker, of tiny sizes: they run, and assert their own results."""

from __future__ import annotations

from dataclasses import replace

from benchmarks import growth, pure, sizes_of_state
from benchmarks.__main__ import NAMES
from benchmarks.events import KINDS
from benchmarks.figures import median_of
from benchmarks.sizes import FULL, QUICK

TINY = replace(
    QUICK,
    rounds=1,
    pure_events=20,
    step_history=(5, 20),
    rule_counts=(10, 30),
    shard_customers=(50, 200),
    shard_events=400,
    replay_customers=10,
    long_history=50,
    bot_views=100,
)


def test_every_type_of_event_is_measured() -> None:
    (table,) = pure.run(TINY)
    assert {row[0] for row in table.rows} == {"mix of the log", *KINDS}
    assert all(median_of(cell) > 0 for row in table.rows for cell in row[1:])


def test_growth_has_a_row_for_every_size() -> None:
    history, rules, customers, replay = growth.run(TINY)
    assert [row[0] for row in history.rows] == [5, 20]
    assert [row[:2] for row in rules.rows] == [[10, 2], [30, 4]]
    assert [row[0] for row in customers.rows] == [50, 200]
    assert median_of(replay.rows[0][1]) > 0


def test_states_of_long_lives_are_measured() -> None:
    (table,) = sizes_of_state.run(TINY)
    assert [row[1] for row in table.rows] == [40, 50, 100]


def test_a_policy_can_have_as_many_rules_as_are_measured() -> None:
    for count in FULL.rule_counts:
        policy = growth.policy_with(count)
        assert len(policy.potential.points) + len(policy.rules) == count


def test_measurements_have_one_name_each() -> None:
    assert len(set(NAMES)) == len(NAMES) == 9
