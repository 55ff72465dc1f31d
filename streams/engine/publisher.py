"""The public topics of one partition: outputs, and one state per key; it must not know what they say."""

from __future__ import annotations

import logging
from collections.abc import Sequence

from streams.engine.batches import Item, pack, send, send_all
from streams.engine.fold import Output
from streams.engine.outlet import Outlet
from streams.engine.projection import Update

logger = logging.getLogger(__name__)

EPOCH = "kakuhan-epoch"
OFFSET = "kakuhan-offset"


class Publisher:
    """Appends outputs and states, and notices when somebody else has appended states.

    A worker that has lost the partition may still append an old state after ours. Nobody else may write there, so
    our next append lands later than expected, and `foreign` names the offsets that are not ours.
    """

    def __init__(self, outlet: Outlet, partition: int, outputs_topic: str, states_topic: str, states_next: int) -> None:
        self._outlet, self.partition = outlet, partition
        self._outputs_topic, self.states_topic, self.states_next = outputs_topic, states_topic, states_next
        self.foreign: list[tuple[int, int]] = []  # offset ranges of the states topic, ends not included

    async def outputs(self, outputs: Sequence[Output]) -> None:
        """Append outputs and wait until the broker has them.

        Raises:
            KafkaError: Something was not appended.
        """
        if outputs:
            items: list[Item] = [(o.key, o.value, list(o.headers)) for o in outputs]
            await send_all(self._outlet.kafka_producer(), self._outputs_topic, self.partition, items)

    async def states(self, epoch: int, updates: Sequence[Update]) -> None:
        """Append states and wait until the broker has them.

        Raises:
            KafkaError: Something was not appended.
        """
        producer = self._outlet.kafka_producer()
        for batch in pack(producer, (_state_item(epoch, update) for update in updates)):
            count = batch.record_count()
            offset = await send(producer, self.states_topic, self.partition, batch, self.states_next)
            self.expect(offset)
            self.states_next = offset + count

    def expect(self, offset: int) -> None:
        """Compare where the states topic stands with where it should."""
        if offset == self.states_next:
            return
        logger.warning(
            "%s[%d]: offsets %d to %d are not of this worker; their keys are written again",
            self.states_topic, self.partition, self.states_next, offset,
        )  # fmt: skip
        self.foreign.append((self.states_next, offset))
        self.states_next = offset


def _state_item(epoch: int, update: Update) -> Item:
    return update.key, update.view.public, [(EPOCH, b"%d" % epoch), (OFFSET, b"%d" % update.offset)]
