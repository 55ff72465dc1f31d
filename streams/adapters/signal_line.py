"""A signal as one line for a person who reads Japanese; pure.

It must not know where signals come from, nor names of people or companies.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

SEGMENTS = {
    "retain": "優良維持層",
    "nurture": "最重要育成層",
    "expand": "機会発見層",
    "streamline": "効率化対象層",
}
LIFECYCLES = {"onboarding": "導入期", "active": "取引中", "former": "解約済み"}
TYPES = {
    "segment.changed": "セグメント変更",
    "lifecycle.changed": "ライフサイクル変更",
    "buying_signal.detected": "購買の兆し",
    "churn_risk.detected": "解約の兆し",
}
SEVERITIES = {"high": "高", "medium": "中", "low": "低"}
AUDIENCES = {"sales": "営業", "cs": "CS", "marketing": "マーケティング"}
CAUSES = {
    "refund": "返金",
    "late": "遅れて届いた出来事",
    "decay": "関心の薄れ",
    "window": "集計期間・契約期間の経過",
    "expiry": "有効期限切れ",
    "dwell": "最短滞在期間の終了",
    "silence": "音沙汰なし",
    "lifecycle": "ライフサイクルの期日",
}
TOPICS = {
    "purchases": "購買・契約",
    "web-behaviour": "Webでの行動",
    "crm-activities": "営業・CSの記録",
    "press-releases": "会社のニュース",
    "accounts": "アカウント情報",
}
MOST_REASONS = 3
LEAST_POINTS = 0.05  # what would read as 0.0 is no reason


def signal_line(signal: Mapping[str, Any], zone: tzinfo, segments: Mapping[str, str] | None = None) -> str:
    """When (in `zone`), how urgent, for whom, about which customer, what, and why; `segments` overrides labels."""
    labels = SEGMENTS | dict(segments or {})
    parts = [
        _when(signal["effective_at"], zone),
        f"[{SEVERITIES.get(signal['severity'], signal['severity'])}]",
        "・".join(AUDIENCES.get(a, a) for a in signal["audiences"]) or "宛先なし",
        signal["customer_id"],
        _what(signal, labels),
        f"理由: {_why(signal)}",
        *_remarks(signal),
    ]
    return _printable("  ".join(parts))


def _when(instant: str, zone: tzinfo) -> str:
    moment = datetime.fromisoformat(instant).astimezone(zone)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _what(signal: Mapping[str, Any], segments: Mapping[str, str]) -> str:
    kind = TYPES.get(signal["type"], signal["type"])
    change = signal.get("change")
    if change is None:
        return f"{kind} ({segments.get(signal['segment'], signal['segment'])})"
    labels = segments if signal["type"] == "segment.changed" else LIFECYCLES
    return f"{kind} {labels.get(change['from'], change['from'])} → {labels.get(change['to'], change['to'])}"


def _why(signal: Mapping[str, Any]) -> str:
    cause = signal["cause"]
    told = [row for row in signal.get("evidence") or () if _counts(row)]
    rows = sorted(told, key=_weight, reverse=True)
    reasons = [_reason(row) for row in rows[:MOST_REASONS]]
    if len(rows) > MOST_REASONS:
        reasons.append(f"ほか{len(rows) - MOST_REASONS}件")
    if cause["kind"] in CAUSES:
        reasons.insert(0, CAUSES[cause["kind"]])
    return "、".join(reasons) or _why_lifecycle(signal) or _event(cause)


def _why_lifecycle(signal: Mapping[str, Any]) -> str:
    """What kind of event brings such a change; signals of a lifecycle have no evidence."""
    change = signal.get("change")
    if signal["type"] != "lifecycle.changed" or change is None:
        return ""
    if change["to"] == "former":
        return "解約"
    if change["from"] == "former":
        return "購入・更新による取引再開"
    return "はじめての購入" if change["to"] == "onboarding" else "より早い購入の判明"


def _event(cause: Mapping[str, Any]) -> str:
    """What is known of a cause that left no evidence."""
    topic = TOPICS.get(cause.get("topic") or "", "")
    return " ".join(filter(None, (topic, cause.get("event_id")))) or str(cause["kind"])


def _counts(row: Mapping[str, Any]) -> bool:
    points = row.get("points")
    return points is None or abs(points) >= LEAST_POINTS or "title" in row


def _weight(row: Mapping[str, Any]) -> tuple[bool, float]:
    """The row of the causing event first, it alone has a title; then what counts most."""
    return "title" in row, abs(row.get("points") or 0.0)


def _reason(row: Mapping[str, Any]) -> str:
    points = row.get("points")
    weight = "" if points is None else f" {points:+.1f}点"
    title = f"「{row['title']}」" if row.get("title") else ""
    return f"{row.get('label') or row['rule']}{title}{weight}"


def _remarks(signal: Mapping[str, Any]) -> list[str]:
    remarks = ["過去分"] if signal.get("historical") else []
    if signal.get("suppressed"):
        remarks.append(f"ほかに抑えた通知{signal['suppressed']}件")
    return [f"({'、'.join(remarks)})"] if remarks else []


def _printable(line: str) -> str:
    """Without control characters: titles come from outside and must not steer the terminal."""
    return "".join(c if c.isprintable() else " " for c in line)
