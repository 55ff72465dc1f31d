"""Rules on events: counting, cooldown, segments, the guard against over-selling, and their order."""

from __future__ import annotations

from schemas.log import LogContact
from tests.unit.domain.kit import Life, points, rule, scoring

VIEWED = {"event": "page_view"}


def counting(at_least: int, within_days: object, distinct: str | None = None, **keys: object) -> Life:
    count = {"at_least": at_least, "within_days": within_days, **({"distinct": distinct} if distinct else {})}
    return Life(rules=[rule("viewed", count=count, **VIEWED, **keys)])


def rules_of(found: list[dict[str, object]]) -> list[object]:
    return [signal["rule"] for signal in found]


def test_a_rule_speaks_at_every_matching_event() -> None:
    life = Life(rules=[rule("viewed", **VIEWED)]).at("2026-03-01 09:00")
    for _ in range(3):
        assert rules_of(life.view()) == ["viewed"]
    assert life.download() == []


def test_a_rule_takes_audiences_severity_and_playbook_from_itself() -> None:
    keys = {"audiences": ["sales", "care"], "severity": "high", "playbook": "offer", "type": "churn_risk"}
    life = Life(rules=[rule("viewed", **VIEWED, **keys)]).at("2026-03-01 09:00")
    signal = life.view()[0]
    assert (signal["type"], signal["audiences"]) == ("churn_risk.detected", ["sales", "care"])
    assert (signal["severity"], signal["playbook"]) == ("high", "offer")


def test_a_rule_speaks_only_for_its_segments_after_the_event() -> None:
    # The view that brings 20 points makes the customer nurture: the rule for nurture speaks, the one before does not.
    life = Life(
        potential=scoring(points("view", 20, event="page_view")),
        rules=[rule("low", segments=["streamline"], **VIEWED), rule("high", segments=["nurture", "retain"], **VIEWED)],
    ).at("2026-03-01 09:00")
    assert rules_of(life.view()) == ["segment", "high"]


def test_after_lifecycle_and_segment_rules_speak_in_the_policys_order() -> None:
    life = Life(
        lifecycle={"onboarding": {"days": 30}},
        rules=[rule("second", event="purchase"), rule("first", event="purchase"), rule("other", event="refund")],
    )
    life.at("2026-03-01 09:00").view()
    found = life.buy(1000)
    assert rules_of(found) == ["lifecycle", "segment", "second", "first"]
    assert {signal["lifecycle"] for signal in found} == {"onboarding"}
    assert {signal["segment"] for signal in found} == {"expand"}


# ---------------------------------------------------------------- count


def test_a_count_speaks_from_its_nth_event_on() -> None:
    life = counting(3, 14).at("2026-03-01 09:00")
    assert [bool(life.view()) for _ in range(5)] == [False, False, True, True, True]


def test_events_count_within_the_span_and_not_at_its_end() -> None:
    for second, speaks in (("2026-03-15 08:59:59.999", True), ("2026-03-15 09:00", False)):
        life = counting(2, 14)
        life.at("2026-03-01 09:00").view()
        assert bool(life.at(second).view()) is speaks  # 0 <= age < 14 days


def test_a_late_event_counts_as_of_its_own_time() -> None:
    life = counting(2, 14)
    life.at("2026-03-10 09:00").view()
    assert life.told(life.view(occurred="2026-03-01 09:00")) == ["2026-03-10 09:00 viewed late"]


def test_an_event_already_outside_the_span_neither_counts_nor_speaks() -> None:
    life = counting(2, 14)
    life.at("2026-03-15 09:00").view()
    assert life.view(occurred="2026-03-01 09:00") == []  # 14 days old
    assert life.view(occurred="2026-03-01 09:00:00.001")  # a millisecond less: it and the one of today are two


def test_an_event_already_outside_does_not_speak_even_where_enough_others_count() -> None:
    life = counting(2, 14)
    life.at("2026-03-15 09:00").view()
    assert life.view()
    assert life.view(occurred="2026-02-01 09:00") == []


def test_a_count_of_one_is_an_event_within_the_span() -> None:
    life = counting(1, 2)
    assert life.at("2026-03-03 09:00").view(occurred="2026-03-01 09:00") == []
    assert life.view(occurred="2026-03-01 09:00:01")


