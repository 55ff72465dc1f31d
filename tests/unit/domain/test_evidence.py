"""What a signal is based on: the ledger of the score, titles where they belong, owners, and nothing private."""

from __future__ import annotations

from typing import Any

from tests.unit.domain.kit import Life, points, rule, scoring

VIEW = points("view", 20, event="page_view", half_life_days=10)
VIEWED = rule("viewed", event="page_view")


def press(life: Life, headline: str, id_: str, **fields: Any) -> list[dict[str, Any]]:
    return life.apply("press_release", headline=headline, id_=id_, **fields)


def test_a_change_of_segment_lists_every_term_of_the_score_with_its_newest_event() -> None:
    facts: list[dict[str, Any]] = [
        {"id": "size", "label": "size", "account": "employees", "at_least": 100, "points": 5},
        {"id": "opinion", "label": "opinion", "rating": {"high": 8, "medium": 0, "low": -8}},
    ]
    fund = points("fund", 20, event="press_release", categories=["funding"], half_life_days=10)
    life = Life(potential=scoring(fund, VIEW, points("never", 1, event="webinar"), facts=facts, cap=30))
    life.at("2026-03-01 09:00").account(id_="acc-1", employees=100)
    life.rate("low", id_="r-1")
    life.at("2026-03-02 09:00").view("/pricing", id_="v-1")
    life.signals.clear()
    fields = {"url": "https://news.example/1", "matched_by": "domain", "body": "secret", "text": "secret"}
    press(life.at("2026-03-12 09:00"), "資金調達のお知らせ", "pr-1", **fields)
    up = life.signals[-1]
    assert up["evidence"] == [
        {
            "rule": "fund", "label": "label of fund", "points": 20.0, "events": 1, "event_id": "pr-1",
            "occurred_at": "2026-03-12T00:00:00.000Z", "title": "資金調達のお知らせ", "url": "https://news.example/1",
            "matched_by": "domain",
        },
        {
            "rule": "view", "label": "label of view", "points": 10.0, "events": 1, "event_id": "v-1",
            "occurred_at": "2026-03-02T00:00:00.000Z",
        },
        {
            "rule": "size", "label": "size", "points": 5.0, "events": 1, "event_id": "acc-1",
            "occurred_at": "2026-03-01T00:00:00.000Z",
        },
        {
            "rule": "opinion", "label": "opinion", "points": -8.0, "events": 1, "event_id": "r-1",
            "occurred_at": "2026-03-01T00:00:00.000Z",
        },
    ]  # fmt: skip
    assert up["potential"]["after"] == 27.0  # 20 + 10 + 5 - 8


def test_where_the_cap_acts_a_row_makes_the_rows_add_up() -> None:
    life = Life(potential=scoring(points("view", 50, event="page_view"), cap=40)).at("2026-03-01 09:00")
    evidence = life.view()[0]["evidence"]
    assert [(row["rule"], row["points"]) for row in evidence] == [("view", 50.0), ("limit", -10.0)]
    assert {"event_id", "occurred_at", "title"}.isdisjoint(evidence[1])


def test_the_title_stands_only_on_the_row_of_the_causing_event() -> None:
    life = Life(potential=scoring(points("a", 10, event="page_view"), points("b", 10, event="download")))
    life.at("2026-03-01 09:00").view("/pricing")
    rows = life.download()[0]["evidence"]
    assert [(row["rule"], row.get("title")) for row in rows] == [("a", None), ("b", "guide.pdf")]


def test_an_event_of_the_same_id_from_another_topic_gets_no_title() -> None:
    life = Life(potential=scoring(points("a", 10, event="page_view"), points("b", 10, event="press_release")))
    life.at("2026-03-01 09:00").view("/pricing", id_="x-1")
    rows = press(life, "News", "x-1")[0]["evidence"]
    assert [(row["rule"], row["event_id"], row.get("title")) for row in rows] == [
        ("a", "x-1", None),
        ("b", "x-1", "News"),
    ]


