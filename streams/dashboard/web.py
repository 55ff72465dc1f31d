"""Puts the page together as one ASGI application; it must not decide anything and connects nothing itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from zoneinfo import ZoneInfo

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import WebSocketRoute

from schemas.policy import Policy
from streams.dashboard.customer_view import CustomerViews
from streams.dashboard.data import Data
from streams.dashboard.follower import Follower
from streams.dashboard.frame import frame
from streams.dashboard.guard import Access, Guard
from streams.dashboard.hub import Hub
from streams.dashboard.live import Live
from streams.dashboard.outcomes import Outcomes, OutcomeWriter
from streams.dashboard.pages import Pages
from streams.dashboard.store import Store
from streams.dashboard.thrift import keep_trim
from streams.settings import Settings


def create_page(
    settings: Settings, policy: Policy, writer: OutcomeWriter, now_ms: Callable[[], int], access: Access
) -> Starlette:
    """The page over one installation's Redis; it begins to read when it is started.

    Args:
        settings: Where Redis is and what its keys begin with.
        policy: Thresholds, labels and rules shown; should be the one that the worker decides by.
        writer: Where outcomes go.
        now_ms: This machine's clock in epoch ms.
        access: Who is let in.
    """
    store, hub = Store(settings.redis_url, settings.redis_prefix), Hub()
    follower = Follower(store, policy, hub, now_ms)
    outcomes = Outcomes(writer, now_ms)
    customers = CustomerViews(policy, follower.news.views, outcomes.of, follower.news.newcomers.of)

    @asynccontextmanager
    async def living(app: Starlette) -> AsyncIterator[None]:
        tasks = [
            asyncio.create_task(follower.run(), name="page follower"),
            asyncio.create_task(hub.run(), name="page hub"),
            asyncio.create_task(keep_trim(), name="page memory"),
        ]
        try:
            yield
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            await store.close()

    data = Data(follower, customers, outcomes, now_ms, ZoneInfo(policy.timezone))
    pages = Pages(frame(policy), access)
    routes = [*pages.routes(), *data.routes(), WebSocketRoute("/live", Live(follower).serve)]
    page = Starlette(routes=routes, lifespan=living, middleware=[Middleware(Guard, access=access)])
    page.state.follower = follower
    return page
