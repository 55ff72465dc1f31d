"""Bytewax: a stateful step on states kept in memory, signals to a topic; nothing is made durable."""

from __future__ import annotations

import json
from typing import Any

import bytewax.operators as op
from bytewax.connectors.kafka import KafkaSinkMessage, KafkaSourceMessage
from bytewax.connectors.kafka import operators as kop
from bytewax.dataflow import Dataflow
from bytewax.testing import run_main

from benchmarks.decisions import decide
from benchmarks.peers.task import PeerTask, told
from streams.domain.signals import Signal
from streams.domain.state import State, encode_state


def make_flow(task: PeerTask, states: dict[bytes, State]) -> Dataflow:
    """The flow of Bytewax' own documentation: Kafka in, a stateful step, Kafka out."""

    def fold(state: State | None, message: KafkaSourceMessage) -> tuple[State, list[Signal]]:
        assert message.timestamp is not None
        after, found = decide(state, message.key, message.value, message.timestamp[1], task.plan)
        if after is not state:
            states[message.key] = after
        if task.note(found):
            task.end()
        return after, found

    def to_message(keyed: tuple[str, Signal]) -> Any:
        return KafkaSinkMessage(keyed[0].encode(), json.dumps(keyed[1]).encode())

    flow = Dataflow("fold")
    log = kop.input("log", flow, brokers=[task.brokers], topics=[task.topic], tail=False)
    keyed = op.key_on("customer", log.oks, lambda message: message.key.decode())
    signals = op.stateful_flat_map("fold", keyed, fold)
    kop.output("signals", op.map("message", signals, to_message), brokers=[task.brokers], topic=task.signals_topic)
    return flow


if __name__ == "__main__":
    task, states = told(), dict[bytes, State]()
    run_main(make_flow(task, states))
    task.answer((key, encode_state(state)) for key, state in states.items())
