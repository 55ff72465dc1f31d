"""Stories told by notes, tickets and surveys.

It must not know which stories a customer of some kind goes through.
"""

from __future__ import annotations

from datetime import date, timedelta
from random import Random

from streams.sample import notes
from streams.sample.clock import DAY_S, office_hour_s, workday
from streams.sample.life import Life
from streams.sample.people import contact_of, promoted_title, somebody
from streams.sample.stories_web import ways_out
from streams.sample.writer import Writer

_RATINGS = ("high", "medium", "low")
_SPREAD = 1.6  # of NPS scores around what a kind of customer gives


def report(life: Life, day: date, writer: Writer) -> None:
    """A routine report."""
    _note(life, day, writer, notes.ROUTINE_REPORTS)


def promising(life: Life, day: date, writer: Writer) -> None:
    """A report of something new ahead."""
    _note(life, day, writer, notes.PROMISING_REPORTS)


def refusal(life: Life, day: date, writer: Writer) -> None:
    """A report that sounds promising and is not."""
    _note(life, day, writer, notes.REFUSING_REPORTS)


def _note(life: Life, day: date, writer: Writer, texts: tuple[str, ...]) -> None:
    author = life.company.cs_owner
    writer.crm(office_hour_s(day, writer.rng), "cs_report", text=writer.rng.choice(texts), author=author)


def inquiry(life: Life, day: date, writer: Writer) -> None:
    """An everyday question."""
    _ask(life, day, writer, "support_ticket" if writer.rng.random() < 0.6 else "inquiry", notes.ROUTINE_INQUIRIES)


def new_use(life: Life, day: date, writer: Writer) -> None:
    """Somebody asks whether it can also do something else."""
    texts = notes.NEW_USE_INQUIRIES_EN if life.company.english else notes.NEW_USE_INQUIRIES
    _ask(life, day, writer, "support_ticket" if writer.rng.random() < 0.4 else "inquiry", texts)


def strategic(life: Life, day: date, writer: Writer) -> None:
    """Somebody asks for what only large plans need."""
    texts = notes.STRATEGIC_INQUIRIES_EN if life.company.english else notes.STRATEGIC_INQUIRIES
    _ask(life, day, writer, "inquiry", texts)


def _ask(life: Life, day: date, writer: Writer, kind: str, texts: tuple[str, ...]) -> None:
    rng = writer.rng
    writer.crm(office_hour_s(day, rng), kind, text=rng.choice(texts), contact=somebody(life.company, rng))


def nps(life: Life, day: date, writer: Writer) -> None:
    """An answer to the survey, around what this kind of customer thinks."""
    _answer(life, day, writer, nps_score(life.archetype.contented, writer.rng))


def nps_score(contented: float, rng: Random) -> int:
    """A score 0 to 10 around a mean."""
    return max(0, min(10, round(rng.gauss(contented, _SPREAD))))


def remark(score: int, rng: Random) -> str | None:
    """What somebody with such a score writes beside it, if anything."""
    texts = notes.PRAISE if score >= 9 else notes.GRUMBLES if score <= 5 else notes.NEUTRAL_REMARKS
    return rng.choice(texts) or None


def _answer(life: Life, day: date, writer: Writer, score: int) -> None:
    rng = writer.rng
    contact = somebody(life.company, rng)
    writer.crm(office_hour_s(day, rng), "nps_response", score=score, text=remark(score, rng), contact=contact)


def rating(life: Life, day: date, writer: Writer) -> None:
    """Sales says what it thinks of the account."""
    said = writer.rng.choices(_RATINGS, life.archetype.ratings)[0]
    writer.crm(office_hour_s(day, writer.rng), "sales_rating", rating=said, author=life.company.sales_owner)


def promotion(life: Life, day: date, writer: Writer) -> None:
    """Somebody there rises."""
    person = writer.rng.choice(life.company.people)
    at_s = office_hour_s(day, writer.rng)
    writer.crm(at_s, "contact_promoted", contact=contact_of(person), new_title=promoted_title(person.title))


def transfer(life: Life, day: date, writer: Writer) -> None:
    """Somebody there moves to another department that is known."""
    rng = writer.rng
    person = rng.choice(life.company.people)
    known = [name for name in life.company.departments if name != person.department] or [person.department]
    moved = {"contact": contact_of(person), "new_department": rng.choice(known)}
    writer.crm(office_hour_s(day, rng), "contact_transferred", **moved)


def unhappy(life: Life, day: date, writer: Writer) -> None:
    """Complaints, then a low score, then perhaps a look at the way out."""
    rng = writer.rng
    for _ in range(rng.randint(1, 3)):
        _ask(life, day, writer, "support_ticket", notes.COMPLAINTS)
        day = workday(day + timedelta(days=rng.randint(1, 6)))
    if rng.random() < 0.6:
        _answer(life, day, writer, rng.randint(0, 3))
    if rng.random() < 0.4:
        ways_out(life, workday(day + timedelta(days=rng.randint(2, 15))), writer)


def lost_deal(life: Life, day: date, writer: Writer) -> None:
    """A deal that came to nothing."""
    at_s, deal_id = office_hour_s(day, writer.rng), f"D-{life.company.customer_id}-{day:%y%m%d}"
    amount = str(writer.rng.choice((240_000, 600_000, 1_200_000)))
    writer.crm(at_s, "deal_opened", amount=amount, deal_id=deal_id)
    writer.crm(at_s + writer.rng.uniform(20, 70) * DAY_S, "deal_lost", amount=amount, deal_id=deal_id)
