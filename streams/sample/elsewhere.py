"""What the press writes about companies that are no customers, and about names that fit two of them.

It must not know customers' lives.
"""

from __future__ import annotations

from collections import Counter
from datetime import date, timedelta
from random import Random

from streams.sample.clock import day_of, months_before, office_hour_s, workday
from streams.sample.companies import Company
from streams.sample.headlines import categories, headline
from streams.sample.words import ENGLISH_WORDS, WORDS
from streams.sample.writer import Line, Writer

_TOPICS = ("funding", "m_and_a", "new_business", "other", "other", "media")
_UNKNOWN_PER_MONTH = 9
_AMBIGUOUS_PER_YEAR = 3


def write_elsewhere(seed: int, end_s: float, months: int, companies: list[Company]) -> list[tuple[float, Line]]:
    """Releases about nobody known, and a few that name a company so that it could be either of two."""
    rng = Random(f"{seed}/press")
    writer = Writer("elsewhere", rng, end_s)
    end = day_of(end_s)
    days = (end - months_before(end, months)).days
    unsure = shared_identifiers(companies)
    for _ in range(_UNKNOWN_PER_MONTH * months):
        _write(workday(end - timedelta(days=rng.randrange(days))), *unknown_company(rng), writer)
    for _ in range(max(1, _AMBIGUOUS_PER_YEAR * months // 12) if unsure else 0):
        named = rng.choice(unsure)
        _write(workday(end - timedelta(days=rng.randrange(days))), named, False, writer)
    return writer.lines


def unknown_company(rng: Random) -> tuple[dict[str, str], bool]:
    """A company that is nobody's customer as the press names it, and whether its name is English."""
    if rng.random() < 0.2:
        word = rng.choice(ENGLISH_WORDS)
        return {"name": f"Unlisted {word} Group, Inc.", "domain": f"unlisted-{word.lower()}.example"}, True
    kana, romaji = rng.choice(WORDS)
    named = {"name": f"未登録{kana}ホールディングス株式会社"}
    if rng.random() < 0.5:
        named["domain"] = f"unlisted-{romaji}.example"
    return named, False


def shared_identifiers(companies: list[Company]) -> list[dict[str, str]]:
    """Domains and names that several accounts have."""
    domains = Counter(company.domain for company in companies)
    names = Counter(company.name for company in companies)
    return [
        *({"domain": domain} for domain, count in domains.items() if count > 1),
        *({"name": name} for name, count in names.items() if count > 1),
    ]


def _write(day: date, named: dict[str, str], english: bool, writer: Writer) -> None:
    rng, topic = writer.rng, writer.rng.choice(_TOPICS)
    called = named.get("name", named.get("domain", ""))
    kind = "media_mention" if topic == "media" else "press_release"
    said = categories(topic, rng) or None
    writer.press(office_hour_s(day, rng), kind, named, headline=headline(topic, called, english, rng), categories=said)
