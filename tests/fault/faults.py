"""What is done to workers and brokers while they work; it must not know what is expected afterwards.

A fault takes the bench and a seeded generator, does its harm, mends it, and returns when the installation can be
expected to recover. What it needs in order to be meaningful (somebody alive, records under way) it waits for.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from tests.fault.bench import SESSION_S, Bench

Fault = Callable[[Bench, random.Random], None]

POINTS = (
    "before-events", "after-events", "after-changelog", "before-signals", "after-signals", "after-projection",
    "before-commit",
)  # fmt: skip
FREEZE_S = (1.5 * SESSION_S, 3.0 * SESSION_S)
BROKER_FREEZE_S = (5.0, 12.0)  # longer and shorter than a session
LONG_FREEZE_S = (12.0, 60.0)
DIES_S = 30.0
SOON_S = 3.0


def _pause(rng: random.Random, longest_s: float = SOON_S) -> None:
    time.sleep(rng.uniform(0.2, longest_s))


def kill_some(bench: Bench, rng: random.Random) -> None:
    """kill -9 of random workers, every few seconds."""
    for _ in range(rng.randint(1, 3)):
        _pause(rng)
        _kill(bench, rng)


def _kill(bench: Bench, rng: random.Random) -> None:
    bench.wait(lambda: bool(bench.crew.alive()), "a worker that is alive")
    bench.crew.kill(rng.choice(bench.crew.alive()))


def kill_all(bench: Bench, rng: random.Random) -> None:
    """kill -9 of all workers at once."""
    _pause(rng)
    for worker in bench.crew.alive():
        bench.crew.kill(worker)


def kill_at(*points: str) -> Fault:
    """kill -9 of one worker after the other, each as it passes a named point; the last successor goes on."""

    def fault(bench: Bench, rng: random.Random) -> None:
        bench.wait(lambda: len(bench.crew.alive()) >= bench.crew.size, "a full crew")
        before = len(bench.crew.exits)
        bench.crew.coming = [{"KAKUHAN_FAIL_AT": f"{point}:#{rng.randint(2, 8)}"} for point in points]
        _kill(bench, rng)
        for nth, point in enumerate(points, 1):
            bench.wait(lambda dead=before + nth: len(bench.crew.exits) > dead, f"a death at {point}")

    return fault


def term_some(bench: Bench, rng: random.Random) -> None:
    """SIGTERM under load, as a deployment does it."""
    _pause(rng)
    for worker in bench.crew.alive()[: rng.randint(1, 2)]:
        bench.crew.term(worker)
        _pause(rng)


def freeze_worker(bench: Bench, rng: random.Random) -> None:
    """SIGSTOP for longer than its session, so that it wakes up in a world that has gone on without it."""
    bench.wait(lambda: len(bench.crew.alive()) > 1, "two workers")
    worker = rng.choice(bench.crew.alive())
    bench.crew.freeze(worker)
    time.sleep(rng.uniform(*FREEZE_S))
    bench.crew.thaw(worker)


def join_and_leave(bench: Bench, rng: random.Random) -> None:
    """Workers come and go every few seconds, also while others are still recovering."""
    for _ in range(rng.randint(2, 4)):
        bench.crew.join()
        _pause(rng)
        bench.crew.leave(rng)
        _pause(rng, 1.0)


def stop_broker(bench: Bench, rng: random.Random) -> None:
    """SIGTERM of the broker, and its return."""
    bench.stack.kafka.stop()
    _pause(rng)
    bench.stack.kafka.start()


def kill_broker(bench: Bench, rng: random.Random) -> None:
    """kill -9 of the broker, and its return."""
    bench.stack.kafka.kill()
    _pause(rng)
    bench.stack.kafka.start()


def freeze_broker(bench: Bench, rng: random.Random) -> None:
    """SIGSTOP of the broker: connections stay, nothing is answered."""
    _freeze_broker(bench, rng.uniform(*BROKER_FREEZE_S))


def freeze_broker_long(bench: Bench, rng: random.Random) -> None:
    """The same for up to a minute, in which workers give up and find nobody."""
    _freeze_broker(bench, rng.uniform(*LONG_FREEZE_S))


def _freeze_broker(bench: Bench, seconds: float) -> None:
    bench.stack.kafka.freeze()
    try:
        time.sleep(seconds)
    finally:
        bench.stack.kafka.thaw()


WORKER_FAULTS: dict[str, Fault] = {
    "kill": kill_some,
    "kill-all": kill_all,
    **{f"kill-{point}": kill_at(point) for point in POINTS},
    "sigterm": term_some,
    "freeze": freeze_worker,
    "join-leave": join_and_leave,
}
BROKER_FAULTS: dict[str, Fault] = {
    "broker-sigterm": stop_broker,
    "broker-kill": kill_broker,
    "broker-freeze": freeze_broker,
}
