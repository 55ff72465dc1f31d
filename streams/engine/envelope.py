"""How a key's state lies in the changelog, with all that a restore needs to know about it.

It must not know what the state and the outputs inside say.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from typing import NoReturn

import msgspec

from streams.engine.fold import Output
from streams.errors import TopicsError

VERSION = 1
NOT_DUE_MS = 1 << 62  # later than any instant: the state is never due
EPOCH_HEADER = "kakuhan-epoch"  # on tombstones, which have no envelope

# version, epoch, applied offset, due ms, touched ms, length of the state; then the state, then the outbox
_HEAD = struct.Struct(">BIqqqI")
_APPLIED = struct.Struct(">5xq")
_DUE_MS = struct.Struct(">13xq")
_TOUCHED_MS = struct.Struct(">21xq")
_encode_outbox = msgspec.msgpack.Encoder().encode
_decode_outbox = msgspec.msgpack.Decoder(list[tuple[bytes, bytes, list[tuple[str, bytes]]]]).decode


class Row(msgspec.Struct, frozen=True, gc=False):
    """The facts about a stored state that are read without decoding it.

    `applied` is the offset of the last record applied (-1: none), `due_ms` when time alone changes it next,
    `touched_ms` the newest append time of the partition when it was last changed.
    """

    epoch: int
    applied: int
    due_ms: int
    touched_ms: int


def seal(epoch: int, applied: int, due_ms: int | None, touched_ms: int, state: bytes) -> bytes:
    """The changelog value of a key without outputs: its state and what is known about it."""
    return _HEAD.pack(VERSION, epoch, applied, NOT_DUE_MS if due_ms is None else due_ms, touched_ms, len(state)) + state


def with_outbox(value: bytes, outputs: Sequence[Output]) -> bytes:
    """The changelog value together with the outputs its state caused, which are not published yet."""
    return value + _encode_outbox([(o.key, o.value, o.headers) for o in outputs]) if outputs else value


def epoch_of(value: bytes) -> tuple[int, bool]:
    """The epoch of a value, and whether there are outputs in it; raises as `unseal`."""
    version, epoch, _, _, _, length = _HEAD.unpack_from(value)
    if version != VERSION:
        _refuse(version)
    return epoch, len(value) > _HEAD.size + length


def unseal(value: bytes) -> Row:
    """What is known of a stored state from its first bytes.

    Raises:
        TopicsError: The value was written by another version.
    """
    version, epoch, applied, due_ms, touched_ms, _ = _HEAD.unpack_from(value)
    if version != VERSION:
        _refuse(version)
    return Row(epoch, applied, due_ms, touched_ms)


def _refuse(version: int) -> NoReturn:
    raise TopicsError(
        f"the changelog holds states of version {version}, this worker writes version {VERSION}: "
        "start it under a new app name, which folds the log anew"
    )


def applied_of(value: bytes) -> int:
    """The offset of the last record applied to a stored state (-1: none)."""
    applied: int = _APPLIED.unpack_from(value)[0]
    return applied


def due_of(value: bytes) -> int:
    """When time alone next changes a stored state (epoch ms), `NOT_DUE_MS` for never."""
    due_ms: int = _DUE_MS.unpack_from(value)[0]
    return due_ms


def touched_of(value: bytes) -> int:
    """The newest append time of the partition when a stored state was last changed (epoch ms)."""
    touched_ms: int = _TOUCHED_MS.unpack_from(value)[0]
    return touched_ms


def state_of(value: bytes) -> bytes:
    """The state inside a changelog value, as `Fold.encode` gave it."""
    return value[_HEAD.size : _HEAD.size + _HEAD.unpack_from(value)[5]]


def without_outbox(value: bytes) -> bytes:
    """The changelog value without its outbox, once that is published."""
    return value[: _HEAD.size + _HEAD.unpack_from(value)[5]]


def outbox_of(value: bytes) -> list[Output]:
    """The outputs stored with a state, in the order in which they were caused."""
    packed = value[_HEAD.size + _HEAD.unpack_from(value)[5] :]
    return [Output(key, body, headers) for key, body, headers in _decode_outbox(packed)] if packed else []


def restamp(value: bytes, epoch: int) -> bytes:
    """The same value under another epoch."""
    _, _, *rest = _HEAD.unpack_from(value)
    return _HEAD.pack(VERSION, epoch, *rest) + value[_HEAD.size :]
