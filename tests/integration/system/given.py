"""What an installation gives out: signals, states, the Redis view; and how it compares with what is expected.

It must not know why something is expected.
"""

from __future__ import annotations

import json
from collections import defaultdict
from typing import Any, Protocol

from tests.integration.system.expectation import Json, Signals, by_domain, by_oracle, in_order, read_log
from tests.integration.system.processes import wait_until
from tests.integration.system.site import Site
from tests.integration.system.topics import Entry
from tests.oracle.clock import parse_instant
from tests.oracle.compare import diff

SETTLES_S = 45.0  # what time alone causes after a load is worked off between other turns
SHOWN = 15


class Expected(Protocol):
    """Signals in order, and each customer's public state as of the instant at which it is shown."""

    @property
    def signals(self) -> Signals: ...

    def state(self, customer_id: str, as_of: str) -> Json: ...


def signals(site: Site) -> Signals:
    """Every published signal once; fails where two publications of one differ in more than `detected_at`."""
    found: dict[str, Json] = {}
    for entry in site.dump("signals"):
        signal = entry.json()
        first = found.setdefault(signal["signal_id"], signal)
        assert _undated(first) == _undated(signal), f"published twice and not the same: {first} {signal}"
    return in_order(list(found.values()))


def _undated(signal: Json) -> Json:
    return {name: field for name, field in signal.items() if name != "detected_at"}


def states(site: Site) -> dict[str, Json]:
    """The last public state of each customer in `customer-states`."""
    last: dict[str, Entry] = {entry.key.decode(): entry for entry in site.dump("customer-states") if entry.key}
    return {customer_id: entry.json() for customer_id, entry in last.items() if entry.value is not None}


def shown_states(site: Site) -> dict[str, Json]:
    """The public states in Redis."""
    prefix = site.key("customer:")
    keys = sorted(site.redis.scan_iter(match=prefix + "*", count=1_000))
    values = site.redis.mget(keys) if keys else []
    return {key.removeprefix(prefix): json.loads(value) for key, value in zip(keys, values, strict=True) if value}


def differences(found: Signals, shown: dict[str, Json], expected: Expected, customers: set[str]) -> list[str]:
    """Where signals and states are not as expected, in words; none when all are."""
    wanted = {name: expected.state(name, shown.get(name, {"as_of": ""})["as_of"]) for name in customers}
    return diff(found, shown, expected.signals, wanted)


def assert_as_the_log_says(site: Site, *, oracle: bool = True) -> Signals:
    """Signals, states and Redis are what both recomputations of `events` say, at the latest after a while.

    The oracle knows no history loads, and is slow for customers with dozens of events. Returns the signals.
    """
    check = _Check(site, oracle)
    wait_until(lambda: check.passes() or site.failed(), SETTLES_S, 0.5)
    assert not check.told, "given != expected:\n" + "\n".join(check.told[:SHOWN]) + "\n" + site.told()
    return check.signals


class _Check:
    """Compares again and again; what is expected is only computed anew when the log has grown."""

    def __init__(self, site: Site, oracle: bool) -> None:
        self._site, self._oracle = site, oracle
        self._ends: dict[int, int] = {}
        self._expected: list[Expected] = []
        self._customers: set[str] = set()
        self.told = ["nothing was compared yet"]
        self.signals: Signals = []

    def passes(self) -> bool:
        site = self._site
        self._expect()
        self.signals, given = signals(site), states(site)
        for expected in self._expected:
            self.told = differences(self.signals, given, expected, self._customers)
            if self.told:
                return False
        self.told = view_differences(site, self.signals, given)
        return not self.told

    def _expect(self) -> None:
        ends = self._site.kafka.ends(self._site.topic("events"))
        if ends == self._ends:
            return
        log = read_log(self._site)
        self._ends, self._customers = ends, set(log.by_customer())
        self._expected = [by_domain(log, self._site.policy)]
        if self._oracle:
            self._expected.append(by_oracle(self._site, log))


