"""Several producers instead of Faust's one, so that appends to one kind of topic do not wait for those to another.

aiokafka has one produce request at a time on its way to a broker, and what comes meanwhile waits for the answer. What
follows on each other, the log, the changelog and what readers get, would so wait for each other's requests, too.
It must not know what is appended.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from faust.transport.drivers import aiokafka as driver


class Producer(driver.Producer):  # type: ignore[misc]
    """Faust's producer, and one more for each lane of the app.

    `by_topic` holds the running producer of each topic that has a lane, and under the empty name that of all others.
    """

    by_topic: Mapping[str, Any] = MappingProxyType({})

    async def on_start(self) -> None:
        """Connect all of them."""
        await super().on_start()
        running = {"": self._ensure_producer()}
        for topics in self.app.lanes():
            producer = self._new_producer()
            await producer.start()
            running |= dict.fromkeys(topics, producer)
        self.by_topic = running

    async def on_stop(self) -> None:
        """End all of them; what was handed over before is sent."""
        own, others = self._producer, set(self.by_topic.values())
        self.by_topic = MappingProxyType({})
        for producer in others - {own}:
            await producer.stop()
        await super().on_stop()
