"""An installation of its own for each test that erases, exports, purges or rebuilds."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from streams.adapters.topics import ensure_topics
from streams.local import LocalStack
from streams.settings import Settings
from tests.integration.system.processes import ROOT
from tests.integration.system.site import Site

B2B = ROOT / "policies" / "b2b.yaml"
_numbers = count(1)


@pytest.fixture
def site(stack: LocalStack, tmp_path: Path) -> Iterator[Site]:
    """Topics are there, no worker runs; everything ends with the test."""
    made = Site(stack.brokers, stack.redis_url, f"ops{os.getpid()}-{next(_numbers)}", tmp_path, B2B)
    report = ensure_topics(Settings.from_env(made.env))
    assert report.ok, report.lines()
    yield made
    made.close()


@pytest.fixture
def settings(site: Site) -> Settings:
    """What the commands of that installation are given."""
    return Settings.from_env(site.env)
