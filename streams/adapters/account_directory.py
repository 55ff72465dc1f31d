"""The account master in memory: read to its end before intake starts, then followed.

It must not know how companies are recognised, nor what an account is valid for; both are given.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any, Protocol

from aiokafka.errors import KafkaError

from schemas.log import LogAccount
from streams.adapters.kafka_read import behind, fetch, reading
from streams.errors import BrokerError
from streams.intake.intake import ACCOUNTS, Accepted, Intake, Raw
from streams.settings import Settings

# After a failure of Kafka: the accounts known so far serve on meanwhile.
RETRY_S = 1.0
# Orderly end: one read is at most that far from its end.
STEP_ENDS_WITHIN_S = 6.0

log = logging.getLogger(__name__)

# From (key, value, headers, received_ms) to the customer and its account, None for one that was removed;
# nothing for a record that is refused (intake itself makes a dead letter of it).
Decode = Callable[[bytes | None, bytes | None, list[tuple[str, bytes]], int], tuple[str, LogAccount | None] | None]


class Companies(Protocol):
    """What is kept up to date."""

    def put(self, customer_id: str, account: LogAccount) -> None:
        """Take this version of a customer's account."""

    def remove(self, customer_id: str) -> None:
        """Forget a customer's account."""


def through_intake(intake: Intake) -> Decode:
    """Accounts as intake reads them, so that both agree on what is refused."""

    def decode(
        key: bytes | None, value: bytes | None, headers: list[tuple[str, bytes]], received_ms: int
    ) -> tuple[str, LogAccount | None] | None:
        decision = intake.take(Raw(ACCOUNTS, key, value, headers, received_ms))
        if not isinstance(decision, Accepted):
            return None
        event = decision.events[0]
        return event.customer_id, event.account

    return decode


class AccountFollower:
    """Keeps `companies` like the topic `accounts`; `on_change` is called after each batch that changed something."""

    def __init__(
        self, settings: Settings, companies: Companies, decode: Decode, on_change: Callable[[], None] = lambda: None
    ) -> None:
        self._settings, self._companies, self._decode, self._on_change = settings, companies, decode, on_change
        self._positions: dict[Any, int] = {}
        self._closing = asyncio.Event()
        self._caught_up = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Read what is there, and follow it from then on.

        Raises:
            BrokerError: Kafka is away, or there is no such topic.
        """
        self._task = asyncio.create_task(self._run(), name="account follower")
        ready = asyncio.create_task(self._caught_up.wait())
        try:
            await asyncio.wait([self._task, ready], return_when=asyncio.FIRST_COMPLETED)
        finally:
            ready.cancel()
        if self._task.done():
            await self._task

    async def close(self) -> None:
        """Follow no longer."""
        self._closing.set()
        if self._task is not None:
            await asyncio.wait([self._task], timeout=STEP_ENDS_WITHIN_S)
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
            self._task = None

    async def _run(self) -> None:
        while not self._closing.is_set():
            try:
                await self._follow()
            except (BrokerError, KafkaError, OSError) as error:
                if not self._caught_up.is_set():
                    raise
                log.warning("accounts are not followed for the moment: %s", error)
                await asyncio.sleep(RETRY_S)

    async def _follow(self) -> None:
        async with reading(self._settings.brokers, self._settings.accounts) as consumer:
            for tp, position in self._positions.items():
                consumer.seek(tp, position)
            ends = await consumer.end_offsets(list(consumer.assignment()))
            while not self._closing.is_set():
                if not self._caught_up.is_set() and not await behind(consumer, ends):
                    self._caught_up.set()
                self._take(await fetch(consumer))

    def _take(self, fetched: dict[Any, list[Any]]) -> None:
        changed = False
        for tp, records in fetched.items():
            for record in records:
                changed |= self._apply(record)
            self._positions[tp] = records[-1].offset + 1
        if changed and self._caught_up.is_set():
            self._on_change()

    def _apply(self, record: Any) -> bool:
        found = self._decode(record.key, record.value, list(record.headers), record.timestamp)
        if found is None:
            return False
        customer_id, account = found
        if account is None:
            self._companies.remove(customer_id)
        else:
            self._companies.put(customer_id, account)
        return True
