"""Random customer histories with their policy, from a seed or as a Hypothesis strategy.

It must not know what is decided on them, only the instants at which something might be.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from tests.oracle.amounts import exact
from tests.oracle.choices import Choices, DrawnChoices, SeededChoices
from tests.oracle.clock import DAY_MS, local_day, local_midnight, parse_instant, show_instant
from tests.oracle.events import KINDS, MAKERS, THEMES, Scene, phrases_of
from tests.oracle.policies import random_policy

STARTS = [parse_instant(f"{day}T12:00:00Z") for day in ("2026-03-01", "2026-10-20", "2024-02-28", "2011-12-20")]
IDENTIFIERS = ["corporate_number", "domain", "name"]
HOUR_MS = 3_600_000
SPANS = ("half_life_days", "expires_days", "silent_days", "cooldown_days")


@dataclass(frozen=True, slots=True)
class Case:
    """A policy, records as `decide` takes them, and the two instants it may be given."""

    policy: dict[str, Any]
    records: list[dict[str, Any]]
    until_ms: int | None
    go_live_ms: int | None


def random_case(choices: Choices, fewest: int = 5, most: int = 60, customers: int = 3) -> Case:
    """A policy and the histories of some customers, all records in log order."""
    policy = random_policy(choices)
    some = range(1, choices.pick([1, 1, customers]) + 1)
    per_customer = most // len(some)
    histories = [
        Life(choices, policy, number).history(choices.integer(min(fewest, per_customer), per_customer))
        for number in some
    ]
    records = sorted((one for each in histories for one in each), key=lambda record: record["received_ms"])
    ends = [record["received_ms"] + choices.pick([0, 1, DAY_MS, 400 * DAY_MS]) for record in records]
    until = choices.pick(ends) if choices.chance(40) else None
    return Case(policy, records, until, choices.pick(ends) if choices.chance(30) else None)


def seeded_case(seed: int, fewest: int = 5, most: int = 60) -> Case:
    """The case of a seed, always the same."""
    return random_case(SeededChoices(random.Random(seed)), fewest, most)


@st.composite
def cases(draw: Callable[[st.SearchStrategy[Any]], Any], most: int = 12) -> Case:
    """Cases that Hypothesis can shrink."""
    return random_case(DrawnChoices(draw), 1, most, customers=2)


class Life:
    """One customer while its history is being made up."""

    def __init__(self, choices: Choices, policy: dict[str, Any], number: int) -> None:
        self.choices, self.policy = choices, policy
        self.customer_id = f"C{number}"
        self.zone = ZoneInfo(policy["timezone"])
        self.scene = Scene(choices, policy, number, phrases=phrases_of(policy))
        self.known = choices.chance(70)  # whether there is an account, and so releases that find it
        self.theme = choices.pick(THEMES)  # few kinds meet each other more often
        self.clock_ms = choices.pick(STARTS)
        self.records: list[dict[str, Any]] = []
        self.edges: list[int] = []

    def history(self, events: int) -> list[dict[str, Any]]:
        """So many records in log order."""
        named = self.choices.integer(0, events - 1) if self.known else None
        for position in range(events):
            self.clock_ms = self.next_receipt()
            kind = "account" if position == named else self.next_kind()
            self.records.append(self.repeated() or self.record(kind, position))
        if named is not None and not any(record["value"] and record["topic"] == "accounts" for record in self.records):
            self.records.append(self.record("account", events))
        return self.records

    def next_kind(self) -> str:
        """What comes next, mostly of the theme; after a purchase of long ago often its refund."""
        bought = self.scene.bought
        if bought and bought[-1][0] < self.clock_ms - 300 * DAY_MS and self.choices.chance(25):
            return "refund"
        return self.choices.pick(self.theme if self.choices.chance(75) else KINDS)

    def next_receipt(self) -> int:
        """When the next record comes: at once, soon, later, much later, or at an edge of something earlier."""
        choices, now = self.choices, self.clock_ms
        later = sorted({edge for edge in self.edges if edge >= now})
        if later and choices.chance(35):
            return max(now, choices.pick(later[:12]) + choices.pick([0, -1, 1]))
        unit = choices.pick([HOUR_MS, 0, 1, DAY_MS, 10 * DAY_MS])
        return now + unit * choices.integer(0, 9) + (choices.integer(1, 5) * 100 * DAY_MS if choices.chance(4) else 0)

    def occurrence(self) -> int:
        """When it happened: on receipt, shortly or long before, together with something else, or slightly after."""
        choices, now = self.choices, self.clock_ms
        past = [at for at in self.scene.happened if at <= now]
        if past and choices.chance(20):
            return choices.pick(past)
        if choices.chance(12):
            return now - choices.pick([7, 400, 401, 8, 400, 401, 1, 30, 365, 450]) * DAY_MS + choices.pick([0, 1, -1])
        if choices.chance(12):
            return local_midnight(local_day(now, self.zone), self.zone) - choices.pick([0, 1, DAY_MS, 7 * DAY_MS])
        if choices.chance(15):
            return now - choices.integer(0, 100) * HOUR_MS
        return now + choices.pick([1, 1000]) if choices.chance(4) else now

    def record(self, kind: str, position: int) -> dict[str, Any]:
        """A new record of that kind."""
        if kind == "account_removed" or (MAKERS[kind][0] in ("press-releases", "accounts") and not self.known):
            kind = "page_view" if not self.known else kind
        if kind == "account_removed":
            return self.wrap("accounts", None)
        scene, choices = self.scene, self.choices
        scene.occurred_ms = min(self.occurrence(), self.clock_ms + 1000)
        topic, make = MAKERS[kind]
        value = {"event_id": f"{self.customer_id}-{position}", "occurred_at": show_instant(scene.occurred_ms)}
        value |= {"type": kind, **make(scene)}
        self.remember(value)
        if topic == "accounts":
            value = {"customer_id": self.customer_id, **value}
            for optional in ("event_id", "occurred_at", "type"):
                value.pop(optional) if choices.chance(50) else None
        elif topic != "press-releases":
            value = {"customer_id": self.customer_id, **value}
        return self.wrap(topic, value)

    def wrap(self, topic: str, value: dict[str, Any] | None) -> dict[str, Any]:
        """A value as a record, a release with the company it is about."""
        record = {"customer_id": self.customer_id, "topic": topic, "received_ms": self.clock_ms, "value": value}
        if topic == "press-releases" and value is not None:
            by = self.choices.pick(IDENTIFIERS)
            number = self.scene.number
            ways = {
                "corporate_number": f"{9_000_000_000_000 + number}",
                "domain": f"www.works{number}.example",
                "name": f"Example Works {number}",
            }
            record |= {"matched_by": by, "value": {**value, "company": {by: ways[by]}}}
        return record

    def repeated(self) -> dict[str, Any] | None:
        """Now and then an earlier record again, with the same id, its content unchanged."""
        old = [one for one in self.records if one["value"] and "event_id" in one["value"]]
        if not old or not self.choices.chance(8):
            return None
        return self.choices.pick(old[self.choices.pick([0, -3, -6]) :]) | {"received_ms": self.clock_ms}

    def remember(self, value: dict[str, Any]) -> None:
        """Keep the instants at which this event may matter again."""
        at = self.scene.occurred_ms
        day = local_day(at, self.zone)
        days = [day + timedelta(days=after) for after in day_spans(self.policy)]
        self.scene.happened.append(at)
        self.edges += [at + span for span in ms_spans(self.policy)]
        self.edges += [self.clock_ms + int(exact(self.policy["min_dwell_days"]) * DAY_MS)]
        self.edges += [local_midnight(one, self.zone) for one in days]
        if "effective_on" in value:
            self.edges.append(local_midnight(date.fromisoformat(value["effective_on"]), self.zone))


def ms_spans(policy: dict[str, Any]) -> list[int]:
    """The spans of the policy that are counted in ms."""
    rules = [*policy["potential"]["points"], *policy["rules"], *policy["potential"].get("facts", [])]
    days = {exact(rule[name]) for rule in rules for name in SPANS if rule.get(name)}
    days |= {exact(rule["count"]["within_days"]) for rule in rules if rule.get("count")}
    return sorted(int(span * DAY_MS) for span in days)


def day_spans(policy: dict[str, Any]) -> list[int]:
    """The spans of the policy that are counted in local days."""
    value, rfm = policy["value"], policy["rfm"]
    cuts = [int(cut) + 1 for cut in rfm["recency_days"]]
    onboarding = int(policy["lifecycle"]["onboarding"]["days"])
    return sorted({1, int(value.get("window_days", 365)), int(rfm.get("window_days", 365)), onboarding, *cuts})


def replay_lines(records: list[dict[str, Any]]) -> str:
    """The records as the lines of a file for `kakuhan replay`."""
    return "".join(json.dumps(replay_line(record), ensure_ascii=False) + "\n" for record in records)


def replay_line(record: dict[str, Any]) -> dict[str, Any]:
    """One line; a removal names its account by key."""
    received = show_instant(record["received_ms"])
    key = {"key": record["customer_id"]} if record["value"] is None else {}
    return {"topic": record["topic"], **key, "received_at": received, "value": record["value"]}
