"""Endless events of the sample company's customers, as they would come in while somebody watches.

It must not know the real clock: it says when an event occurs, the caller waits until then.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from datetime import date, datetime
from random import Random
from typing import Any

from streams.sample import notes
from streams.sample.b2b import ACCOUNTS, MONTHS, lives
from streams.sample.clock import day_of, instant_s, rfc3339
from streams.sample.elsewhere import unknown_company
from streams.sample.headlines import headline
from streams.sample.life import Life
from streams.sample.live_stories import LIVE_STORIES, Desk, Happening
from streams.sample.people import somebody
from streams.sample.traffic import ordinary_path
from streams.sample.writer import Line

PACE_PER_S = 2.0  # a signal every few seconds
_GO_ON = 0.6  # chance that the next event belongs to a story under way
_BEGIN = 0.22  # chance that it begins a story
_AT_ONCE = 5  # stories under way at most
_STORIES_TRIED = 4
_PICKS = 40  # customers tried for a story before another story is tried


def live(
    seed: int, start: datetime, pace: float = PACE_PER_S, accounts: int = ACCOUNTS, months: int = MONTHS
) -> Iterator[Line]:
    """Endless lines from `start` on, `pace` a second on average, for the customers of `history(seed, start)`.

    Each is `{"topic", "received_at", "value"}`; `occurred_at` (in an account: `received_at`) is when to send it. Ids
    differ between starts and never repeat, but for a few events delivered twice.

    Raises:
        ValueError: `start` has no time zone, `pace` is not above 0, or accounts or months are out of range.
    """
    if not pace > 0:
        raise ValueError(f"pace: above 0 events a second, not {pace}")
    start_s = instant_s(start)
    theatre = _Theatre(lives(seed, start, accounts, months), Random(f"{seed}/live/{rfc3339(start_s)}"), start_s)
    return theatre.run(pace)


class _Theatre:
    """The customers, and the stories under way at some of them."""

    def __init__(self, all_lives: list[Life], rng: Random, start_s: float) -> None:
        self._rng = rng
        self._at_s = start_s
        self._prefix = f"live-{round(start_s * 1000):x}"
        self._number = 0
        self._desks = [_desk(life, day_of(start_s)) for life in all_lives]
        self._decks: dict[str, deque[Desk]] = {}
        self._under_way: list[tuple[Desk, deque[Happening]]] = []

    def run(self, pace: float) -> Iterator[Line]:
        """One line after the other, for ever."""
        while True:
            self._at_s += self._rng.expovariate(pace)
            line = self._next()
            yield line
            if self._rng.random() < 0.002 and "event_id" in line["value"]:
                self._at_s += 0.05
                yield line | {"received_at": rfc3339(self._at_s)}

    def _next(self) -> Line:
        rng = self._rng
        if self._under_way and rng.random() < _GO_ON:
            return self._continue()
        if len(self._under_way) < _AT_ONCE and rng.random() < _BEGIN and self._begin():
            return self._continue()
        desk = rng.choice([desk for desk in rng.choices(self._desks, k=8) if desk.present] or self._desks)
        return self._line(desk, self._everyday(desk))

    def _begin(self) -> bool:
        """Begin a story; False if those tried fit nobody, as among very few customers."""
        weights = [story.weight for story in LIVE_STORIES.values()]
        for name in self._rng.choices(list(LIVE_STORIES), weights, k=_STORIES_TRIED):
            desk = self._pick(name)
            if desk is not None:
                told = LIVE_STORIES[name].tell(desk, day_of(self._at_s), self._rng)
                self._under_way.append((desk, deque(told)))
                return True
        return False

    def _pick(self, name: str) -> Desk | None:
        """The next customer a story fits, everyone in turn: the same again would be no news to the watcher."""
        deck = self._decks.setdefault(name, deque())
        busy = {id(desk) for desk, _ in self._under_way}
        for _ in range(_PICKS):
            if not deck:
                deck.extend(self._rng.sample(self._desks, len(self._desks)))
            desk = deck.popleft()
            if id(desk) not in busy and LIVE_STORIES[name].fits(desk):
                return desk
        return None

    def _continue(self) -> Line:
        place = self._rng.randrange(len(self._under_way))
        desk, told = self._under_way[place]
        happening = told.popleft()
        if not told:
            del self._under_way[place]
        return self._line(desk, happening)

    def _everyday(self, desk: Desk) -> Happening:
        rng, company = self._rng, desk.life.company
        kind = rng.random()
        if kind < 0.80:
            contact = {"contact": somebody(company, rng)} if rng.random() < 0.5 else {}
            return "web-behaviour", {"type": "page_view", "path": ordinary_path(rng), **contact}
        if kind < 0.88:
            used = {"type": "usage", "metric": "active_users", "value": rng.randint(3, 80), "licensed": 100}
            return "web-behaviour", used
        if kind < 0.96:
            texts = notes.ROUTINE_INQUIRIES if kind < 0.92 else notes.ROUTINE_REPORTS + notes.REFUSING_REPORTS
            return "crm-activities", {"type": "inquiry" if kind < 0.92 else "cs_report", "text": rng.choice(texts)}
        if kind < 0.98:
            return "crm-activities", {"type": "nps_response", "score": rng.randint(7, 10)}
        named, english = unknown_company(rng)
        told = headline("funding", named["name"], english, rng)
        return "press-releases", {"type": "press_release", "company": named, "headline": told}

    def _line(self, desk: Desk, happening: Happening) -> Line:
        topic, fields = happening
        now = rfc3339(self._at_s)
        value: dict[str, Any] = {"occurred_at": now, **fields}
        if topic != "accounts":
            self._number += 1
            value["event_id"] = f"{self._prefix}-{self._number}"
        if topic != "press-releases":
            value["customer_id"] = desk.life.company.customer_id
        return {"topic": topic, "received_at": now, "value": value}


def _desk(life: Life, day: date) -> Desk:
    span = life.span_at(day)
    last = span or life.spans[-1]
    return Desk(life, last.yearly_price, span is not None, int(last.contract_id.rsplit("-", 1)[1]))
