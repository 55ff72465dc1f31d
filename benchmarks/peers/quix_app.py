"""Quix Streams: a stateful function over RocksDB with its changelog topic, signals to a topic."""

from __future__ import annotations

import logging
import tempfile
from typing import Any

from quixstreams import Application, State

from benchmarks.decisions import decide
from benchmarks.peers.task import PeerTask, told
from benchmarks.peers.topic_states import last_values
from streams.domain.signals import Signal
from streams.domain.state import decode_state, encode_state

STATE = "state"


def make_app(task: PeerTask) -> Application:
    """The app of Quix' own documentation: a data frame with a stateful function."""
    app = Application(
        broker_address=task.brokers,
        consumer_group=task.group,
        auto_offset_reset="earliest",
        state_dir=tempfile.mkdtemp(),
        loglevel=logging.ERROR,
    )
    log = app.topic(task.topic, key_deserializer="bytes", value_deserializer="bytes")
    out = app.topic(task.signals_topic, key_serializer="bytes", value_serializer="json")

    def fold(value: bytes, key: bytes, timestamp: int, headers: Any, states: State) -> list[Signal]:
        stored = states.get_bytes(STATE)
        state = None if stored is None else decode_state(stored)
        state, found = decide(state, key, value, timestamp, task.plan)
        states.set_bytes(STATE, encode_state(state))
        if task.note(found):
            app.stop()
        return found

    frame = app.dataframe(log)
    frame.apply(fold, stateful=True, metadata=True, expand=True).to_topic(out)
    return app


if __name__ == "__main__":
    task = told()
    make_app(task).run()
    task.end()  # the last checkpoint is part of it
    changelog = f"changelog__{task.group}--{task.topic}--default"
    task.answer((key.split(b"|")[0], value) for key, value in last_values(task.brokers, changelog).items())
