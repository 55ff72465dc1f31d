"""The newest signals in memory, by their id in the stream; it must not know Redis or sockets."""

from __future__ import annotations

from collections import deque
from collections.abc import Container, Iterable
from dataclasses import dataclass
from typing import Any

KEPT = 240  # signals: what pages that come back may have missed is looked for among them
FIRST_SHOWN = 60  # of them a new page gets at once; it asks for older ones when they are wanted
BEGINNING = "0-0"


@dataclass(frozen=True, slots=True)
class Item:
    """One signal of the stream; `id` is the stream's, `view` what a page shows of what is `stored` there."""

    id: str
    view: dict[str, Any]
    stored: bytes = b""


def order(stream_id: str) -> tuple[int, int]:
    """A stream id as what it sorts by; (0, 0) for what is none."""
    head, _, tail = stream_id.partition("-")
    if not head.isdecimal() or not (tail or "0").isdecimal():
        return 0, 0
    return int(head), int(tail or 0)


def reported_at(outcome: Any) -> str:
    """When an outcome, as a record or as JSON, was reported; empty for none."""
    return str((outcome.get("at") if isinstance(outcome, dict) else getattr(outcome, "at", "")) or "")


class Feed:
    """The newest `KEPT` signals, oldest first."""

    def __init__(self) -> None:
        self.items: deque[Item] = deque(maxlen=KEPT)
        self.last_id = BEGINNING
        self.marks = 0  # how often something of what is held has changed

    def restart(self, items: Iterable[Item]) -> None:
        """Hold these instead, oldest first; what is known of outcomes stays known."""
        known = {item.view["signal_id"]: item.view.get("outcome") for item in self.items}
        self.items.clear()
        self.last_id = BEGINNING
        for item in items:
            self.add(item)
            self.mark(item.view["signal_id"], known.get(item.view["signal_id"]))

    def add(self, item: Item) -> None:
        """Take the next of the stream."""
        self.items.append(item)
        self.last_id = item.id

    def forget(self, customers: Container[str]) -> bool:
        """Hold nothing of these customers any more; whether there was anything."""
        kept = [item for item in self.items if item.view["customer_id"] not in customers]
        found = len(kept) < len(self.items)
        if found:
            self.items = deque(kept, maxlen=KEPT)
            self.marks += 1
        return found

    def first(self) -> list[Item]:
        """What a new page gets at once, oldest first."""
        return list(self.items)[-FIRST_SHOWN:]

    def mark(self, signal_id: str, outcome: Any) -> bool:
        """Note what was reported back of a signal; whether that is news, as what was reported earlier is not."""
        for item in self.items:
            if item.view["signal_id"] == signal_id and reported_at(item.view.get("outcome")) < reported_at(outcome):
                item.view["outcome"] = outcome
                self.marks += 1
                return True
        return False

    def renew(self, item: Item) -> bool:
        """Show a signal that is held like this; whether more than an outcome is another now."""
        for at, held in enumerate(self.items):
            if held.id == item.id and {**held.view, "outcome": None} != {**item.view, "outcome": None}:
                outcome = max(held.view.get("outcome"), item.view.get("outcome"), key=reported_at)
                self.items[at] = Item(item.id, item.view | ({"outcome": outcome} if outcome else {}), item.stored)
                self.marks += 1
                return True
        return False

    def of(self, customers: Container[str]) -> list[Item]:
        """What is held of these customers, oldest first."""
        return [item for item in self.items if item.view["customer_id"] in customers]

    def outcomes(self) -> list[Any]:
        """What is known to have been reported back of the signals held."""
        return [outcome for item in self.items if (outcome := item.view.get("outcome")) is not None]

    def since(self, stream_id: str) -> list[Item] | None:
        """What came after an id, oldest first; None where some of it is no longer held."""
        wanted = order(stream_id)
        missed = [item for item in self.items if order(item.id) > wanted]
        if len(missed) == len(self.items) == KEPT:
            return None
        return missed
