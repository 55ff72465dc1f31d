"""`kakuhan replay`: the stream's decisions over files, without Kafka; it must not decide differently from it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import click
import msgspec

from schemas.policy import Policy
from streams.agents.offline import Decisions, decide
from streams.cli.options import INSTANT, refuse_pipe
from streams.cli.plain_text import counted
from streams.cli.progress import progress_bar
from streams.domain.plan import Plan
from streams.errors import SettingsError
from streams.intake.companies import Directory
from streams.intake.history import HistoryInput, read_history
from streams.intake.intake import IntakeSettings
from streams.policy_file import load_policy

TOLD = 10  # customers that stand elsewhere, printed; all are written


@click.command("replay")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--policy", "policy_file", required=True, metavar="FILE", help="The policy that decides.")
@click.option("--out", required=True, type=click.Path(file_okay=False, path_type=Path), help="Where results go.")
@click.option("--against", metavar="FILE", help="Decide by this policy, too, and tell what differs.")
@click.option("--until", type=INSTANT, help="Apply nothing later, then let every clock move to this instant.")
@click.option("--go-live", type=INSTANT, help="What was received earlier is history: its signals are marked so.")
def replay(
    files: tuple[Path, ...], policy_file: str, out: Path, against: str | None, until: int | None, go_live: int | None
) -> None:
    """Decide FILES of events (one JSON object a line) as the stream would.

    Writes signals.jsonl (by effective_at, customer, order of emission), states.jsonl, rejects.jsonl with line
    number and reason of every refused line, and unmatched.jsonl with releases about nobody known. With --against it
    prints how many customers stand where and how many signals there are by rule, the other policy's first, and writes
    comparison.jsonl, a line for each customer that stands elsewhere.
    """
    for file in files:
        refuse_pipe(file)
    policy, other = load_policy(policy_file), load_policy(against) if against is not None else None
    decisions, history = _decided(files, policy, until, go_live)
    _write(out, decisions, history, until)
    if other is not None:
        _compare(out, _decided(files, other, until, go_live)[0], decisions, until)


def _decided(
    files: tuple[Path, ...], policy: Policy, until_ms: int | None, go_live_ms: int | None
) -> tuple[Decisions, HistoryInput]:
    total_bytes = 2 * sum(file.stat().st_size for file in files)  # read twice: to know accounts, then to decide
    with progress_bar(f"replaying under {policy.version}", total_bytes) as advance:
        history = read_history(files, intake_settings(policy), Directory(keep_all_versions=True), None, advance)
        records = ((found.event, found.received_ms) for found in history.events())
        return decide(Plan(policy), records, until_ms, go_live_ms), history


def intake_settings(policy: Policy) -> IntakeSettings:
    """What intake needs of a policy."""
    return IntakeSettings(policy.max_future_s, policy.currency.base, frozenset(policy.currency.rates))


def _write(out: Path, decisions: Decisions, history: HistoryInput, until_ms: int | None) -> None:
    try:
        out.mkdir(parents=True, exist_ok=True)
        states = _write_lines(out / "states.jsonl", decisions.public_states(until_ms))
        signals = _write_lines(out / "signals.jsonl", decisions.signals)
        rejects = _write_lines(out / "rejects.jsonl", map(msgspec.to_builtins, history.rejects))
        unmatched = _write_lines(out / "unmatched.jsonl", map(msgspec.to_builtins, history.unmatched))
    except OSError as error:
        raise SettingsError(f"cannot write into {out}: {error.strerror or error}; give another --out") from error
    click.echo(f"{counted(states, 'customer')}, {counted(signals, 'signal')} in {out}")
    if unmatched:
        click.echo(f"{counted(unmatched, 'release')} about companies that are no customers: {out / 'unmatched.jsonl'}")
    if rejects:
        click.echo(f"{counted(rejects, 'line')} refused: {out / 'rejects.jsonl'}", err=True)


def _compare(out: Path, before: Decisions, after: Decisions, until_ms: int | None) -> None:
    """Tell how two ways to decide the same records differ."""
    from streams.adapters.comparison import Comparison, shown_of
    from streams.cli.comparison_text import comparison_lines

    found = Comparison()
    old, new = ({s["customer_id"]: shown_of(s) for s in each.public_states(until_ms)} for each in (before, after))
    for customer_id in sorted(old.keys() | new.keys()):
        found.add(customer_id, old.get(customer_id), new.get(customer_id), len(old) + len(new))
    for counts, decided in ((found.signals_before, before), (found.signals_after, after)):
        counts.update((signal["type"], signal["rule"]) for signal in decided.signals)
    written, found.differences = found.differences, found.differences[:TOLD]
    for line in comparison_lines(found, "--against", "--policy"):
        click.echo(line)
    try:
        _write_lines(out / "comparison.jsonl", written)
    except OSError as error:
        raise SettingsError(f"cannot write into {out}: {error.strerror or error}; give another --out") from error


def _write_lines(path: Path, objects: Iterable[Any]) -> int:
    """Write one JSON object a line; how many."""
    count = 0
    with path.open("wb") as file:
        for count, found in enumerate(objects, start=1):  # noqa: B007 - the count is the result
            file.write(msgspec.json.encode(found) + b"\n")
    return count
