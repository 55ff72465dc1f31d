"""The HTML shells of the pages, their texts and the assets beside them; it must not know customers."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.templating import Jinja2Templates

from streams.dashboard.assets import Assets
from streams.dashboard.guard import COOKIE, SIGN_IN, Access

HERE = Path(__file__).parent
ASSETS, TEMPLATES, TEXTS = HERE / "assets", HERE / "templates", HERE / "texts"
LANGUAGES = ("ja", "en")
LANGUAGE_COOKIE = "kakuhan-language"
SIGNED_IN_S = 43_200  # a working day
REMEMBERED_S = 31_536_000  # a language that was asked for: a year, as when the button is pressed
LARGEST_FORM = 4_096

# Page: path, entry module. The name is the template's, without `.html` Starlette would not escape what is put in.
_PAGES = {
    "matrix": "/",
    "boards": "/boards",
    "health": "/health",
    "customer": "/customers/{customer_id:path}",
}


class Pages:
    """Serves the shells and what stands beside them."""

    def __init__(self, frame: dict[str, Any], access: Access) -> None:
        self._frame, self._access = frame, access
        self._assets = Assets(ASSETS)
        self._templates = Jinja2Templates(TEMPLATES)
        self._templates.env.policies["json.dumps_kwargs"] = {"ensure_ascii": False}
        self._texts = {name: json.loads((TEXTS / f"{name}.json").read_bytes()) for name in LANGUAGES}

    def routes(self) -> list[BaseRoute]:
        """What is served."""
        shells = [Route(path, self._shell(name)) for name, path in _PAGES.items()]
        signing_in = Route(SIGN_IN, self._sign_in, methods=["GET", "POST"])
        return [*shells, signing_in, self._assets.route()]

    def _shell(self, name: str) -> Any:
        async def shell(request: Request) -> Response:
            return self._render(request, name, {})

        return shell

    async def _sign_in(self, request: Request) -> Response:
        """Ask for the token, or take it for a cookie."""
        if self._access.token is None:
            return RedirectResponse("/", 303)
        words = {"to": request.query_params.get("to", "")}
        if request.method != "POST":
            return self._render(request, "sign-in", words | {"refused": False})
        if not self._access.accepts(await _token(request)):
            return self._render(request, "sign-in", words | {"refused": True}, 403)
        answer = RedirectResponse(_own(words["to"]), 303)
        secure = request.url.scheme == "https"
        # Not `strict`: a link in a mail or a chat would then ask for the token again. Requests that change something,
        # and WebSockets, are refused by their origin.
        answer.set_cookie(COOKIE, self._access.cookie(), SIGNED_IN_S, httponly=True, samesite="lax", secure=secure)
        return answer

    def _render(self, request: Request, name: str, more: dict[str, Any], status: int = 200) -> Response:
        language = language_of(request)
        texts = self._texts[language]
        words = {"language": language, "t": texts, "title": _title(name, texts), "page": name}
        words |= {"assets": self._assets.root, "frame": self._frame}
        answer = self._templates.TemplateResponse(request, f"{name}.html", words | more, status)
        if request.query_params.get("lang") == language:  # also for the pages that are gone to from here
            answer.set_cookie(LANGUAGE_COOKIE, language, REMEMBERED_S, samesite="lax")
        return answer


def language_of(request: Request) -> str:
    """`ja` or `en`: as asked for in the address, chosen before, or preferred by the browser; Japanese first."""
    wishes = [request.query_params.get("lang", ""), request.cookies.get(LANGUAGE_COOKIE, "")]
    wishes += [part.strip()[:2].lower() for part in request.headers.get("accept-language", "").split(",")]
    return next((wish for wish in wishes if wish in LANGUAGES), LANGUAGES[0])


def _own(to: str) -> str:
    """Where to go after signing in: a page of ours, nobody else's."""
    return to if to.startswith("/") and not to.startswith(("//", "/\\")) else "/"


async def _token(request: Request) -> str:
    """The field `token` of a form; empty for a form that is none of ours."""
    body = b""
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST_FORM:
            return ""
    return parse_qs(body.decode("utf-8", "replace")).get("token", [""])[0]


def _title(name: str, texts: dict[str, Any]) -> str:
    if name == "sign-in":
        return str(texts["signin"]["title"])
    return str(texts["nav"].get(name, texts["boards"]["columns"]["name"]))
