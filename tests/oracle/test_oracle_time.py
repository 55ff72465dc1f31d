"""The oracle's lifecycle, dwell and order in time on examples worked by hand; it must not know how the oracle works."""

from __future__ import annotations

from typing import Any

from tests.oracle.samples import account, brief, buy, event, points, policy, refund, rule, run, see, state

NEW = {"onboarding": {"days": 3, "audiences": ["guide"], "severity": "low", "playbook": "welcome"}}


def cancel(received: str, **value: Any) -> dict[str, Any]:
    return event(received, "cancellation", "purchases", **value)


def test_a_segment_stays_for_the_dwell_and_follows_the_axes_when_it_is_over() -> None:
    # High at 12:00 on the 1st; refunded on the 2nd; 5 days of dwell end at 12:00 on the 6th.
    signals, states = run(
        policy(min_dwell_days=5), buy("2026-03-01 12:00"), refund("2026-03-02 12:00", "100"), until="2026-03-30"
    )
    assert brief(signals) == [
        ("2026-03-01 12:00:00.000", "segment:expand", "event"),
        ("2026-03-06 12:00:00.000", "segment:streamline", "dwell"),
    ]
    assert states["C1"]["segment_since"] == "2026-03-06T12:00:00.000Z"


def test_axes_that_turn_back_within_the_dwell_change_nothing() -> None:
    records = [buy("2026-03-01 12:00"), refund("2026-03-02 12:00", "100"), buy("2026-03-03 12:00")]
    assert len(run(policy(min_dwell_days=5), *records)[0]) == 1


def test_an_event_at_the_very_end_of_the_dwell_finds_the_segment_already_followed() -> None:
    signals, _ = run(
        policy(min_dwell_days=5), buy("2026-03-01 12:00"), refund("2026-03-02 12:00", "100"), buy("2026-03-06 12:00")
    )
    # The change at the end of the dwell begins a new one, so the purchase of that ms changes nothing yet.
    assert brief(signals)[1:] == [("2026-03-06 12:00:00.000", "segment:streamline", "dwell")]


def test_when_the_dwell_ends_as_an_axis_turns_the_dwell_did_it_only_if_it_held_another_segment() -> None:
    # Window 10: the purchase of the 1st at 00:00 leaves at midnight of the 11th, where a dwell of 10 days ends too.
    signals, _ = run(policy(min_dwell_days=10), buy("2026-03-01 00:00"), until="2026-03-30")
    assert brief(signals)[1] == ("2026-03-11 00:00:00.000", "segment:streamline", "window")
    # Seen at 00:00 on the 1st, faded by the 2nd: until the 11th the dwell held nurture, the axes asked for expand.
    signals, _ = run(policy(min_dwell_days=10), see("2026-03-01 00:00"), buy("2026-03-01 00:00"), until="2026-03-30")
    assert brief(signals)[-1] == ("2026-03-11 00:00:00.000", "segment:streamline", "dwell")


def test_window_comes_before_expiry_when_both_axes_turn() -> None:
    both = policy(potential=points({"id": "bought", "event": "purchase", "expires_days": 10}))
    signals, _ = run(both, buy("2026-03-01 00:00"), until="2026-03-30")
    assert brief(signals) == [
        ("2026-03-01 00:00:00.000", "segment:retain", "event"),
        ("2026-03-11 00:00:00.000", "segment:streamline", "window"),
    ]


def test_the_first_lifecycle_is_silent_and_onboarding_ends_at_a_midnight() -> None:
    # First day the 1st, 3 days: onboarding on the 1st, 2nd and 3rd.
    signals, states = run(policy(lifecycle=NEW), buy("2026-03-01 12:00", "1"), until="2026-03-05")
    assert brief(signals) == [("2026-03-04 00:00:00.000", "lifecycle:active", "lifecycle")]
    assert signals[0]["audiences"] == ["cs"]
    assert states["C1"]["segment_since"] == "2026-03-01T12:00:00.000Z"


def test_an_account_before_the_first_purchase_makes_onboarding_a_change() -> None:
    signals, _ = run(policy(lifecycle=NEW), account("2026-03-01 12:00"), buy("2026-03-02 12:00"))
    assert brief(signals) == [
        ("2026-03-02 12:00:00.000", "lifecycle:onboarding", "event"),
        ("2026-03-02 12:00:00.000", "segment:expand", "event"),
    ]
    # In onboarding all signals take its audiences and playbook, the severity stays their own.
    assert [(one["audiences"], one["playbook"], one["severity"]) for one in signals] == [
        (["guide"], "welcome", "low"),
        (["guide"], "welcome", "medium"),
    ]


def test_a_customer_is_former_from_the_local_midnight_of_the_day_until_something_is_bought() -> None:
    records = [
        buy("2026-03-01 12:00"),
        cancel("2026-03-02 12:00", effective_on="2026-03-05"),
        buy("2026-03-07 12:00", "1"),
    ]
    signals, states = run(policy(), *records)
    assert brief(signals) == [
        ("2026-03-01 12:00:00.000", "segment:expand", "event"),
        ("2026-03-05 00:00:00.000", "lifecycle:former", "lifecycle"),
        ("2026-03-07 12:00:00.000", "lifecycle:active", "event"),
    ]
    assert signals[0]["next_transition"] == {"at": "2026-03-11T00:00:00.000Z", "to": "streamline", "because": "window"}
    assert (states["C1"]["lifecycle"], states["C1"]["segment"]) == ("active", "expand")


