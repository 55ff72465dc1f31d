"""The sample company's history: about 500 business customers over a year and a half.

It must not know the policy, nor how history is loaded.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from random import Random

from streams.sample.archetypes import deal
from streams.sample.clock import day_of, instant_s
from streams.sample.companies import make_companies
from streams.sample.contracts import write_contracts
from streams.sample.elsewhere import write_elsewhere
from streams.sample.life import Life, live_out
from streams.sample.master import write_accounts
from streams.sample.stories import write_stories
from streams.sample.traffic import write_traffic
from streams.sample.writer import Line, Writer

ACCOUNTS, MONTHS = 500, 18


def lives(seed: int, end: datetime, accounts: int = ACCOUNTS, months: int = MONTHS) -> list[Life]:
    """The contract lives of all accounts; the same for the same seed, day of `end`, accounts and months.

    Raises:
        ValueError: `end` has no time zone, or accounts or months are out of range.
    """
    if not 1 <= months <= 60:
        raise ValueError(f"months: 1 to 60, not {months}")
    day = day_of(instant_s(end))
    companies = make_companies(seed, accounts)
    kinds = deal(accounts, Random(f"{seed}/kinds"))
    return [
        live_out(company, kind, Random(f"{seed}/life/{company.customer_id}"), day, months)
        for company, kind in zip(companies, kinds, strict=True)
    ]


def history(seed: int, end: datetime, accounts: int = ACCOUNTS, months: int = MONTHS) -> Iterator[Line]:
    """Lines of a history file in the order of receipt, all received before `end`.

    Each is `{"topic", "received_at", "value"}`, an account removed `{"topic", "key", "received_at", "value": None}`.
    Everything that happened in the last `months` is there; of earlier times the running contracts and accounts.

    Raises:
        ValueError: `end` has no time zone, or accounts or months are out of range.
    """
    end_s = instant_s(end)
    received: list[tuple[float, Line]] = []
    for life in lives(seed, end, accounts, months):
        received += _lines_of(life, Random(f"{seed}/events/{life.company.customer_id}"), end_s)
    received += write_elsewhere(seed, end_s, months, make_companies(seed, accounts))
    received.sort(key=lambda entry: entry[0])
    return (line for _, line in received)


def _lines_of(life: Life, rng: Random, end_s: float) -> list[tuple[float, Line]]:
    writer = Writer(life.company.customer_id, rng, end_s)
    write_contracts(life, writer)
    newcomers = write_stories(life, writer)
    write_traffic(life, writer)
    write_accounts(life, newcomers, writer)
    return writer.lines
