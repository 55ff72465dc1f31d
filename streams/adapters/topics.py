"""The topics: what each must be like, made where missing, and what differs where they exist.

It must not know what is written to them.

Settings that are already there are never changed: a person decides about them, so the report says what would be
right. Partition counts of `events`, the changelog, `signals` and `customer-states` must be one number, since a
customer's records have the same partition in all four; whichever of them exists decides it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from streams.adapters.kafka_admin import (
    ConfigResource,
    ConfigResourceType,
    KafkaAdminClient,
    TopicAlreadyExistsError,
    admin,
    broker_errors,
)
from streams.errors import BrokerError
from streams.settings import Settings

HOUR_MS = 3_600_000
DAY_MS = 24 * HOUR_MS
MIB = 1 << 20

# Both versions of a state that two epochs wrote are still there when the newer epoch reads them back.
CHANGELOG_COMPACTION_LAG_MS = HOUR_MS
# One record must hold a state with all signals it has just caused, and one batch what a chunk changed.
OWN_MESSAGE_BYTES = 4 * MIB
# A dead letter is a source record (at most Kafka's 1 MiB) and our headers; it must not be refused a second time.
LETTER_MESSAGE_BYTES = 2 * MIB
# With three copies, a record is acknowledged when two have it: one broker may be away and nothing is lost.
SAFE_REPLICATION, SAFE_IN_SYNC = 3, 2

# What was erased is off the disk within that time and the cleaner's next round, where compaction does it.
COMPACTED_WITHIN_MS = DAY_MS
# That a key was destroyed stays known for longer than any worker that was away goes on with what it has in memory.
KEYS_DESTROYED_KNOWN_MS = 7 * DAY_MS
# What was purged among dead letters leaves the disk when its segment is closed.
LETTER_SEGMENT_MS = DAY_MS

# Letters keep their own date when a purge moves them, so senders date them; a worker's clock may be a day ahead, and
# Kafka would refuse what is more than an hour ahead.
ANY_DATE_MS = (1 << 63) - 1

# What makes Kakuhan wrong rather than merely short of disk or memory.
_SERIOUS = ("partitions", "cleanup.policy")
_DATED = "message.timestamp.type"


@dataclass(frozen=True, slots=True)
class TopicSpec:
    """How one topic is made; without `fixed_partitions` any number is right once it exists.

    Where it `must_be_dated` by the broker, results would be wrong otherwise; elsewhere the broker's clock is asked.
    """

    name: str
    partitions: int
    fixed_partitions: bool
    configs: Mapping[str, str]
    must_be_dated: bool = False


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing about a topic that is not as it should be; `serious` ones make results wrong or the worker refuse."""

    topic: str
    setting: str
    found: str
    expected: str
    serious: bool

    def line(self) -> str:
        """For a person."""
        weight = "wrong" if self.serious else "differs"
        return f"{self.topic}: {self.setting} is {self.found}, {self.expected} expected ({weight})"


