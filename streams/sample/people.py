"""Who acts for a customer, as events name them; it must not know what they do."""

from __future__ import annotations

from random import Random

from streams.sample.companies import Company, Person
from streams.sample.words import DEPARTMENTS, TITLES

Contact = dict[str, str]


def contact_of(person: Person) -> Contact:
    """A person as an event names them: never by name."""
    return {"id": person.id, "department": person.department, "title": person.title}


def somebody(company: Company, rng: Random) -> Contact:
    """One of the people known."""
    return contact_of(rng.choice(company.people))


def stranger(company: Company, rng: Random) -> Contact:
    """A person nobody knows yet, from a department that is not among the account's."""
    known = set(company.departments) | {person.department for person in company.people}
    department = rng.choice([name for name in DEPARTMENTS if name not in known])
    return {"id": f"{company.customer_id}-X{rng.randint(100, 999)}", "department": department, "title": "担当"}


def promoted_title(title: str) -> str:
    """The next title up."""
    return TITLES[min(len(TITLES) - 1, TITLES.index(title) + 1)]
