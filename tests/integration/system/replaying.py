"""`kakuhan replay` of a file that was loaded as history, and what it must have in common with the load.

It must not know how the load was written.
"""

from __future__ import annotations

from pathlib import Path

from tests.integration.system.expectation import Json, Log, Signals, lines_of, read_log
from tests.integration.system.given import signals, states
from tests.integration.system.samples import read_lines
from tests.integration.system.site import Site
from tests.oracle.clock import parse_instant, show_instant
from tests.oracle.compare import diff


def loads(site: Site) -> list[Json]:
    """What was loaded so far, by time."""
    return sorted((entry.json() for entry in site.dump("loads")), key=lambda load: int(load["go_live_ms"]))


def assert_equal_to_replay(site: Site, file: Path) -> Path:
    """The only load has given what a replay of its file gives; returns the folder of the replay's results.

    A worker goes on in time to the newest record of each partition. So signals are compared with a replay that goes
    on as far, and states with one that ends with the file, of customers whom time has not moved since.
    """
    (load,) = loads(site)
    log, found, given = read_log(site), signals(site), states(site)
    go_live = ["--go-live", show_instant(load["go_live_ms"])]
    now = ["--until", show_instant(max(log.newest_ms.values()))]
    until_now, own = site.folder / "replay-now", site.folder / "replay-own"
    for out, options in ((until_now, [*go_live, *now]), (own, go_live)):
        site.ok("replay", file, "--policy", str(site.policy), "--out", out, *options)

    reached = {fact.customer_id: log.newest_ms[fact.entry.partition] for fact in log.facts}
    due = [s for s in read_lines(until_now / "signals.jsonl") if _ms(s["effective_at"]) <= reached[s["customer_id"]]]
    ended = show_instant(max(fact.received_ms for fact in log.facts))
    decided = {state["customer_id"]: state for state in read_lines(own / "states.jsonl")}
    still = {name for name, state in given.items() if state["as_of"] <= ended}
    assert decided.keys() == given.keys()
    assert len(still) > 0.9 * len(given)
    assert diff(found, {n: given[n] for n in still}, due, {n: decided[n] for n in still}) == []
    assert_flagged(found, load, log)
    return until_now


def assert_log_replays_to(site: Site, found: Signals, given: dict[str, Json]) -> None:
    """`kakuhan replay` of what was taken in live, as the log has it, gives these signals and states.

    What time alone has caused after the newest record is left out, since a replay ends there.
    """
    lines = lines_of(site, read_log(site))
    file, out = site.write(lines, "resolved.jsonl"), site.folder / "replayed"
    site.ok("replay", file, "--policy", site.policy, "--out", out)
    ended = max(line["received_at"] for line in lines)
    decided = {state["customer_id"]: state for state in read_lines(out / "states.jsonl")}
    still = {name: state for name, state in given.items() if state["as_of"] <= ended}
    due = [signal for signal in found if signal["effective_at"] <= ended]
    assert decided.keys() == given.keys()
    assert len(still) >= 0.8 * len(given)
    assert diff(due, still, read_lines(out / "signals.jsonl"), {name: decided[name] for name in still}) == []
    assert read_lines(out / "rejects.jsonl") == []


def assert_flagged(found: list[Json], load: Json, log: Log) -> None:
    """What history caused, and what was effective before it went live, says so."""
    go_live = show_instant(load["go_live_ms"])
    assert {signal["historical"] for signal in found if signal["effective_at"] < go_live} <= {True}
    loaded = {fact.event.event_id for fact in log.facts if fact.history}
    assert {one["historical"] for one in found if one["cause"].get("event_id") in loaded} <= {True}
    by_time = [one for one in found if one["effective_at"] >= go_live and "event_id" not in one["cause"]]
    assert {signal["historical"] for signal in by_time} <= {False}


def _ms(instant: str) -> int:
    return parse_instant(instant)
