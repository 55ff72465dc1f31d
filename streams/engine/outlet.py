"""What a partition in work needs of the worker around it; it must not know Faust."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any, Protocol

from streams.engine.batches import Item


class Outlet(Protocol):
    """The way to the broker, open only while this worker owns what it writes for."""

    async def fence(self, generation: int) -> None:
        """Return only while this worker surely owns what it was given in that generation.

        Raises:
            FencedError: It does not; it must write nothing more.
        """
        ...

    def owns(self, generation: int) -> bool:
        """Whether this worker surely owns, at this moment, what it was given in that generation of the group."""
        ...

    def kafka_producer(self) -> Any:
        """The running aiokafka producer."""
        ...

    def append(self, place: tuple[str, int], items: Sequence[Item]) -> asyncio.Future[None]:
        """Append records in order to a topic's partition, perhaps in one batch with those of others.

        What is returned resolves once the broker has all of them. It fails with a KafkaError when something of it was
        not appended, or nobody knows.
        """
        ...

    def servers(self) -> list[str]:
        """Addresses of the brokers, as host:port."""
        ...

    def broker_ms(self) -> int | None:
        """What time it is on the broker (epoch ms), None while no acknowledgement has told."""
        ...

    async def partitions_of(self, topic: str) -> int:
        """How many partitions a topic has."""
        ...
