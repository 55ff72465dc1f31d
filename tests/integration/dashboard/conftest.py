from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from redis import Redis

from streams.dashboard.guard import Access
from streams.local import LocalStack
from streams.settings import Settings
from tests.integration.dashboard.kit import Kept, PageServer, Shelf

ServePage = Callable[..., PageServer]


@pytest.fixture
def shelf(stack: LocalStack, names: Any) -> Iterator[Shelf]:
    with Redis.from_url(stack.redis_url) as redis:
        made = Shelf(redis, names.redis_prefix)
        yield made
        made.clear()


@pytest.fixture
def serve_page(stack: LocalStack, names: Any) -> Iterator[ServePage]:
    """`serve_page(access=…, writer=…, redis_url=…)`: a page over the shelf, ended with the test."""
    running: list[PageServer] = []

    def serve(access: Access | None = None, writer: Any = None, redis_url: str = "") -> PageServer:
        settings = Settings(
            brokers=stack.brokers,
            redis_url=redis_url or stack.redis_url,
            topic_prefix=names.prefix,
            redis_prefix=names.redis_prefix,
        )
        server = PageServer(settings, writer or Kept(), access or Access())
        running.append(server)
        server.start()
        return server

    yield serve
    for server in running:
        server.stop()
