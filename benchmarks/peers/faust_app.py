"""Stock Faust: one agent, one table of encoded states with its changelog, signals to a topic."""

from __future__ import annotations

import sys
import tempfile

import faust

from benchmarks.decisions import decide
from benchmarks.peers.task import PeerTask, told
from streams.domain.state import decode_state, encode_state

PARTITIONS = 4


def make_app(task: PeerTask) -> faust.App:
    """The app of Faust's own documentation: an agent that updates a table."""
    app = faust.App(
        task.group,
        broker=f"kafka://{task.brokers}",
        store="memory://",
        topic_partitions=PARTITIONS,
        topic_replication_factor=1,
        consumer_auto_offset_reset="earliest",
        web_enabled=False,
        stream_wait_empty=False,
        datadir=tempfile.mkdtemp(),
    )
    log = app.topic(task.topic, key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")
    out = app.topic(task.signals_topic, key_type=bytes, key_serializer="raw", value_serializer="json")
    raw = faust.Schema(key_type=bytes, key_serializer="raw", value_type=bytes, value_serializer="raw")
    states = app.Table("states", schema=raw, partitions=PARTITIONS)

    @app.agent(log)  # type: ignore[untyped-decorator]
    async def fold(stream: faust.Stream) -> None:
        async for event in stream.events():
            key, message = event.key, event.message
            stored = states.get(key)
            state = None if stored is None else decode_state(stored)
            state, found = decide(state, key, event.value, round(message.timestamp * 1000), task.plan)
            states[key] = encode_state(state)
            for signal in found:
                await out.send(key=key, value=signal)
            if task.note(found):
                task.end()
                task.answer(states.items())

    return app


if __name__ == "__main__":
    app = make_app(told())
    sys.argv = [sys.argv[0], "worker", "-l", "error", "--without-web"]
    app.main()