def test_a_row_names_its_newest_event_and_not_the_one_that_came_last() -> None:
    life = Life(potential=scoring(points("a", 10, event="page_view")))
    life.at("2026-03-01 09:00").view("/new", id_="new")
    row = life.view("/old", occurred="2026-02-01 09:00", id_="old")[0]["evidence"][0]
    assert (row["event_id"], row["occurred_at"], row["events"], "title" in row) == (
        "new", "2026-03-01T00:00:00.000Z", 2, False
    )  # fmt: skip


def test_titles_are_public_and_at_most_120_characters() -> None:
    life = Life(rules=[rule("any", event=["page_view", "press_release", "inquiry", "form"])]).at("2026-03-01 09:00")
    assert life.view("/" + "a" * 200)[0]["evidence"][0]["title"] == "/" + "a" * 119
    assert press(life, "見" * 121, "pr")[0]["evidence"][0]["title"] == "見" * 120
    for type_, fields in (("inquiry", {"text": "Dear Ms Example"}), ("form", {"form": "f", "text": "my number"})):
        assert "title" not in life.apply(type_, **fields)[0]["evidence"][0]


def test_a_signal_carries_no_free_text_and_no_names_of_people() -> None:
    life = Life(potential=scoring(points("asked", 20, event="inquiry")), rules=[rule("asks", event="inquiry")]).at(
        "2026-03-01 09:00"
    )
    life.account(contacts=[], sales_owner="u-7", cs_owner="u-8")
    found = life.apply("inquiry", text="SECRET", author="SECRET", title="SECRET", reason="SECRET")
    assert [signal["rule"] for signal in found] == ["segment", "asks"]
    assert "SECRET" not in str(found)


def test_owners_are_those_of_the_account_as_it_stands() -> None:
    life = Life(rules=[VIEWED]).at("2026-03-01 09:00")
    assert life.view()[0]["owners"] == {"sales": None, "cs": None}
    life.account(sales_owner="u-7", cs_owner="u-8")
    assert life.view()[0]["owners"] == {"sales": "u-7", "cs": "u-8"}
    life.remove_account()
    assert life.view()[0]["owners"] == {"sales": None, "cs": None}


def test_a_change_of_lifecycle_has_no_evidence() -> None:
    life = Life(potential=scoring(VIEW))
    life.at("2026-03-01 09:00").view()
    assert life.cancel()[0]["evidence"] == []


def ledger(signal: dict[str, Any]) -> list[tuple[str, float]]:
    return [(row["rule"], row["points"]) for row in signal["evidence"]]


def test_rows_add_up_to_the_last_decimal_and_even_ones_stay_as_they_are() -> None:
    """0.33335 twice and 11 make 11.6667: cut off, one ten-thousandth is missing, and goes to the first that lost."""
    rules = [points("a", "0.33335", event="page_view"), points("b", 11, event="page_view")]
    life = Life(potential=scoring(*rules, points("c", "0.33335", event="page_view"), high={"enter": 11, "leave": 5}))
    (signal,) = life.at("2026-03-01 09:00").view()
    assert signal["potential"]["after"] == 11.6667
    assert ledger(signal) == [("a", 0.3334), ("b", 11.0), ("c", 0.3333)]
    assert [row["points"] for row in life.public()["potential"]["contributions"]] == [0.3334, 11.0, 0.3333]


def test_the_limit_is_a_row_like_others() -> None:
    """0.66666 and 0.33335 are 1.00001, of which the cap of 0.5 takes 0.50001: one that is missing goes to 0.66666."""
    rules = [points("a", "0.66666", event="page_view"), points("b", "0.33335", event="page_view")]
    life = Life(potential=scoring(*rules, cap="0.5", high={"enter": "0.5", "leave": "0.1"}))
    (signal,) = life.at("2026-03-01 09:00").view()
    assert ledger(signal) == [("a", 0.6667), ("b", 0.3333), ("limit", -0.5)]


def test_terms_too_small_to_show_are_told_by_the_first_when_they_come_to_something() -> None:
    rules = [points(name, "0.00004", event="page_view") for name in "ab"]
    life = Life(potential=scoring(*rules)).at("2026-03-01 09:00")
    life.view()
    shown = life.public()["potential"]
    assert shown["score"] == 0.0001
    assert [(row["rule"], row["points"]) for row in shown["contributions"]] == [("a", 0.0001)]
