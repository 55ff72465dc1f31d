"""The four boards over all customers; it must not know Redis, pages or how a board is drawn.

- at risk: the next transition is a downgrade (an axis turns low, or the customer leaves), soonest first;
- golden eggs: in nurture, most points of the last `RISE_DAYS` days first;
- gone quiet: a silence rule has fired and nothing has been heard since, most revenue first;
- acted upon: somebody reported an outcome, newest first.

`mine` are the rows of one person's customers; without it the boards are over all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from datetime import UTC, datetime, tzinfo
from heapq import nsmallest
from typing import Any

from msgspec import structs

from streams.dashboard.book import CAUSES, FORMER, SEGMENTS, STANDINGS, Book
from streams.dashboard.instants import epoch_ms
from streams.dashboard.records import OutcomeRecord, Silence

SHOWN = 60
_HIGH_VALUE = {"retain", "expand"}
_HIGH_POTENTIAL = {"retain", "nurture"}
_DAY_MS = 86_400_000
HORIZONS_DAYS = (7, 30, 90)

Row = dict[str, Any]
Mine = Container[int] | None


def is_downgrade(before: str, after: str) -> bool:
    """Whether moving there loses an axis or the customer."""
    if after == "former":
        return True
    lost_value = before in _HIGH_VALUE and after in SEGMENTS and after not in _HIGH_VALUE
    lost_potential = before in _HIGH_POTENTIAL and after in SEGMENTS and after not in _HIGH_POTENTIAL
    return lost_value or lost_potential


_DOWN = frozenset(
    (before, after)
    for before in range(len(SEGMENTS))
    for after in range(len(STANDINGS))
    if is_downgrade(SEGMENTS[before], STANDINGS[after])
)


def at_risk(book: Book, now_ms: int, zone: tzinfo, mine: Mine = None) -> dict[str, Any]:
    """Customers about to fall, by local day and revenue, with the sums of the coming days."""
    next_ms, revenue = book.next_ms, book.revenue
    falling = [row for row in _standing(book, mine) if next_ms[row] and (book.segment[row], book.next_to[row]) in _DOWN]
    first = nsmallest(SHOWN, falling, key=lambda row: (_day(next_ms[row], zone), -revenue[row]))
    sums = []
    for days in HORIZONS_DAYS:
        within = [row for row in falling if next_ms[row] < now_ms + days * _DAY_MS]
        sums.append({"days": days, "customers": len(within), "revenue": sum(revenue[row] for row in within)})
    return {"total": len(falling), "sums": sums, "rows": _rows(book, first)}


def golden_eggs(book: Book, mine: Mine = None) -> dict[str, Any]:
    """Customers to nurture that rise fastest."""
    nurture, segment = SEGMENTS.index("nurture"), book.segment
    eggs = [row for row in _standing(book, mine) if segment[row] == nurture and book.rise[row] > 0]
    first = nsmallest(SHOWN, eggs, key=lambda row: (-book.rise[row], -book.potential[row]))
    return {"total": len(eggs), "rows": _rows(book, first, lambda row: {"rise": round(book.rise[row], 4)})}


def gone_quiet(book: Book, silences: Mapping[str, Silence], mine: Mine = None) -> dict[str, Any]:
    """Customers of whom nothing was heard since a silence rule fired."""
    rows = [
        row
        for customer_id, silence in silences.items()
        if (row := book.rows.get(customer_id)) is not None
        and book.lifecycle[row] != FORMER
        and book.touched_ms[row] < silence.told_ms
        and (mine is None or row in mine)
    ]
    first = nsmallest(SHOWN, rows, key=lambda row: -book.revenue[row])
    return {
        "total": len(rows),
        "rows": _rows(book, first, lambda row: {"heard_ms": silences[book.ids[row]].heard_ms}),
    }


def acted_upon(book: Book, own: Mapping[str, Iterable[OutcomeRecord]], mine: Mine = None) -> dict[str, Any]:
    """Signals with an outcome; `own` are those reported from here, by customer, that the states may not have yet."""
    found: dict[str, tuple[int, OutcomeRecord]] = {}
    for customer_id, outcomes in own.items():
        row = book.rows.get(customer_id)
        if row is not None:
            found |= {outcome.signal_id: (row, outcome) for outcome in outcomes}
    for row, outcomes in book.outcomes.items():
        for outcome in outcomes:
            _, ours_so_far = found.get(outcome.signal_id, (row, None))
            found[outcome.signal_id] = row, _newest(ours_so_far, outcome)
    ours = [pair for pair in found.values() if mine is None or pair[0] in mine]
    newest = sorted(ours, key=lambda pair: pair[1].at, reverse=True)
    counts: dict[str, int] = {}
    for _, outcome in newest:
        counts[outcome.outcome] = counts.get(outcome.outcome, 0) + 1
    return {"total": len(newest), "counts": counts, "rows": [_acted(book, *pair) for pair in newest[:SHOWN]]}


def _newest(own: OutcomeRecord | None, stated: OutcomeRecord) -> OutcomeRecord:
    """What was reported from here until the state has it; the state knows the revenue since, but no author."""
    if own is None or own.at < stated.at:
        return stated
    return own if own.at > stated.at else structs.replace(stated, author=stated.author or own.author)


def _standing(book: Book, mine: Mine) -> Iterable[int]:
    return book.standing() if mine is None else (row for row in book.standing() if row in mine)


def _day(at_ms: int, zone: tzinfo) -> int:
    return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(zone).toordinal()


def _acted(book: Book, row: int, outcome: OutcomeRecord) -> Row:
    return _row(book, row) | {
        "signal_id": outcome.signal_id,
        "outcome": outcome.outcome,
        "at_ms": epoch_ms(outcome.at),
        "author": outcome.author,
        "revenue_since": _revenue_since(book, row, outcome),
    }


def _revenue_since(book: Book, row: int, outcome: OutcomeRecord) -> float | None:
    """Exactly where the state says it, else the months from that of the outcome on; None where neither is known."""
    if outcome.revenue_since is not None:
        return float(outcome.revenue_since)
    months = book.months.get(row)
    if months is None or not outcome.at:
        return None
    return sum(float(month.amount) for month in months if month.month >= outcome.at[:7])


def _rows(book: Book, rows: Iterable[int], more: Callable[[int], Row] = lambda row: {}) -> list[Row]:
    return [_row(book, row) | more(row) for row in rows]


def _row(book: Book, row: int) -> Row:
    return {
        "id": book.ids[row],
        "name": book.names[row],
        "segment": SEGMENTS[book.segment[row]],
        "value": book.value[row],
        "revenue": book.revenue[row],
        "potential": round(book.potential[row], 4),
        "owner": book.people.words[book.owner[row]] or book.people.words[book.cs_owner[row]],
        "next": _next(book, row),
    }


def _next(book: Book, row: int) -> Row | None:
    if not book.next_ms[row]:
        return None
    return {"at_ms": book.next_ms[row], "to": STANDINGS[book.next_to[row]], "because": CAUSES[book.because[row]]}
