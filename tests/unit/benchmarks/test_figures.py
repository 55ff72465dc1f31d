"""Tables of figures, the documents they fill, and samples summed by part: by hand."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, reset_tzpath

import pytest

from benchmarks.decisions import ROOT
from benchmarks.figures import figure, markdown
from benchmarks.live import Arrivals, quantile
from benchmarks.profile import summed
from benchmarks.report import filled
from benchmarks.soon import NAME, make_zone
from benchmarks.targets import TARGETS, judged

REPORT = {"machine": {"cores": "2"}, "versions": {"Python": "3.11"}, "tables": {}}
PLACES = "".join(f"<!-- table: {name} -->\n<!-- end -->\n" for name in ("machine", "versions", "targets"))


def test_a_figure_is_the_median_and_the_range_beside_it() -> None:
    assert figure([4.0, 1.0, 2.0]) == {"median": 2.0, "spread": 1.5, "values": [4.0, 1.0, 2.0]}


def test_half_the_range_is_shown_to_both_sides() -> None:
    shown = markdown(["what", "µs"], [["step", figure([9.0, 10.0, 11.0])], ["none", 0.5]])
    assert shown == "| what | µs |\n|---|---:|\n| step | 10.0 ± 10 % |\n| none | 0.50 |"


def test_a_quantile_is_not_exceeded_by_its_share() -> None:
    assert [quantile([3, 1, 2, 4], share) for share in (0.0, 0.5, 0.99)] == [1, 3, 4]


def test_tables_go_to_their_places_and_the_text_stays() -> None:
    tables = {"pure": {"columns": ["type", "µs"], "rows": [["action", 7]]}}
    document = f"before\n<!-- table: pure -->\nold\n<!-- end -->\nbetween\n{PLACES}after"
    found = filled(document, REPORT | {"tables": tables})
    shown = "| type | µs |\n|---|---:|\n| action | 7 |"
    assert found.startswith(f"before\n<!-- table: pure -->\n{shown}\n<!-- end -->\nbetween")
    assert found.endswith("after")
    assert filled(found, REPORT | {"tables": tables}) == found


def test_a_table_without_a_place_is_refused() -> None:
    with pytest.raises(ValueError, match="no place for lost"):
        filled(PLACES, REPORT | {"tables": {"lost": {"columns": ["a"], "rows": []}}})


def test_targets_are_met_at_their_bound_and_not_beyond() -> None:
    columns = ["system", "events/s", "Kakuhan is × as fast"]
    tables = {"fold.systems": {"columns": columns, "rows": [["Faust", 1, 12.0], ["Quix Streams", 1, 1.49]]}}
    told = {row[0]: row[2:] for row in judged(tables).rows}
    assert told["fold, beside stock Faust"] == ["12.00 ×", "yes"]
    assert told["fold, beside Quix Streams"] == ["1.49 ×", "**no**"]
    assert told["Redis, a customer"] == ["not measured", "–"]
    assert len(told) == len(TARGETS)


def test_samples_are_counted_for_the_innermost_part_and_waiting_is_left_out() -> None:
    raw = (
        "main;step (streams/domain/step.py:40);decode_state (streams/domain/state.py:9) 3\n"
        "main;step (streams/domain/step.py:41) 2\n"
        "main;step (streams/domain/step.py:55) 1\n"
        "main;EpollSelector.select (selectors.py:468) 90\n"
    )
    parts, own, whole = summed(raw)
    assert parts == {"read a state": 3, "step": 3}
    assert own == {"decode_state (streams/domain/state.py)": 3, "step (streams/domain/step.py)": 3}
    assert whole["step (streams/domain/step.py)"] == 6


def test_events_are_measured_by_when_they_were_sent() -> None:
    first, second = 10**9, 2 * 10**9
    arrivals = Arrivals([first, second], [first + 5_000_000, second + 7_000_000], [None, second + 3_000_000], [])
    assert arrivals.between(0, 2) == ([5.0], [])
    assert arrivals.between(2, 3) == ([7.0], [3.0])


@pytest.mark.parametrize("midnight_s", [1_795_000_000, 1_795_040_000, 1_795_080_001])
def test_the_zone_has_its_midnight_when_it_is_wanted(tmp_path: Path, midnight_s: int) -> None:
    make_zone(tmp_path, NAME, midnight_s)
    try:
        zone = ZoneInfo.no_cache(NAME)
    finally:
        reset_tzpath()
    local = datetime.fromtimestamp(midnight_s, zone)
    assert (local.hour, local.minute, local.second) == (0, 0, 0)
    assert abs(local.utcoffset() or timedelta()) <= timedelta(hours=12)


def test_the_page_on_performance_has_a_place_for_every_table() -> None:
    page = (ROOT / "docs" / "performance.md").read_text()
    places = set(re.findall(r"<!-- table: (\S+) -->", page))
    code = "".join(file.read_text() for file in (ROOT / "benchmarks").glob("*.py"))
    assert places - {"machine", "versions"} == set(re.findall(r'Table\(\s*"([^"]+)"', code))
