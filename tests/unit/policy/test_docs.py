"""The documentation of the policy file: every key is in it, and what it shows is true."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import BaseModel

from schemas.policy import Policy
from schemas.policy_events import EVENT_TYPES, HOLDS_FOR
from schemas.policy_rules import Segments
from streams.errors import PolicyError
from streams.policy_file import load_policy

ROOT = Path(__file__).parents[3]
TEXT = (ROOT / "docs" / "policy.md").read_text(encoding="utf-8")
CODE = " ".join(re.findall(r"`([^`\n]+)`", TEXT)) + " ".join(re.findall(r"```yaml\n(.*?)```", TEXT, re.DOTALL))


def blocks(model: type[BaseModel]) -> set[type[BaseModel]]:
    found = {model}
    for field in model.model_fields.values():
        for inner in re.findall(r"schemas\.policy_?\w*\.(\w+)", str(field.annotation)):
            known = {part.__name__: part for part in parts()}
            found |= blocks(known[inner]) if inner in known else set()
    return found


def parts() -> list[type[BaseModel]]:
    base = Policy.__mro__[1]
    found, rest = [], [base]
    while rest:
        rest += (subclasses := rest.pop().__subclasses__())
        found += subclasses
    return found


def test_every_key_is_documented():
    keys = {key for part in blocks(Policy) for key in part.model_fields}
    assert {"half_life_days", "then_audiences", "growth_at_least", "talk_track", "medium"} <= keys
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}\b", CODE)] == []


def test_every_event_type_is_documented():
    row = next(line for line in TEXT.splitlines() if line.startswith("| `event` |"))
    assert [kind for kind in EVENT_TYPES if f"`{kind}`" not in row] == []
    sentence = TEXT.split("Events with a text: ")[1].split(".")[0]
    assert set(re.findall(r"`(\w+)`", sentence)) == HOLDS_FOR["text_any"]


def test_the_smallest_policy_is_complete_and_as_small_as_can_be(tmp_path):
    smallest = TEXT.split("The smallest policy that is complete:")[1].split("```yaml\n")[1].split("```")[0]
    file = tmp_path / "smallest.yaml"
    file.write_text(smallest, encoding="utf-8")
    policy = load_policy(file)
    assert policy.rules == ()
    assert set(Segments.model_fields) == {"retain", "nurture", "expand", "streamline"}


def test_worked_numbers():
    assert round(Decimal(600_000) * 365 / 183, 4) == Decimal("1196721.3115")
    assert (5 + 2 + 2 * 3) / 4 == 3.25
    assert 5 + 5 / 2 + 5 / 4 == 8.75


def test_the_shown_faults_are_what_is_said(tmp_path, monkeypatch):
    text = (ROOT / "policies" / "b2b.yaml").read_text(encoding="utf-8")
    changes = {"Asia/Tokyo": "Asia/Tokio", '"1000000"}': '"1300000"}', "page: pricing, points": "page: prices, points"}
    for old, new in changes.items():
        assert text.count(old) == 1
        text = text.replace(old, new)
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "b2b.yaml").write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(PolicyError) as refused:
        load_policy("policies/b2b.yaml")
    shown = TEXT.split("```text\n")[1].split("```")[0]
    assert str(refused.value) == shown.strip()


def test_the_shown_version_is_the_shipped_one():
    assert f"`{load_policy(ROOT / 'policies' / 'b2b.yaml').policy_version}`" in TEXT