@dataclass(frozen=True, slots=True)
class TopicsReport:
    """What was made and what differs; `partitions` is the number that customers' topics share."""

    partitions: int
    created: tuple[str, ...]
    present: tuple[str, ...]
    differences: tuple[Difference, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing serious differs."""
        return not any(difference.serious for difference in self.differences)

    def lines(self) -> list[str]:
        """For a person, one line each."""
        made = [f"{topic}: created" for topic in self.created]
        wrong = [difference.line() for difference in self.differences]
        right = [
            f"{topic}: as it should be" for topic in self.present if not any(w.topic == topic for w in self.differences)
        ]
        return [*made, *right, *wrong]

    def as_dict(self) -> dict[str, Any]:
        """For a program: plain values, as JSON has them."""
        return asdict(self) | {"ok": self.ok}

    def to_json(self) -> str:
        """`as_dict` as text."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=2)


def ensure_topics(settings: Settings, create: bool = True) -> TopicsReport:
    """Make the topics that are missing and compare the others; with `create` False missing ones are differences.

    Raises:
        BrokerError: Kafka is away or refused.
    """
    with admin(settings.brokers) as client, broker_errors("looking at topics"):
        created = _create_missing(client, settings) if create else ()
        found = _partition_counts(client)
        shared = _shared_partitions(settings, found)
        specs = [spec for spec in topic_specs(settings, shared) if spec.name not in created]
        present = [spec for spec in specs if spec.name in found]
        lacking = [Difference(s.name, "topic", "missing", "a topic", True) for s in specs if s.name not in found]
        differences = (*_compare(client, present, found), *lacking)
    return TopicsReport(shared, created, tuple(spec.name for spec in present), differences)


def ensure_rebuild_topics(settings: Settings) -> None:
    """Make what an app needs while it is rebuilt beside another, besides its changelog.

    Raises:
        BrokerError: Kafka is away or refused.
    """
    own = {"max.message.bytes": str(OWN_MESSAGE_BYTES), _DATED: "LogAppendTime"}
    configs = {
        settings.rebuild_signals: own | _retention(0),
        settings.rebuild_states: own | {"cleanup.policy": "compact"},
    }
    with admin(settings.brokers) as client, broker_errors("looking at topics"):
        found = _partition_counts(client)
        shared = _shared_partitions(settings, found)
        missing = [TopicSpec(name, shared, True, config) for name, config in configs.items() if name not in found]
        _create(client, missing, settings.replication)


def delete_topics(settings: Settings, *topics: str) -> None:
    """Delete those of the topics that exist.

    Raises:
        BrokerError: Kafka is away or refused.
    """
    with admin(settings.brokers) as client, broker_errors("deleting topics"):
        found = _partition_counts(client)
        if there := [topic for topic in topics if topic in found]:
            client.delete_topics(there)


def exist(settings: Settings, *topics: str) -> bool:
    """Whether any of the topics does.

    Raises:
        BrokerError: Kafka is away.
    """
    with admin(settings.brokers) as client, broker_errors("listing topics"):
        return not _partition_counts(client).keys().isdisjoint(topics)


def topic_specs(settings: Settings, partitions: int) -> list[TopicSpec]:
    """All topics in the order of the flow; `partitions` is the number that customers' topics share."""
    kept = {name: _retention(getattr(settings, f"{name}_retention_days")) for name in _RETENTIONS}
    own = {"max.message.bytes": str(OWN_MESSAGE_BYTES)}
    letters = kept["dead_letter"] | {
        "max.message.bytes": str(LETTER_MESSAGE_BYTES),
        "segment.ms": str(LETTER_SEGMENT_MS),
        "message.timestamp.after.max.ms": str(ANY_DATE_MS),
    }
    compact = {"cleanup.policy": "compact"}
    # The broker says when: receipt must not depend on the clock of whoever sends, takes in or decides.
    append_time = {_DATED: "LogAppendTime"}
    own |= append_time
    personal = compact | {"max.compaction.lag.ms": str(COMPACTED_WITHIN_MS)}
    keys = personal | append_time | {"delete.retention.ms": str(KEYS_DESTROYED_KNOWN_MS)}
    rows: list[tuple[str, bool, dict[str, str]]] = [
        *((source, False, kept["source"] | append_time) for source in settings.sources if source != settings.accounts),
        (settings.accounts, False, personal | append_time),
        (settings.events, True, own | kept["events"]),
        (settings.changelog, True, own | personal | {"min.compaction.lag.ms": str(CHANGELOG_COMPACTION_LAG_MS)}),
        (settings.signals, True, own | kept["signals"]),
        (settings.customer_states, True, own | personal),
        (settings.dead_letters, False, letters),
        (settings.unmatched_companies, False, letters),
        (settings.loads, False, compact | append_time),
        (settings.customer_keys, False, keys),
        (settings.apps, False, compact | append_time),
    ]
    safety = {"min.insync.replicas": str(SAFE_IN_SYNC)} if settings.replication >= SAFE_REPLICATION else {}
    dated = (settings.events, settings.customer_keys)
    return [TopicSpec(name, partitions, fixed, configs | safety, name in dated) for name, fixed, configs in rows]


_RETENTIONS = ("source", "events", "signals", "dead_letter")


def _retention(days: int) -> dict[str, str]:
    return {"cleanup.policy": "delete", "retention.ms": str(days * DAY_MS if days else -1)}


def _shared_partitions(settings: Settings, found: Mapping[str, int]) -> int:
    for topic in (settings.events, settings.changelog, settings.signals, settings.customer_states):
        if topic in found:
            return found[topic]
    return settings.partitions


def _partition_counts(client: KafkaAdminClient) -> dict[str, int]:
    return {topic["name"]: len(topic["partitions"]) for topic in client.describe_topics()}


def _create_missing(client: KafkaAdminClient, settings: Settings) -> tuple[str, ...]:
    """Make `events` first: if somebody else has just made it, its partition count is what the others must have."""
    created: tuple[str, ...] = ()
    for only in (settings.events, None):
        found = _partition_counts(client)
        specs = topic_specs(settings, _shared_partitions(settings, found))
        missing = [spec for spec in specs if spec.name not in found and only in (None, spec.name)]
        created += _create(client, missing, settings.replication)
    return created


def _create(client: KafkaAdminClient, missing: list[TopicSpec], replication: int) -> tuple[str, ...]:
    """Make these topics; one that turns out to be there already (made just now by somebody else) is no error."""
    if not missing:
        return ()
    wanted = {
        spec.name: {
            "num_partitions": spec.partitions,
            "replication_factor": replication,
            "configs": dict(spec.configs),
        }
        for spec in missing
    }
    answers = client.create_topics(wanted, raise_errors=False)["topics"]
    for answer in answers:
        if answer["error_code"] not in (0, TopicAlreadyExistsError.errno):
            raise BrokerError(f"Kafka does not make the topic {answer['name']}: {answer['error_message']}")
    client.wait_for_topics([spec.name for spec in missing])
    return tuple(answer["name"] for answer in answers if answer["error_code"] == 0)


def _compare(client: KafkaAdminClient, present: list[TopicSpec], found: Mapping[str, int]) -> list[Difference]:
    if not present:
        return []
    resources = [ConfigResource(ConfigResourceType.TOPIC, spec.name) for spec in present]
    described = client.describe_configs(resources, config_filter="all")
    configs: dict[str, dict[str, Any]] = next(iter(described.values()))
    return [difference for spec in present for difference in _differences(spec, found[spec.name], configs[spec.name])]


def _differences(spec: TopicSpec, partitions: int, configs: Mapping[str, Any]) -> list[Difference]:
    found = {name: str(entry["value"]) for name, entry in configs.items()}
    pairs = [(name, found.get(name, "not set"), expected) for name, expected in spec.configs.items()]
    if spec.fixed_partitions:
        pairs.insert(0, ("partitions", str(partitions), str(spec.partitions)))
    return [
        Difference(spec.name, name, has, expected, name in _SERIOUS or (name == _DATED and spec.must_be_dated))
        for name, has, expected in pairs
        if not _good_enough(name, has, expected)
    ]


def _good_enough(name: str, found: str, expected: str) -> bool:
    """Equal, or on the safe side: a larger message limit, a longer lag, more copies in sync, compaction earlier."""
    if name in ("max.message.bytes", "min.compaction.lag.ms", "min.insync.replicas") and found.isdigit():
        return int(found) >= int(expected)
    if name == "max.compaction.lag.ms" and found.isdigit():
        return int(found) <= int(expected)
    return found == expected
