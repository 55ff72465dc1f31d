"""The judgement of one installation at rest: what differs from what its sources and its log say.

It shares no code with the system: topics are read with another client, what is sealed is opened here, and decisions
are recomputed by the oracle. It must not know what was done to the installation.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.fault.checker.expected import Expected, Recomputation
from tests.fault.checker.fates import Fates, judge
from tests.fault.checker.given import Changelog, Signals, read_changelog, read_signals, read_states
from tests.fault.checker.log import Log, read_log
from tests.fault.checker.place import SOURCES, Place
from tests.fault.checker.redis_side import connect, view_differences
from tests.integration.system.topics import Cluster
from tests.oracle.clock import show_instant
from tests.oracle.compare import fields, names

NOTHING_LEFT_OUT: frozenset[str] = frozenset({"detected_at"})
SHOWN = 20
LOOKS = 3

Json = dict[str, Any]


@dataclass(slots=True)
class Verdict:
    """What was counted, and by kind what is wrong, in words."""

    counts: dict[str, int] = field(default_factory=dict)
    wrong: dict[str, list[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return not any(self.wrong.values())

    def text(self) -> str:
        """The first differences of each kind."""
        lines = [f"{kind}: {len(told)}\n  " + "\n  ".join(told[:SHOWN]) for kind, told in self.wrong.items() if told]
        return "\n".join([str(self.counts), *lines])


class Checker:
    """Judges one place, again and again if need be; what is expected is computed anew when the log has grown."""

    def __init__(self, place: Place) -> None:
        self._place, self._cluster = place, Cluster(place.brokers)
        self._redis = connect(place)
        self._recomputation = Recomputation(place)
        self._ends: dict[int, int] = {}
        self._known: tuple[Log, Fates, Expected] | None = None

    def close(self) -> None:
        self._cluster.close()
        self._redis.close()

    def check(self, *, view: bool = True) -> Verdict:
        """Compare everything as it stands now; should the log grow meanwhile, look again."""
        for _ in range(LOOKS):
            verdict = self._check(view)
            if self._cluster.ends(self._place.topic("events")) == self._ends:
                break
        return verdict

    def _check(self, view: bool) -> Verdict:
        place, cluster = self._place, self._cluster
        log, fates, expected = self._expect()
        signals, states = read_signals(cluster, place), read_states(cluster, place)
        changelog = read_changelog(cluster, place)
        verdict = Verdict(_counts(log, fates, expected, signals, states, changelog))
        wanted = expected.signals()
        verdict.wrong = {
            "records": [*fates.told, *log.disordered],
            "missing signals": [_named(wanted[name]) for name in wanted.keys() - signals.by_id.keys()],
            "unexplained signals": [_named(signals.by_id[name]) for name in signals.by_id.keys() - wanted.keys()],
            "unequal signals": [*signals.unequal, *_unequal_signals(signals, wanted)],
            "states": _unequal_states(states, expected),
            "changelog": [*changelog.stale, *_unequal_rows(changelog, expected)],
            "offsets": self._uncommitted(),
            "view": view_differences(self._redis, place, signals, states) if view else [],
        }
        return verdict

    def _expect(self) -> tuple[Log, Fates, Expected]:
        ends = self._cluster.ends(self._place.topic("events"))
        if self._known is None or ends != self._ends:
            log = read_log(self._cluster, self._place)
            self._known = log, judge(self._cluster, self._place, log), self._recomputation.of(log)
            self._ends = ends
        return self._known

    def _uncommitted(self) -> list[str]:
        told = []
        for name in (*SOURCES, "events"):
            topic = self._place.topic(name)
            ends, committed = self._cluster.ends(topic), self._cluster.committed(self._place.app, topic)
            behind = {p: end for p, end in ends.items() if committed[p] != end}
            told += [f"{name}[{p}]: {committed[p]} of {end} committed" for p, end in behind.items()]
        return told


def _counts(
    log: Log, fates: Fates, expected: Expected, signals: Signals, states: dict[str, Json], changelog: Changelog
) -> dict[str, int]:
    wanted = expected.signals()
    return {
        "sent": fates.sent.total(),
        "poison": fates.sent["dead"],
        "facts": len(log.facts),
        "copies": log.copies,
        "customers": len(states),
        "signals expected": len(wanted),
        "signals by time": sum("event_id" not in one["cause"] for one in wanted.values()),
        "signals missing": len(wanted.keys() - signals.by_id.keys()),
        "signals unexplained": len(signals.by_id.keys() - wanted.keys()),
        "signals repeated": signals.repeated,
        "epochs": sum(changelog.epochs.values()),
    }


def _named(signal: Json) -> str:
    return f"{signal['signal_id']} {names([signal])[0]}"


def _unequal_signals(signals: Signals, wanted: dict[str, Json]) -> list[str]:
    shared = [(signals.by_id[name], wanted[name]) for name in signals.by_id.keys() & wanted.keys()]
    return [line for given, said in shared for line in fields(given, said, _named(said), NOTHING_LEFT_OUT)]


def _unequal_states(states: dict[str, Json], expected: Expected) -> list[str]:
    told = [f"{name}: no state" for name in expected.customers.keys() - states.keys()]
    told += [f"{name}: a state nobody explains" for name in states.keys() - expected.customers.keys()]
    for name in sorted(states.keys() & expected.customers.keys()):
        told += fields(states[name], expected.state(name, states[name]["as_of"]), name, NOTHING_LEFT_OUT)
    return told


def _unequal_rows(changelog: Changelog, expected: Expected) -> list[str]:
    told = [f"{name}: not in the changelog" for name in expected.customers.keys() - changelog.rows.keys()]
    for name in sorted(changelog.rows.keys() & expected.customers.keys()):
        row, customer = changelog.rows[name], expected.customers[name]
        stands = customer.shown
        given = (row.applied, show_instant(row.as_of_ms), row.segment, row.lifecycle)
        wanted = (expected.applied[name], show_instant(customer.as_of_ms), stands.segment, stands.lifecycle)
        told += [] if given == wanted else [f"{name}: {given} in the changelog, {wanted} expected"]
    return told
