"""One installation under load, with its crew and its checker: what the fault tests and the soak work on.

It must not know which faults there are.
"""

from __future__ import annotations

import itertools
import os
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from confluent_kafka import KafkaException
from redis.exceptions import RedisError

from streams.adapters.topics import ensure_topics
from streams.local import LocalStack
from streams.settings import Settings
from tests.fault.checker.place import SOURCES, Place
from tests.fault.checker.verdict import Checker, Verdict
from tests.fault.crew import REFUSED, Crew
from tests.fault.load import Maker, Sender, as_sent
from tests.integration.system.lines import see
from tests.integration.system.processes import wait_until
from tests.integration.system.site import Site

POLICY = Path(__file__).with_name("policy.yaml")
SESSION_S = 6  # the least a broker allows by default
RECOVERS_S = 240.0  # a limit against hanging on a busy machine, not a promise
REST_S = 1.0  # between two judgements, each of which takes about as long
SETTLES_S = 90.0  # what time alone causes comes to rest, and views are shown
LOOK_EVERY_S = 0.1
_numbers = itertools.count(1)
Ends = dict[tuple[str, int], int]


@dataclass
class Recovery:
    """How long after the end of a fault everything sent before that end was decided, in seconds."""

    fault: str
    seconds: float


@dataclass
class Bench:
    """Everything of one run. `brokers` and `redis_url` are what the workers are given."""

    stack: LocalStack
    site: Site
    sender: Sender
    crew: Crew
    checker: Checker
    recoveries: list[Recovery] = field(default_factory=list)
    settle_s: float = SETTLES_S
    last_error: str = ""

    # -- progress

    def ends(self) -> Ends:
        """How far sources and log reach now."""
        kafka = self.site.kafka
        topics = [self.site.topic(name) for name in (*SOURCES, "events")]
        return {(topic, p): end for topic in topics for p, end in kafka.ends(topic).items()}

    def reached(self, ends: Ends) -> bool:
        """Whether everything before these ends is taken in and decided."""
        topics = {topic for topic, _ in ends}
        committed = {t: self.site.kafka.committed(self.site.group, t) for t in topics}
        return all(committed[topic][p] >= end for (topic, p), end in ends.items())

    def shown(self) -> bool:
        """Whether Redis has everything that is decided by now."""
        summary = self.site.redis.hget(self.site.key("summary"), "lag")
        return summary == "0" and self.site.is_fed()

    def view_recovered(self, fault: str) -> None:
        """Wait until Redis shows all that was decided and signalled by now."""
        kafka, site = self.site.kafka, self.site
        decided, signalled = self.eventually(lambda: [kafka.ends(site.topic(name)) for name in ("events", "signals")])

        def shown() -> bool:
            places = {p: site.redis.hgetall(site.key(f"view:partition:{p}")) for p in decided}
            return all(
                int(places[p].get("next_offset", -1)) >= decided[p]
                and int(places[p].get("signals_next", -1)) >= signalled[p]
                for p in decided
            )

        self.wait(shown, f"the view after {fault}")

    def recovered(self, fault: str) -> float:
        """Wait until all that was sent by now is decided; the seconds it took are noted."""
        began = time.monotonic()
        ends = self.eventually(self.ends)
        self.wait(lambda: self.reached(ends), f"recovery from {fault}")
        self.recoveries.append(Recovery(fault, time.monotonic() - began))
        return self.recoveries[-1].seconds

    def openings(self) -> int:
        """How often workers have taken a partition over so far."""
        return sum(worker.text().count("streams.engine.opening: ") for worker in self.site.workers)

    def decided(self, records: int) -> None:
        """Let that many further records be taken in and decided, so that a fault meets a busy system."""
        before = sum(self.eventually(self._committed).values())
        self.wait(lambda: sum(self._committed().values()) >= before + records, f"{records} further records")

    def _committed(self) -> dict[int, int]:
        return self.site.kafka.committed(self.site.group, self.site.topic("events"))

    # -- waiting

    def wait(self, holds: Callable[[], bool], what: str, within_s: float = RECOVERS_S) -> None:
        """Wait for a condition; a broker or Redis that is away counts as not yet."""
        until = time.monotonic() + within_s
        while True:
            self._expect_nobody_refuses()
            if self._try(holds):
                return
            told = f"last error {self.last_error}\n{self.crew.told()}"
            assert time.monotonic() < until, f"{what} did not come within {within_s:.0f} s, {told}"
            time.sleep(LOOK_EVERY_S)

    def eventually(self, ask: Callable[[], Any]) -> Any:
        """The answer of a broker that may be away for a while."""
        found: list[Any] = []
        self.wait(lambda: found.append(ask()) is None, "an answer of the broker")
        return found[-1]

    def _try(self, holds: Callable[[], bool]) -> bool:
        try:
            return holds()
        except (KafkaException, RedisError, OSError, AssertionError) as error:
            self.last_error = repr(error)
            return False

    def _expect_nobody_refuses(self) -> None:
        assert REFUSED not in self.crew.exits, "a worker gave up for good\n" + self.crew.told()

    # -- the end

    def settle(self) -> Verdict:
        """Stop sending, wait for rest, and judge; the last verdict when it does not come to be right in time."""
        self.sender.close()
        self.sender.flush()
        self.recovered("the end of sending")
        wait_until(lambda: self._try(self.shown), REST_S, LOOK_EVERY_S)
        verdict = self.checker.check()
        until = time.monotonic() + self.settle_s
        while not verdict.ok and time.monotonic() < until:
            time.sleep(REST_S)
            verdict = self.checker.check()
        return verdict

    def restart_cold(self, workers: int = 1) -> None:
        """Everybody leaves, and others take over from what is durable."""
        self.crew.stop()
        old = self.crew
        known: dict[str, Any] = {"starts": old.starts, "exits": old.exits, "resident": old.resident}
        self.crew = Crew(self.site, workers, dict(old.env), **known)
        self.crew.start()

    def touch_all(self) -> None:
        """An event for each customer, so that what was restored is what is decided upon."""
        maker = self.sender.maker
        lines = [see(maker.name(n), "/blog") for n in range(maker.customers)]
        for n, line in enumerate(lines):
            line["value"]["event_id"] = f"touch-{maker.seed}-{n}"
        self.sender.send([as_sent(line) for line in lines])
        self.sender.flush()


