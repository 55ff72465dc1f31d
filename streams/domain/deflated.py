"""Account texts made small: kept with each customer, read only by who shows them; it must not know their content.

The field names, which every account repeats, are in a dictionary (RFC 1950, preset dictionary).
"""

from __future__ import annotations

import zlib

_LEVEL = 6
_WINDOW_BITS = -12  # raw, 4 KiB: accounts are smaller
_MEMORY_LEVEL = 5  # a table that size is quick to clear
_COMMON = (  # the most frequent last, as deflate likes it
    b'"corporate_number":"external_ids":{"crm":"CRM-","industry_growth":"employees":"plan":"contract_end":"20'
    b'"kind":"b2c","b2b","industry":"\xe6\x83\x85\xe5\xa0\xb1\xe9\x80\x9a\xe4\xbf\xa1\xe6\xa5\xad","aliases":["'
    b'\xe6\xa0\xaa\xe5\xbc\x8f\xe4\xbc\x9a\xe7\xa4\xbe","domains":[".co.jp",".com"],"sales_owner":"","cs_owner":""}'
    b'"departments":["\xe9\x83\xa8","\xe5\x96\xb6\xe6\xa5\xad\xe9\x83\xa8"],"contacts":[{"id":"","department":"'
    b'","title":"","name":"","email":"@"},{"id":"","department":"","title":"","name":"","email":"@"}],'
    b'{"customer_id":"","name":"'
)


def deflate(text: bytes) -> bytes:
    """The text in fewer bytes."""
    packer = zlib.compressobj(_LEVEL, zlib.DEFLATED, _WINDOW_BITS, _MEMORY_LEVEL, zdict=_COMMON)
    return packer.compress(text) + packer.flush()


def inflate(deflated: bytes) -> bytes:
    """The text again."""
    return zlib.decompressobj(_WINDOW_BITS, zdict=_COMMON).decompress(deflated)
