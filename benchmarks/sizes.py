"""How much is measured: the full sizes, and tiny ones that only show that everything works."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sizes:
    """Counts of rounds, events and customers."""

    name: str
    rounds: int
    broker_rounds: int
    pure_events: int  # per event type and round
    step_history: tuple[int, ...]  # past events of a customer
    rule_counts: tuple[int, ...]
    shard_customers: tuple[int, ...]
    shard_events: int
    replay_customers: int
    fold_customers: int
    fold_events: int
    slow_events: int  # for systems that would take minutes over `fold_events`
    profile_events: int
    pipeline_events: int
    latency_rates: tuple[int, ...]  # events/s
    latency_s: int
    recovery_customers: tuple[int, ...]
    memory_customers: int
    long_history: int  # purchases of one customer
    bot_views: int
    redis_customers: int
    idle_customers: int
    idle_s: int
    midnight_customers: int
    midnight_rate: int  # live events/s before midnight and while its work is done
    midnight_live_s: int


FULL = Sizes(
    name="full",
    rounds=5,
    broker_rounds=3,
    pure_events=2_000,
    step_history=(10, 100, 10_000),
    rule_counts=(10, 100, 1_000),
    shard_customers=(1_000, 100_000, 1_000_000),
    shard_events=100_000,
    replay_customers=2_000,
    fold_customers=10_000,
    fold_events=200_000,
    slow_events=20_000,
    profile_events=100_000,
    pipeline_events=100_000,
    latency_rates=(100, 1_000, 10_000),
    latency_s=15,
    recovery_customers=(100_000, 1_000_000),
    memory_customers=1_000_000,
    long_history=10_000,
    bot_views=1_000_000,
    redis_customers=20_000,
    idle_customers=1_000_000,
    idle_s=60,
    midnight_customers=100_000,
    midnight_rate=200,
    midnight_live_s=60,
)

QUICK = Sizes(
    name="quick",
    rounds=2,
    broker_rounds=1,
    pure_events=200,
    step_history=(10, 100, 1_000),
    rule_counts=(10, 100),
    shard_customers=(1_000, 5_000),
    shard_events=5_000,
    replay_customers=40,
    fold_customers=1_000,
    fold_events=20_000,
    slow_events=4_000,
    profile_events=8_000,
    pipeline_events=8_000,
    latency_rates=(100, 1_000),
    latency_s=3,
    recovery_customers=(5_000,),
    memory_customers=5_000,
    long_history=1_000,
    bot_views=5_000,
    redis_customers=1_000,
    idle_customers=5_000,
    idle_s=3,
    midnight_customers=2_000,
    midnight_rate=100,
    midnight_live_s=10,
)
