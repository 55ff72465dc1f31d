"""The oracle's rules, cooldowns and guards on examples worked by hand; it must not know how the oracle works."""

from __future__ import annotations

from typing import Any

import pytest

from tests.oracle.samples import account, brief, buy, event, policy, removal, rule, run, see, state

VIEWS = {"event": "page_view"}


def fired(rules: list[dict[str, Any]], *records: dict[str, Any], until: str | None = None) -> list[dict[str, Any]]:
    """Signals of rules alone."""
    signals, _ = run(policy(rules=rules, potential={"points": []}), *records, until=until)
    return [one for one in signals if one["rule"] not in ("segment", "lifecycle")]


def days(signals: list[dict[str, Any]]) -> list[str]:
    return [one["effective_at"][:10] for one in signals]


def person(name: str, department: str | None = None) -> dict[str, Any]:
    return {"contact": {"id": name, **({} if department is None else {"department": department})}}


def test_a_department_not_named_before_fires_only_where_one_is_known() -> None:
    elsewhere = rule("elsewhere", event="download", new_department=True)

    def download(day: int, department: str) -> dict[str, Any]:
        return event(f"2026-03-0{day} 12:00", "download", document="guide", **person("p", department))

    records = [
        download(1, "経理部"),
        download(2, " 経理 部"),
        download(3, "ＩＴ"),
        download(4, "IT"),
        download(5, "法務部"),
    ]
    signals = fired([elsewhere], *records)
    assert days(signals) == ["2026-03-03", "2026-03-05"]
    assert signals[0]["evidence"] == [
        {
            **{"rule": "elsewhere", "label": "elsewhere", "events": 1, "event_id": "2026-03-03 12:00 download"},
            **{"occurred_at": "2026-03-03T12:00:00.000Z", "title": "guide", "department": "IT"},
        }
    ]
    shown = state(policy(), *records, account("2026-03-06 12:00", departments=["Sales"]))
    assert shown["departments"] == ["IT", "Sales", "法務部", "経理部"]


def test_departments_of_the_account_count_while_it_stands() -> None:
    elsewhere = rule("elsewhere", event="download", new_department=True)
    named = account("2026-03-01 12:00", contacts=[{"id": "p", "department": "Sales"}])
    load = event("2026-03-03 12:00", "download", document="guide", **person("p", "IT"))
    assert days(fired([elsewhere], named, load)) == ["2026-03-03"]
    assert days(fired([elsewhere], named, removal("2026-03-02 12:00"), load)) == []


def test_a_department_on_an_event_without_contact_is_an_unknown_field() -> None:
    refund = event("2026-03-01 12:00", "refund", "purchases", amount="1", **person("p", "Sales"))
    assert state(policy(), refund)["departments"] == []


def test_counting_takes_events_within_the_days_at_the_instant_and_each_further_one_fires() -> None:
    # 3 days: at 12:00 on the 4th the view of 12:00 on the 1st is exactly 3 days old and out.
    twice = rule("twice", **VIEWS, count={"at_least": 2, "within_days": 3})
    assert days(fired([twice], see("2026-03-01 12:00"), see("2026-03-04 12:00"))) == []
    signals = fired([twice], see("2026-03-01 12:00"), see("2026-03-04 11:59:59.999"), see("2026-03-04 13:00"))
    assert days(signals) == ["2026-03-04", "2026-03-04"]
    assert [row["event_id"] for row in signals[1]["evidence"]] == [
        "2026-03-04 13:00 page_view",
        "2026-03-04 11:59:59.999 page_view",
    ]
    assert [row.get("title") for row in signals[1]["evidence"]] == ["/", None]


def test_an_event_already_outside_neither_counts_nor_fires() -> None:
    twice = rule("twice", **VIEWS, count={"at_least": 2, "within_days": 3})
    records = [see("2026-03-09 12:00"), see("2026-03-10 12:00"), see("2026-03-11 12:00", occurred="2026-03-01 12:00")]
    assert days(fired([twice], *records)) == ["2026-03-10"]


def test_distinct_days_and_contacts_are_counted_once_each() -> None:
    by_day = rule("days", **VIEWS, count={"at_least": 2, "within_days": 9, "distinct": "day"})
    by_contact = rule("people", **VIEWS, count={"at_least": 2, "within_days": 9, "distinct": "contact"})
    records = [
        see("2026-03-01 12:00", **person("p-1")),
        see("2026-03-01 13:00", **person("p-1")),
        see("2026-03-02 12:00"),
        see("2026-03-02 13:00", **person("p-2")),
    ]
    signals = fired([by_day, by_contact], *records)
    assert [(one["rule"], one["effective_at"][8:13]) for one in signals] == [
        ("days", "02T12"),
        ("days", "02T13"),
        ("people", "02T13"),
    ]
    # Of each day or person the newest.
    assert [row["event_id"][8:13] for row in signals[1]["evidence"]] == ["02 13", "01 13"]
    assert [row["event_id"][8:13] for row in signals[2]["evidence"]] == ["02 13", "01 13"]


