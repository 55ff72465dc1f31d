"""Which installation is looked at: addresses and names; it must not know what is found there."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SOURCES = ("purchases", "web-behaviour", "crm-activities", "press-releases", "accounts")


@dataclass(frozen=True, slots=True)
class Place:
    """`prefix` goes before topic names, `redis_prefix` before keys; `app` is also the consumer group."""

    brokers: str
    redis_url: str
    prefix: str
    redis_prefix: str
    app: str
    policy: Path

    def topic(self, name: str) -> str:
        return self.prefix + name

    @property
    def changelog(self) -> str:
        return f"{self.prefix}{self.app}-customers-changelog"
