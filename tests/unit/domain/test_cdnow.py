"""The lifetime figures of all 2,357 customers of the CDNOW sample against the published summary.

Data and summary: P. Fader & B. Hardie, "Creating a Customer-by-Sufficient-Statistic Summary" (2005); orders until
30 September 1997 make x (repeat days), t_x (weeks from the first day to the last) and zbar (mean spend of those days).
"""

from __future__ import annotations

import csv
from datetime import date
from itertools import groupby
from pathlib import Path

from streams.domain.state import State
from tests.unit.domain.kit import Life

Order = tuple[str, str, str]  # customer, date, amount
CUSTOMERS = 2_357
LAST_DAY = "19970930"
HALF_A_HUNDREDTH = 0.0051  # the summary has two decimals


def _orders(folder: Path) -> list[Order]:
    lines = (line.split() for line in (folder / "CDNOW_sample.txt").read_text().splitlines())
    return [(customer, day, amount) for _, customer, day, _, amount in lines if day <= LAST_DAY]


def _summary(folder: Path) -> dict[int, tuple[int, float, float]]:
    with (folder / "cdnow_customers_summary_with_transactions.csv").open() as file:
        return {int(row["ID"]): (int(row["x"]), float(row["t_x"]), float(row["zbar"])) for row in csv.DictReader(file)}


def _figures(life: Life, orders: list[Order]) -> tuple[int, float, float]:
    for _, day, amount in orders:
        life.at(f"{day[:4]}-{day[4:6]}-{day[6:]} 12:00").buy(amount)
    shown = life.public()["lifetime"]
    first, last = date.fromisoformat(shown["first_day"]), date.fromisoformat(shown["last_day"])
    return shown["repeat_days"], (last - first).days / 7, float(shown["mean_repeat_spend"] or 0)


def test_every_customer_of_the_sample_has_the_published_figures(cdnow: Path) -> None:
    published, life, seen = _summary(cdnow), Life(), 0
    for customer, orders in groupby(_orders(cdnow), key=lambda order: order[0]):
        life.state = State(customer)
        repeat_days, weeks, spend = _figures(life, list(orders))
        x, t_x, zbar = published[int(customer)]
        assert repeat_days == x, customer
        assert max(abs(weeks - t_x), abs(spend - zbar)) < HALF_A_HUNDREDTH, customer
        seen += 1
    assert seen == CUSTOMERS
