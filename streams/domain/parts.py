"""Values in packed form, and parts of them that stay packed until somebody looks; it must not know what they hold.

Most events touch few parts of a customer, so a state is read back as scalars and packed bytes. A part is unpacked into
its owner's `__dict__` when it is first asked for, and what lies there is packed again by `pack_opened`.
"""

from __future__ import annotations

from sys import intern
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import msgspec

T = TypeVar("T")
PREFIX = "packed_"  # the part `terms` lies in the field `packed_terms`
_FIELDS: dict[str, str] = {}  # where each part lies; names made anew are slow to look up
_LEAST_MESSAGE_PACK = 0x80  # below are whole numbers, which no packed value is, and all that begins JSON
_AT_HAND = ""  # where the owner's `__dict__` keeps parts that lie packed as they are
_encode = msgspec.msgpack.Encoder().encode
_encode_json = msgspec.json.Encoder().encode


def pack(value: object) -> bytes:
    """The value as MessagePack, or as JSON where a number needs more than 64 bits."""
    try:
        return _encode(value)
    except OverflowError:
        return _encode_json(value)


class Unpacker(Generic[T]):
    """Reads back packed values of one type."""

    __slots__ = ("_decode_json", "decode")

    def __init__(self, type_: Any) -> None:
        self.decode = msgspec.msgpack.Decoder(type_).decode
        self._decode_json = msgspec.json.Decoder(type_).decode

    def __call__(self, packed: bytes | memoryview) -> T:
        """The value that was packed.

        Raises:
            msgspec.DecodeError: It was of another type.
        """
        value: T = self.decode(packed) if packed[0] >= _LEAST_MESSAGE_PACK else self._decode_json(packed)
        return value


class Part(Generic[T]):
    """A part of its owner, a struct with `dict=True`, that lies packed in the field `packed_` + its name."""

    def __init__(self, type_: Any) -> None:
        self._unpack = Unpacker[T](type_)

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name
        self._packed = _FIELDS[name] = intern(PREFIX + name)

    if TYPE_CHECKING:  # at run time what lies in the owner's `__dict__` goes before this descriptor

        def __set__(self, owner: object, value: T) -> None: ...

    @overload
    def __get__(self, owner: None, owner_type: type) -> Part[T]: ...
    @overload
    def __get__(self, owner: object, owner_type: type) -> T: ...
    def __get__(self, owner: object | None, owner_type: type) -> T | Part[T]:
        if owner is None:
            return self
        opened = owner.__dict__
        at_hand = opened.get(_AT_HAND)
        value = None if at_hand is None else at_hand.pop(self._name, None)
        if value is None:
            value = self._unpack(getattr(owner, self._packed))
        opened[self._name] = value
        return value


def pack_opened(owner: object) -> None:
    """Pack what has been looked at since the last time, as it may have changed; it stays at hand."""
    opened = owner.__dict__
    at_hand = opened.pop(_AT_HAND, None) or {}
    for name, value in opened.items():
        setattr(owner, _FIELDS[name], pack(value))
    at_hand.update(opened)
    opened.clear()
    opened[_AT_HAND] = at_hand
