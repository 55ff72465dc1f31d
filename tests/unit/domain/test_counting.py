"""Rules that count: events, local days or contacts within a span."""

from __future__ import annotations

from typing import Any

from schemas.log import LogContact
from tests.unit.domain.kit import Life, rule

VIEWED = {"event": "page_view"}


def counting(at_least: int, within_days: object, distinct: str | None = None, **keys: Any) -> Life:
    count = {"at_least": at_least, "within_days": within_days, **({"distinct": distinct} if distinct else {})}
    return Life(rules=[rule("viewed", count=count, **VIEWED, **keys)])


def rules_of(found: list[dict[str, Any]]) -> list[object]:
    return [signal["rule"] for signal in found]


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


def test_the_event_that_caused_it_is_among_the_evidence_however_late_it_came() -> None:
    life = counting(2, 14, new_department=True)
    life.download(of="経理部")  # a first department
    life.at("2026-03-10 09:00").view(id_="newest")
    life.view(occurred="2026-03-09 09:00", id_="newer")
    late = LogContact(id="p", department="法務部")
    (signal,) = life.view("/pricing", occurred="2026-03-08 09:00", id_="late", contact=late)
    told = [(row["event_id"], row.get("title"), row.get("department")) for row in signal["evidence"]]
    assert told == [("newest", None, None), ("late", "/pricing", "法務部")]


def test_a_late_event_stands_for_its_day_when_it_is_the_cause() -> None:
    life = counting(2, 14, "day")
    life.at("2026-03-10 09:00").view(id_="other day")
    life.view(occurred="2026-03-09 12:00", id_="later that day")
    (signal,) = life.view(occurred="2026-03-09 09:00", id_="earlier that day")
    assert [row["event_id"] for row in signal["evidence"]] == ["other day", "earlier that day"]


def test_of_two_events_of_one_instant_the_later_applied_stands_first_also_when_it_only_causes() -> None:
    life = counting(2, 14, "contact")
    life.at("2026-03-10 09:00").view(occurred="2026-03-08 09:00", id_="first", contact=LogContact(id="a"))
    life.view(occurred="2026-03-09 09:00", id_="newest of b", contact=LogContact(id="b"))
    (signal,) = life.view(occurred="2026-03-08 09:00", id_="second", contact=LogContact(id="b"))
    assert [row["event_id"] for row in signal["evidence"]] == ["second", "first"]