def test_silence_is_counted_from_the_newest_occurrence_and_fires_once() -> None:
    quiet = rule("quiet", **VIEWS, silent_days=5)
    late = see("2026-03-03 12:00", occurred="2026-02-27 12:00")  # older than the newest: moves nothing
    signals = fired([quiet], see("2026-03-02 12:00"), late, until="2026-03-30")
    assert [(one["effective_at"], one["cause"]) for one in signals] == [
        ("2026-03-07T12:00:00.000Z", {"kind": "silence"})
    ]
    assert [row["event_id"] for row in signals[0]["evidence"]] == ["2026-03-02 12:00 page_view"]


def test_a_deadline_already_past_when_it_arises_never_fires() -> None:
    quiet = rule("quiet", **VIEWS, silent_days=5)
    assert fired([quiet], see("2026-03-06 12:00", occurred="2026-03-01 12:00"), until="2026-03-30") == []
    assert len(fired([quiet], see("2026-03-06 11:59", occurred="2026-03-01 12:00"), until="2026-03-30")) == 1


def test_an_event_at_the_very_deadline_comes_too_late() -> None:
    quiet = rule("quiet", **VIEWS, silent_days=5)
    assert len(fired([quiet], see("2026-03-01 12:00"), see("2026-03-06 12:00"))) == 1
    assert len(fired([quiet], see("2026-03-01 12:00"), see("2026-03-06 11:59:59.999"), until="2026-03-08")) == 0


def test_nobody_unknown_is_silent_and_segments_are_those_at_the_deadline() -> None:
    quiet = rule("quiet", event="purchase", silent_days=12, segments=["expand"])
    assert fired([quiet], see("2026-03-01 12:00"), until="2026-03-30") == []
    # Bought on the 1st: expand until the midnight of the 11th, due on the 13th.
    assert fired([quiet], buy("2026-03-01 12:00"), until="2026-03-30") == []
    assert len(fired([{**quiet, "silent_days": 9}], buy("2026-03-01 12:00"), until="2026-03-30")) == 1


def test_a_cooldown_holds_repeats_back_is_not_extended_and_counts_them_in_the_next() -> None:
    # Emitted on the 1st; for 2 days held back, on the 2nd and the 3rd at 11:00; emitted on the 3rd at 12:00, the 9th.
    cooled = rule("seen", **VIEWS, cooldown_days=2)
    signals = fired(
        [cooled], *(see(f"2026-03-{moment}") for moment in ("01 12:00", "02 12:00", "03 11:00", "03 12:00", "09 12:00"))
    )
    assert [(one["effective_at"][8:13], one["suppressed"]) for one in signals] == [
        ("01T12", 0),
        ("03T12", 2),
        ("09T12", 0),
    ]


def test_a_guarded_segment_diverts_further_buying_signals_which_count_too() -> None:
    guard = {"upsell_guard": {"buying_signals": 2, "within_days": 3, "then_audiences": ["cs"]}}
    segments = {**policy()["segments"]}
    segments["streamline"] = {**segments["streamline"], **guard}
    rules = policy(
        rules=[rule("one", **VIEWS), rule("two", **VIEWS), rule("risk", type="churn_risk", **VIEWS)],
        segments=segments,
        potential={"points": []},
    )
    signals, _ = run(rules, see("2026-03-01 12:00"), see("2026-03-03 12:00"), see("2026-03-06 12:00"))
    # 1st: none and one before. 3rd: both diverted. 6th at 12:00: those of the 3rd are exactly 3 days old and out.
    assert [(one["rule"], one["audiences"][0]) for one in signals] == [
        *(("one", "sales"), ("two", "sales"), ("risk", "sales")),
        *(("one", "cs"), ("two", "cs"), ("risk", "sales")),
        *(("one", "sales"), ("two", "sales"), ("risk", "sales")),
    ]


def test_no_rule_fires_for_a_former_customer() -> None:
    rules = [rule("seen", **VIEWS), rule("quiet", **VIEWS, silent_days=2)]
    gone = event("2026-03-01 13:00", "cancellation", "purchases")
    assert days(fired(rules, see("2026-03-01 12:00"), gone, see("2026-03-02 12:00"), until="2026-03-30")) == [
        "2026-03-01"
    ]


@pytest.mark.parametrize(
    ("text", "fires"),
    [("budget", True), ("budget, no cuts", False), ("nothing", False), (None, False)],
)
def test_texts_need_one_phrase_and_none_of_the_others(text: str | None, fires: bool) -> None:
    report = rule("report", event="cs_report", text_any=["budget"], text_none=["no cuts"])
    assert bool(fired([report], event("2026-03-01 12:00", "cs_report", "crm-activities", text=text))) is fires


def test_rules_see_the_segment_after_the_event() -> None:
    bought = rule("bought", event="purchase", segments=["expand"])
    signals, _ = run(policy(rules=[bought]), buy("2026-03-01 12:00"))
    assert [what for _, what, _ in brief(signals)] == ["segment:expand", "bought"]
