"""Stories told by visits: somebody weighs a purchase, asks for documents, looks at how to leave.

It must not know which stories a customer of some kind goes through.
"""

from __future__ import annotations

from datetime import date, timedelta

from streams.sample.clock import office_hour_s, workday
from streams.sample.life import Life
from streams.sample.notes import DOCUMENTS
from streams.sample.people import Contact, somebody, stranger
from streams.sample.writer import Writer

_PRICING = ("/pricing", "/pricing", "/plans/compare", "/plans/pro", "/pricing/calculator")
_UPPER = ("/enterprise", "/enterprise/security", "/enterprise/sso")
_NEW = ("/products/new/assistant", "/products/new/planner")
_LEAVING = ("/help/cancel", "/help/cancel/notice-period", "/help/export-data", "/terms/termination")


def evaluation(life: Life, day: date, writer: Writer) -> None:
    """Somebody looks at prices on several days, at times at a higher plan or something new, and takes a document."""
    rng, contact = writer.rng, somebody(life.company, writer.rng)
    for _ in range(rng.randint(2, 4)):
        at_s = office_hour_s(day, rng)
        writer.web(at_s, "page_view", path=rng.choice(_PRICING), contact=contact)
        if rng.random() < 0.4:
            writer.web(at_s + 70, "page_view", path=rng.choice(_UPPER + _NEW), contact=contact)
        day = workday(day + timedelta(days=rng.randint(1, 4)))
    if rng.random() < 0.5:
        writer.web(office_hour_s(day, rng), "download", document="料金プラン比較表", path="/pricing", contact=contact)


def download(life: Life, day: date, writer: Writer) -> None:
    """Somebody known takes a document."""
    rng = writer.rng
    contact = somebody(life.company, rng)
    writer.web(office_hour_s(day, rng), "download", document=rng.choice(DOCUMENTS), path="/resources", contact=contact)


def department(life: Life, day: date, writer: Writer) -> Contact:
    """Somebody from a department nobody knew takes a document after a look around; the newcomer is returned."""
    rng, contact = writer.rng, stranger(life.company, writer.rng)
    at_s = office_hour_s(day, rng)
    writer.web(at_s - 300, "page_view", path=f"/cases/{rng.randint(1, 60)}")
    writer.web(at_s, "download", document=rng.choice(DOCUMENTS), path="/resources", contact=contact)
    return contact


def ways_out(life: Life, day: date, writer: Writer) -> None:
    """Somebody reads how to leave."""
    rng, contact = writer.rng, somebody(life.company, writer.rng)
    at_s = office_hour_s(day, rng)
    for path in rng.sample(_LEAVING, rng.randint(1, 3)):
        writer.web(at_s, "page_view", path=path, contact=contact)
        at_s += rng.uniform(20, 200)
