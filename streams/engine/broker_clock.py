"""What time it is on the broker, as acknowledged appends tell it; it must not know the machine's own clock.

A broker that dates the records of a topic itself says in each acknowledgement which date it gave. Between two of them
only the time that has passed here is added, so a machine whose clock is a day off still knows what time it is.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from time import monotonic
from typing import Any

LOG_APPEND_TIME = 1  # timestamp type of a record that the broker has dated


class BrokerClock:
    """Unknown until the first such acknowledgement; never later than the broker's clock, earlier by one way of it."""

    def __init__(self, monotonic_s: Callable[[], float] = monotonic) -> None:
        self._monotonic_s = monotonic_s
        self._told_ms, self._told_at_s = 0, 0.0

    def note(self, ack: Any) -> None:
        """Take an acknowledgement; one of a topic that senders date says nothing."""
        if ack.timestamp_type == LOG_APPEND_TIME and ack.timestamp > (self.now_ms() or 0):
            self._told_ms, self._told_at_s = ack.timestamp, self._monotonic_s()

    def note_done(self, done: Any) -> None:
        """The same as a callback of a future that may have failed."""
        if not done.cancelled() and done.exception() is None:
            self.note(done.result())

    def now_ms(self) -> int | None:
        """Epoch ms on the broker; None when nobody has told."""
        if not self._told_ms:
            return None
        return self._told_ms + round((self._monotonic_s() - self._told_at_s) * 1000)


class DatedProducer:
    """The parts of aiokafka's producer that the engine uses, with a clock that hears every acknowledgement.

    `by_topic` holds the producer for each topic, under the empty name the one for all others.
    """

    def __init__(self, by_topic: Mapping[str, Any], clock: BrokerClock) -> None:
        self._by_topic, self._other, self._clock = by_topic, by_topic[""], clock

    def create_batch(self) -> Any:
        """An empty batch, for any topic."""
        return self._other.create_batch()

    async def send_batch(self, batch: Any, topic: str, *, partition: int) -> Any:
        """Send a batch; what is returned resolves to its acknowledgement."""
        producer = self._by_topic.get(topic, self._other)
        ack = await producer.send_batch(batch, topic, partition=partition)
        ack.add_done_callback(self._clock.note_done)
        return ack
