from __future__ import annotations

import pytest

from streams.engine.failpoints import Point, parse_points, parse_switches
from streams.engine.fatal import describe
from streams.errors import SettingsError


def test_points_have_probabilities_or_passes() -> None:
    assert parse_points("after-changelog:0.05,before-commit,after-events:#3") == {
        "after-changelog": Point(0.05),
        "before-commit": Point(1.0),
        "after-events": Point(fatal_pass=3),
    }
    assert parse_points("") == {}
    third = Point(fatal_pass=3)
    assert [third.kills() for _ in range(4)] == [False, False, True, False]


@pytest.mark.parametrize("text", ["after-lunch:1", "after-changelog:often", "after-changelog:#x"])
def test_a_misspelt_point_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="KAKUHAN_FAIL_AT"):
        parse_points(text)


def test_switches_are_a_closed_list() -> None:
    assert parse_switches("no-seen,no-epoch") == {"no-seen", "no-epoch"}
    with pytest.raises(SettingsError, match="no-brain"):
        parse_switches("no-brain")


def test_an_error_is_described_in_one_line_with_its_place() -> None:
    try:
        raise ValueError("two\nlines")
    except ValueError as error:
        said = describe(error)
    assert said.startswith("ValueError: two lines (test_switches.py:")
    assert "\n" not in said
