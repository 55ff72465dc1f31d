"""Stories told by the press about a company, found by its number, domain or name.

It must not know which companies are customers.
"""

from __future__ import annotations

from datetime import date, timedelta

from streams.sample.clock import DAY_S, office_hour_s, workday
from streams.sample.companies import Company
from streams.sample.headlines import categories, headline
from streams.sample.life import Life
from streams.sample.writer import Writer


def funding(life: Life, day: date, writer: Writer) -> None:
    """Money raised, then written about, then new jobs."""
    _release(life.company, day, writer, "funding")
    for _ in range(writer.rng.randint(0, 3)):
        mention(life, workday(day + timedelta(days=writer.rng.randint(1, 12))), writer)
    if writer.rng.random() < 0.7:
        hiring(life, workday(day + timedelta(days=writer.rng.randint(15, 45))), writer)


def m_and_a(life: Life, day: date, writer: Writer) -> None:
    """A company bought or merged."""
    _release(life.company, day, writer, "m_and_a")
    if writer.rng.random() < 0.5:
        mention(life, workday(day + timedelta(days=1)), writer)


def new_business(life: Life, day: date, writer: Writer) -> None:
    """A new line of business, site or alliance."""
    _release(life.company, day, writer, "new_business")


def other_news(life: Life, day: date, writer: Writer) -> None:
    """A release of no consequence."""
    _release(life.company, day, writer, "other")


def mention(life: Life, day: date, writer: Writer) -> None:
    """Somebody writes about the company."""
    rng, company = writer.rng, life.company
    writer.press(
        office_hour_s(day, rng),
        "media_mention",
        identify(company, writer),
        headline=headline("media", company.name, company.english, rng),
        url=f"https://news.sample-media.example/{rng.randrange(10**6):06d}",
    )


def hiring(life: Life, day: date, writer: Writer) -> None:
    """Open positions counted two weeks apart, more each time."""
    rng, at_s = writer.rng, office_hour_s(day, writer.rng)
    count = rng.randint(6, 20)
    for step in range(rng.randint(2, 3)):
        counted_s = at_s + step * 14 * DAY_S
        writer.press(counted_s, "job_postings", identify(life.company, writer), open_count=count)
        count = round(count * rng.uniform(1.35, 2.0)) + 5


def identify(company: Company, writer: Writer) -> dict[str, str]:
    """How the press names a company: usually by name with one more identifier."""
    rng = writer.rng
    if company.corporate_number is not None and rng.random() < 0.6:
        return {"name": company.name, "corporate_number": company.corporate_number}
    if rng.random() < 0.6:
        return {"name": company.name, "domain": f"www.{company.domain}" if rng.random() < 0.5 else company.domain}
    return {"name": rng.choice((company.name, *company.aliases))}


def _release(company: Company, day: date, writer: Writer, topic: str) -> None:
    rng = writer.rng
    writer.press(
        office_hour_s(day, rng),
        "press_release",
        identify(company, writer),
        headline=headline(topic, company.name, company.english, rng),
        categories=categories(topic, rng) or None,
        url=f"https://www.{company.domain}/news/{day:%Y%m%d}",
    )
