"""The sample's accounts: companies that do not exist, with people and departments.

It must not know what they do.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import product
from random import Random

from streams.intake.corporate_number import check_digit
from streams.sample.words import (
    CS_OWNERS,
    DEPARTMENTS,
    ENGLISH_FAMILY_NAMES,
    ENGLISH_GIVEN_NAMES,
    ENGLISH_MARKS,
    ENGLISH_WORDS,
    FAMILY_NAMES,
    GIVEN_NAMES,
    MARKS,
    SALES_OWNERS,
    TITLES,
    TRADES,
    WORDS,
)

_FIRST_BASE_NUMBER = 999_999_000_000  # 12 digits, a block chosen to look unreal
_ENGLISH_EVERY = 12  # about one company in so many has an English name
_WITHOUT_NUMBER = 0.12  # share of companies found only by domain or name
_OWN_GROWTH = 0.06  # share of accounts with a growth rate of their own
MAX_COMPANIES = 2000


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who works at a company."""

    id: str
    name: str
    email: str
    department: str
    title: str


@dataclass(frozen=True, slots=True)
class Company:
    """What stays the same about an account; `industry_growth` is a decimal string per year."""

    customer_id: str
    name: str
    aliases: tuple[str, ...]
    corporate_number: str | None
    domain: str
    industry: str
    industry_growth: str | None
    employees: int
    departments: tuple[str, ...]
    people: tuple[Person, ...]
    sales_owner: str
    cs_owner: str
    english: bool


@dataclass(frozen=True, slots=True)
class _Name:
    name: str
    alias: str
    domain: str
    industry: str
    english: bool


def corporate_number(serial: int) -> str:
    """A 13-digit number with a valid check digit in the block chosen for the sample."""
    base = f"{_FIRST_BASE_NUMBER + serial:012d}"
    return f"{check_digit(base)}{base}"


def make_companies(seed: int, count: int) -> list[Company]:
    """So many companies, the same for the same seed; a few share a number, a domain or a name, as in life.

    Raises:
        ValueError: `count` is not 1 to `MAX_COMPANIES`.
    """
    if not 1 <= count <= MAX_COMPANIES:
        raise ValueError(f"accounts: 1 to {MAX_COMPANIES}, not {count}")
    rng = Random(f"{seed}/companies")
    names = _names(rng)
    return _with_twins([_company(place + 1, names[place], rng) for place in range(count)])


def _names(rng: Random) -> list[_Name]:
    japanese = [_japanese(*parts) for parts in product(MARKS, WORDS, TRADES)]
    english = [_english(*parts) for parts in product(ENGLISH_MARKS, ENGLISH_WORDS, TRADES)]
    rng.shuffle(japanese)
    rng.shuffle(english)
    return [english.pop() if place % _ENGLISH_EVERY == 7 else japanese.pop() for place in range(MAX_COMPANIES)]


def _japanese(mark: tuple[str, str], word: tuple[str, str], trade: tuple[str, str, str, str]) -> _Name:
    core = f"{mark[0]}{word[0]}{trade[0]}"
    before = len(core) % 2 == 0  # some put the legal form first
    name = f"株式会社{core}" if before else f"{core}株式会社"
    alias = f"{mark[1].title()} {word[1].title()} {trade[2]}"
    return _Name(name, alias, f"{mark[1]}-{word[1]}-{trade[1]}.example", trade[3], english=False)


def _english(mark: str, word: str, trade: tuple[str, str, str, str]) -> _Name:
    core = f"{mark} {word} {trade[2]}"
    return _Name(f"{core}, Inc.", core, f"{mark}-{word}-{trade[1]}.example".lower(), trade[3], english=True)


def _company(number: int, name: _Name, rng: Random) -> Company:
    customer_id = f"K-{number:04d}"
    employees = int(10 ** rng.uniform(1.3, 3.7))
    departments = tuple(rng.sample(DEPARTMENTS, 1 + min(3, employees // 150)))
    people = tuple(_person(customer_id, n, name, departments, rng) for n in range(1, rng.randint(2, 4) + 1))
    return Company(
        customer_id=customer_id,
        name=name.name,
        aliases=(name.alias,),
        corporate_number=None if name.english or rng.random() < _WITHOUT_NUMBER else corporate_number(number),
        domain=name.domain,
        industry=name.industry,
        industry_growth=rng.choice(("0.18", "0.15", "0.04", "-0.02")) if rng.random() < _OWN_GROWTH else None,
        employees=employees,
        departments=departments,
        people=people,
        sales_owner=rng.choice(SALES_OWNERS),
        cs_owner=rng.choice(CS_OWNERS),
        english=name.english,
    )


def _person(customer_id: str, number: int, name: _Name, departments: tuple[str, ...], rng: Random) -> Person:
    if name.english:
        called = f"{rng.choice(ENGLISH_GIVEN_NAMES)} {rng.choice(ENGLISH_FAMILY_NAMES)}"
    else:
        called = f"{rng.choice(FAMILY_NAMES)} {rng.choice(GIVEN_NAMES)}"
    title = TITLES[min(len(TITLES) - 1, int(abs(rng.gauss(0, 2.5))))]
    person_id = f"{customer_id}-P{number}"
    return Person(person_id, called, f"{person_id.lower()}@{name.domain}", rng.choice(departments), title)


def _with_twins(companies: list[Company]) -> list[Company]:
    """The same companies, with a group of two customers and two pairs that a release can mix up.

    The 12th and 13th get one corporate number, the 30th and 31st one domain, the 60th and 61st one name.
    """
    twins = list(companies)
    if len(twins) > 12:
        twins[12] = replace(twins[12], corporate_number=twins[11].corporate_number or corporate_number(12))
        twins[11] = replace(twins[11], corporate_number=twins[12].corporate_number)
    if len(twins) > 30:
        twins[29] = replace(twins[29], corporate_number=None)
        twins[30] = replace(twins[30], corporate_number=None, domain=twins[29].domain)
    if len(twins) > 60:
        twins[59] = replace(twins[59], corporate_number=None)
        twins[60] = replace(twins[60], corporate_number=None, name=twins[59].name, aliases=())
    return twins
