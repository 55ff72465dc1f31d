"""A seeded stream of events as several careless senders would send it, each marked with what must become of it.

It must not know what is done to those who read it. It holds repeats under the same id, late and reordered events,
records that must be refused, and releases about companies nobody knows.
"""

from __future__ import annotations

import itertools
import json
import random
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from confluent_kafka import KafkaError, Message, Producer

from tests.fault.checker.fates import FATE
from tests.integration.system.lines import Line, account, ago, buy, crm, event, news, see

DELIVERED_S = 120.0  # the longest outage of a run, and a broker that has just come back
QUEUE_S = 0.05
TRICKLE_PER_S = 5.0
PAGES = ("/pricing", "/pricing/plans", "/help/cancel", "/blog")
WORDS = ("全社展開を考えています", "ご相談です", "請求書の件")
POISON_PERCENT, REPEAT_PERCENT, LATE_PERCENT, UNKNOWN_PERCENT = 3, 4, 5, 1
REMEMBERED = 200  # lines a repeat is taken from
LARGE_BYTES = 300_000  # over the limit of 256 KiB


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as it is produced."""

    topic: str
    key: bytes | None
    value: bytes | None
    fate: str


@dataclass
class Maker:
    """Records one after the other, the same for the same seed but for their instants."""

    seed: int
    customers: int
    repeats: bool = True
    rng: random.Random = field(init=False)

    def __post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self._past: list[Line] = []
        self._numbers = itertools.count(1)

    def accounts(self) -> list[Sent]:
        """Who the customers are."""
        lines = [account(self.name(n), f"商店{n}", domains=[f"k{n}.example"]) for n in range(self.customers)]
        return [as_sent(line) for line in lines]

    def name(self, number: int) -> str:
        return f"K{number}"

    def next(self) -> Sent:
        rng = self.rng
        dice = rng.randrange(100)
        if dice < POISON_PERCENT:
            return self._poison()
        if dice < POISON_PERCENT + REPEAT_PERCENT and self._past and self.repeats:
            return as_sent(rng.choice(self._past))
        if dice < POISON_PERCENT + REPEAT_PERCENT + UNKNOWN_PERCENT:
            return as_sent(self._own(news("資金調達を実施", company={"domain": "nobody.example"})), "unmatched")
        line = self._own(self._line())
        if rng.randrange(100) < LATE_PERCENT:
            line["value"]["occurred_at"] = ago(rng.randrange(10, 200_000))
        self._past = [*self._past[-REMEMBERED:], line]
        return as_sent(line)

    def _own(self, line: Line) -> Line:
        """Under an id that no other run of these tests uses in the same installation."""
        line["value"]["event_id"] = f"s{self.seed}-{next(self._numbers)}"
        return line

    def _line(self) -> Line:
        rng = self.rng
        who = self.name(rng.randrange(self.customers))
        makers: list[Callable[[], Line]] = [
            lambda: buy(who, str(rng.randrange(1_000, 300_000))),
            lambda: see(who, rng.choice(PAGES), contact={"id": "p", "department": rng.choice("ABCD") + "部"}),
            lambda: see(who, rng.choice(PAGES)),
            lambda: crm(who, "nps_response", score=rng.randrange(11)),
            lambda: crm(who, "inquiry", text=rng.choice(WORDS), author="担当"),
            lambda: crm(who, "sales_rating", rating=rng.choice(("high", "medium", "low"))),
            lambda: event("purchases", "refund", who, amount=str(rng.randrange(50_000))),
            lambda: news("資金調達を実施", company={"domain": f"{who.lower()}.example"}),
        ]
        return rng.choice(makers)()

    def _poison(self) -> Sent:
        who = self.name(self.rng.randrange(self.customers))
        good = self._own(buy(who, "100"))["value"]
        key = who.encode()
        made: list[tuple[bytes | None, Any]] = [
            (key, b"{no json"),
            (key, good | {"amount": "-1"}),
            (key, good | {"occurred_at": "2026-11-01T00:00:00"}),
            (key, good | {"occurred_at": ago(-3_600)}),
            (key, good | {"currency": "XTS"}),
            (b"somebody else", good),
            (None, good),
            (key, good | {"order_id": "x" * LARGE_BYTES}) if self.rng.randrange(5) == 0 else (key, b"[1]"),
        ]
        found, what = self.rng.choice(made)
        return Sent("purchases", found, what if isinstance(what, bytes) else json.dumps(what).encode(), "dead")


def as_sent(line: Line, fate: str = "log") -> Sent:
    """A line as a producer sends it: keyed by the customer, a release by nothing."""
    value = line["value"]
    key = line.get("key", value and value.get("customer_id"))
    raw = None if value is None else json.dumps(value, ensure_ascii=False).encode()
    return Sent(line["topic"], key and key.encode(), raw, fate)


class Sender:
    """Produces in the background at a steady rate, and waits for a broker that is away; `close` stops it.

    After `most` records it goes on at a trickle: on a slow machine a run lasts longer, and must not grow with it.
    """

    def __init__(self, brokers: str, prefix: str, maker: Maker, per_s: float, most: int) -> None:
        self._prefix, self.maker, self._per_s, self._most = prefix, maker, per_s, most
        self._producer = Producer(
            {
                "bootstrap.servers": brokers,
                "enable.idempotence": True,
                "linger.ms": 5,
                "log_level": 0,
                "message.timeout.ms": round(DELIVERED_S * 1000),
                "reconnect.backoff.max.ms": 500,
                "partitioner": "murmur2_random",
            }
        )
        self.failed: list[str] = []
        self.sent = 0
        self._stop, self._pause = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run, name="sender")

    def start(self) -> None:
        self._thread.start()

    def send(self, records: list[Sent]) -> None:
        """Produce now, from the caller's thread."""
        for one in records:
            self._produce(one)

    def flush(self) -> None:
        """Return once the broker has everything."""
        assert self._producer.flush(DELIVERED_S) == 0, "the broker did not take all records"
        assert not self.failed, self.failed[:3]

    def pause(self) -> None:
        self._pause.set()

    def go_on(self) -> None:
        self._pause.clear()

    def close(self) -> None:
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        began, due = time.monotonic(), 0
        while not self._stop.wait(QUEUE_S):
            now = time.monotonic()
            if self._pause.is_set():
                began, due = now, 0
                continue
            if self._per_s > TRICKLE_PER_S and self.sent >= self._most:
                began, due, self._per_s = now, 0, TRICKLE_PER_S
            while due < (now - began) * self._per_s and not self._stop.is_set():
                self._produce(self.maker.next())
                due += 1
            self._producer.poll(0)

    def _produce(self, one: Sent) -> None:
        while True:
            try:
                headers: list[tuple[str, str | bytes | None]] = [(FATE, one.fate)]
                topic = self._prefix + one.topic
                self._producer.produce(topic, one.value, one.key, headers=headers, on_delivery=self._delivered)
                self.sent += 1
                return
            except BufferError:
                self._producer.poll(0.05)

    def _delivered(self, error: KafkaError | None, _: Message) -> None:
        if error is not None:
            self.failed.append(str(error))
