"""The oracle's signals and bookkeeping on examples worked by hand; it must not know how the oracle works."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from tests.oracle.amounts import exact, half_up, show_amount
from tests.oracle.clock import parse_instant, show_instant
from tests.oracle.facts import FIELDS, Fact
from tests.oracle.oracle import decide
from tests.oracle.samples import account, at, buy, event, points, policy, refund, removal, rule, run, see, state
from tests.oracle.signals import policy_version, signal_id


def fact(topic: str, event_id: str) -> Fact:
    day = date(2026, 3, 1)
    return Fact(0, topic, "page_view", event_id, 0, 0, day, day, {}, None)


def test_signal_ids_are_digests_of_compact_json() -> None:
    # printf '["C1","segment","event","web-behaviour","e\\"/é"]' | sha256sum
    assert signal_id("C1", "segment", fact("web-behaviour", 'e"/é'), 7) == "85a4505b64e52d11e89570b846ec4c54"
    # printf '["C1","quiet","time",1]' | sha256sum
    assert signal_id("C1", "quiet", None, 1) == "31b7668d7a4c97f535681c85d89a8fa8"


def test_the_policy_version_carries_a_digest_of_canonical_json() -> None:
    # printf '{"a":[1,"é"],"version":"v"}' | sha256sum
    assert policy_version({"version": "v", "a": [1, "é"]}) == "v@61bdca66"


def test_time_caused_signals_are_numbered_per_rule() -> None:
    signals, _ = run(policy(), see("2026-03-01 12:00"), see("2026-03-05 12:00"), until="2026-03-10")
    assert [one["cause"]["kind"] for one in signals] == ["event", "decay", "event", "decay"]
    assert [one["signal_id"] for one in signals[1::2]] == [signal_id("C1", "segment", None, n) for n in (0, 1)]


@pytest.mark.parametrize(
    ("number", "shown"),
    [
        ("1.00005", "1.0001"),
        ("-1.00005", "-1.0001"),
        ("-0.00001", "0"),
        ("1200000", "1200000"),
        ("1e3", "1000"),
        ("0.10", "0.1"),
    ],
)
def test_amounts_are_rounded_half_up_and_shown_without_trailing_zeros(number: str, shown: str) -> None:
    assert show_amount(exact(number)) == shown
    assert half_up(exact("2.5"), 0) == 3


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("2026-03-01T00:00:00.9999999+09:00", "2026-02-28T15:00:00.999Z"),
        ("2026-03-01t00:00:00z", "2026-03-01T00:00:00.000Z"),
        ("1969-12-31T23:59:59.9995Z", "1969-12-31T23:59:59.999Z"),
    ],
)
def test_instants_are_floored_to_the_ms(text: str, shown: str) -> None:
    assert show_instant(parse_instant(text)) == shown


def test_a_whole_segment_change() -> None:
    press = points({"id": "funded", "event": "press_release", "categories": ["funding"], "half_life_days": 1})
    owned = account("2026-03-01 12:00", sales_owner="owner-1")
    release = event(
        *("2026-03-02 12:00", "press_release", "press-releases"),
        **{"headline": "Series A: " + "x" * 200, "url": "https://news.example/1"},
    )
    signals, _ = run(policy(potential=press), owned, {**release, "matched_by": "domain"})
    assert len(signals) == 1
    assert signals[0] == {
        "signal_id": signal_id("C1", "segment", fact("press-releases", "2026-03-02 12:00 press_release"), 0),
        **{"type": "segment.changed", "customer_id": "C1", "rule": "segment"},
        **{"audiences": ["nurture"], "severity": "medium", "playbook": "nurture", "historical": False},
        **{"effective_at": "2026-03-02T12:00:00.000Z", "segment": "nurture", "lifecycle": "active"},
        "change": {"from": "streamline", "to": "nurture"},
        "value": {"before": "0", "after": "0", "high": False},
        "potential": {"before": 0.0, "after": 8.0, "high": True},
        "cause": {
            **{"kind": "event", "topic": "press-releases", "event_id": "2026-03-02 12:00 press_release", "late_by_s": 0}
        },
        "evidence": [
            {
                **{"rule": "funded", "label": "funded", "points": 8.0, "events": 1},
                **{"event_id": "2026-03-02 12:00 press_release", "occurred_at": "2026-03-02T12:00:00.000Z"},
                **{"title": "Series A: " + "x" * 110, "url": "https://news.example/1", "matched_by": "domain"},
            }
        ],
        "owners": {"sales": "owner-1", "cs": None},
        # 8 points as in the example of decay: 1559 ms after one day.
        "next_transition": {"at": "2026-03-03T12:00:01.559Z", "to": "streamline", "because": "decay"},
        "suppressed": 0,
        "policy_version": policy_version(policy(potential=press)),
    }


@pytest.mark.parametrize(
    ("occurred", "kind", "late_by_s"),
    [
        ("2026-03-01 11:00:00", "event", 0),
        ("2026-03-01 10:59:59.999", "late", 3600),
        ("2026-03-01 10:00:00.001", "late", 7199),
    ],
)
def test_late_is_more_than_an_hour_and_floored_to_seconds(occurred: str, kind: str, late_by_s: int) -> None:
    signals, _ = run(
        policy(potential=points({"id": "seen", "event": "page_view"})), see("2026-03-01 12:00", occurred=occurred)
    )
    assert (signals[0]["cause"]["kind"], signals[0]["cause"]["late_by_s"]) == (kind, late_by_s)


def test_a_late_refund_is_a_refund() -> None:
    late = {**refund("2026-03-02 12:00", "100"), "received_ms": at("2026-03-02 14:00")}
    cause = run(policy(), buy("2026-03-01 12:00"), late)[0][-1]["cause"]
    assert (cause["kind"], cause["late_by_s"]) == ("refund", 7200)


def test_title_and_match_stand_only_on_the_row_whose_newest_event_is_the_cause() -> None:
    # The cause happened before the event already there, so the row shows the other one.
    seen = policy(potential=points({"id": "seen", "event": "page_view", "points": 3}))
    signals, _ = run(seen, see("2026-03-01 12:00"), see("2026-03-01 12:30", occurred="2026-03-01 11:50"))
    row = signals[0]["evidence"][0]
    assert (row["event_id"], row["events"], "title" in row) == ("2026-03-01 12:00 page_view", 2, False)


def test_a_duplicate_moves_the_clock_and_nothing_else() -> None:
    first = buy("2026-03-01 12:00", "40")
    again = {**first, "received_ms": at("2026-03-02 12:00"), "value": {**first["value"], "amount": "900"}}
    shown = state(policy(), first, again)
    assert (shown["as_of"], shown["value"]["amount"]) == ("2026-03-02T12:00:00.000Z", "40")


def test_only_the_last_distinct_ids_are_remembered_and_a_topic_has_its_own() -> None:
    # Memory of 2: after b and c, a is forgotten and counts again; b then is forgotten too.
    rules = policy(dedup_events=2)

    def named(name: str, hour: int) -> dict[str, Any]:
        return buy(f"2026-03-01 {hour}:00", "1", event_id=name)

    records = [named(name, hour) for hour, name in enumerate("abababcacb", 10)]
    # Applied: a b . . . . c a . b: five times 1.
    assert state(rules, *records)["value"]["amount"] == "5"
    elsewhere = see("2026-03-01 10:30", event_id="a")
    assert state(rules, named("a", 10), elsewhere)["potential"]["score"] == 8.0


def test_account_records_without_id_are_never_duplicates_and_are_numbered_within_a_ms() -> None:
    rules = policy(
        potential={
            "facts": [{"id": "size", "label": "s", "account": "employees", "at_least": 5, "points": 6}],
            "points": [],
        }
    )
    big, small = account("2026-03-01 12:00", employees=5), account("2026-03-01 12:00", employees=4)
    signals, states = run(rules, big, small, removal("2026-03-01 12:00"), big)
    ids = [one["cause"]["event_id"] for one in signals]
    assert ids == [f"account@2026-03-01T12:00:00.000Z{suffix}" for suffix in ("", "#2", "#4")]
    assert states["C1"]["potential"]["contributions"][0]["last"] == "2026-03-01T12:00:00.000Z"


def test_history_before_going_live_is_marked() -> None:
    signals, _ = decide(policy(), [see("2026-03-01 12:00")], at("2026-03-05"), at("2026-03-02"))
    assert [(one["effective_at"][:10], one["historical"]) for one in signals] == [
        ("2026-03-01", True),
        ("2026-03-02", False),
    ]


def test_signals_come_by_instant_then_customer_then_order_of_emission() -> None:
    bought = rule("bought", event="purchase")
    records = [{**buy("2026-03-01 12:00"), "customer_id": name} for name in ("C2", "C1")]
    signals, states = run(policy(rules=[bought]), *records)
    assert [(one["customer_id"], one["rule"]) for one in signals] == [
        *(("C1", "segment"), ("C1", "bought"), ("C2", "segment"), ("C2", "bought")),
    ]
    assert list(states) == ["C1", "C2"]


def test_the_last_twelve_changes_are_shown_oldest_first() -> None:
    # Every view lifts and every day fades: 14 changes in 7 rounds, of which the first two are gone.
    records = [see(f"2026-03-{2 * day + 1:02d} 12:00") for day in range(7)]
    history = state(policy(), *records, until="2026-03-30")["segment_history"]
    assert len(history) == 12
    assert history[0] == {"at": "2026-03-03T12:00:00.000Z", "from": "streamline", "to": "nurture", "cause": "event"}
    assert history[-1]["cause"] == "decay"


def test_every_type_of_the_sources_is_known() -> None:
    # purchases 5, web-behaviour 6, crm-activities 12, press-releases 3, accounts and their removal 2
    assert len(FIELDS) == 5 + 6 + 12 + 3 + 2
