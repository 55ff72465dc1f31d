"""Writes a customer's everyday life: visits to the web site, weekly usage, webinars.

It must not know stories, contracts or what a visit means.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from streams.sample.clock import HOUR_S, office_hour_s
from streams.sample.life import Life
from streams.sample.notes import DOCUMENTS, WEBINARS
from streams.sample.people import somebody
from streams.sample.writer import Writer

_PATHS = (
    ("/login", 18), ("/", 8), ("/help", 6), ("/help/articles/{n}", 14), ("/docs/guide/{n}", 14), ("/docs/api/{n}", 4),
    ("/blog/{n}", 12), ("/cases/{n}", 6), ("/products", 4), ("/products/reports", 5), ("/products/workflow", 5),
    ("/news/{n}", 5), ("/status", 3), ("/events", 3), ("/contact", 1.2), ("/pricing", 0.55), ("/plans/compare", 0.12),
    ("/enterprise", 0.2), ("/products/new/assistant", 0.5), ("/help/export-data", 0.02),
)  # fmt: skip
_NAMES = tuple(path for path, _ in _PATHS)
_WEIGHTS = tuple(weight for _, weight in _PATHS)
_CUMULATIVE = tuple(sum(_WEIGHTS[: place + 1]) for place in range(len(_WEIGHTS)))
_PAGES_A_VISIT = (1, 1, 2, 2, 3, 4)
_ACTIONS = ("login", "mail_click", "favorite")
_HABIT_DAYS = 5  # workdays in a week
_AFTER_LEAVING = 0.02  # share of visits that go on after a customer has left
_WEBINAR_EVERY_DAYS = 21
_WEBINAR_DAY = 3  # a Wednesday, as ordinal days count weeks from Monday = 1


def write_traffic(life: Life, writer: Writer) -> None:
    """Visits and usage on every workday of the time shown."""
    day = life.window
    while day < life.end:
        if day.weekday() < _HABIT_DAYS and not _in_gap(life, day):
            _write_day(life, day, writer)
        day += timedelta(days=1)


def liveliness(life: Life, day: date) -> float:
    """How much of the archetype's usual activity a customer shows on a day, from 0."""
    days = max(1, (life.end - life.window).days)
    done = (day - life.window).days / days
    level = 1.0 - life.archetype.fall * done
    if life.leaves is not None and life.withdrawn is None and life.span_at(day) is None:
        return level * _AFTER_LEAVING
    return level


def ordinary_path(rng: Random) -> str:
    """A page as an everyday visit sees it, rarely one about prices."""
    return rng.choices(_NAMES, cum_weights=_CUMULATIVE)[0].replace("{n}", str(rng.randint(1, 60)))


def _in_gap(life: Life, day: date) -> bool:
    return life.gap is not None and life.gap[0] <= day < life.gap[1]


def _write_day(life: Life, day: date, writer: Writer) -> None:
    rng, level = writer.rng, liveliness(life, day)
    if rng.random() < level * life.archetype.visits / _HABIT_DAYS:
        _write_visit(life, day, writer)
    if life.archetype.usage and day.weekday() == 0 and life.span_at(day) is not None:
        _write_usage(life, day, level, writer)
    if day.toordinal() % _WEBINAR_EVERY_DAYS == _WEBINAR_DAY and rng.random() < life.archetype.webinars * 2 * level:
        _write_webinar(life, day, writer)


def _write_visit(life: Life, day: date, writer: Writer) -> None:
    rng = writer.rng
    contact = somebody(life.company, rng) if rng.random() < 0.5 else None
    at_s = office_hour_s(day, rng)
    for _ in range(rng.choice(_PAGES_A_VISIT)):
        writer.web(at_s, "page_view", path=ordinary_path(rng), contact=contact)
        at_s += rng.uniform(5, 240)
    if rng.random() < 0.02:
        writer.web(at_s, "download", document=rng.choice(DOCUMENTS), contact=contact)
    elif rng.random() < 0.03:
        writer.web(at_s, "action", action=rng.choice(_ACTIONS), contact=contact)
    elif rng.random() < 0.004:
        writer.web(at_s, "form", form="資料請求", contact=contact)


def _write_usage(life: Life, day: date, level: float, writer: Writer) -> None:
    span = life.span_at(day)
    licensed = 5 + (span.yearly_price if span else 0) // 40_000
    used = max(0, min(licensed, round(licensed * level * writer.rng.uniform(0.5, 0.85))))
    at_s = office_hour_s(day, writer.rng)
    writer.nightly(at_s, "usage", metric="active_users", value=used, licensed=licensed)


def _write_webinar(life: Life, day: date, writer: Writer) -> None:
    rng = writer.rng
    title = WEBINARS[day.toordinal() // _WEBINAR_EVERY_DAYS % len(WEBINARS)]
    at_s = office_hour_s(day, rng) + HOUR_S
    writer.web(at_s, "webinar", title=title, attended=rng.random() < 0.75, contact=somebody(life.company, rng))
