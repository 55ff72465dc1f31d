"""What the log says should be known, recomputed customer by customer by the oracle; it must not know what was given."""

from __future__ import annotations

from copy import copy
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from ruamel.yaml import YAML

from tests.fault.checker.log import Fact, Log
from tests.fault.checker.place import Place
from tests.oracle import oracle
from tests.oracle.book import Book
from tests.oracle.clock import parse_instant, show_instant
from tests.oracle.customer import Customer

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Expected:
    """Every customer as the oracle has lived it, and the last fact applied to each, by its offset."""

    customers: dict[str, Customer]
    applied: dict[str, int]

    def signals(self) -> dict[str, Json]:
        """By id."""
        return {one["signal_id"]: one for customer in self.customers.values() for one in customer.signals}

    def state(self, customer_id: str, as_of: str) -> Json:
        """The public state at the customer's own clock, or as refreshed at a later instant that is shown."""
        customer = self.customers[customer_id]
        if as_of <= show_instant(customer.as_of_ms):
            return oracle.public_state(customer)
        later = copy(
            customer
        )  # with a memo of its own: what is worked out for an instant to come stays out of the life
        later.book = Book(customer.book.policy, customer.book.zone, customer.book.facts)
        later.as_of_ms, later.shown = parse_instant(as_of), customer.standing
        return oracle.public_state(later)


class Recomputation:
    """Goes on where it was when the log has grown: what it has applied stands, as the log does."""

    def __init__(self, place: Place) -> None:
        self._policy: Json = YAML(typ="safe", pure=True).load(place.policy)
        self._customers, self._counts = dict[str, Customer](), dict[str, int]()

    def of(self, log: Log) -> Expected:
        """Each customer's part of the log in its order, then time up to its partition's newest record."""
        applied = dict[str, int]()
        for customer_id, facts in log.by_customer().items():
            customer = self._customers.get(customer_id) or self._new(customer_id, facts)
            for fact in facts[self._counts.get(customer_id, 0) :]:
                customer.apply(fact.record())
            customer.move(log.newest_ms[facts[0].partition])
            self._counts[customer_id], applied[customer_id] = len(facts), facts[-1].offset
        return Expected(self._customers, applied)

    def _new(self, customer_id: str, facts: list[Fact]) -> Customer:
        book = Book(self._policy, ZoneInfo(self._policy["timezone"]))
        self._customers[customer_id] = Customer(customer_id, book, _go_live(facts))
        return self._customers[customer_id]


def _go_live(facts: list[Fact]) -> int | None:
    """Of a customer whose life begins with a load; others that get history are not what these runs contain."""
    loaded = {fact.go_live_ms for fact in facts if fact.go_live_ms is not None}
    assert len(loaded) < 2, "history twice"
    assert not loaded or facts[0].go_live_ms is not None, "history after live records"
    return next(iter(loaded), None)
