"""What consumers may rely on in signals and public states."""

from __future__ import annotations

import copy

import pytest
from pydantic import ValidationError

from schemas.signals import Signal
from schemas.states import PublicState

NEXT = {"at": "2026-12-01T00:00:00.001Z", "to": "streamline", "because": "decay"}

SIGNAL = {
    "signal_id": "0123456789abcdef0123456789abcdef",
    "type": "segment.changed",
    "customer_id": "C1",
    "rule": "segment",
    "audiences": ["sales"],
    "severity": "medium",
    "historical": False,
    "effective_at": "2026-11-09T01:02:03.004Z",
    "detected_at": "2026-11-09T01:02:03.104Z",
    "segment": "nurture",
    "lifecycle": "active",
    "change": {"from": "streamline", "to": "nurture"},
    "value": {"before": "0", "after": "-12.5", "high": False},
    "potential": {"before": 12.1, "after": 32.1, "high": True},
    "cause": {"kind": "event", "topic": "press-releases", "event_id": "pr-1", "late_by_s": 0},
    "evidence": [
        {
            "rule": "funding-announced",
            "label": "資金調達の発表",
            "points": 20.0,
            "events": 1,
            "event_id": "pr-1",
            "occurred_at": "2026-11-09T01:00:00.000Z",
            "title": "架空商事、5億円を調達",
            "url": "https://news.example/pr-1",
            "matched_by": "corporate_number",
        },
        {"rule": "sales-rating", "label": "営業評価", "points": -8.0, "events": 1},
    ],
    "playbook": "nurture",
    "owners": {"sales": "S-1", "cs": None},
    "next_transition": NEXT,
    "suppressed": 0,
    "policy_version": "2026-11-b2b@01234567",
}

STATE = {
    "customer_id": "C1",
    "as_of": "2026-11-09T01:02:03.004Z",
    "lifecycle": "active",
    "segment": "nurture",
    "segment_since": "2026-11-09T01:02:03.004Z",
    "policy_version": "2026-11-b2b@01234567",
    "value": {"measure": "revenue", "amount": "450000", "high": False},
    "rfm": {
        "recency_days": 12,
        "frequency": 3,
        "monetary": "450000",
        "r": 5,
        "f": 2,
        "m": 3,
        "code": "523",
        "score": 3.3333,
    },
    "lifetime": {
        "first_day": "2025-01-10",
        "last_day": "2026-11-09",
        "repeat_days": 2,
        "mean_repeat_spend": "150000.3333",
    },
    "potential": {
        "score": 32.1,
        "high": True,
        "contributions": [{"rule": "a", "label": "A", "points": 32.1, "events": 2, "last": "2026-11-09T01:00:00.000Z"}],
    },
    "segment_history": [{"at": "2026-11-09T01:02:03.004Z", "from": "streamline", "to": "nurture", "cause": "event"}],
    "departments": ["経理部"],
    "owners": {"sales": "S-1", "cs": "S-2"},
    "months": [{"month": "2026-11", "purchases": 1, "amount": "-120000"}],
    "contracts": [
        {"kind": "contract", "contract": "K-1", "from": "2026-04-01", "until": "2027-03-31", "amount": "450000"},
        {"kind": "others", "contracts": 2, "amount": "0.5"},
        {"kind": "purchases", "amount": "-0.5"},
    ],
    "next_transition": None,
}


def put(data: dict, path: str, value: object) -> dict:
    changed = copy.deepcopy(data)
    *way, last = [int(key) if key.isdigit() else key for key in path.split(".")]
    block = changed
    for key in way:
        block = block[key]
    if value is ...:
        del block[last]
    else:
        block[last] = value
    return changed


@pytest.mark.parametrize(("model", "data"), [(Signal, SIGNAL), (PublicState, STATE)])
def test_nothing_is_lost_on_the_way_through_the_model(model, data):
    read = model.model_validate(data, extra="forbid")
    assert read.model_dump(mode="json", by_alias=True, exclude_unset=True) == data


