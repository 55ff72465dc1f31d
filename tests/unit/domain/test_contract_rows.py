"""The value axis of contracts told apart: a row for each that counts, adding up to the amount; worked by hand.

A period of n days paid with x is worth x * 365 / n a year, so a year of 365 days is worth what was paid for it.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from tests.unit.domain.kit import Life

YEAR = ("2026-01-01", "2026-12-31")


def contract_life(grace_days: int = 0) -> Life:
    return Life(value={"measure": "contract", "grace_days": grace_days, "high": {"enter": 1000, "leave": 500}})


def paid(life: Life, amount: object, contract: str | None, first: str = YEAR[0], last: str = YEAR[1]) -> None:
    life.buy(amount, period_from=first, period_to=last, contract_id=contract)


def told(life: Life, at: str | None = None) -> list[tuple[Any, str]]:
    """Rows in short, which add up to the amount: the contract's id, or the kind of another row; and what it brings."""
    public = life.public(at)
    rows = public.get("contracts", [])
    if rows:
        assert sum(Decimal(row["amount"]) for row in rows) == Decimal(public["value"]["amount"])
    return [(row.get("contract") if row["kind"] == "contract" else row["kind"], row["amount"]) for row in rows]


def test_a_contract_and_what_has_no_period_are_two_rows() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "A")
    life.buy(40)
    assert life.public()["contracts"] == [
        {"kind": "contract", "contract": "A", "from": "2026-01-01", "until": "2026-12-31", "amount": "365"},
        {"kind": "purchases", "amount": "40"},
    ]
    assert told(life, "2026-03-31") == [("A", "365")]  # the purchase has left its 30 days


def test_refunds_are_a_row_that_takes_away() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 365, "A")
    life.refund(15)
    assert told(life) == [("A", "365"), ("purchases", "-15")]


def test_where_no_contract_counts_there_is_no_such_key() -> None:
    life = contract_life().at("2026-03-01 09:00")
    life.buy(40)
    paid(life, 365, "later", "2026-04-01", "2027-03-31")
    paid(life, 0, "gift")
    assert "contracts" not in life.public()
    assert told(life, "2026-04-01") == [("later", "365")]
    revenue = Life().at("2026-03-01 09:00")
    paid(revenue, 365, "A")
    assert "contracts" not in revenue.public()


def test_of_overlapping_periods_of_a_contract_the_one_begun_last_is_the_row() -> None:
    life = contract_life().at("2026-02-01 09:00")
    paid(life, 365, "A")
    paid(life, 200, "A", "2026-03-01", "2026-03-20")  # 200 * 365 / 20 = 3650, from 1 March
    paid(life, 730, "B", "2026-02-15", "2027-02-14")  # another contract: both count
    assert told(life) == [("A", "365")]
    assert told(life, "2026-03-01") == [("A", "3650"), ("B", "730")]
    assert life.public("2026-03-20")["contracts"][0]["until"] == "2026-03-20"
    life.wait("2026-03-21")
    assert told(life) == [("B", "730"), ("A", "365")]  # the longer period of A runs on


def test_a_contract_that_has_ended_keeps_its_row_for_its_grace() -> None:
    life = contract_life(grace_days=2).at("2026-03-01 09:00")
    paid(life, 10, "A", "2026-03-01", "2026-03-10")  # 10 * 365 / 10
    paid(life, 730, "B")
    life.wait("2026-03-12 23:59")
    last = life.public("2026-03-12 23:59")["contracts"][1]
    assert last == {
        "kind": "contract", "contract": "A", "from": "2026-03-01", "until": "2026-03-10", "amount": "365",
    }  # fmt: skip
    life.wait("2026-03-13")
    assert told(life, "2026-03-13") == [("B", "730")]


def test_a_cancelled_contract_has_no_row_from_its_day_on() -> None:
    life = contract_life(grace_days=30).at("2026-03-01 09:00")
    paid(life, 365, "A")
    paid(life, 100, None)
    life.cancel("2026-03-10", contract="A")
    assert told(life, "2026-03-09 23:59") == [("A", "365"), (None, "100")]
    assert told(life, "2026-03-10") == [(None, "100")]


def test_the_contract_without_an_id_is_a_row_without_one() -> None:
    life = contract_life().at("2026-03-01 09:00")
    paid(life, 100, None)
    assert life.public()["contracts"] == [
        {"kind": "contract", "from": "2026-01-01", "until": "2026-12-31", "amount": "100"}
    ]


def test_of_more_than_eight_contracts_the_smallest_are_one_row() -> None:
    life = contract_life().at("2026-03-01 09:00")
    for number in range(1, 9):
        paid(life, number, f"c{number}")
    eight = [(f"c{number}", str(number)) for number in range(8, 0, -1)]
    assert told(life) == eight
    paid(life, 9, "c9")
    assert told(life) == [("c9", "9"), *eight[:6], ("others", "3")]  # 2 + 1
    assert life.public()["contracts"][-1] == {"kind": "others", "contracts": 2, "amount": "3"}


def test_contracts_of_one_amount_go_by_their_first_day_then_by_id() -> None:
    life = contract_life().at("2026-03-02 09:00")
    for contract, first, last in (("b", *YEAR), ("c", "2025-07-01", "2026-06-30"), ("a", *YEAR)):
        paid(life, 365, contract, first, last)
    assert [contract for contract, _ in told(life)] == ["c", "a", "b"]


def test_amounts_that_do_not_come_out_even_add_up_still() -> None:
    # 1 * 365 / 3 = 121.66…: three of them are 365, cut off 364.9998, so the first two get a ten-thousandth each.
    life = contract_life().at("2026-03-02 09:00")
    for contract in ("a", "b", "c"):
        paid(life, 1, contract, "2026-03-01", "2026-03-03")
    assert told(life) == [("a", "121.6667"), ("b", "121.6667"), ("c", "121.6666")]
    # 1000 * 365 / 366 = 997.26775…, and a purchase of 0.00003 lies below the fourth decimal: 997.26778… is 997.2678.
    life = contract_life().at("2028-03-02 09:00")
    paid(life, 1000, "a", "2028-01-01", "2028-12-31")
    life.buy("0.00003")
    assert told(life) == [("a", "997.2678")]
