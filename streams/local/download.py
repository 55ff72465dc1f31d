"""One file over HTTPS, checked by SHA-256, tried again when a connection fails.

It must not know what the file is for.
"""

from __future__ import annotations

import hashlib
import os
import ssl
import time
import urllib.request
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path

from streams.errors import LocalStackError

ATTEMPTS = 4
PAUSE_S = 0.5  # doubled at each further attempt: at most 0.5 + 1 + 2 s are spent waiting
SILENCE_S = 30  # a connection that says nothing for so long is given up
CHUNK = 1 << 16
CERTIFICATES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "PIP_CERT")


class Mismatch(Exception):
    """The bytes that came are not the pinned ones."""


def download(url: str, sha256: str, target: Path, count: Callable[[int], None]) -> None:
    """Bring the file of that SHA-256 (hex) to `target`; `count` gets bytes as they come, negative for lost ones.

    What `count` raises ends the download at once.

    Raises:
        LocalStackError: it did not come, or something else did; the message says what can be done.
    """
    context = tls() if url.startswith("https:") else None
    for attempt in range(1, ATTEMPTS + 1):
        try:
            _try(url, sha256, target, count, context)
            return
        except (OSError, HTTPException, Mismatch) as error:
            if attempt == ATTEMPTS:
                raise LocalStackError(
                    f"could not download {url}: {error}. Behind a proxy set HTTPS_PROXY; "
                    "for a company certificate set SSL_CERT_FILE; for a mirror set MAVEN_CENTRAL_URL."
                ) from error
        time.sleep(PAUSE_S * 2 ** (attempt - 1))


def _try(url: str, sha256: str, target: Path, count: Callable[[int], None], context: ssl.SSLContext | None) -> None:
    partial, digest, got = target.with_suffix(".part"), hashlib.sha256(), 0
    try:
        with urllib.request.urlopen(url, timeout=SILENCE_S, context=context) as reply, partial.open("wb") as out:
            while chunk := reply.read(CHUNK):
                out.write(chunk)
                digest.update(chunk)
                got += len(chunk)
                count(len(chunk))
        if digest.hexdigest() != sha256:
            raise Mismatch(f"the {got} bytes that came have another SHA-256 than {sha256}")
        partial.replace(target)
    except BaseException:
        partial.unlink(missing_ok=True)
        count(-got)
        raise


def tls() -> ssl.SSLContext:
    """Certificates as pip and curl are told them too, and those of `certifi` where the system has none."""
    bundle = next((os.environ[name] for name in CERTIFICATES if os.environ.get(name)), None)
    try:
        context = ssl.create_default_context(cafile=bundle)
    except OSError as error:
        raise LocalStackError(f"the certificates in {bundle} cannot be read: {error}") from error
    if bundle is None:
        _add_certifi(context)
    return context


def _add_certifi(context: ssl.SSLContext) -> None:
    try:
        import certifi
    except ImportError:
        return
    context.load_verify_locations(certifi.where())