@contextmanager
def bench(
    stack: LocalStack,
    folder: Path,
    *,
    seed: int,
    workers: int = 2,
    partitions: int = 3,
    customers: int = 80,
    per_s: float = 40.0,
    most: int = 1_000,
    brokers: str | None = None,
    redis_url: str | None = None,
    env: dict[str, str] | None = None,
    policy: Path = POLICY,
    repeats: bool = True,
) -> Iterator[Bench]:
    """An installation whose customers are known and decided; sending has begun."""
    name = f"fault{os.getpid()}-{next(_numbers)}"
    site = Site(stack.brokers, stack.redis_url, name, folder, policy, partitions)
    ways = {"KAKUHAN_BROKERS": brokers or stack.brokers, "KAKUHAN_REDIS_URL": redis_url or stack.redis_url}
    crew = Crew(site, workers, {"KAKUHAN_SESSION_TIMEOUT_S": str(SESSION_S), **ways, **(env or {})})
    sender = Sender(stack.brokers, site.prefix, Maker(seed, customers, repeats), per_s, most)
    place = Place(stack.brokers, stack.redis_url, site.prefix, site.key(""), site.group, policy)
    made = Bench(stack, site, sender, crew, Checker(place))
    try:
        report = ensure_topics(Settings.from_env(site.env))
        assert report.ok, report.lines()
        sender.send(sender.maker.accounts())
        sender.flush()
        crew.start()
        made.recovered("the first start")
        sender.start()
        yield made
    finally:
        _close(made)


def _close(made: Bench) -> None:
    made.sender.close()
    made.crew.halt()
    made.checker.close()
    made.site.close()
