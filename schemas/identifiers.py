"""How a company is named by number or by host: the written forms that are accepted.

It must not know accounts, look-ups or the public suffix list.
"""

from __future__ import annotations

import re
import unicodedata

import idna

_CORPORATE_NUMBER = re.compile(r"[0-9]{13}")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_MAX_HOST_CHARACTERS = 253  # RFC 1035 section 2.3.4, without the root's dot


def corporate_number(text: str) -> str:
    """The 13 ASCII digits of a corporate number that may be written full-width or with spaces around.

    Raises:
        ValueError: It is not 13 digits after NFKC. The check digit is not looked at.
    """
    number = unicodedata.normalize("NFKC", text).strip()
    if not _CORPORATE_NUMBER.fullmatch(number):
        raise ValueError(text)
    return number


def host_name(text: str) -> str:
    """A host name in its ASCII form: lower case, IDNA (UTS #46 mapping), no dot at the end.

    Raises:
        ValueError: It is not a host name (a URL, an address, an e-mail address, a label that IDNA forbids).
    """
    host = text.strip()
    if len(host) > _MAX_HOST_CHARACTERS:
        raise ValueError(text)
    if not host.isascii():
        host = idna.encode(host, uts46=True).decode("ascii")  # IDNAError is a ValueError
    host = host.lower().removesuffix(".")
    labels = host.split(".")
    if len(host) > _MAX_HOST_CHARACTERS or not all(map(_LABEL.fullmatch, labels)) or labels[-1].isdigit():
        raise ValueError(text)
    return host
