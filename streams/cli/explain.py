"""`kakuhan explain`: why a customer is where it is; it must not decide anything itself."""

from __future__ import annotations

import json
from typing import Any

import click
import redis

from streams.cli.explanation import explanation
from streams.cli.options import settings_of, settings_options
from streams.cli.plain_text import plain
from streams.errors import SettingsError, ViewError
from streams.policy_file import load_policy
from streams.settings import Settings, without_password

SIGNALS_TOLD = 5
TIMEOUT_S = 5.0  # a reader at a terminal would rather know than wait


@click.command("explain")
@click.argument("customer")
@settings_options("redis_url", "redis_prefix", "policy")
@click.option("--json", "as_json", is_flag=True, help="The public state as it stands in Redis, and nothing else.")
def explain(customer: str, as_json: bool, **options: Any) -> None:
    """Why CUSTOMER is where it is, term by term, and what comes next."""
    settings = settings_of(**options)
    state, account, signals = _read(settings, customer)
    if as_json:
        click.echo(json.dumps(state, ensure_ascii=False, indent=2))
        return
    policy = load_policy(settings.policy)
    for line in explanation(state, account, signals, policy):
        click.echo(plain(line))


def _read(settings: Settings, customer: str) -> tuple[dict[str, Any], dict[str, Any] | None, list[dict[str, Any]]]:
    """The customer's public state, account and newest signals."""
    prefix = settings.redis_prefix
    client = redis.Redis.from_url(settings.redis_url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
    try:
        with client:
            state, account = client.mget(f"{prefix}customer:{customer}", f"{prefix}account:{customer}")
            newest = client.lrange(f"{prefix}customer-signals:{customer}", 0, SIGNALS_TOLD - 1)
    except redis.RedisError as error:
        raise ViewError(
            f"Redis at {without_password(settings.redis_url)} does not answer ({error}); start it with "
            "`kakuhan local up`, or give its address with --redis or KAKUHAN_REDIS_URL"
        ) from error
    if state is None:
        raise SettingsError(
            f"no customer {customer!r} in Redis under {prefix}customer:…; is the id right, and has a worker run?"
        )
    return json.loads(state), json.loads(account) if account else None, [json.loads(signal) for signal in newest]
