"""Is a local port free, which one is, and whose is it otherwise.

It must not know what the port is for.
"""

from __future__ import annotations

import random
import socket
from pathlib import Path

from streams.errors import LocalStackError
from streams.local.extra import need

HOST = "127.0.0.1"
LAST = 65_535
LOWEST, HIGHEST = 20_000, 32_767  # below the range from which systems take ports for outgoing connections
CONNECT_WITHIN_S = 0.5
_LINUX_RANGE = Path("/proc/sys/net/ipv4/ip_local_port_range")


def answers(port: int) -> bool:
    """Whether something accepts connections on `port` of this machine."""
    with socket.socket() as s:
        s.settimeout(CONNECT_WITHIN_S)
        return s.connect_ex((HOST, port)) == 0


def is_free(port: int) -> bool:
    """Whether a server could listen on `port` (1-65535) now."""
    if answers(port):  # macOS lets one bind 127.0.0.1 beside a listener on 0.0.0.0
        return False
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((HOST, port))
        except OSError:
            return False
    return True


def any_free() -> int:
    """A free port that no outgoing connection takes by chance, so that a server can come back to it.

    Raises:
        LocalStackError: no port is free.
    """
    candidates = list(range(LOWEST, min(HIGHEST, _first_outgoing() - 1) + 1))
    random.shuffle(candidates)
    for port in candidates[:200]:
        if is_free(port):
            return port
    with socket.socket() as s:
        s.bind((HOST, 0))
        if port := int(s.getsockname()[1]):
            return port
    raise LocalStackError(f"no free port on {HOST}")


def _first_outgoing() -> int:
    try:
        return int(_LINUX_RANGE.read_text().split()[0])
    except (OSError, ValueError, IndexError):
        return HIGHEST + 1


def require_free(name: str, port: int, option: str) -> None:
    """Fail with a message that names the holder, unless `port` is free or 0 (any).

    Raises:
        LocalStackError: the port is taken or no port number.
    """
    if not 0 <= port <= LAST:
        raise LocalStackError(f"port {port}, meant for {name}, is not between 0 and {LAST}")
    if port and not is_free(port):
        raise LocalStackError(
            f"port {port}, meant for {name}, is held by {holder(port)}. "
            f"Stop it, or choose another port with {option} (0 takes any free one)."
        )


def holder(port: int) -> str:
    """Who listens there, such as 'redis-server, process 4711'; other users' processes may be invisible."""
    psutil = need("psutil")
    for process in psutil.process_iter():
        try:
            if any(c.status == psutil.CONN_LISTEN and c.laddr.port == port for c in process.net_connections("tcp")):
                name = "Kafka" if "kafka.Kafka" in process.cmdline() else process.name()
                return f"{name}, process {process.pid}"
        except psutil.Error:
            continue
    return "a process that cannot be seen from here"
