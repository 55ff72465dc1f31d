"""The account master in memory: read to its end before intake starts, then followed.

It must not know how companies are recognised, nor what an account is valid for; both are given.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Protocol

from schemas.log import LogAccount
from streams.adapters.topic_follower import TopicFollower
from streams.intake.intake import ACCOUNTS, Accepted, Intake, Raw
from streams.settings import Settings

APPEND_TIME = 1  # Kafka's timestamp type where the broker dates the record
# A date by the sender says nothing about receipt. Intake has judged the record by the broker's clock of its day, which
# is not known here any more; so nothing is taken for the future.
UNDATED_MS = 1 << 62

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
        self._companies, self._decode, self._on_change = companies, decode, on_change
        self._follower = TopicFollower(settings.brokers, settings.accounts, self._apply, self._tell)
        self._changed = False

    async def start(self) -> None:
        """Read what is there, and follow it from then on.

        Raises:
            BrokerError: Kafka is away, or there is no such topic.
        """
        await self._follower.start()
        self._changed = False

    async def close(self) -> None:
        """Follow no longer."""
        await self._follower.close()

    def _apply(self, record: Any) -> None:
        received_ms = record.timestamp if record.timestamp_type == APPEND_TIME else UNDATED_MS
        found = self._decode(record.key, record.value, list(record.headers), received_ms)
        if found is None:
            return
        customer_id, account = found
        if account is None:
            self._companies.remove(customer_id)
        else:
            self._companies.put(customer_id, account)
        self._changed = True

    def _tell(self) -> None:
        if self._changed:
            self._changed = False
            self._on_change()
