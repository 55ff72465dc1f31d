"""The two policies that come with the program: usable, and with the numbers their comments explain."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path

import pytest

from streams.policy_file import load_policy, read_policy

POLICIES = Path(__file__).parents[3] / "policies"


def test_b2b_numbers():
    policy = load_policy(POLICIES / "b2b.yaml")
    assert policy.policy_version.startswith("2026-11-b2b@")
    assert (policy.timezone, policy.late_after_s, policy.min_dwell_days) == ("Asia/Tokyo", 93_600, 14)
    assert policy.currency.rates == {"USD": 150, "EUR": 165}
    assert (policy.value.measure, policy.value.grace_days) == ("contract", 45)
    assert (policy.value.high.enter, policy.value.high.leave) == (1_200_000, 1_000_000)
    assert (policy.potential.high.enter, policy.potential.high.leave, policy.potential.cap) == (18, 12, 100)
    assert (len(policy.potential.points), len(policy.potential.facts), len(policy.rules)) == (14, 2, 9)
    assert policy.industry_growth == {"情報通信業": Decimal("0.12"), "半導体製造業": Decimal("0.15")}
    guard = policy.segments.retain.upsell_guard
    assert guard is not None
    assert (guard.buying_signals, guard.within_days, guard.then_audiences) == (2, 90, ("cs",))


def test_b2c_numbers():
    policy = load_policy(POLICIES / "b2c.yaml")
    assert policy.policy_version.startswith("2026-11-b2c@")
    assert (policy.value.measure, policy.value.high.enter, policy.value.high.leave) == ("revenue", 24_000, 20_000)
    assert (policy.potential.cap, len(policy.potential.points), policy.potential.facts) == (60, 6, ())
    assert (policy.rfm.weights.recency, policy.rfm.weights.monetary) == (2, 1)
    assert policy.rules[0].segments == ("retain", "expand")


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # a release of 20, a promotion or merger twice, and a busy day are meant to make a company high
        (
            "b2b.yaml",
            [
                *["potential.high.enter"] * 3,
                "potential.points[funding-announced]",
                "potential.points[m-and-a-announced]",
                "potential.points[contact-promoted]",
            ],
        ),
        # 7 / (1 - 2^(-42/60)) = 18.2: a member who buys every six weeks is meant to be high
        ("b2c.yaml", ["potential.points[bought]"]),
    ],
)
def test_only_the_warnings_that_the_comments_speak_of(name, expected):
    assert [line.split(": ")[1] for line in read_policy(POLICIES / name).warnings()] == expected


@pytest.mark.parametrize("name", ["b2b.yaml", "b2c.yaml"])
def test_comments_name_only_what_is_there(name):
    text = (POLICIES / name).read_text(encoding="utf-8")
    assert f"policies/{name}" in text
    assert "\t" not in text
