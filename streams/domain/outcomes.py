"""What people reported back about a customer's signals; it must not know what a signal said, nor who reported.

One outcome a signal, the newest; at most `MOST_OUTCOMES` a customer. They change no score: they are there to be shown,
with the revenue since.
"""

from __future__ import annotations

from typing import Any

from schemas.log import LogEvent
from streams.domain.numbers import shown
from streams.domain.plan import Plan
from streams.domain.state import Reported, State
from streams.domain.zone import iso_instant

MOST_OUTCOMES = 20  # as many as readers find signals of a customer


def take(state: State, event: LogEvent, occurred_ms: int) -> None:
    """Note what an event reports of a signal; of two reports the one that happened later stands, then the later one."""
    if event.signal_id is None or event.outcome is None:
        return
    last = next((kept for kept in state.outcomes if kept.signal_id == event.signal_id), None)
    if last is not None and last.occurred_ms > occurred_ms:
        return
    others = [kept for kept in state.outcomes if kept is not last]
    found = sorted([*others, Reported(event.signal_id, event.outcome, occurred_ms)], key=lambda kept: kept.occurred_ms)
    state.outcomes = found[-MOST_OUTCOMES:]


def reported(state: State, today: int, plan: Plan) -> list[dict[str, Any]]:
    """The outcomes as readers get them, oldest first, as long as the revenue since is known to the day.

    `revenue_since` is what was bought less what was given back on the local day of the report and all later ones.
    """
    days, found = state.purchases.days, []
    for kept in state.outcomes:
        day = plan.zone.day(kept.occurred_ms)
        if today - day < plan.recent_days:
            at, money = iso_instant(kept.occurred_ms), shown(days.since(day)[2])
            found.append({"signal_id": kept.signal_id, "outcome": kept.outcome, "at": at, "revenue_since": money})
    return found