def test_distinct_days_are_local_days_of_the_events() -> None:
    life = counting(2, 14, "day")
    life.at("2026-03-01 00:00").view()
    assert life.at("2026-03-01 23:59:59.999").view() == []
    assert life.at("2026-03-02 00:00").view()


def test_two_events_of_one_day_are_one_however_late_they_come() -> None:
    life = counting(2, 14, "day")
    life.at("2026-03-05 09:00").view()
    assert life.view(occurred="2026-03-05 08:00") == []
    assert life.view(occurred="2026-03-04 08:00")


def test_of_a_distinct_day_the_newest_event_decides_whether_it_is_within() -> None:
    # 1 March has events at 09:00 and 12:00: at 11:00 on 15 March the day still counts, at 12:00 it does not.
    for second, speaks in (("2026-03-15 11:59", True), ("2026-03-15 12:00", False)):
        life = counting(2, 14, "day")
        life.at("2026-03-01 12:00").view()
        life.view(occurred="2026-03-01 09:00")
        assert bool(life.at(second).view()) is speaks


def test_distinct_contacts_are_counted_by_their_ids_and_nobody_is_no_one() -> None:
    life = counting(2, 14, "contact").at("2026-03-01 09:00")
    anna, ben = LogContact(id="p-1"), LogContact(id="p-2", department="x")
    assert life.view(contact=anna) == []
    assert life.view() == []
    assert life.view(contact=anna) == []
    assert life.view(contact=ben)
    assert life.view() == []  # without a contact an event does not speak either


def test_one_contact_over_and_over_keeps_the_others() -> None:
    life = counting(3, 14, "contact").at("2026-03-01 09:00")
    for person in ("p-1", "p-2", "p-2", "p-2", "p-1"):
        assert life.view(contact=LogContact(id=person)) == []
    assert life.view(contact=LogContact(id="p-3"))


def test_events_count_by_the_rules_event_conditions_whatever_the_segment_was() -> None:
    life = counting(2, 14, segments=["expand"])
    life.at("2026-03-01 09:00").view()  # streamline: counted and silent
    life.buy(1000)
    assert rules_of(life.at("2026-03-02 09:00").view()) == ["viewed"]


def test_the_evidence_of_a_count_are_the_events_counted_newest_first() -> None:
    life = counting(2, 14)
    life.at("2026-03-01 09:00").view("/a", id_="v1")
    signal = life.at("2026-03-02 09:00").view("/b", id_="v2")[0]
    assert [(row["event_id"], row["occurred_at"][:10], row.get("title")) for row in signal["evidence"]] == [
        ("v2", "2026-03-02", "/b"),
        ("v1", "2026-03-01", None),
    ]


# ---------------------------------------------------------------- cooldown


def test_within_the_cooldown_repeats_are_held_back_and_counted_in_the_next() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, **VIEWED)])
    first = life.at("2026-03-01 09:00").view()
    assert [life.at(f"2026-03-{day} 09:00").view() for day in ("02", "05", "10")] == [[], [], []]
    second = life.at("2026-03-11 09:00").view()
    third = life.at("2026-03-21 09:00").view()
    assert [signal["suppressed"] for signal in (*first, *second, *third)] == [0, 3, 0]


def test_a_cooldown_ends_at_its_exact_millisecond_and_repeats_do_not_extend_it() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, **VIEWED)])
    life.at("2026-03-01 09:00").view()
    assert life.at("2026-03-11 08:59:59.999").view() == []
    assert life.at("2026-03-11 09:00").view()


def test_a_cooldown_counts_from_when_the_signal_took_effect_and_not_from_its_event() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, **VIEWED)])
    life.at("2026-03-05 09:00").view(occurred="2026-03-01 09:00")
    assert life.at("2026-03-14 09:00").view() == []
    assert life.at("2026-03-15 09:00").view()


def test_each_rule_has_its_own_cooldown() -> None:
    life = Life(rules=[rule("a", cooldown_days=10, **VIEWED), rule("b", **VIEWED)]).at("2026-03-01 09:00")
    assert [rules_of(life.view()) for _ in range(2)] == [["a", "b"], ["b"]]


