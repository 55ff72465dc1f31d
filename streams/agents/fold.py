"""The fold of `events` as the engine runs it: the domain's step on stored states.

It must not know Kafka, Redis or what a signal means; what the projection needs besides the public state is made by
`Facets`, which the application gives.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from schemas.log import LogEvent, decode_event
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.public import public_state
from streams.domain.record import History, Record
from streams.domain.signals import Signal
from streams.domain.state import State, decode_state, encode_state
from streams.domain.step import ERASE, step
from streams.domain.zone import NEVER_MS, iso_instant
from streams.engine.fold import ERASE as ERASE_KIND
from streams.engine.fold import Entry, Output, View

SOURCE = "/kakuhan"  # CloudEvents `source`: what emitted the signal
LOG_OFFSET = "kakuhan-log-offset"  # of the record in whose fold a signal was found, where somebody has to know

MakeFacets = Callable[[State, dict[str, Any]], Any]
OpenEvent = Callable[[LogEvent, int | None], LogEvent]
_encode = msgspec.json.encode


class Customer(msgspec.Struct, gc=False):
    """One customer's state while a chunk is folded."""

    state: State


class CustomerFold:
    """The engine's `Fold` over customers.

    `now_ms` dates the detection of signals, nothing else; `make_facets` gets the state and its public form;
    `open_event` makes a sealed event readable, given when its customer was last erased (epoch ms, None for never).
    With `tell_offsets` signals that a record brought to light carry its offset in the header `LOG_OFFSET`.
    """

    def __init__(
        self,
        plan: Plan,
        now_ms: Callable[[], int],
        make_facets: MakeFacets,
        open_event: OpenEvent | None = None,
        tell_offsets: bool = False,
    ) -> None:
        self._plan, self._now_ms, self._make_facets = plan, now_ms, make_facets
        self._open_event, self._tell_offsets = open_event, tell_offsets

    def open(self, key: bytes, stored: bytes | None) -> Customer:
        """The customer of a key, from its stored state or new."""
        return Customer(State(key.decode()) if stored is None else decode_state(stored))

    def apply(self, customer: Customer, entry: Entry) -> list[Output]:
        """Apply a fact or an erasure."""
        state = customer.state
        if entry.kind == ERASE_KIND:
            event = LogEvent(topic="events", type=ERASE, customer_id=state.customer_id)
        else:
            event = decode_event(entry.value)
            if event.sealed is not None and self._open_event is not None:
                event = self._open_event(event, state.erased_ms)
        customer.state, found = step(state, _record(event, entry), self._plan)
        if not found:
            return []
        outputs = self._outputs(found)
        if self._tell_offsets:
            for told in outputs:
                told.headers.append((LOG_OFFSET, b"%d" % entry.offset))
        return outputs

    def advance(self, customer: Customer, until_ms: int) -> list[Output]:
        """Do what time alone causes up to `until_ms`."""
        return self._outputs(advance(customer.state, until_ms, self._plan))

    def due_ms(self, customer: Customer) -> int | None:
        """The instant before which time alone does nothing, None for never."""
        return customer.state.due_ms if customer.state.due_ms < NEVER_MS else None

    def encode(self, customer: Customer) -> bytes:
        """The customer's stored form."""
        return encode_state(customer.state)

    def view(self, customer: Customer, at_ms: int | None) -> View:
        """The customer as readers see it; nothing at all once erased."""
        state = customer.state
        public = public_state(state, self._plan, at_ms) if state.started else {}
        return View(_encode(public) if public else None, self._make_facets(state, public))

    def _outputs(self, found: list[Signal]) -> list[Output]:
        if not found:
            return []
        detected_at = iso_instant(self._now_ms())
        return [output(signal, detected_at) for signal in found]


def output(signal: Signal, detected_at: str) -> Output:
    """A signal as a CloudEvents 1.0 message in binary mode, keyed by its customer."""
    customer_id = signal["customer_id"].encode()
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_type", f"kakuhan.{signal['type']}.v1".encode()),
        ("ce_source", SOURCE.encode()),
        ("ce_id", signal["signal_id"].encode()),
        ("ce_time", signal["effective_at"].encode()),
        ("ce_subject", customer_id),
        ("content-type", b"application/json"),
    ]
    return Output(customer_id, _encode(signal | {"detected_at": detected_at}), headers)


def _record(event: LogEvent, entry: Entry) -> Record:
    if entry.loaded is None:
        return Record(event, entry.appended_ms, entry.appended_ms)
    history = History(entry.loaded.load_id, entry.loaded.go_live_ms)
    return Record(event, entry.loaded.received_ms, entry.appended_ms, history)
