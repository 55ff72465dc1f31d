"""All customers as columns in memory: what matrix, filters and boards look at; it must not know Redis or pages.

A customer keeps its row for the life of the book; a page that has heard of all changes up to `seq` of the same
`epoch` holds the same columns.
"""

from __future__ import annotations

import secrets
from array import array
from collections.abc import Iterator
from typing import Any

from streams.dashboard.instants import epoch_ms
from streams.dashboard.lexicon import Lexicon, SetLexicon, Texts
from streams.dashboard.records import AccountRecord, MonthRecord, OutcomeRecord, StateRecord

SEGMENTS = ("retain", "nurture", "expand", "streamline")
LIFECYCLES = ("onboarding", "active", "former")
STANDINGS = (*SEGMENTS, *LIFECYCLES)
CAUSES = ("", "decay", "window", "expiry", "dwell", "lifecycle", "silence")
FORMER = LIFECYCLES.index("former")
GONE = 255  # of an erased customer: its row stays, empty
RISE_DAYS = 14  # a term counts as rising when its newest event is at most that old
_DAY_MS = 86_400_000

Change = list[Any]


class Book:
    """Customers by row; every change raises `seq`."""

    def __init__(self) -> None:
        self.epoch = secrets.token_hex(6)
        self.seq = 0
        self.gone = 0  # rows that stand empty
        self.ids: list[str] = []
        self.names = Texts()
        self.rows: dict[str, int] = {}
        self.value, self.revenue = array("d"), array("d")
        self.potential, self.rise = array("f"), array("f")
        self.segment, self.lifecycle = array("B"), array("B")
        self.next_ms, self.touched_ms = array("q"), array("q")
        self.next_to, self.because = array("B"), array("B")
        self.owner, self.cs_owner = array("I"), array("I")
        self.industry, self.plan, self.departments = array("I"), array("I"), array("I")
        self.people, self.industries, self.plans = Lexicon(), Lexicon(), Lexicon()
        self.department_sets = SetLexicon()
        self.outcomes: dict[int, list[OutcomeRecord]] = {}
        self.acted: set[str] = set()  # customers of whom an outcome was reported from here
        self.months: dict[int, list[MonthRecord]] = {}  # of customers with an outcome

    def __len__(self) -> int:
        return len(self.ids)

    def put(self, state: StateRecord, account: AccountRecord | None) -> int:
        """Show a customer as this state and account say; its row."""
        row = self._row(state.customer_id)
        self.names[row] = (account.name if account else "") or state.customer_id
        self.value[row], self.revenue[row] = float(state.value.amount), state.revenue
        self.potential[row], self.rise[row] = state.potential.score, _rise(state)
        self.segment[row] = SEGMENTS.index(state.segment)
        self.lifecycle[row] = LIFECYCLES.index(state.lifecycle)
        self.touched_ms[row] = _touched(state)
        self._put_next(row, state)
        self._put_words(row, state, account)
        self._put_outcomes(row, state)
        return row

    def drop(self, customer_id: str) -> int | None:
        """Forget an erased customer; its row, None for one that was never there."""
        row = self.rows.pop(customer_id, None)
        if row is None:
            return None
        self.ids[row], self.names[row] = "", ""
        self.segment[row] = GONE
        self.gone += 1
        for column in (self.value, self.revenue, self.potential, self.rise):
            column[row] = 0.0
        for numbers in (self.next_ms, self.touched_ms, self.owner, self.cs_owner, self.departments):
            numbers[row] = 0
        self.outcomes.pop(row, None)
        self.months.pop(row, None)
        return row

    def change(self, row: int) -> Change:
        """A row as pages get it: the columns in the order of the snapshot, words written out."""
        if self.segment[row] == GONE:
            return [row]
        return [
            row,
            self.ids[row],
            self.names[row],
            self.value[row],
            round(self.potential[row], 4),
            self.revenue[row],
            self.segment[row],
            self.lifecycle[row],
            self.people.words[self.owner[row]],
            self.people.words[self.cs_owner[row]],
            self.industries.words[self.industry[row]],
            self.plans.words[self.plan[row]],
            self.department_sets.named(self.departments[row]),
        ]

    def standing(self) -> Iterator[int]:
        """The rows of all customers that have not left."""
        segment, lifecycle = self.segment, self.lifecycle
        return (row for row in range(len(segment)) if segment[row] != GONE and lifecycle[row] != FORMER)

    def of_person(self, name: str) -> set[int]:
        """The rows of all customers that this person looks after, for sales or as CS."""
        number = self.people.find(name)
        found = set() if not number else {row for row, person in enumerate(self.owner) if person == number}
        return found | (set() if not number else {row for row, person in enumerate(self.cs_owner) if person == number})

    def departments_of(self, customer_id: str) -> list[str] | None:
        """The departments of a customer; None for one unknown."""
        row = self.rows.get(customer_id)
        return None if row is None else self.department_sets.named(self.departments[row])

    def name_of(self, customer_id: str) -> str:
        """What to call a customer; the id for one unknown."""
        row = self.rows.get(customer_id)
        return customer_id if row is None else self.names[row]

    def _row(self, customer_id: str) -> int:
        row = self.rows.get(customer_id)
        if row is None:
            row = self.rows[customer_id] = len(self.ids)
            self.ids.append(customer_id)
            self.names.append("")
            for column in self._columns():
                column.append(0)
        return row

    def _columns(self) -> tuple[array[Any], ...]:
        return (
            *(self.value, self.revenue, self.potential, self.rise, self.segment, self.lifecycle),
            *(self.next_ms, self.touched_ms, self.next_to, self.because),
            *(self.owner, self.cs_owner, self.industry, self.plan, self.departments),
        )

    def _put_next(self, row: int, state: StateRecord) -> None:
        transition = state.next_transition
        at_ms = epoch_ms(transition.at) if transition else None
        if transition is None or at_ms is None or transition.to not in STANDINGS:
            self.next_ms[row] = self.next_to[row] = self.because[row] = 0
            return
        self.next_ms[row] = at_ms
        self.next_to[row] = STANDINGS.index(transition.to)
        self.because[row] = CAUSES.index(transition.because) if transition.because in CAUSES else 0

    def _put_words(self, row: int, state: StateRecord, account: AccountRecord | None) -> None:
        self.owner[row] = self.people.number(state.owners.sales)
        self.cs_owner[row] = self.people.number(state.owners.cs)
        self.industry[row] = self.industries.number(account.industry if account else None)
        self.plan[row] = self.plans.number(account.plan if account else None)
        self.departments[row] = self.department_sets.number(state.departments)

    def _put_outcomes(self, row: int, state: StateRecord) -> None:
        if state.outcomes:
            self.outcomes[row] = state.outcomes
        else:
            self.outcomes.pop(row, None)
        if state.outcomes or state.customer_id in self.acted:
            self.months[row] = state.months


def _rise(state: StateRecord) -> float:
    """Points of the terms that got an event within the last `RISE_DAYS` days of the customer's clock."""
    since_ms = (epoch_ms(state.as_of) or 0) - RISE_DAYS * _DAY_MS
    return sum(term.points for term in state.potential.contributions if (epoch_ms(term.last) or 0) > since_ms)


def _touched(state: StateRecord) -> int:
    """The newest event that the public state tells of, 0 for none."""
    newest = max((epoch_ms(term.last) or 0 for term in state.potential.contributions), default=0)
    day = state.lifetime.last_day
    return max(newest, (epoch_ms(f"{day}T00:00:00Z") or 0) if day else 0)
