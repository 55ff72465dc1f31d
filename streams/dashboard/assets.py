"""Scripts, styles and pictures, read once and served from memory; it must not know what they do.

They live below a name made from their content, so a browser need never ask for one twice, and a page never mixes
those of two versions.
"""

from __future__ import annotations

import gzip
import hashlib
from dataclasses import dataclass
from pathlib import Path

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

A_YEAR_S = 31_536_000
SMALLEST_PACKED = 600  # bytes; below that packing gains nothing
MEDIA = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class Asset:
    """One file's content, as it is and packed (None where packing gains nothing)."""

    media_type: str
    content: bytes
    packed: bytes | None


class Assets:
    """All files of a folder with a known kind."""

    def __init__(self, folder: Path) -> None:
        self._assets = {
            path.relative_to(folder).as_posix(): _read(path)
            for path in sorted(folder.rglob("*"))
            if path.suffix in MEDIA
        }
        self.root = f"/assets/{self._digest()}"

    def route(self) -> Route:
        """What is served."""
        return Route(self.root + "/{path:path}", self._serve)

    async def _serve(self, request: Request) -> Response:
        asset = self._assets.get(request.path_params["path"])
        if asset is None:
            return PlainTextResponse("Not found", 404)
        headers = {"cache-control": f"public, max-age={A_YEAR_S}, immutable", "vary": "accept-encoding"}
        if asset.packed is not None and "gzip" in request.headers.get("accept-encoding", ""):
            return Response(asset.packed, 200, headers | {"content-encoding": "gzip"}, asset.media_type)
        return Response(asset.content, 200, headers, asset.media_type)

    def _digest(self) -> str:
        """Short name of the whole content."""
        digest = hashlib.sha256()
        for name, asset in self._assets.items():
            digest.update(name.encode() + b"\0" + asset.content)
        return digest.hexdigest()[:12]


def _read(path: Path) -> Asset:
    content = path.read_bytes()
    packed = gzip.compress(content, mtime=0) if len(content) >= SMALLEST_PACKED else None
    return Asset(MEDIA[path.suffix], content, packed)
