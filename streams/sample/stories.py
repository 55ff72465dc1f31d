"""Lets stories happen to a customer, as often as its kind goes through them.

It must not know how a story is told.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from random import Random

from streams.sample import stories_crm as crm
from streams.sample import stories_press as press
from streams.sample import stories_web as web
from streams.sample.clock import workday
from streams.sample.life import Life
from streams.sample.people import Contact
from streams.sample.writer import Writer

Story = Callable[[Life, date, Writer], Contact | None]

STORIES: dict[str, Story] = {
    "report": crm.report, "promising": crm.promising, "refusal": crm.refusal, "inquiry": crm.inquiry,
    "new_use": crm.new_use, "strategic": crm.strategic, "nps": crm.nps, "rating": crm.rating,
    "promotion": crm.promotion, "transfer": crm.transfer, "unhappy": crm.unhappy, "lost_deal": crm.lost_deal,
    "evaluation": web.evaluation, "download": web.download, "department": web.department,
    "funding": press.funding, "m_and_a": press.m_and_a, "new_business": press.new_business,
    "hiring": press.hiring, "mention": press.mention, "news": press.other_news,
}  # fmt: skip

_ELSEWHERE = frozenset({"refund"})  # told by the books
_LATELY_DAYS = 130
_ALWAYS = {"news": 0.4, "lost_deal": 0.08}
_NEED_NO_CONTACT = frozenset({"news", "mention", "funding", "m_and_a", "new_business", "hiring", "rating"})


def write_stories(life: Life, writer: Writer) -> dict[date, Contact]:
    """All stories of the time shown; newcomers met in them, by day."""
    days = (life.end - life.window).days
    newcomers: dict[date, Contact] = {}
    for name, per_year in (_ALWAYS | life.archetype.stories).items():
        newcomers |= _write_some(name, per_year, days, life, writer)
    for name, per_year in life.archetype.lately.items():
        newcomers |= _write_some(name, per_year, min(days, _LATELY_DAYS), life, writer)
    _write_around_changes(life, writer)
    return newcomers


def _write_some(name: str, per_year: float, days: int, life: Life, writer: Writer) -> dict[date, Contact]:
    """One story as often as chance says within the last `days`."""
    newcomers: dict[date, Contact] = {}
    how_often = 0 if name in _ELSEWHERE else _how_often(per_year * days / 365, writer.rng)
    for _ in range(how_often):
        day = workday(life.end - timedelta(days=1 + int(writer.rng.random() * days)))
        newcomer = STORIES[name](life, day, writer) if _may_happen(life, name, day) else None
        if newcomer is not None:
            newcomers[day] = newcomer
    return newcomers


def _how_often(mean: float, rng: Random) -> int:
    """A Poisson number, by counting exponential waits."""
    count, passed = 0, rng.expovariate(1.0)
    while passed < mean:
        count += 1
        passed += rng.expovariate(1.0)
    return count


def _may_happen(life: Life, name: str, day: date) -> bool:
    if name in _NEED_NO_CONTACT:
        return True
    in_gap = life.gap is not None and life.gap[0] - timedelta(days=14) <= day < life.gap[1]
    return not in_gap and life.span_at(day) is not None


def _write_around_changes(life: Life, writer: Writer) -> None:
    """What comes before an upgrade, a downgrade or a cancellation."""
    before: dict[str, tuple[Story, ...]] = {
        "upgrade": (web.evaluation, crm.strategic, web.download),
        "downgrade": (crm.unhappy,),
    }
    for day, direction in life.changes:
        for story in before[direction]:
            story(life, workday(day - timedelta(days=writer.rng.randint(10, 40))), writer)
    if life.cancelled is not None:
        if writer.rng.random() < 0.6:
            crm.unhappy(life, workday(life.cancelled - timedelta(days=writer.rng.randint(25, 60))), writer)
        web.ways_out(life, workday(life.cancelled - timedelta(days=writer.rng.randint(2, 12))), writer)
