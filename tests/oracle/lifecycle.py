"""Cancellations and the lifecycle they and the first purchase make.

It must not know segments, points or amounts.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from tests.oracle.amounts import exact
from tests.oracle.book import Book
from tests.oracle.clock import local_day, local_midnight
from tests.oracle.days import purchase_days
from tests.oracle.facts import Fact

FORMER, ONBOARDING, ACTIVE = "former", "onboarding", "active"


@dataclass(frozen=True, slots=True)
class Cancellation:
    """A cancellation that stands; `contract_id` matters for scope `contract` only."""

    effective_on: date
    effect_ms: int
    all_contracts: bool
    contract_id: str | None
    position: int


def read_cancellation(book: Book, fact: Fact) -> Cancellation:
    """When and what a cancellation ends; one dated in the past takes effect on receipt."""
    given = fact.get("effective_on")
    day = date.fromisoformat(given) if given else fact.day
    return Cancellation(
        effective_on=day,
        effect_ms=max(local_midnight(day, book.zone), fact.received_ms),
        all_contracts=(fact.get("scope") or "all") == "all",
        contract_id=fact.get("contract_id"),
        position=fact.position,
    )


def standing_cancellations(book: Book) -> list[Cancellation]:
    """The cancellations that were neither withdrawn by a renewal nor replaced by a later one."""
    return book.once(("cancellations",), lambda: find_standing_cancellations(book))


def find_standing_cancellations(book: Book) -> list[Cancellation]:
    """The same, worked out."""
    every = [read_cancellation(book, fact) for fact in book.of_type("cancellation")]
    return [one for one in every if not undone(book, one)]


def undone(book: Book, cancellation: Cancellation) -> bool:
    """Whether an all-scope cancellation was withdrawn or replaced before it took effect."""
    return cancellation.all_contracts and any(
        fact.position > cancellation.position and fact.received_ms < cancellation.effect_ms and undoes(book, fact)
        for fact in book.facts
    )


def undoes(book: Book, fact: Fact) -> bool:
    """Whether this is a renewal or another all-scope cancellation."""
    if fact.type == "cancellation":
        return read_cancellation(book, fact).all_contracts
    return fact.type == "renewal"


def is_former(book: Book, at_ms: int) -> bool:
    """Whether an all-scope cancellation is in effect and nothing was bought since."""
    bought = book.of_type("purchase", "renewal")
    return any(
        one.all_contracts
        and one.effect_ms <= at_ms
        and not any(fact.position > one.position and fact.received_ms >= one.effect_ms for fact in bought)
        for one in standing_cancellations(book)
    )


def lifecycle_at(book: Book, at_ms: int) -> str:
    """`former`, `onboarding` or `active` at that instant."""
    if is_former(book, at_ms):
        return FORMER
    days = purchase_days(book)
    new_for = exact(book.policy["lifecycle"].get("onboarding", {}).get("days", 0))
    if days and (local_day(at_ms, book.zone) - days[0]).days < new_for:
        return ONBOARDING
    return ACTIVE
