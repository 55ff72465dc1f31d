"""Published purchase histories give the published inputs of BG/NBD and gamma-gamma models, for every customer.

CDNOW's 2,357 customers until 1997-09-30 and their summary: P. Fader, B. Hardie, "Notes on the CDNOW master data set",
and the tables beside the paper "Counting Your Customers the Easy Way" (Marketing Science 24, 2005), as packed in the
Python wheel `lifetimes`.
"""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest
from ruamel.yaml import YAML

from tests.integration.system.conftest import MakeSite
from tests.integration.system.expectation import Json, parsed_policy
from tests.integration.system.given import states
from tests.integration.system.lines import Line
from tests.integration.system.processes import ROOT
from tests.integration.system.samples import read_lines

CUSTOMERS, PURCHASES = 2_357, 4_960
END = date(1997, 9, 30)
YEARS_DAYS = 730
CENT, SHOWN = Decimal("0.01"), Decimal("0.0001")
Days = dict[date, Decimal]


@pytest.fixture(scope="module")
def policy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped one for members, in dollars and with windows over all of the data."""
    changed = parsed_policy(ROOT / "policies" / "b2c.yaml")
    changed["currency"] = {"base": "USD", "rates": {}}
    changed["value"]["window_days"] = changed["rfm"]["window_days"] = YEARS_DAYS
    path = tmp_path_factory.mktemp("cdnow") / "usd.yaml"
    YAML(typ="safe", pure=True).dump(changed, path)
    return path


def purchases(cdnow: Path) -> list[tuple[str, date, Decimal]]:
    """Customer, day and dollars of every purchase until the end; columns: master id, id, day, CDs, dollars."""
    rows = (line.split() for line in (cdnow / "CDNOW_sample.txt").read_text().splitlines())
    found = [(row[1], date.fromisoformat(row[2]), Decimal(row[4])) for row in rows]
    return [purchase for purchase in found if purchase[1] <= END]


def as_lines(bought: list[tuple[str, date, Decimal]]) -> list[Line]:
    value = {"type": "purchase", "currency": "USD"}
    return [
        {
            "topic": "purchases",
            "value": value
            | {"event_id": f"cd-{number}", "customer_id": f"CD{int(customer_id)}", "amount": str(dollars)}
            | {"occurred_at": f"{day.isoformat()}T12:00:00+09:00"},
        }
        for number, (customer_id, day, dollars) in enumerate(bought)
    ]


def test_lifetimes_equal_the_published_summary(make_site: MakeSite, cdnow: Path, policy: Path) -> None:
    bought = purchases(cdnow)
    assert len(bought) == PURCHASES
    site = make_site(policy=policy)
    file = site.write(as_lines(bought), "cdnow.jsonl")
    site.worker()
    site.ok("replay", file, "--policy", policy, "--out", site.folder)
    site.ok("send", "--history", file)
    site.wait_caught_up()
    replayed = {row["customer_id"]: row["lifetime"] for row in read_lines(site.folder / "states.jsonl")}
    streamed = {name: state["lifetime"] for name, state in states(site).items()}
    assert streamed == replayed
    assert_published(streamed, cdnow)
    assert_sums(streamed, bought)


def assert_published(lifetimes: dict[str, Json], cdnow: Path) -> None:
    """Repeat purchases, weeks to the last and to the end, and the mean of the repeats, as published."""
    given = {name: _summary(lifetime) for name, lifetime in lifetimes.items()}
    with (cdnow / "cdnow_customers_summary.csv").open() as file:
        counted = {f"CD{row['ID']}": _row(row, "frequency", "recency", "T") for row in csv.DictReader(file)}
    with (cdnow / "cdnow_customers_summary_with_transactions.csv").open() as file:
        rows = {f"CD{row['ID']}": row for row in csv.DictReader(file)}
    assert {name: _row(row, "x", "t_x", "T") for name, row in rows.items()} == counted
    assert sum(given.get(name) == row for name, row in counted.items()) == CUSTOMERS
    assert given.keys() == counted.keys()
    means = {name: Decimal(lifetime["mean_repeat_spend"] or 0) for name, lifetime in lifetimes.items()}
    assert {name: _cents(mean) for name, mean in means.items()} == {n: Decimal(row["zbar"]) for n, row in rows.items()}


def assert_sums(lifetimes: dict[str, Json], bought: list[tuple[str, date, Decimal]]) -> None:
    """The same means summed up here from the purchases, to the last decimal shown."""
    by_day: defaultdict[str, Days] = defaultdict(dict)
    for customer_id, day, dollars in bought:
        days = by_day[f"CD{int(customer_id)}"]
        days[day] = days.get(day, Decimal(0)) + dollars
    for name, days in by_day.items():
        repeats = [days[day] for day in sorted(days)[1:]]
        mean = lifetimes[name]["mean_repeat_spend"]
        assert (mean and Decimal(mean)) == (
            (sum(repeats, Decimal(0)) / len(repeats)).quantize(SHOWN, ROUND_HALF_UP) if repeats else None
        ), name


def _summary(lifetime: Json) -> tuple[Decimal, Decimal, Decimal]:
    first, last = date.fromisoformat(lifetime["first_day"]), date.fromisoformat(lifetime["last_day"])
    return Decimal(lifetime["repeat_days"]), _weeks((last - first).days), _weeks((END - first).days)


def _weeks(days: int) -> Decimal:
    return _cents(Decimal(days) / 7)


def _cents(number: Decimal) -> Decimal:
    return number.quantize(CENT, ROUND_HALF_UP)


def _row(row: dict[str, str], x: str, recency: str, age: str) -> tuple[Decimal, Decimal, Decimal]:
    return Decimal(row[x]), Decimal(row[recency]), Decimal(row[age])
