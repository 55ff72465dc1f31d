"""The oracle's value axis on examples worked by hand; it must not know how the oracle works."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

import pytest

from tests.oracle.clock import local_midnight, show_instant
from tests.oracle.samples import at, brief, buy, event, policy, refund, run, state

CONTRACT = {"measure": "contract", "window_days": 10, "grace_days": 2, "high": {"enter": "100", "leave": "80"}}


def paid(received: str, amount: str, first: str, last: str, **value: str) -> dict[str, object]:
    return buy(received, amount, period_from=first, period_to=last, **value)


def value(rules: dict[str, object], *records: dict[str, object], until: str | None = None) -> str:
    amount: str = state(rules, *records, until=until)["value"]["amount"]
    return amount


@pytest.mark.parametrize(
    ("zone", "day", "midnight"),
    [
        ("Asia/Tokyo", date(2026, 3, 10), "2026-03-09T15:00:00.000Z"),  # UTC+9
        ("America/Havana", date(2026, 3, 8), "2026-03-08T05:00:00.000Z"),  # 00:00 EST is skipped: 01:00 CDT comes first
        ("Africa/Cairo", date(2026, 10, 30), "2026-10-29T22:00:00.000Z"),  # 24:00 EEST becomes 23:00, an hour more
        ("Pacific/Kiritimati", date(2026, 1, 1), "2025-12-31T10:00:00.000Z"),  # UTC+14
    ],
)
def test_local_midnight_is_the_first_instant_of_its_date(zone: str, day: date, midnight: str) -> None:
    assert show_instant(local_midnight(day, ZoneInfo(zone))) == midnight


def test_a_purchase_leaves_its_window_at_the_midnight_that_begins_day_d_plus_w() -> None:
    # 23:30 on 10 March in Tokyo; W = 3 holds the 10th, 11th and 12th; the 13th begins at 15:00Z on the 12th.
    rules = policy(timezone="Asia/Tokyo", value={"window_days": 3})
    signals, _ = run(rules, buy("2026-03-10 14:30"), until="2026-03-20")
    assert brief(signals) == [
        ("2026-03-10 14:30:00.000", "segment:expand", "event"),
        ("2026-03-12 15:00:00.000", "segment:streamline", "window"),
    ]
    assert signals[1]["value"] == {"before": "100", "after": "0", "high": False}


def test_a_refund_that_leaves_its_window_lifts_the_value() -> None:
    # 120 - 50 = 70 < 100; the refund of the 1st leaves at the midnight of the 11th, the purchase a day later.
    signals, _ = run(policy(), refund("2026-03-01 09:00", "50"), buy("2026-03-02 09:00", "120"), until="2026-03-30")
    assert brief(signals) == [
        ("2026-03-11 00:00:00.000", "segment:expand", "window"),
        ("2026-03-12 00:00:00.000", "segment:streamline", "window"),
    ]


def test_a_value_between_leave_and_enter_keeps_what_it_was() -> None:
    # 100 turns high; less 20 is 80, not below leave; less a cent more is.
    records = [buy("2026-03-01 09:00"), refund("2026-03-01 10:00", "20"), refund("2026-03-01 11:00", "0.01")]
    assert brief(run(policy(), *records)[0]) == [
        ("2026-03-01 09:00:00.000", "segment:expand", "event"),
        ("2026-03-01 11:00:00.000", "segment:streamline", "refund"),
    ]


def test_full_refunds_count_against_their_day_in_whatever_order_they_come() -> None:
    # Two full refunds of the 1st come before its purchases: max(0, 1 - 2) = 0, then max(0, 3 - 2) = 1.
    early = [refund(f"2026-03-02 0{hour}:00", "10", "2026-03-01 12:00", full_refund=True) for hour in (1, 2)]
    bought = [buy(f"2026-03-02 0{hour}:00", "30", "2026-03-01 08:00") for hour in (3, 4, 5)]
    first = state(policy(), *early, bought[0])
    assert (first["rfm"]["frequency"], first["rfm"]["monetary"], first["rfm"]["recency_days"]) == (0, "10", None)
    last = state(policy(), *early, *bought)
    assert (last["rfm"]["frequency"], last["rfm"]["monetary"], last["rfm"]["recency_days"]) == (1, "70", 1)


@pytest.mark.parametrize(("received", "first_day"), [("2027-04-05 12:00", None), ("2027-04-06 12:00", "2026-03-01")])
def test_a_full_refund_of_a_day_more_than_400_days_old_takes_no_purchase_off(
    received: str, first_day: str | None
) -> None:
    # From 1 March 2026 to 5 April 2027 are 365 + 35 = 400 days.
    returned = refund(received, "100", "2026-03-01 12:00", full_refund=True)
    assert state(policy(), buy("2026-03-01 12:00"), returned)["lifetime"]["first_day"] == first_day


def test_lifetime_means_the_spend_of_repeat_days_without_refunds_of_other_days() -> None:
    # Days: 1st (first), 2nd 10 + 20 - 5 = 25, 4th 15.5; the refund on the 3rd, no purchase day, is left out: 40.5 / 2.
    records = [
        *(buy("2026-03-01 12:00", "100"), buy("2026-03-02 12:00", "10"), buy("2026-03-02 13:00", "20")),
        *(
            refund("2026-03-03 12:00", "7"),
            buy("2026-03-04 12:00", "15.5"),
            refund("2026-03-05 12:00", "5", "2026-03-02"),
        ),
    ]
    assert state(policy(), *records)["lifetime"] == {
        "first_day": "2026-03-01",
        "last_day": "2026-03-04",
        "repeat_days": 2,
        "mean_repeat_spend": "20.25",
    }


def test_converted_amounts_are_rounded_half_up_to_six_places() -> None:
    # 0.333333 x 1.5 = 0.4999995 becomes 0.500000; three of them 1.5.
    records = [buy(f"2026-03-01 1{hour}:00", "0.333333", currency="USD") for hour in range(3)]
    assert value(policy(), *records) == "1.5"


def test_rfm_digits_and_their_exact_weighted_mean() -> None:
    # Last day 3 days ago: <= 3 gives 4. Two purchases give 3. 60 >= 50 gives 3. (2*4 + 1*3 + 1*3) / 4 = 3.5.
    rules = policy(rfm={"weights": {"recency": 2}}, value={"measure": "rfm", "high": {"enter": "3.5", "leave": "3.5"}})
    signals, states = run(rules, buy("2026-03-01 12:00", "30"), buy("2026-03-01 13:00", "30"), until="2026-03-04 12:00")
    shown = states["C1"]
    assert shown["rfm"] == {
        **{"recency_days": 3, "frequency": 2, "monetary": "60", "r": 4, "f": 3, "m": 3, "code": "433", "score": 3.5}
    }
    # After one purchase (2*5 + 2 + 2) / 4 = 3.5 already reaches 3.5.
    assert brief(signals) == [("2026-03-01 12:00:00.000", "segment:expand", "event")]
    # On the 5th recency is 4: r = 3, (6 + 3 + 3) / 4 = 3 < 3.5.
    assert shown["next_transition"] == {"at": "2026-03-05T00:00:00.000Z", "to": "streamline", "because": "window"}


def test_without_any_purchase_rfm_is_111() -> None:
    rules = policy(value={"measure": "rfm", "high": {"enter": 3, "leave": 3}})
    shown = state(rules, event("2026-03-01", "page_view", path="/"))
    assert shown["value"] == {"measure": "rfm", "amount": "1", "high": False}
    assert (shown["rfm"]["code"], shown["rfm"]["recency_days"]) == ("111", None)


def test_a_period_is_worth_its_amount_per_365_days() -> None:
    # 366 days of a leap span: 366 x 365 / 366 = 365; what has no period is added: 365 + 7.5.
    rules = policy(value=CONTRACT)
    leap = paid("2026-03-01 12:00", "366", "2026-03-01", "2027-03-01")
    assert value(rules, leap, buy("2026-03-01 13:00", "7.5")) == "372.5"


def test_of_overlapping_periods_the_latest_start_counts_and_each_contract_adds() -> None:
    # k-1: the one from the 2nd (365 / 365 x 200), not the one applied last; contract without id: 300.
    rules = policy(value=CONTRACT)
    records = [
        paid("2026-03-03 10:00", "200", "2026-03-02", "2027-03-01", contract_id="k-1"),
        paid("2026-03-03 11:00", "100", "2026-03-01", "2027-02-28", contract_id="k-1"),
        paid("2026-03-03 12:00", "300", "2026-03-01", "2027-02-28"),
    ]
    assert value(rules, *records) == "500"


def test_contracts_are_told_apart_the_largest_first_and_add_up() -> None:
    # k-1: 366 of 366 days, 365 a year; without an id 1 for 3 days, 121.666… a year; 7.5 without a period.
    rules = policy(value=CONTRACT)
    records = [
        paid("2026-03-01 12:00", "1", "2026-03-01", "2026-03-03"),
        paid("2026-03-01 12:30", "366", "2026-03-01", "2027-03-01", contract_id="k-1"),
        buy("2026-03-01 13:00", "7.5"),
    ]
    shown = state(rules, *records)
    assert shown["value"]["amount"] == "494.1667"
    assert shown["contracts"] == [
        {"kind": "contract", "contract": "k-1", "from": "2026-03-01", "until": "2027-03-01", "amount": "365"},
        {"kind": "contract", "from": "2026-03-01", "until": "2026-03-03", "amount": "121.6667"},
        {"kind": "purchases", "amount": "7.5"},
    ]
    assert "contracts" not in state(rules, records[2])
    assert "contracts" not in state(policy(), *records)


def test_a_period_counts_through_its_last_day_and_the_grace_days() -> None:
    # 10 days to 10 March at 10 x 365 / 10 = 365; grace 11 and 12 March; gone when the 13th begins.
    signals, _ = run(
        policy(value=CONTRACT), paid("2026-03-01 12:00", "10", "2026-03-01", "2026-03-10"), until="2026-04-01"
    )
    assert brief(signals)[1] == ("2026-03-13 00:00:00.000", "segment:streamline", "window")


def test_a_period_that_begins_later_counts_from_its_first_midnight() -> None:
    signals, _ = run(
        policy(value=CONTRACT), paid("2026-03-01 12:00", "365", "2026-03-05", "2027-03-04"), until="2026-04-01"
    )
    assert brief(signals) == [("2026-03-05 00:00:00.000", "segment:expand", "window")]


def test_cancelling_one_contract_ends_it_at_its_day_and_leaves_a_period_that_began_that_day() -> None:
    # From the 10th only the period that begins on the 10th is left: 90 of 90 + 365.
    rules = policy(value=CONTRACT)
    records = [
        paid("2026-03-01 10:00", "365", "2026-03-01", "2027-02-28", contract_id="k-1"),
        paid("2026-03-01 11:00", "90", "2026-03-10", "2027-03-09", contract_id="k-1"),
        event(
            *("2026-03-02 12:00", "cancellation", "purchases"),
            **{"scope": "contract", "contract_id": "k-1", "effective_on": "2026-03-10"},
        ),
    ]
    assert value(rules, *records, until="2026-03-09 23:59") == "365"
    assert value(rules, *records, until="2026-03-10") == "90"
    assert state(rules, *records, until="2026-03-10")["lifecycle"] == "active"


def test_a_renewal_withdraws_a_cancellation_not_yet_in_effect_for_contracts_too() -> None:
    # Cancelled for the 10th, renewed on the 5th: the old period of 365 runs on.
    rules = policy(value=CONTRACT)
    records = [
        paid("2026-03-01 10:00", "365", "2026-03-01", "2027-02-28"),
        event("2026-03-02 12:00", "cancellation", "purchases", effective_on="2026-03-10"),
        event("2026-03-05 12:00", "renewal", "purchases", amount="0"),
    ]
    assert value(rules, *records, until="2026-03-20") == "365"
    assert value(rules, *records[:2], until="2026-03-20") == "0"


def test_months_are_the_last_thirteen_with_purchases_or_an_amount() -> None:
    # 13 months back from March 2027 begin with March 2026; February 2026 is out; a fully refunded day shows nothing.
    records = [
        *(buy("2026-02-28 12:00", "1"), buy("2026-03-01 12:00", "2"), refund("2026-05-05 12:00", "3")),
        *(
            buy("2026-07-01 12:00", "9"),
            refund("2026-07-01 13:00", "9", full_refund=True),
            buy("2027-03-31 12:00", "0"),
        ),
    ]
    assert state(policy(), *records)["months"] == [
        {"month": "2026-03", "purchases": 1, "amount": "2"},
        {"month": "2026-05", "purchases": 0, "amount": "-3"},
        {"month": "2027-03", "purchases": 1, "amount": "0"},
    ]


def test_an_event_dated_a_little_after_receipt_is_taken_as_happening_on_receipt() -> None:
    shown = state(policy(), buy("2026-03-01 23:59:59", occurred="2026-03-02 00:00:10"))
    assert shown["lifetime"]["first_day"] == "2026-03-01"
    assert at("2026-03-01 23:59:59") == 1772409599000  # `date -u -d '2026-03-01 23:59:59' +%s`