@pytest.mark.parametrize(("model", "data"), [(Signal, SIGNAL), (PublicState, STATE)])
def test_readers_ignore_what_they_do_not_know_and_tests_find_it(model, data):
    more = {**data, "new_in_a_later_version": 1}
    assert model.model_validate(more) == model.model_validate(data)
    with pytest.raises(ValidationError, match="new_in_a_later_version"):
        model.model_validate(more, extra="forbid")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("detected_at", ...),
        ("playbook", None),
        ("next_transition", None),
        ("owners", ...),
        ("evidence", []),
        ("cause.kind", "late"),
        ("cause.kind", "refund"),
        ("cause", {"kind": "decay"}),
        ("value.after", "0.0001"),
        ("value.after", "-0.5"),
        ("value.after", "120000000000000000.25"),
    ],
)
def test_signal_is_good(path, value):
    Signal.model_validate(put(SIGNAL, path, value), extra="forbid")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("signal_id", "0123"),
        ("type", "segment.change"),
        ("change", ...),
        ("change", {"from": "streamline", "to": "former"}),
        ("segment", "loyal"),
        ("effective_at", "2026-11-09T01:02:03Z"),
        ("effective_at", "2026-11-09T10:02:03.004+09:00"),
        ("value.before", "1.50"),
        ("value.before", "1.23456"),
        ("value.before", "1E+3"),
        ("value.before", "-0"),
        ("value.before", "01"),
        ("value.before", 0),
        ("potential.after", -0.1),
        ("cause.event_id", ...),
        ("cause.topic", "press_releases"),
        ("cause", {"kind": "decay", "topic": "purchases", "event_id": "p"}),
        ("cause.late_by_s", -1),
        ("evidence.0.title", "長" * 121),
        ("suppressed", -1),
        ("policy_version", "2026-11-b2b"),
        ("next_transition.to", "loyal"),
        ("next_transition.because", "event"),
    ],
)
def test_signal_is_refused(path, value):
    with pytest.raises(ValidationError):
        Signal.model_validate(put(SIGNAL, path, value))


def test_a_rule_signal_has_no_change():
    rule = {**SIGNAL, "type": "buying_signal.detected", "rule": "pricing-interest"}
    with pytest.raises(ValidationError):
        Signal.model_validate(rule)
    assert Signal.model_validate(put(rule, "change", ...), extra="forbid").change is None


def test_a_lifecycle_change_is_between_lifecycles():
    change = {"from": "onboarding", "to": "active"}
    signal = Signal.model_validate({**SIGNAL, "type": "lifecycle.changed", "rule": "lifecycle", "change": change})
    assert signal.change is not None
    assert (signal.change.before, signal.change.after) == ("onboarding", "active")
    with pytest.raises(ValidationError):
        Signal.model_validate({**SIGNAL, "type": "lifecycle.changed"})


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("rfm.recency_days", None),
        ("lifetime.first_day", None),
        ("lifetime.mean_repeat_spend", None),
        ("next_transition", NEXT),
        ("potential.contributions.0", {"rule": "limit", "points": -3.5}),
        ("departments", []),
        ("segment_history", []),
        ("months", []),
        ("contracts", ...),
        ("contracts.0.contract", ...),
    ],
)
def test_state_is_good(path, value):
    PublicState.model_validate(put(STATE, path, value), extra="forbid")


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("rfm.code", "524"),
        ("rfm.r", 6),
        ("rfm.score", 0.5),
        ("rfm.frequency", -1),
        ("value.measure", "ltv"),
        ("lifetime.first_day", "2025-1-10"),
        ("potential.score", float("nan")),
        ("months.0.month", "2026-13"),
        ("months", STATE["months"] * 14),
        ("contracts", STATE["contracts"] * 4),
        ("contracts.0.kind", "plan"),
        ("contracts.0.from", "2026-4-1"),
        ("contracts.1.contracts", 1),
        ("segment_history", STATE["segment_history"] * 13),
        ("lifecycle", "retired"),
        ("as_of", None),
    ],
)
def test_state_is_refused(path, value):
    with pytest.raises(ValidationError):
        PublicState.model_validate(put(STATE, path, value))


@pytest.mark.parametrize("model", [Signal, PublicState])
def test_every_field_says_what_it_is(model):
    schema = model.model_json_schema()
    blocks = [schema, *schema["$defs"].values()]
    silent = [
        (block["title"], name)
        for block in blocks
        for name, field in block.get("properties", {}).items()
        if not field.get("description")
    ]
    assert silent == []
