"""Installations for tests: one per test, or one that the tests of a file share."""

from __future__ import annotations

import itertools
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from streams.adapters.topics import ensure_topics
from streams.local import LocalStack
from streams.settings import Settings
from tests.integration.system.processes import ROOT
from tests.integration.system.site import Site

MakeSite = Callable[..., Site]
B2B = ROOT / "policies" / "b2b.yaml"
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def make_site(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """`make_site(policy=path, sources={"purchases": 1}, stack=own_stack)`: topics are there, no worker runs."""
    made: list[Site] = []

    def make(policy: Path = B2B, sources: dict[str, int] | None = None, **options: Any) -> Site:
        on = options.pop("stack", stack)
        name = f"sys{os.getpid()}-{next(_numbers)}"
        site = Site(on.brokers, on.redis_url, name, tmp_path_factory.mktemp(name), policy, **options)
        made.append(site)
        if sources:
            created = {site.topic(source): count for source, count in sources.items()}
            compacted = created.pop(site.topic("accounts"), None)
            site.kafka.create(created)
            site.kafka.create({site.topic("accounts"): compacted} if compacted else {}, **{"cleanup.policy": "compact"})
        report = ensure_topics(Settings.from_env(site.env))
        assert report.ok, report.lines()
        return site

    yield make
    for site in made:
        site.close()


@pytest.fixture
def site(make_site: MakeSite) -> Iterator[Site]:
    """An installation with the shipped policy for companies; its processes end with the test."""
    made = make_site()
    yield made
    made.close()