def test_what_a_segment_shuts_out_is_not_held_back() -> None:
    life = Life(rules=[rule("viewed", cooldown_days=10, segments=["expand"], **VIEWED)])
    life.at("2026-03-01 09:00").buy(1000)
    life.view()
    life.refund(1000)
    life.at("2026-03-02 09:00").view()  # streamline
    life.buy(1000)
    life.view()  # expand again: held back
    assert life.at("2026-03-11 09:00").view()[0]["suppressed"] == 1


def test_while_an_event_does_not_reach_the_count_nothing_is_held_back() -> None:
    count = {"at_least": 2, "within_days": 1}
    life = Life(rules=[rule("viewed", cooldown_days=30, count=count, **VIEWED)]).at("2026-03-01 09:00")
    life.view()
    assert life.view()
    life.at("2026-03-05 09:00").view()  # one within a day
    assert life.at("2026-04-01 09:00").view() == []
    assert life.view()[0]["suppressed"] == 0


# ---------------------------------------------------------------- the guard against over-selling


def guarded(buying_signals: int = 2, *rules: dict[str, object]) -> Life:
    guard = {"buying_signals": buying_signals, "within_days": 90, "then_audiences": ["care"]}
    return Life(segments={"streamline": {"upsell_guard": guard}}, rules=list(rules) or [rule("viewed", **VIEWED)])


def audiences(found: list[dict[str, object]]) -> list[object]:
    return [signal["audiences"] for signal in found]


def test_after_that_many_buying_signals_further_ones_go_elsewhere_only() -> None:
    life = guarded().at("2026-03-01 09:00")
    assert [audiences(life.view()) for _ in range(4)] == [[["sales"]], [["sales"]], [["care"]], [["care"]]]


def test_the_guard_counts_within_its_span_and_not_at_its_end() -> None:
    # 90 days after 1 March 09:00 is 30 May 09:00: then only the second signal is within.
    life = guarded()
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-02 09:00").view()
    assert audiences(life.at("2026-05-30 08:59:59.999").view()) == [["care"]]
    assert audiences(life.at("2026-05-30 09:00").view()) == [["care"]]  # 2 March and the one just before
    assert audiences(life.at("2026-12-01 09:00").view()) == [["sales"]]


def test_without_a_further_one_the_guard_lets_go_when_the_oldest_leaves() -> None:
    life = guarded()
    life.at("2026-03-01 09:00").view()
    life.at("2026-03-02 09:00").view()
    assert audiences(life.at("2026-05-30 09:00").view()) == [["sales"]]


def test_one_that_went_elsewhere_counts_too() -> None:
    life = guarded(1)
    life.at("2026-03-01 09:00").view()
    life.at("2026-05-01 09:00").view()  # elsewhere
    assert audiences(life.at("2026-06-15 09:00").view()) == [["care"]]  # 45 days after it, 106 after the first


def test_churn_risks_are_neither_counted_nor_sent_elsewhere() -> None:
    life = guarded(1, rule("risk", type="churn_risk", **VIEWED), rule("offer", **VIEWED)).at("2026-03-01 09:00")
    assert audiences(life.view()) == [["sales"], ["sales"]]
    assert audiences(life.view()) == [["sales"], ["care"]]


def test_two_buying_signals_of_one_event_count_one_after_the_other() -> None:
    life = guarded(1, rule("a", **VIEWED), rule("b", **VIEWED)).at("2026-03-01 09:00")
    assert audiences(life.view()) == [["sales"], ["care"]]


def test_a_signal_held_back_by_its_cooldown_does_not_count() -> None:
    life = guarded(2, rule("a", cooldown_days=10, **VIEWED), rule("b", event="download")).at("2026-03-01 09:00")
    for _ in range(3):
        life.view()  # one emitted, two held back
    assert audiences(life.download()) == [["sales"]]


def test_the_guard_is_that_of_the_segment_the_customer_is_in_and_counts_those_of_others() -> None:
    life = guarded(1)
    life.at("2026-03-01 09:00").buy(1000)
    assert audiences(life.view()) == [["sales"]]  # expand has no guard
    life.refund(1000)
    assert audiences(life.view()) == [["care"]]  # streamline has, and the one before counts


def test_the_guard_changes_audiences_and_nothing_else() -> None:
    life = guarded(1, rule("viewed", severity="high", playbook="offer", **VIEWED)).at("2026-03-01 09:00")
    life.view()
    signal = life.view()[0]
    assert (signal["audiences"], signal["severity"], signal["playbook"]) == (["care"], "high", "offer")
