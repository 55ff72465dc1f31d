"""The amount of the measure `contract` as rows that add up to it; it must not know segments or the potential axis."""

from __future__ import annotations

from math import lcm
from typing import Any

from streams.domain.contracts import counting
from streams.domain.numbers import shown, shown_adding_up
from streams.domain.plan import Plan
from streams.domain.state import Period, State
from streams.domain.zone import iso_day

MOST_CONTRACT_ROWS = 8  # a public state stays small, and more pieces of one bar nobody tells apart


def contract_rows(state: State, day: int, plan: Plan) -> tuple[str, list[dict[str, Any]]]:
    """The amount on a local day, and a row for each contract that counts, the largest first; no row without any.

    Where there are more than `MOST_CONTRACT_ROWS`, the smallest are one row, `others`. What is bought without a period,
    less refunds, is the last row, `purchases`. Rows that come to 0 are left out.
    """
    bought = state.purchases.days.since(day - plan.value_window_days + 1)[1]
    counted = [period for period in counting(state.contracts, day, plan.grace_days) if period.money]
    if not counted:
        return shown(bought), []
    parts = lcm(*[_days(period) for period in counted])  # of them all amounts are whole numbers
    priced = [(period.money * 365 * (parts // _days(period)), period) for period in counted]
    if len(priced) == 1 and not bought:
        amount = shown(priced[0][0], parts)
        return amount, [_contract(counted[0], amount)] if amount != "0" else []
    priced.sort(key=_largest_first)
    own = priced if len(priced) <= MOST_CONTRACT_ROWS else priced[: MOST_CONTRACT_ROWS - 1]
    others = sum([price for price, _ in priced[len(own) :]])
    texts = shown_adding_up([*[price for price, _ in own], others, bought * parts], parts)
    rows = [_contract(period, text) for (_, period), text in zip(own, texts, strict=False)]
    rows.append({"kind": "others", "contracts": len(priced) - len(own), "amount": texts[-2]})
    rows.append({"kind": "purchases", "amount": texts[-1]})
    amount = shown(sum([price for price, _ in priced]) + bought * parts, parts)
    return amount, [row for row in rows if row["amount"] != "0"]


def _days(period: Period) -> int:
    return period.to_day - period.from_day + 1


def _largest_first(priced: tuple[int, Period]) -> tuple[int, int, str]:
    price, period = priced
    return -price, period.from_day, period.contract or ""


def _contract(period: Period, amount: str) -> dict[str, Any]:
    first, last = iso_day(period.from_day), iso_day(period.to_day)
    if period.contract is None:
        return {"kind": "contract", "from": first, "until": last, "amount": amount}
    return {"kind": "contract", "contract": period.contract, "from": first, "until": last, "amount": amount}
