"""The digests of a customer's last events, to tell repeats; it must not know what an event is.

A digest has 48 bits: that a new event has the digest of one of 256 others happens once in 10^12 events.
"""

from __future__ import annotations

from hashlib import blake2b

import msgspec

_BYTES = 6
_REST = _BYTES - 1


class Seen(msgspec.Struct, array_like=True, gc=False):
    """Digests, oldest first: their first bytes, which are quick to search, and the rest of each."""

    heads: bytes = b""
    rests: bytes = b""

    def admit(self, name: str, most: int) -> bool:
        """Is the name new among the last `most` ones? Then it is the newest from now on."""
        digest = blake2b(name.encode("utf-8", "surrogatepass"), digest_size=_BYTES).digest()
        head, rest = digest[:1], digest[1:]
        at = self.heads.find(head)
        while at != -1:
            if self.rests.startswith(rest, at * _REST):
                return False
            at = self.heads.find(head, at + 1)
        self.heads = (self.heads + head)[-most:]
        self.rests = (self.rests + rest)[-most * _REST :]
        return True
