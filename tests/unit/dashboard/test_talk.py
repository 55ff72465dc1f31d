"""Playbooks read out: what replaces a placeholder, and what never does."""

from __future__ import annotations

import pytest

from streams.dashboard.talk import filled, spoken

VALUES = {"company": "架空商事", "department": None, "document": "", "evidence": "資金調達", "owner": "見本"}


@pytest.mark.parametrize(
    ("template", "said"),
    [
        ("{company}様", "架空商事様"),
        ("「{department|別の部署}」の方", "「別の部署」の方"),
        ("{document|資料}", "資料"),  # an empty value is none
        ("{department}", "—"),
        ("{link|}", ""),
        ("{evidence}と{evidence}", "資金調達と資金調達"),
        ("{password}", "{password}"),  # the list is closed
        ("{company", "{company"),
        ("100% %s \\1 {0}", "100% %s \\1 {0}"),
    ],
)
def test_a_placeholder_is_replaced_literally(template: str, said: str) -> None:
    assert filled(template, VALUES) == said


def test_what_was_put_in_is_not_looked_at_again() -> None:
    assert filled("{company}/{owner}", {"company": "{owner}", "owner": "{company}"}) == "{owner}/{company}"


def test_a_playbook_is_filled_in_all_its_parts() -> None:
    book = {"title": "{company}", "talk_track": "{owner|}", "actions": ["{evidence}を送る", "確認"]}
    assert spoken(book, VALUES) == {"title": "架空商事", "talk_track": "見本", "actions": ["資金調達を送る", "確認"]}
    assert spoken(None, VALUES) is None
