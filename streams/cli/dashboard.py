"""`kakuhan dashboard`: the live page; it must not know what the page shows."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import time
from typing import TYPE_CHECKING, Any

import click

from schemas.policy import Policy
from streams.cli.options import settings_of, settings_options
from streams.dashboard.guard import LOCAL_NAMES, Access, networks
from streams.dashboard.outcomes import SEND_WITHIN_S
from streams.errors import BrokerError, SettingsError
from streams.policy_file import load_policy
from streams.settings import Settings

if TYPE_CHECKING:
    import uvicorn

DEFAULT_PORT = 8765
TOKEN_VARIABLE = "KAKUHAN_PAGE_TOKEN"
# A page that has not answered for that long is gone; its connection is let go.
PING_EVERY_S, PONG_WITHIN_S = 20.0, 20.0
END_WITHIN_S = 3
# Pages send nothing: a frame larger than that is no page's.
LARGEST_FRAME = 4_096
BACKLOG = 256  # pages that connect at the same moment, as after a restart


@click.command("dashboard")
@settings_options("brokers", "redis_url", "topic_prefix", "redis_prefix", "policy")
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=DEFAULT_PORT, show_default=True, type=click.IntRange(0, 65_535), help="0: any free.")
@click.option("--name", "names", multiple=True, metavar="HOST", help="Host name of the page; several are possible.")
@click.option("--trusted-header", metavar="NAME", help="Header in which a proxy says who has signed in.")
@click.option("--trusted-proxy", "proxies", multiple=True, metavar="ADDRESS", help="Where that header may come from.")
def dashboard(
    host: str, port: int, names: tuple[str, ...], trusted_header: str | None, proxies: tuple[str, ...], **options: Any
) -> None:
    """Show all customers, signals and what to do, live, in a browser.

    Listens on this machine alone. Anywhere else it needs a token (16 characters or more in KAKUHAN_PAGE_TOKEN, asked
    for once per browser) or a proxy that signs people in (--trusted-header with --trusted-proxy).
    """
    settings = settings_of(**options)
    policy = load_policy(settings.policy)
    access = access_of(host, names, os.environ.get(TOKEN_VARIABLE) or None, trusted_header, proxies)
    asyncio.run(_serve(settings, policy, access, host, port))


def access_of(
    host: str, names: tuple[str, ...], token: str | None, header: str | None, proxies: tuple[str, ...]
) -> Access:
    """Who is let in on this address.

    Raises:
        SettingsError: Others could reach the page and nothing keeps them out.
    """
    is_guarded = token is not None or header is not None
    if not is_guarded and host not in LOCAL_NAMES:
        raise SettingsError(
            f"the page would be open to everybody who reaches {host}: set {TOKEN_VARIABLE} to a token of 16 characters "
            "or more, or give --trusted-header and --trusted-proxy, or leave --host out"
        )
    known = frozenset(name.lower() for name in names) | LOCAL_NAMES if names or not is_guarded else frozenset[str]()
    return Access(token, header, networks(proxies), known)


class KafkaOutcomes:
    """Writes outcomes to the source topic of CRM activities; connects with the first one."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._producer: Any = None
        self._starting = asyncio.Lock()

    async def write(self, customer_id: str, event: dict[str, Any]) -> None:
        """Return once Kafka has stored the event.

        Raises:
            BrokerError: Kafka is away or refused it.
        """
        from aiokafka.errors import KafkaError

        value = json.dumps(event, ensure_ascii=False).encode()
        try:
            producer = await self._started()
            await producer.send_and_wait(self._settings.crm_activities, value, key=customer_id.encode())
        except (KafkaError, OSError) as error:
            raise BrokerError(f"Kafka did not take the outcome: {error}") from error

    async def close(self) -> None:
        """End the connection."""
        if self._producer is not None:
            await self._producer.stop()

    async def _started(self) -> Any:
        from aiokafka import AIOKafkaProducer

        async with self._starting:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._settings.brokers,
                    enable_idempotence=True,
                    request_timeout_ms=int(SEND_WITHIN_S * 1000),
                )
                try:
                    await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer = producer
        return self._producer


async def _serve(settings: Settings, policy: Policy, access: Access, host: str, port: int) -> None:
    from streams.dashboard.thrift import one_arena
    from streams.dashboard.web import create_page

    one_arena()
    listening = listen(host, port)
    writer = KafkaOutcomes(settings)
    page = create_page(settings, policy, writer, lambda: time.time_ns() // 1_000_000, access)
    click.echo(f"page: {address_of(listening)}")
    try:
        await server_of(page).serve(sockets=[listening])
    finally:
        await writer.close()


def server_of(page: Any) -> uvicorn.Server:
    """A server for the page, told what this page needs of one."""
    import uvicorn

    config = uvicorn.Config(
        page,
        log_level="warning",
        lifespan="on",
        ws="websockets-sansio",
        ws_per_message_deflate=False,
        ws_max_size=LARGEST_FRAME,
        ws_ping_interval=PING_EVERY_S,
        ws_ping_timeout=PONG_WITHIN_S,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=END_WITHIN_S,
    )
    return uvicorn.Server(config)


def listen(host: str, port: int) -> socket.socket:
    """A socket bound to this address, so that a port that is taken is told in plain words.

    Raises:
        SettingsError: The address cannot be had.
    """
    try:
        family, _, _, _, where = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.create_server(where[:2], family=family, backlog=BACKLOG)
    except OSError as error:
        reason = error.strerror or str(error)
        raise SettingsError(f"cannot listen on {host}:{port} ({reason}); choose with --host and --port") from error
    listening.setblocking(False)
    return listening


def address_of(listening: socket.socket) -> str:
    """What to open in a browser."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}/" if ":" in host else f"http://{host}:{port}/"