# ---------------------------------------------------------------- the Redis view


def view_differences(site: Site, found: Signals, given: dict[str, Json]) -> list[str]:
    """Where Redis does not show these signals and states."""
    return [
        *_unequal("customer:*", shown_states(site), given),
        *_unequal("customer-signals:*", _listed(site, given), _newest(found, given)),
        *_unequal("segment:* and lifecycle:former", placed(site), expected_places(given)),
        *_unequal("next", dict(site.redis.zrange(site.key("next"), 0, -1, withscores=True)), _expected_next(given)),
        *_unequal("summary customers", _counts(site), _expected_counts(given)),
        *([] if site.is_fed() else ["signals are not all fed"]),
        *_unequal("signals stream", {s["signal_id"] for s in streamed(site)}, _live(found)),
    ]


def _unequal(what: str, shown: Any, wanted: Any) -> list[str]:
    if shown == wanted:
        return []
    if not isinstance(shown, dict):
        return [f"Redis {what}: only there {shown - wanted}, lacking {wanted - shown}"]
    keys = [key for key in sorted(shown.keys() | wanted.keys()) if shown.get(key) != wanted.get(key)]
    return [f"Redis {what} {key}: {shown.get(key)} != {wanted.get(key)}" for key in keys]


def _live(found: Signals) -> set[str]:
    return {signal["signal_id"] for signal in found if not signal["historical"]}


def streamed(site: Site) -> Signals:
    """The live stream, oldest first."""
    return [json.loads(fields["data"]) for _, fields in site.redis.xrange(site.key("signals"))]


def listed(site: Site, customer_id: str) -> list[str]:
    """The ids in a customer's list, newest first."""
    rows = site.redis.lrange(site.key(f"customer-signals:{customer_id}"), 0, -1)
    return [json.loads(row)["signal_id"] for row in rows]


def _listed(site: Site, given: dict[str, Json]) -> dict[str, list[str]]:
    return {name: sorted(listed(site, name)) for name in given}


def _newest(found: Signals, given: dict[str, Json]) -> dict[str, list[str]]:
    by_customer: defaultdict[str, list[str]] = defaultdict(list)
    for signal in found:
        by_customer[signal["customer_id"]].append(signal["signal_id"])
    return {name: sorted(by_customer[name][-20:]) for name in given}


def placed(site: Site) -> dict[str, dict[str, float]]:
    """The members of every list of customers, with their priority."""
    names = [site.key(f"segment:{segment}") for segment in ("retain", "nurture", "expand", "streamline")]
    names.append(site.key("lifecycle:former"))
    found = {name.split(":", 1)[1]: dict(site.redis.zrange(name, 0, -1, withscores=True)) for name in names}
    return {name: members for name, members in found.items() if members}


def expected_places(given: dict[str, Json]) -> dict[str, dict[str, float]]:
    """Where public states belong: potential is the priority in nurture, the value's amount elsewhere."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for name, state in given.items():
        former = state["lifecycle"] == "former"
        place = "lifecycle:former" if former else f"segment:{state['segment']}"
        by_potential = state["segment"] == "nurture"
        found[place][name] = state["potential"]["score"] if by_potential else float(state["value"]["amount"])
    return dict(found)


def _expected_next(given: dict[str, Json]) -> dict[str, float]:
    coming = {name: state["next_transition"] for name, state in given.items()}
    return {name: float(parse_instant(at["at"])) for name, at in coming.items() if at}


def _counts(site: Site) -> dict[str, int]:
    fields = site.redis.hgetall(site.key("summary"))
    found = {name.removeprefix("customers:"): int(text) for name, text in fields.items() if "customers:" in name}
    return {place: count for place, count in found.items() if count}


def _expected_counts(given: dict[str, Json]) -> dict[str, int]:
    return {place.split(":")[1]: len(members) for place, members in expected_places(given).items()}
