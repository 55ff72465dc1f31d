"""A small policy as text, whose line numbers the tests know, and ways to change and read it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.policy import Policy
from streams.errors import PolicyError
from streams.policy_file import PolicyFile, read_policy

# Line numbers are stated in the tests: add lines at the end only.
SMALL = """\
policy_format: 1
version: small
timezone: Asia/Tokyo
currency: {base: JPY}
value:
  measure: contract
  high: {enter: 1000, leave: 800}
rfm:
  recency_days: [30, 60, 90, 180]
  frequency: [1, 2, 3, 4]
  monetary: [100, 200, 300, 400]
pages:
  pricing: [/pricing, /pricing/*]
press_categories:
  funding: [raises]
potential:
  high: {enter: 18, leave: 12}
  points:
    - {id: pricing-view, label: 料金, event: page_view, page: pricing, points: 5, half_life_days: 14, cap: 15, per_day: 1}
    - {id: funding, label: 調達, event: press_release, categories: [funding], points: 8, cap: 12, expires_days: 90}
  facts:
    - {id: growth, label: 成長, account: industry_growth, at_least: 0.1, points: 5}
    - {id: opinion, label: 営業評価, rating: {high: 8, medium: 0, low: -8}, expires_days: 180}
rules:
  - {id: asked, label: 請求, type: buying_signal, event: download, audiences: [sales], severity: high, cooldown_days: 30}
  - {id: quiet, label: 休眠, type: churn_risk, silent_days: 60, event: [page_view, inquiry], audiences: [cs], severity: low, cooldown_days: 90}
lifecycle:
  onboarding: {audiences: [cs], severity: low}
  active: {audiences: [cs], severity: low}
  former: {audiences: [cs], severity: high, playbook: goodbye}
segments:
  retain: {label: 優良維持層, audiences: [cs], severity: medium}
  nurture: {label: 最重要育成層, audiences: [sales], severity: high}
  expand: {label: 機会発見層, audiences: [cs], severity: low}
  streamline: {label: 効率化対象層, audiences: [marketing], severity: low}
playbooks:
  goodbye:
    title: 解約
    talk_track: 理由を伺う。
    actions: [記録]
"""  # noqa: E501 - one line a rule, as policies are written

Change = tuple[str, str]
Read = Callable[..., PolicyFile]


def changed(*changes: Change) -> str:
    """The small policy with each first text replaced by the second; the first must be there exactly once."""
    text = SMALL
    for old, new in changes:
        assert text.count(old) == 1, f"{old!r} is there {text.count(old)} times"
        text = text.replace(old, new)
    return text


@pytest.fixture(scope="session")
def small() -> str:
    return SMALL


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the small policy with the given changes from a file."""

    def read_changed(*changes: Change) -> PolicyFile:
        file = tmp_path / "p.yaml"
        file.write_text(changed(*changes), encoding="utf-8")
        return read_policy(file)

    return read_changed


@pytest.fixture
def policy(read: Read) -> Callable[..., Policy]:
    """The small policy with the given changes."""
    return lambda *changes: read(*changes).policy


@pytest.fixture
def refusals(read: Read, tmp_path: Path) -> Callable[..., list[str]]:
    """The faults of the small policy with the given changes, `line: key: text`."""

    def read_refused(*changes: Change) -> list[str]:
        with pytest.raises(PolicyError) as refused:
            read(*changes)
        prefix = f"{tmp_path / 'p.yaml'}:"
        lines = str(refused.value).splitlines()
        assert all(line.startswith(prefix) for line in lines)
        return [line.removeprefix(prefix) for line in lines]

    return read_refused


@pytest.fixture
def warned(read: Read, tmp_path: Path) -> Callable[..., list[str]]:
    """The warnings about the small policy with the given changes, `line: key: text`."""
    return lambda *changes: [line.removeprefix(f"{tmp_path / 'p.yaml'}:") for line in read(*changes).warnings()]
