"""`kakuhan policy`: checks a policy file before it decides anything; it must not know Kafka or Redis."""

from __future__ import annotations

from pathlib import Path

import click

from schemas.policy import Policy
from streams.errors import PolicyError
from streams.policy_file import read_policy


@click.group("policy")
def policy() -> None:
    """Work with policy files."""


@policy.command("check")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.pass_context
def check(context: click.Context, file: Path) -> None:
    """Validate the policy FILE.

    Says file, line, key and what to write instead for every fault (exit code 1); warns of what is allowed but
    probably not meant, such as thresholds that a single day or a periodic event reaches alone (exit code 0).
    """
    try:
        read = read_policy(file)
    except PolicyError as error:
        faults = str(error).count("\n") + 1
        click.echo(str(error), err=True)
        click.echo(f"{file}: {faults} {'fault' if faults == 1 else 'faults'}, not usable", err=True)
        context.exit(1)
    warnings = read.warnings()
    for line in warnings:
        click.echo(f"warning: {line}", err=True)
    for line in summary(read.policy):
        click.echo(line)
    click.echo(f"OK {read.policy.policy_version}" + (f" with {_counted(len(warnings), 'warning')}" if warnings else ""))


def summary(policy: Policy) -> list[str]:
    """What is in a policy, in a few aligned lines."""
    value, potential = policy.value, policy.potential
    kinds = [rule.type for rule in policy.rules]
    parts = {
        "version": policy.policy_version,
        "time zone": policy.timezone,
        "currency": " ".join(
            [policy.currency.base, *(f"{code}={rate}" for code, rate in policy.currency.rates.items())]
        ),
        "value": f"{value.measure}, high from {value.high.enter:f}, low below {value.high.leave:f}",
        "potential": f"0 to {potential.cap:f}, high from {potential.high.enter:f}, low below {potential.high.leave:f}",
        "points": f"{_counted(len(potential.points), 'point rule')}, {_counted(len(potential.facts), 'fact')}",
        "rules": ", ".join(
            (_counted(kinds.count("buying_signal"), "buying signal"), _counted(kinds.count("churn_risk"), "churn risk"))
        ),
        "segments": f"stay at least {policy.min_dwell_days:f} days after a change",
        "onboarding": f"{_counted(policy.lifecycle.onboarding.days, 'day')} from the first purchase",
        "words": f"{_counted(len(policy.pages), 'page group')}, "
        f"{_counted(len(policy.press_categories), 'press category', 'press categories')}, "
        f"{_counted(len(policy.playbooks), 'playbook')}",
    }
    return [f"{name:<11}{text}" for name, text in parts.items()]


def _counted(count: int, noun: str, several: str = "") -> str:
    return f"{count} {noun if count == 1 else several or noun + 's'}"
