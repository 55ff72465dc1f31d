"""Who may see the page: this machine, whoever has the token, or whom the proxy names."""

from __future__ import annotations

from typing import Any

import pytest
from starlette.requests import HTTPConnection

from streams.cli.dashboard import access_of
from streams.dashboard.guard import COOKIE, POLICY, Access, networks, same_origin
from streams.errors import SettingsError

TOKEN = "correct-horse-battery"


def asked(client: str = "127.0.0.1", **headers: str) -> HTTPConnection:
    raw = [(name.replace("_", "-").encode(), text.encode()) for name, text in headers.items()]
    scope: dict[str, Any] = {"type": "http", "headers": raw, "client": (client, 1234), "path": "/"}
    return HTTPConnection(scope)


def test_the_policy_for_browsers_allows_nothing_unsafe() -> None:
    assert "unsafe" not in POLICY
    assert POLICY.startswith("default-src 'none'; script-src 'self'; ")


@pytest.mark.parametrize(
    ("host", "is_known"),
    [("127.0.0.1:8765", True), ("localhost", True), ("[::1]:8765", True), ("rebound.example", False), ("", False)],
)
def test_on_loopback_a_foreign_name_is_refused(host: str, is_known: bool) -> None:
    access = access_of("127.0.0.1", (), None, None, ())
    assert access.knows_host(asked(host=host).headers) == is_known
    assert access.person(asked(host=host)) == ""


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.7", "page.example"])
def test_others_are_not_let_in_without_a_way_to_know_them(host: str) -> None:
    with pytest.raises(SettingsError, match="KAKUHAN_PAGE_TOKEN"):
        access_of(host, (), None, None, ())


def test_a_token_opens_by_header_and_by_cookie_and_nothing_else_does() -> None:
    access = access_of("0.0.0.0", (), TOKEN, None, ())
    assert access.person(asked(authorization=f"Bearer {TOKEN}")) == ""
    assert access.person(asked(cookie=f"{COOKIE}={access.cookie()}")) == ""
    for wrong in (asked(), asked(authorization="Bearer nothing"), asked(authorization=f"Basic {TOKEN}")):
        assert access.person(wrong) is None
    assert access.person(asked(cookie=f"{COOKIE}={TOKEN}")) is None  # the cookie is not the token
    assert access.person(asked(cookie=f"{COOKIE}=é")) is None


def test_a_short_token_is_refused() -> None:
    with pytest.raises(SettingsError, match="16"):
        Access(token="tooshort")


def test_a_proxys_header_counts_from_the_proxy_alone() -> None:
    access = access_of("0.0.0.0", (), None, "X-User", ("10.0.0.0/24",))
    assert access.person(asked("10.0.0.9", x_user="見本".encode().decode("latin-1"))) is not None
    assert access.person(asked("10.0.0.9", x_user="tanaka")) == "tanaka"
    assert access.person(asked("10.0.0.9")) is None
    assert access.person(asked("10.0.1.9", x_user="tanaka")) is None


def test_a_header_trusted_from_everywhere_is_refused() -> None:
    with pytest.raises(SettingsError, match="proxy"):
        access_of("0.0.0.0", (), None, "X-User", ())
    with pytest.raises(SettingsError, match=r"10\.0\.0\.0/24"):
        networks(["proxy.example"])


@pytest.mark.parametrize(
    ("headers", "is_ours"),
    [
        ({"host": "127.0.0.1:8765", "origin": "http://127.0.0.1:8765"}, True),
        ({"host": "Page.example", "origin": "https://page.example"}, True),
        ({"host": "127.0.0.1:8765", "origin": "http://127.0.0.1:9000"}, False),
        ({"host": "127.0.0.1:8765", "origin": "https://evil.example"}, False),
        ({"host": "127.0.0.1:8765", "origin": "null"}, False),
        ({"host": "127.0.0.1:8765"}, True),  # a program, no browser
        ({"host": "127.0.0.1:8765", "sec_fetch_site": "cross-site"}, False),
    ],
)
def test_only_pages_of_this_host_may_act(headers: dict[str, str], is_ours: bool) -> None:
    assert same_origin(asked(**headers)) == is_ours