def test_a_cancellation_of_a_past_day_takes_effect_on_receipt() -> None:
    signals, _ = run(policy(), see("2026-03-01 12:00", "/"), cancel("2026-03-02 12:00", occurred="2026-03-02 11:00"))
    assert brief(signals)[-1] == ("2026-03-02 12:00:00.000", "lifecycle:former", "event")


def test_a_former_customer_keeps_its_segment_and_on_return_is_decided_without_regard_to_dwell() -> None:
    # Expand from the 1st (dwell 30); former on the 2nd; the purchase leaves the window on the 11th, nothing is said;
    # a purchase of 1 on the 20th brings the customer back as streamline at once.
    records = [buy("2026-03-01 12:00"), cancel("2026-03-02 12:00"), buy("2026-03-20 12:00", "1")]
    signals, _ = run(policy(min_dwell_days=30), *records)
    assert brief(signals)[1:] == [
        ("2026-03-02 12:00:00.000", "lifecycle:former", "event"),
        ("2026-03-20 12:00:00.000", "lifecycle:active", "event"),
        ("2026-03-20 12:00:00.000", "segment:streamline", "event"),
    ]
    held = state(policy(min_dwell_days=30), *records[:2], until="2026-03-15")
    assert (held["segment"], held["value"]["high"], held["next_transition"]) == ("expand", False, None)


def test_a_renewal_withdraws_and_a_later_cancellation_replaces_what_is_not_yet_in_effect() -> None:
    first = cancel("2026-03-02 12:00", effective_on="2026-03-05")
    renewal = event("2026-03-04 12:00", "renewal", "purchases", amount="1")
    later = cancel("2026-03-04 13:00", effective_on="2026-03-08")
    assert brief(run(policy(), first, renewal, until="2026-03-30")[0]) == []
    assert brief(run(policy(), first, later, until="2026-03-30")[0]) == [
        ("2026-03-08 00:00:00.000", "lifecycle:former", "lifecycle")
    ]
    # A mere purchase withdraws nothing.
    assert len(run(policy(), first, buy("2026-03-04 12:00", "1"), until="2026-03-30")[0]) == 1


def test_a_renewal_received_at_the_very_midnight_comes_after_the_cancellation() -> None:
    first = cancel("2026-03-02 12:00", effective_on="2026-03-05")
    renewal = event("2026-03-05 00:00", "renewal", "purchases", amount="1")
    assert brief(run(policy(), first, renewal)[0]) == [
        ("2026-03-05 00:00:00.000", "lifecycle:former", "lifecycle"),
        ("2026-03-05 00:00:00.000", "lifecycle:active", "event"),
    ]


def test_at_one_instant_lifecycle_comes_before_segment_before_silence() -> None:
    # Bought at 00:00 on the 1st: window 3 days, onboarding 3 days, silence 3 days all end at midnight of the 4th.
    silent = rule("quiet", type="churn_risk", event="purchase", silent_days=3)
    rules = policy(lifecycle=NEW, value={"window_days": 3}, rules=[silent])
    signals, _ = run(rules, buy("2026-03-01 00:00"), until="2026-03-04")
    assert [what for _, what, _ in brief(signals)[1:]] == ["lifecycle:active", "segment:streamline", "quiet"]
    assert {one["segment"] for one in signals[1:]} == {"streamline"}


def test_the_clock_shown_is_that_of_the_last_record_or_transition_not_of_a_silence() -> None:
    silent = rule("quiet", type="churn_risk", event="purchase", silent_days=3)
    rules = policy(rules=[silent])
    stranger = {**see("2026-03-30 12:00"), "customer_id": "C2"}
    assert state(rules, buy("2026-03-01 12:00", "1"), stranger)["as_of"] == "2026-03-01T12:00:00.000Z"
    assert state(rules, buy("2026-03-01 12:00"), stranger)["as_of"] == "2026-03-11T00:00:00.000Z"
    assert state(rules, buy("2026-03-01 12:00"), until="2026-03-20")["as_of"] == "2026-03-20T00:00:00.000Z"


def test_what_is_shown_belongs_to_the_clock_shown() -> None:
    # Former since the 2nd: the axis turns on the 11th unseen, the state is still that of the 2nd.
    stranger = {**see("2026-03-30 12:00"), "customer_id": "C2"}
    shown = state(policy(), buy("2026-03-01 12:00"), cancel("2026-03-02 12:00"), stranger)
    assert shown["value"] == {"measure": "revenue", "amount": "100", "high": True}


def test_until_leaves_later_records_out_and_moves_every_clock() -> None:
    signals, states = run(policy(), buy("2026-03-01 12:00"), buy("2026-03-05 12:00:00.001"), until="2026-03-05 12:00")
    assert len(signals) == 1
    assert (states["C1"]["as_of"], states["C1"]["rfm"]["recency_days"]) == ("2026-03-05T12:00:00.000Z", 4)
