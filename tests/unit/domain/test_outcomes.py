"""What people report back about signals: one outcome each, with the revenue since; worked by hand."""

from __future__ import annotations

from typing import Any

from tests.unit.domain.kit import Life

A, B = "a" * 32, "b" * 32


def report(life: Life, signal_id: str, outcome: str, occurred: str | None = None, **fields: Any) -> None:
    life.apply("signal_outcome", occurred, signal_id=signal_id, outcome=outcome, **fields)


def reported(life: Life, at: str | None = None) -> list[tuple[str, str, str]]:
    shown = life.public(at)["outcomes"]
    return [(kept["signal_id"][0], kept["outcome"], kept["revenue_since"]) for kept in shown]


def test_without_a_report_nothing_is_said_of_outcomes() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(100)
    assert "outcomes" not in life.public()


def test_revenue_counts_from_the_local_day_of_the_report() -> None:
    life = Life().at("2026-03-01 09:00")
    life.buy(100)
    life.at("2026-03-05 12:00").buy(20)  # the same day, before the report
    life.at("2026-03-05 15:00")
    report(life, A, "worked")
    life.at("2026-03-06 09:00").buy(3)
    life.refund(100, order="2026-03-01 09:00")  # of what was bought before: booked on that day
    life.refund(1)
    assert reported(life) == [("a", "worked", "22")]
    assert life.public()["outcomes"][0]["at"] == "2026-03-05T06:00:00.000Z"


def test_a_purchase_that_is_told_late_counts_all_the_same() -> None:
    life = Life().at("2026-03-05 09:00")
    report(life, A, "later")
    life.at("2026-03-09 09:00").buy(7, occurred="2026-03-04 09:00")
    life.buy(8, occurred="2026-03-05 00:00")
    assert reported(life) == [("a", "later", "8")]


def test_the_outcome_that_happened_last_stands() -> None:
    life = Life().at("2026-03-05 09:00")
    report(life, A, "acknowledged")
    report(life, B, "wrong")
    life.at("2026-03-06 09:00")
    report(life, A, "worked")
    report(life, A, "no_interest", occurred="2026-03-05 18:00")  # told late: it happened before
    report(life, B, "later", occurred="2026-03-05 09:00")  # at the same instant: the later applied
    assert reported(life) == [("b", "later", "0"), ("a", "worked", "0")]


def test_the_newest_twenty_are_kept() -> None:
    life = Life()
    for number in range(25):
        life.at(f"2026-03-05 09:{number:02d}")
        report(life, f"{number:032d}", "worked")
    assert [kept["signal_id"] for kept in life.public()["outcomes"]] == [f"{number:032d}" for number in range(5, 25)]


def test_a_report_older_than_what_is_known_by_the_day_is_left_out() -> None:
    life = Life().at("2026-03-01 09:00")
    report(life, A, "worked")
    life.at("2027-04-05 09:00").view()  # 400 days later
    assert reported(life) == [("a", "worked", "0")]
    life.at("2027-04-06 09:00").view()
    assert "outcomes" not in life.public()


def test_an_outcome_moves_neither_score_nor_segment() -> None:
    life = Life().at("2026-03-01 09:00")
    report(life, A, "worked")
    shown = life.public()
    assert (shown["potential"]["score"], shown["value"]["amount"], shown["segment"]) == (0.0, "0", "streamline")
    assert life.told() == []
