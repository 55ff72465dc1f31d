"""What a running Kakuhan is told from outside: addresses, names, sizes; read once, then frozen.

It must not know what is done with a setting, nor connect to anything.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from streams.errors import SettingsError

ENV_PREFIX = "KAKUHAN_"

# Enough for eight workers, few enough that an idle machine does not notice; fixed once `events` exists.
DEFAULT_PARTITIONS = 8
DEFAULT_REPLICATION = 1
# Kafka's own default for topics that say nothing (168 h): intake reads sources within seconds.
DEFAULT_SOURCE_RETENTION_DAYS = 7
DEFAULT_SIGNALS_RETENTION_DAYS = 90
# Long enough for a person to notice, mend the sender and replay.
DEFAULT_DEAD_LETTER_RETENTION_DAYS = 30
# Where more than half is refused, the sender or the policy is wrong rather than some records.
DEFAULT_DEAD_LETTER_LIMIT = 50
# A dead worker's partitions are taken over after that time. Kafka accepts from 6 s on (group.min.session.timeout.ms);
# what freezes a healthy process for longer (a swap, a migrating machine) costs a take-over, nothing more.
DEFAULT_SESSION_TIMEOUT_S, LEAST_SESSION_TIMEOUT_S, MOST_SESSION_TIMEOUT_S = 10, 6, 300
# Kafka's limit for topic names; the longest suffix of ours ("-customers-changelog", 20) must still fit.
LONGEST_NAME = 200

SOURCES = ("purchases", "web-behaviour", "crm-activities", "press-releases", "accounts")

_NAME = re.compile(r"[A-Za-z0-9._-]*")
_BROKER = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:,/\[\]]+):(\d{1,5})")
_REDIS_SCHEMES = ("redis", "rediss", "unix")


@dataclass(frozen=True, slots=True)
class Settings:
    """Addresses, names and sizes of one installation.

    Retentions are whole days; 0 keeps for ever. `partitions` and `replication` count only when topics are created.
    `session_timeout_s` is how long a worker may be silent before others take its partitions over, in seconds.
    `dead_letter_limit` is in percent of what is taken in; a worker that would refuse more stops, 100 never stops it.

    Raises:
        SettingsError: A value cannot be used; the message names the variable, what was found and what is expected.
    """

    brokers: str = "127.0.0.1:9092"
    redis_url: str = "redis://127.0.0.1:6379/0"
    app: str = "kakuhan"
    topic_prefix: str = ""
    redis_prefix: str = "kakuhan:"
    policy: Path = Path("policies/b2b.yaml")
    partitions: int = DEFAULT_PARTITIONS
    replication: int = DEFAULT_REPLICATION
    events_retention_days: int = 0
    source_retention_days: int = DEFAULT_SOURCE_RETENTION_DAYS
    signals_retention_days: int = DEFAULT_SIGNALS_RETENTION_DAYS
    dead_letter_retention_days: int = DEFAULT_DEAD_LETTER_RETENTION_DAYS
    dead_letter_limit: int = DEFAULT_DEAD_LETTER_LIMIT
    session_timeout_s: int = DEFAULT_SESSION_TIMEOUT_S

    def __post_init__(self) -> None:
        _check_brokers(self.brokers)
        _check_redis_url(self.redis_url)
        _check_name("app", self.app, least=1)
        _check_name("topic_prefix", self.topic_prefix, least=0)
        _check_redis_prefix(self.redis_prefix)
        _check_whole("partitions", self.partitions, 1, 10_000)
        _check_whole("replication", self.replication, 1, 100)
        _check_whole("dead_letter_limit", self.dead_letter_limit, 0, 100)
        _check_whole("session_timeout_s", self.session_timeout_s, LEAST_SESSION_TIMEOUT_S, MOST_SESSION_TIMEOUT_S)
        for field in fields(self):
            if field.name.endswith("_days"):
                _check_whole(field.name, getattr(self, field.name), 0, 36_500)

    @classmethod
    def from_env(cls, environ: Mapping[str, str] | None = None, **overrides: Any) -> Settings:
        """The settings of `KAKUHAN_*` variables, then of `overrides` that are not None (command line options).

        Raises:
            SettingsError: A variable has a value that cannot be used.
        """
        environ = os.environ if environ is None else environ
        values: dict[str, Any] = {
            field.name: _parsed(field.name, environ[variable(field.name)])
            for field in fields(cls)
            if environ.get(variable(field.name), "") != ""
        }
        values |= {name: value for name, value in overrides.items() if value is not None}
        if "policy" in values:
            values["policy"] = Path(values["policy"])
        return cls(**values)

    def topic(self, name: str) -> str:
        """The name in Kafka of one of our topics, as `purchases` or `dead-letters`."""
        return f"{self.topic_prefix}{name}"

    def without_prefix(self, topic: str) -> str:
        """The name of a topic as events and signals carry it."""
        return topic.removeprefix(self.topic_prefix)

    @property
    def sources(self) -> tuple[str, ...]:
        """The five topics that intake reads."""
        return tuple(self.topic(name) for name in SOURCES)

    @property
    def purchases(self) -> str:
        """Source: purchases, renewals, refunds, plan changes, cancellations."""
        return self.topic("purchases")

    @property
    def web_behaviour(self) -> str:
        """Source: what customers do on our pages."""
        return self.topic("web-behaviour")

    @property
    def crm_activities(self) -> str:
        """Source: what our people write down about customers."""
        return self.topic("crm-activities")

    @property
    def press_releases(self) -> str:
        """Source: news about companies."""
        return self.topic("press-releases")

    @property
    def accounts(self) -> str:
        """Source: the account master, compacted."""
        return self.topic("accounts")

    @property
    def events(self) -> str:
        """The one log."""
        return self.topic("events")

    @property
    def changelog(self) -> str:
        """The states of this app, compacted."""
        return self.topic(f"{self.app}-customers-changelog")

    @property
    def signals(self) -> str:
        """What Kakuhan has found out."""
        return self.topic("signals")

    @property
    def rebuild_signals(self) -> str:
        """What this app finds out while it is rebuilt beside another; nobody reads it but the comparison."""
        return self.topic(f"{self.app}-rebuild-signals")

    @property
    def rebuild_states(self) -> str:
        """The public states of this app while it is rebuilt beside another."""
        return self.topic(f"{self.app}-rebuild-states")

    @property
    def customer_states(self) -> str:
        """The public states, compacted."""
        return self.topic("customer-states")

    @property
    def dead_letters(self) -> str:
        """What could not be taken in."""
        return self.topic("dead-letters")

    @property
    def unmatched_companies(self) -> str:
        """Releases about nobody we know."""
        return self.topic("unmatched-companies")

    @property
    def loads(self) -> str:
        """History loaded so far, compacted."""
        return self.topic("loads")

    @property
    def customer_keys(self) -> str:
        """The keys under which what is personal in the log is sealed, compacted."""
        return self.topic("customer-keys")

    @property
    def apps(self) -> str:
        """Which applications decide this log, and since when, compacted."""
        return self.topic("apps")


def without_password(url: str) -> str:
    """An address as it may be shown and logged."""
    return re.sub(r"//[^/@]*@", "//…@", url)


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return ENV_PREFIX + name.upper()


def _parsed(name: str, text: str) -> str | int | Path:
    default = next(field.default for field in fields(Settings) if field.name == name)
    if isinstance(default, Path):
        return Path(text)
    if isinstance(default, int):
        if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
            raise _bad(name, text, "a whole number")
        return int(text)
    return text


def _bad(name: str, found: object, expected: str) -> SettingsError:
    return SettingsError(f"{variable(name)} is {str(found)!r}; expected {expected}")


def _check_brokers(brokers: str) -> None:
    for broker in brokers.split(","):
        match = _BROKER.fullmatch(broker.strip())
        if not match or not 0 < int(match[2]) < 65_536:
            raise _bad("brokers", brokers, "host:port, several with commas between, as 127.0.0.1:9092")


def _check_redis_url(url: str) -> None:
    try:
        parts = urlsplit(url)
        usable = parts.scheme in _REDIS_SCHEMES and bool(parts.hostname or (parts.scheme == "unix" and parts.path))
        _ = parts.port  # raises ValueError outside 0..65535
    except ValueError:
        usable = False
    if not usable:
        raise SettingsError(  # the address may carry a password: it is not repeated
            f"{variable('redis_url')} cannot be used; expected an address such as redis://127.0.0.1:6379/0"
        )


def _check_name(name: str, value: str, least: int) -> None:
    if not least <= len(value) <= LONGEST_NAME or not _NAME.fullmatch(value) or value in (".", ".."):
        raise _bad(name, value, f"{least} to {LONGEST_NAME} of the characters A-Z a-z 0-9 . _ -")


def _check_redis_prefix(value: str) -> None:
    if not value or len(value) > LONGEST_NAME or not value.isprintable():
        raise _bad("redis_prefix", value, "1 to 200 printable characters, as kakuhan:")


def _check_whole(name: str, value: int, least: int, most: int) -> None:
    if not least <= value <= most:
        raise _bad(name, value, f"a whole number from {least} to {most}")
