"""Which applications decide this log: since when, beside whom, replaced by whom; durable in the topic `apps`.

It must not know how a state is decided. The record of an application stands under its name:

- `live`: its workers show and publish what they decide;
- `rebuilding`: it folds the log beside the `other`, shown to nobody, until it takes over;
- `replaced`: the `other` has taken over. Workers of this one stop, and start no more.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import msgspec

from streams.adapters.kafka_admin import KafkaConsumer, broker_errors, consumer, producer, read_all
from streams.adapters.topic_follower import TopicFollower
from streams.errors import TopicsError
from streams.settings import Settings

LIVE, REBUILDING, REPLACED = "live", "rebuilding", "replaced"
ACKNOWLEDGED_WITHIN_S = 60.0


class App(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One application; instants in epoch ms. Signals effective before `go_live_ms` are historical."""

    phase: str
    go_live_ms: int
    policy_version: str
    at_ms: int
    other: str | None = None

    def now(self, phase: str, other: str | None = None) -> App:
        """The same application in another phase, from now on."""
        return msgspec.structs.replace(self, phase=phase, other=other, at_ms=now_ms())


_decode = msgspec.json.Decoder(App).decode


def now_ms() -> int:
    """This machine's clock."""
    return time.time_ns() // 1_000_000


def _missing_topics(settings: Settings) -> list[str]:
    """Those of our own topics that a worker cannot do without and that do not exist.

    Raises:
        BrokerError: Kafka is away.
    """
    with consumer(settings.brokers) as client, broker_errors("listing topics"):
        there = client.topics()
    needed = (*settings.sources, settings.events, settings.changelog, settings.customer_keys, settings.apps)
    return sorted(topic for topic in needed if topic not in there)


def read_apps(settings: Settings) -> dict[str, App]:
    """All applications by name.

    Raises:
        BrokerError: Kafka is away, or the topic is missing.
    """
    with consumer(settings.brokers) as client:
        return {name: app[-1] for name, app in _history(client, settings).items() if app[-1] is not None}


def write_app(settings: Settings, name: str, app: App | None) -> None:
    """Say durably how an application stands now; None forgets it.

    Raises:
        BrokerError: Kafka is away or refused.
    """
    value = None if app is None else msgspec.json.encode(app)
    with producer(settings.brokers) as client, broker_errors("noting an application"):
        client.send(settings.apps, value=value, key=name.encode()).get(ACKNOWLEDGED_WITHIN_S)


def enter(settings: Settings, policy_version: str) -> App:
    """How the application of these settings stands, registered now if it has never been.

    The first application of a log is live from its beginning; a further one goes live now, and what it finds out
    about the past is historical.

    Raises:
        TopicsError: It was replaced, or topics are missing.
        BrokerError: Kafka is away.
    """
    missing = _missing_topics(settings)
    known = {} if settings.apps in missing else read_apps(settings)
    found = known.get(settings.app)
    if found is not None and found.phase == REPLACED:
        raise TopicsError(
            f"the app {settings.app} was replaced by {found.other}: start workers with --app {found.other}, or undo it "
            f"with `kakuhan rebuild --app {found.other} --abort` if that has not gone live yet"
        )
    if missing:
        raise TopicsError(f"topics are missing: {', '.join(missing)}: create them with `kakuhan topics`")
    return found or _register(settings, policy_version, now_ms() if known else 0)


def _register(settings: Settings, policy_version: str, go_live_ms: int) -> App:
    """Of several workers that start at once, the first record stands for all."""
    mine = App(phase=LIVE, go_live_ms=go_live_ms, policy_version=policy_version, at_ms=now_ms())
    write_app(settings, settings.app, mine)
    with consumer(settings.brokers) as client:
        records = _history(client, settings)[settings.app]
    first = next(app for app in records[_last_end(records) :] if app is not None)
    if first != records[-1]:
        write_app(settings, settings.app, first)
    return first


def _last_end(records: list[App | None]) -> int:
    """Where the records begin that came after the application was last forgotten."""
    return max((place + 1 for place, app in enumerate(records) if app is None), default=0)


def _history(client: KafkaConsumer, settings: Settings) -> dict[str, list[App | None]]:
    found: dict[str, list[App | None]] = {}
    for record in read_all(client, settings.apps):
        app = None if record.value is None else _decode(record.value)
        found.setdefault((record.key or b"").decode(), []).append(app)
    return found


class AppWatch:
    """Follows how this application stands; `on_replaced` is called with the app that has taken over."""

    def __init__(self, settings: Settings, on_replaced: Callable[[str], None]) -> None:
        self._name, self._on_replaced = settings.app.encode(), on_replaced
        self._follower = TopicFollower(settings.brokers, settings.apps, self._take)
        self._now: App | None = None
        self._following = False

    async def start(self) -> None:
        """Follow from now on.

        Raises:
            BrokerError: Kafka is away, or there is no such topic.
        """
        await self._follower.start()
        self._following = True
        self._judge()

    async def close(self) -> None:
        """Follow no longer."""
        await self._follower.close()

    def _take(self, record: Any) -> None:
        if record.key == self._name:
            self._now = None if record.value is None else _decode(record.value)
            self._judge()

    def _judge(self) -> None:
        """What was said earlier and taken back before anybody followed does not count."""
        if self._following and self._now is not None and self._now.phase == REPLACED:
            self._on_replaced(self._now.other or "")
