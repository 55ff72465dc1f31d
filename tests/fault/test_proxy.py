"""The proxy itself: what passes, what is held, what is lost."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator

import pytest

from tests.fault.proxy import CUT, HOLD, HOST, OPEN, SLICE, SLOW, Proxy


@pytest.fixture
def echo() -> Iterator[int]:
    """The port of a server that gives back what it gets from one client after the other."""
    with socket.create_server((HOST, 0)) as server:
        thread = threading.Thread(target=_serve, args=(server,))
        thread.start()
        yield int(server.getsockname()[1])
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def _serve(server: socket.socket) -> None:
    while True:
        try:
            client, _ = server.accept()
        except OSError:
            return
        with client:
            while piece := client.recv(4_096):
                client.sendall(piece)


def _answer(client: socket.socket, words: bytes) -> bytes:
    client.sendall(words)
    found = b""
    while len(found) < len(words) and (piece := client.recv(4_096)):
        found += piece
    return found


def _is_over(client: socket.socket) -> bool:
    try:
        return client.recv(1) == b""
    except ConnectionResetError:
        return True


def test_it_passes_slices_and_slows_without_changing_a_byte(echo: int) -> None:
    words = bytes(range(256)) * 2
    with Proxy(echo) as proxy, socket.create_connection((HOST, proxy.port), 10) as client:
        for mode in (OPEN, SLICE, SLOW):
            proxy.mode = mode
            assert _answer(client, words) == words


def test_what_it_holds_arrives_late_and_what_it_cuts_does_not(echo: int) -> None:
    with Proxy(echo) as proxy, socket.create_connection((HOST, proxy.port), 10) as client:
        assert _answer(client, b"before") == b"before"
        proxy.mode = HOLD
        client.settimeout(0.3)
        client.sendall(b"held")
        with pytest.raises(TimeoutError):
            client.recv(1)
        client.settimeout(10)
        proxy.mode = OPEN
        assert client.recv(10) == b"held"
        assert proxy.held >= 4
        proxy.mode = CUT
        assert _is_over(client)
        assert proxy.lost == 1
