"""The decisions that every system under measurement makes: the shipped policy, and the states it must come to.

It must not know any system. Used by the peers in their own environment, it needs nothing but the domain.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from schemas.log import decode_event
from streams.domain.clock import advance
from streams.domain.plan import Plan
from streams.domain.record import Record
from streams.domain.signals import Signal
from streams.domain.state import State, decode_state, encode_state
from streams.domain.step import step
from streams.policy_file import load_policy

ROOT = Path(__file__).parents[1]
POLICY = ROOT / "policies" / "b2b.yaml"


def shipped_plan() -> Plan:
    """The policy for companies, ready to decide with."""
    return Plan(load_policy(POLICY))


def decide(state: State | None, key: bytes, value: bytes, appended_ms: int, plan: Plan) -> tuple[State, list[Signal]]:
    """One record of the log on its customer's state, None for a new customer."""
    return step(state or State(key.decode()), Record(decode_event(value), appended_ms, appended_ms), plan)


def digest(states: Iterable[tuple[bytes, bytes]], until_ms: int, plan: Plan) -> str:
    """One line for all stored states (key, bytes), each with its clock moved to `until_ms`."""
    total = hashlib.sha256()
    for key, stored in sorted(states):
        state = decode_state(stored)
        advance(state, until_ms, plan)
        total.update(key + encode_state(state))
    return total.hexdigest()
