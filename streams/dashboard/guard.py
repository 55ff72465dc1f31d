"""Who may see the page, and what a browser may do with it; it must not know what the page shows.

Three ways in, one of them is in force:

- loopback: nobody but this machine connects, and the `Host` asked for must be this machine (a foreign name that
  resolves here would otherwise let any web site read the page);
- a token: given once on the sign-in form (then a cookie) or as `Authorization: Bearer`;
- a proxy that has signed the person in and says who in a header; believed only from the proxy's own addresses.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
from collections.abc import Sequence
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse, RedirectResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from streams.errors import SettingsError

COOKIE = "kakuhan-page"
SIGN_IN = "/sign-in"
LEAST_TOKEN_CHARS = 16
LONGEST_NAME = 200
LOCAL_NAMES = frozenset({"localhost", "127.0.0.1", "::1"})
POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "same-origin",  # with none at all browsers send our own forms with the origin "null"
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
}

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


@dataclass(frozen=True, slots=True)
class Access:
    """Who is let in: by `token`, by `header` from `proxies`, or (neither) from this machine alone.

    `names` are the host names under which the page may be asked for; empty means any, which only a token or a proxy
    makes safe.

    Raises:
        SettingsError: The token is too short to be safe, or a header is trusted from nowhere.
    """

    token: str | None = None
    header: str | None = None
    proxies: tuple[Network, ...] = ()
    names: frozenset[str] = field(default=LOCAL_NAMES)

    def __post_init__(self) -> None:
        if self.token is not None and len(self.token) < LEAST_TOKEN_CHARS:
            raise SettingsError(f"the page's token has fewer than {LEAST_TOKEN_CHARS} characters; write a longer one")
        if self.header is not None and not self.proxies:
            raise SettingsError("a trusted header needs the address of the proxy that sets it, such as 10.0.0.5/32")

    @property
    def is_open(self) -> bool:
        """Whether nothing but the address decides."""
        return self.token is None and self.header is None

    def person(self, connection: HTTPConnection) -> str | None:
        """Who asks: a name from the proxy, empty for somebody unnamed; None for nobody who may."""
        if self.header is not None and self._is_proxy(connection):
            named = connection.headers.get(self.header, "").strip()[:LONGEST_NAME]
            if named:
                return named
        if self.token is not None and self._has_token(connection):
            return ""
        return "" if self.is_open else None

    def accepts(self, token: str) -> bool:
        """Whether somebody who signs in has the token."""
        return self.token is not None and hmac.compare_digest(token.encode(), self.token.encode())

    def cookie(self) -> str:
        """What a browser keeps of the token: enough to come back, not the token itself."""
        return hmac.new((self.token or "").encode(), b"kakuhan page", hashlib.sha256).hexdigest()

    def knows_host(self, headers: Headers) -> bool:
        """Whether the page was asked for by one of its names."""
        return not self.names or _host_name(headers.get("host", "")) in self.names

    def _has_token(self, connection: HTTPConnection) -> bool:
        bearer = connection.headers.get("authorization", "")
        if bearer.lower().startswith("bearer "):
            return self.accepts(bearer[len("bearer ") :].strip())
        return hmac.compare_digest(connection.cookies.get(COOKIE, "").encode(), self.cookie().encode())

    def _is_proxy(self, connection: HTTPConnection) -> bool:
        try:
            address = ipaddress.ip_address(connection.client.host if connection.client else "")
        except ValueError:
            return False
        return any(address in network for network in self.proxies)


def networks(texts: Sequence[str]) -> tuple[Network, ...]:
    """Addresses or networks of proxies.

    Raises:
        SettingsError: One is neither.
    """
    try:
        return tuple(ipaddress.ip_network(text) for text in texts)
    except ValueError as error:
        raise SettingsError(f"{error}; write an address such as 10.0.0.5 or a network such as 10.0.0.0/24") from None


def same_origin(connection: HTTPConnection) -> bool:
    """Whether a browser says that the request comes from a page of this very host; programs say nothing."""
    origin = connection.headers.get("origin")
    if origin is None:
        return connection.headers.get("sec-fetch-site", "none") in ("none", "same-origin")
    try:
        return urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
    except ValueError:
        return False


class Guard:
    """Lets in who may come in, and says on every answer what a browser may do with it."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self._app, self._access = app, access

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request or WebSocket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        refusal = self._refusal(HTTPConnection(scope))
        await (refusal or self._app)(scope, receive, send if scope["type"] == "websocket" else _with_headers(send))

    def _refusal(self, connection: HTTPConnection) -> ASGIApp | None:
        """What to answer instead; None for who may come in."""
        path = connection.scope["path"]
        changes_something = connection.scope.get("method", "GET") not in ("GET", "HEAD")
        is_socket = connection.scope["type"] == "websocket"
        if not self._access.knows_host(connection.headers):
            return _refused(is_socket, 421, "This page is not known by that name.")
        if (changes_something or is_socket) and not same_origin(connection):
            return _refused(is_socket, 403, "This comes from another site.")
        person = self._access.person(connection)
        connection.scope["person"] = person or None
        if person is not None or path == SIGN_IN or path.startswith("/assets/"):
            return None
        if is_socket or path.startswith("/data/") or changes_something or self._access.token is None:
            return _refused(is_socket, 401, "Please sign in.")
        return RedirectResponse(_sign_in_for(connection.scope), 303)


def _sign_in_for(scope: Scope) -> str:
    """Where to sign in, to come back to what was asked for."""
    path = scope.get("raw_path", b"").decode("latin-1")
    asked = "?".join(filter(None, (path, scope.get("query_string", b"").decode("latin-1"))))
    return SIGN_IN if asked in ("", "/") else f"{SIGN_IN}?to={quote(asked, safe='')}"


def _refused(is_socket: bool, status: int, text: str) -> ASGIApp:
    return _close_socket if is_socket else PlainTextResponse(text, status)


async def _close_socket(scope: Scope, receive: Receive, send: Send) -> None:
    """Refuse a WebSocket before it is accepted, which the browser sees as status 403."""
    await receive()
    await send({"type": "websocket.close", "code": 1008})


def _with_headers(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            for name, value in HEADERS.items():
                headers.setdefault(name, value)
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending


def _host_name(host: str) -> str:
    """The name in a Host header, without port and brackets, lower case; empty where it is none."""
    try:
        return (urlsplit(f"//{host}").hostname or "").lower() if host else ""
    except ValueError:
        return ""
