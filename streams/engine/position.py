"""How far a partition of the log has been folded: one reserved record of its changelog.

It must not know states; it goes with the last batch of every flush, so that it is durable only after all the states
it speaks of.
"""

from __future__ import annotations

import msgspec

from streams.errors import TopicsError

FORMAT = 1
# 0xff is in no UTF-8 text, so no key of a customer can be this one
POSITION_KEY = b"\xffposition"


class Position(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """Everything a fold must remember about its partition besides the states.

    Offsets are of the partition itself; instants are epoch ms.
    """

    format: int = FORMAT
    decided_by: str
    partitions: int
    epoch: int
    next_offset: int  # of the log: everything before it is in the states
    newest_ms: int  # largest append time read: received times never step back after a restart
    loads: list[str] = []  # history loads whose first record was read and whose end was not
    seen: list[tuple[str, int, int, list[bytes]]] = []  # source topic, partition, last offset, its keys
    published: int = 0  # of the changelog: the outputs of every record before it are out
    shown: int = 0  # of the changelog: so are the views
    states_next: int = -1  # of the states topic: where our next view should land; -1 not known
    refreshed: int = 0  # number of the last refresh slot that is done
    projected: tuple[int, int] | None = None  # (epoch, next_offset) last written to the projection
    view_behind: bool = False  # the projection has missed updates that nobody else remembers


_encode = msgspec.msgpack.Encoder().encode
_decode = msgspec.msgpack.Decoder(Position).decode
_decode_any = msgspec.msgpack.Decoder(list).decode


def encode_position(position: Position) -> bytes:
    """The value of the reserved record."""
    return _encode(position)


def decode_position(value: bytes) -> Position:
    """The position in a reserved record's value.

    Raises:
        TopicsError: It was written by another version.
    """
    found = _decode_any(value)[0]
    if found != FORMAT:
        raise TopicsError(
            f"the changelog is of format {found}, this worker writes format {FORMAT}: "
            "start it under a new app name, which folds the log anew"
        )
    return _decode(value)


def check_position(position: Position, decided_by: str, partitions: int, log_begin: int, log_end: int) -> None:
    """Refuse a changelog that does not go with this worker or with the log (`log_begin` ≤ offset < `log_end`).

    Raises:
        TopicsError: Other decisions, another partition count, or a log that was recreated or cut off.
    """
    if position.decided_by != decided_by:
        raise TopicsError(
            f"the changelog was decided by {position.decided_by!r}, this worker decides by {decided_by!r}: one policy "
            "decides one log; start the other under a new app name, which folds the log anew: "
            "`kakuhan rebuild --app NAME --policy FILE`"
        )
    if position.partitions != partitions:
        raise TopicsError(
            f"the log had {position.partitions} partitions when its state was written and has {partitions} now: "
            "a key's records no longer lie together; restore the old count, or use a new topic prefix"
        )
    if log_end < position.next_offset:
        raise TopicsError(
            f"the log ends at offset {log_end}, the state has seen it up to {position.next_offset}: the topic was "
            "recreated; start under a new app name, which folds it anew, or restore the topic"
        )
    if log_begin > position.next_offset:
        raise TopicsError(
            f"the log begins at offset {log_begin}, the state has seen it only up to {position.next_offset}: records "
            "were deleted before they were folded; start under a new app name, or restore the topic"
        )
