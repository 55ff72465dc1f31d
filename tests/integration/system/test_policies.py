"""Both shipped policies on their samples: what they say is plausible, and loading the past is no news."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration.system.conftest import MakeSite
from tests.integration.system.expectation import Json, Signals
from tests.integration.system.given import assert_as_the_log_says, states, streamed
from tests.integration.system.lines import Line
from tests.integration.system.processes import ROOT
from tests.integration.system.replaying import loads
from tests.integration.system.samples import companies, customers, members
from tests.oracle.clock import show_instant

MONTHS = 12
DAYS = 365
Range = tuple[float, float]


@dataclass(frozen=True)
class Plausible:
    """Ranges: percent of all customers by place, and signals a day by audience, mean over the year and most."""

    policy: Path
    places: dict[str, Range]
    daily: dict[str, Range]
    most: dict[str, int]


# People get a handful of signals a day for a hundred customers, and most customers need no attention.
COMPANIES = Plausible(
    ROOT / "policies" / "b2b.yaml",
    {"retain": (5, 25), "nurture": (4, 25), "expand": (7, 30), "streamline": (35, 75), "former": (2, 20)},
    {"sales": (0.2, 1.5), "cs": (0.4, 2.5), "marketing": (0.01, 0.5)},
    {"sales": 12, "cs": 12, "marketing": 6},
)
# Mail goes out by itself and may be plenty; only complaints reach people. Few members are the shop's best.
MEMBERS = Plausible(
    ROOT / "policies" / "b2c.yaml",
    {"retain": (2, 18), "nurture": (1, 15), "expand": (1, 15), "streamline": (60, 93), "former": (0, 8)},
    {"ma": (1, 7), "cs": (0, 0.2)},
    {"ma": 40, "cs": 4},
)


def test_sample_of_companies(make_site: MakeSite) -> None:
    lines = companies(accounts=120, months=MONTHS)
    load_and_judge(make_site, lines, COMPANIES)


def test_sample_of_members(make_site: MakeSite) -> None:
    lines = members(count=300, months=MONTHS)
    given = load_and_judge(make_site, lines, MEMBERS)
    # about one in a hundred leaves, so that at times nobody of 300 did; whoever leaves does so last of all
    left = {value["customer_id"] for value in values_of(lines) if value["type"] == "cancellation"}
    assert {customer for customer, state in given.items() if state["lifecycle"] == "former"} == left


def values_of(lines: list[Line]) -> Iterator[Json]:
    return (line["value"] for line in lines if "type" in line["value"])


def load_and_judge(make_site: MakeSite, lines: list[Line], plausible: Plausible) -> dict[str, Json]:
    site = make_site(policy=plausible.policy)
    file = site.write(lines, "history.jsonl")
    site.command("send", "--history", file)  # refuses the few ambiguous releases of the sample
    site.worker()
    site.wait_caught_up()
    found = assert_as_the_log_says(site, oracle=False)
    given = states(site)
    assert given.keys() == customers(lines)
    judge_places(given, plausible)
    judge_signals(found, plausible)
    go_live = show_instant(loads(site)[0]["go_live_ms"])
    assert all(one["effective_at"] >= go_live for one in streamed(site))
    return given


def judge_places(given: dict[str, Json], plausible: Plausible) -> None:
    places = Counter("former" if s["lifecycle"] == "former" else s["segment"] for s in given.values())
    print(f"{plausible.policy.stem}: {len(given)} customers: {dict(places)}")
    for place, (least, most) in plausible.places.items():
        assert least <= 100 * places[place] / len(given) <= most, (place, places)


def judge_signals(found: Signals, plausible: Plausible) -> None:
    daily: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for one in found:
        for audience in one["audiences"]:
            daily[audience][one["effective_at"][:10]] += 1
    for audience, days in daily.items():
        print(f"  {audience}: {days.total() / DAYS:.2f} signals a day, at most {max(days.values())}")
    assert daily.keys() == plausible.daily.keys()
    for audience, (least, most) in plausible.daily.items():
        assert least <= daily[audience].total() / DAYS <= most, audience
        assert max(daily[audience].values(), default=0) <= plausible.most[audience], audience


def test_ranges_name_every_place() -> None:
    for plausible in (COMPANIES, MEMBERS):
        assert plausible.places.keys() == {"retain", "nurture", "expand", "streamline", "former"}
        assert plausible.most.keys() == plausible.daily.keys()
        with pytest.raises(AssertionError):
            judge_places({"C1": {"lifecycle": "active", "segment": "retain"}}, plausible)
