"""What must have become of each source record, by the mark its sender has put on it; it must not know why.

The header `fault-fate` says `log`, `dead` or `unmatched`. A source record without it was put there by the system
itself (a release tried again, accounts of a history load) and is judged by its other headers.
"""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.fault.checker.log import Log, Origin
from tests.fault.checker.place import SOURCES, Place
from tests.integration.system.topics import Cluster, Entry

FATE = "fault-fate"
# Of a source record what must be the same in the log, under the log's names.
SAME = ("event_id", "type", "customer_id", "amount", "text", "path")


@dataclass(slots=True)
class Fates:
    """What was read of the sources, and where the log or the dead letters are not as they must be."""

    sent: Counter[str] = field(default_factory=Counter)
    told: list[str] = field(default_factory=list)


def judge(cluster: Cluster, place: Place, log: Log) -> Fates:
    """Every valid source record is in the log once per customer, everything else where it belongs."""
    fates, by_origin = Fates(), log.by_origin()
    poison, wanted = set[Origin](), set[Origin]()
    for source in SOURCES:
        for entry in cluster.dump(place.topic(source)):
            origin = source, entry.partition, entry.offset
            fate = entry.header(FATE)
            fates.sent[fate or "own"] += 1
            if fate == "dead":
                poison.add(origin)
            elif fate == "log":
                wanted.add(origin)
                fates.told += _unlike(entry, origin, by_origin.get(origin, []))
    fates.told += [f"{origin} is in the log, and was to be refused" for origin in sorted(by_origin.keys() & poison)]
    fates.told += _letters(cluster, place, poison)
    return fates


def _unlike(entry: Entry, origin: Origin, facts: list[Any]) -> list[str]:
    if not facts:
        return [f"{origin} is not in the log"]
    if len({fact.customer_id for fact in facts}) < len(facts):
        return [f"{origin} is in the log twice for one customer"]
    if entry.value is None:
        return [] if facts[0].event["type"] == "account_removed" else [f"{origin} is no removal in the log"]
    value = json.loads(entry.value)
    given = {name: value.get(name) for name in SAME if name in value}
    logged = {name: facts[0].event.get(name) for name in given}
    return [] if given == logged else [f"{origin} is {logged} in the log, was {given}"]


def _letters(cluster: Cluster, place: Place, poison: set[Origin]) -> list[str]:
    """Dead letters are exactly the poison; a killed intake may have written one twice."""
    found: dict[Origin, str | None] = {}
    for entry in cluster.dump(place.topic("dead-letters")):
        topic = (entry.header("kakuhan-dlq-topic") or "").removeprefix(place.prefix)
        where = int(entry.header("kakuhan-dlq-partition") or -1), int(entry.header("kakuhan-dlq-offset") or -1)
        found[(topic, *where)] = entry.header("kakuhan-dlq-reason")
    return [
        *(f"dead letter of {origin} ({found[origin]}) was not poison" for origin in sorted(found.keys() - poison)),
        *(f"poison {origin} is no dead letter" for origin in sorted(poison - found.keys())),
    ]
