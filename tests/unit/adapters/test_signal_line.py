"""A signal as a line: what a salesperson reads, in the policy's time zone."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from streams.adapters.signal_line import signal_line

TOKYO = ZoneInfo("Asia/Tokyo")
CHANGED: dict[str, Any] = {
    "signal_id": "0" * 32,
    "type": "segment.changed",
    "customer_id": "C1",
    "rule": "segment",
    "audiences": ["sales"],
    "severity": "medium",
    "historical": False,
    "effective_at": "2026-11-09T15:30:05.000Z",
    "segment": "nurture",
    "lifecycle": "active",
    "change": {"from": "streamline", "to": "nurture"},
    "cause": {"kind": "event", "topic": "press-releases", "event_id": "pr-1", "late_by_s": 0},
    "evidence": [
        {"rule": "industry-growth", "label": "業界の成長", "points": 5.0, "events": 1},
        {
            "rule": "funding-announced",
            "label": "資金調達の発表",
            "points": 20.0,
            "events": 1,
            "event_id": "pr-1",
            "title": "架空商事、シリーズAを実施",
        },
    ],
    "suppressed": 0,
}


def test_a_change_of_segment_says_from_where_to_where_and_why() -> None:
    assert signal_line(CHANGED, TOKYO) == (
        "2026-11-10 00:30:05  [中]  営業  C1  セグメント変更 効率化対象層 → 最重要育成層  "
        "理由: 資金調達の発表「架空商事、シリーズAを実施」 +20.0点、業界の成長 +5.0点"
    )


def test_the_policys_own_labels_win() -> None:
    line = signal_line(CHANGED, TOKYO, {"nurture": "育てる"})
    assert "効率化対象層 → 育てる" in line


def test_what_time_alone_causes_names_that() -> None:
    decayed = CHANGED | {
        "change": {"from": "nurture", "to": "streamline"},
        "cause": {"kind": "decay"},
        "evidence": [],
        "audiences": ["sales", "cs"],
    }
    assert signal_line(decayed, TOKYO).endswith(
        "営業・CS  C1  セグメント変更 最重要育成層 → 効率化対象層  理由: 関心の薄れ"
    )


def test_a_rule_signal_names_the_segment_and_the_rule() -> None:
    found = CHANGED | {
        "type": "churn_risk.detected",
        "severity": "high",
        "change": None,
        "evidence": [{"rule": "leaving", "label": "解約ページの閲覧", "title": "/help/cancel"}],
        "historical": True,
        "suppressed": 2,
    }
    assert signal_line(found, ZoneInfo("UTC")) == (
        "2026-11-09 15:30:05  [高]  営業  C1  解約の兆し (最重要育成層)  理由: 解約ページの閲覧「/help/cancel」"
        "  (過去分、ほかに抑えた通知2件)"
    )


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("active", "former", "取引中 → 解約済み  理由: 解約"),
        ("former", "active", "解約済み → 取引中  理由: 購入・更新による取引再開"),
        ("former", "onboarding", "解約済み → 導入期  理由: 購入・更新による取引再開"),
        ("active", "onboarding", "取引中 → 導入期  理由: はじめての購入"),
        ("onboarding", "active", "導入期 → 取引中  理由: より早い購入の判明"),
    ],
)
def test_a_change_of_lifecycle_says_what_brought_it(before: str, after: str, said: str) -> None:
    changed = CHANGED | {
        "type": "lifecycle.changed",
        "change": {"from": before, "to": after},
        "evidence": [],
    }
    assert signal_line(changed, TOKYO).endswith(f"ライフサイクル変更 {said}")


def test_a_lifecycle_that_time_has_changed_says_that() -> None:
    settled = CHANGED | {
        "type": "lifecycle.changed",
        "change": {"from": "onboarding", "to": "active"},
        "cause": {"kind": "lifecycle"},
        "evidence": [],
    }
    assert signal_line(settled, TOKYO).endswith("導入期 → 取引中  理由: ライフサイクルの期日")


def test_what_has_faded_to_nothing_is_no_reason() -> None:
    rows = [{"rule": "a", "label": "昔の閲覧", "points": 0.04}, {"rule": "b", "label": "資金調達", "points": 20.0}]
    assert signal_line(CHANGED | {"evidence": rows}, TOKYO).endswith("理由: 資金調達 +20.0点")


def test_many_reasons_are_cut_after_three_the_weightiest_first() -> None:
    rows = [{"rule": f"r{n}", "label": f"理由{n}", "points": float(p)} for n, p in enumerate([1, -9, 4, 7, 2])]
    line = signal_line(CHANGED | {"evidence": rows}, TOKYO)
    assert line.endswith("理由: 理由1 -9.0点、理由3 +7.0点、理由2 +4.0点、ほか2件")


@pytest.mark.parametrize("title", ["\x1b[2Jgone", "two\nlines", "bell\a"])
def test_a_title_cannot_steer_the_terminal(title: str) -> None:
    line = signal_line(CHANGED | {"evidence": [{"rule": "r", "label": "l", "title": title}]}, TOKYO)
    assert line.isprintable()
