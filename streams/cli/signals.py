"""`kakuhan signals`: prints what was found out; it must not judge it."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

import click

from schemas.policy import Policy
from schemas.policy_rules import SEGMENTS
from streams.adapters.signal_line import signal_line
from streams.adapters.signal_log import signals as published
from streams.cli.options import settings_of, settings_options
from streams.policy_file import load_policy


@click.command("signals")
@click.option("--follow", is_flag=True, help="Go on with new ones until Ctrl-C.")
@click.option("--audience", help="Only those for this audience, as sales or cs.")
@click.option("--live", is_flag=True, help="Leave out those of the past that was loaded.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line.")
@settings_options("brokers", "topic_prefix", "policy")
def signals(follow: bool, audience: str | None, live: bool, as_json: bool, **options: Any) -> None:
    """Print the signals, oldest first, one readable line each."""
    settings = settings_of(**options)
    policy = None if as_json else load_policy(settings.policy)
    if policy is not None and audience is not None and audience not in policy.audiences():
        names = ", ".join(sorted(policy.audiences()))
        click.echo(f"kakuhan: {settings.policy} tells nobody named {audience!r}; it tells {names}", err=True)
    for signal in published(settings, follow=follow, audience=audience):
        if live and signal["historical"]:
            continue
        click.echo(json.dumps(signal, ensure_ascii=False) if policy is None else readable(signal, policy))


def readable(signal: dict[str, Any], policy: Policy) -> str:
    """A signal as one line, times and labels as the policy has them."""
    labels: dict[str, str] = {name: policy.segments.named(name).label for name in SEGMENTS}
    return signal_line(signal, ZoneInfo(policy.timezone), labels)
