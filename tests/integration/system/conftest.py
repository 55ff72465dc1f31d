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


@pytest.fixture
def make_site(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """`make_site(policy=path, sources={"purchases": 1})`: topics are there, no worker runs."""
    yield from _makers(stack, tmp_path_factory)


@pytest.fixture(scope="module")
def make_shared_site(stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[MakeSite]:
    """The same for an installation that the tests of a file share."""
    yield from _makers(stack, tmp_path_factory)


@pytest.fixture
def own_site(own_stack: LocalStack, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """An installation on a Kafka and Redis of its own, which the test may stop."""
    for make in _makers(own_stack, tmp_path_factory):
        yield make()


@pytest.fixture
def site(make_site: MakeSite) -> Site:
    """An installation with the shipped policy for companies."""
    return make_site()


def _makers(stack: LocalStack, folders: pytest.TempPathFactory) -> Iterator[MakeSite]:
    made: list[Site] = []

    def make(policy: Path = B2B, sources: dict[str, int] | None = None, **options: Any) -> Site:
        name = f"sys{os.getpid()}-{next(_numbers)}"
        site = Site(stack.brokers, stack.redis_url, name, folders.mktemp(name), policy, **options)
        made.append(site)
        _create_sources(site, sources or {})
        report = ensure_topics(Settings.from_env(site.env))
        assert report.ok, report.lines()
        return site

    yield make
    for site in made:
        site.close()


def _create_sources(site: Site, partitions: dict[str, int]) -> None:
    for source, count in partitions.items():
        config = {"cleanup.policy": "compact"} if source == "accounts" else {}
        site.kafka.create({site.topic(source): count}, **config)
