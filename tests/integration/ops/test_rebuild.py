"""A changed policy decides the log anew beside the running system, and takes over without a gap or a flood."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tests.integration.system.given import shown_states, signals, states
from tests.integration.system.lines import buy, see
from tests.integration.system.processes import Worker, wait_until
from tests.integration.system.site import Site

SMALL = 500_000  # low under the shipped policy, high under the other one


@pytest.fixture
def generous(site: Site) -> Path:
    """The shipped policy, but with half a million a year being high value."""
    text = site.policy.read_text(encoding="utf-8")
    changed = text.replace('enter: "1200000", leave: "1000000"', 'enter: "400000", leave: "300000"')
    assert changed != text
    path = site.folder / "generous.yaml"
    path.write_text(changed, encoding="utf-8")
    return path


@pytest.fixture
def lived(site: Site) -> Site:
    """A hundred customers that the shipped policy finds small; a worker runs."""
    site.worker()
    site.send(buy(f"C{n}", str(SMALL)) for n in range(100))
    site.wait_caught_up()
    return site


def rebuild(site: Site, policy: Path, *options: str) -> str:
    return site.ok("rebuild", "--app", f"{site.group}-2", "--policy", policy, *options)


def offered(site: Site) -> int:
    """Everything that others may read as signals."""
    return len(site.dump("signals"))


def test_nobody_sees_a_rebuild_and_the_comparison_says_what_would_change(
    lived: Site, generous: Path, tmp_path: Path
) -> None:
    before = offered(lived), states(lived), shown_states(lived)
    told = rebuild(lived, generous, "--out", str(tmp_path / "found.json"))
    assert "100 customers stand elsewhere\n  streamline → expand: 100" in told
    assert (offered(lived), states(lived), shown_states(lived)) == before
    found = json.loads((tmp_path / "found.json").read_text())
    assert found["customers"] == {"before": {"streamline": 100}, "after": {"expand": 100}}
    assert found["signals"]["before"] == []
    assert found["signals"]["after"] == [{"type": "segment.changed", "rule": "segment", "signals": 100}]
    assert len(found["differences"]) == 20
    assert found["differences"][0]["after"]["value"] == "500000"
    lived.stop()


def test_the_switch_leaves_nothing_out_and_floods_nobody(lived: Site, generous: Path) -> None:
    rebuild(lived, generous)
    successor = waiting_worker(lived, generous)
    lived.send(buy(f"D{n}", str(SMALL)) for n in range(20))  # decided by the old one
    lived.wait_caught_up()
    told = rebuild(lived, generous, "--switch")
    assert "120 public states shown anew" in told
    assert lived.workers[0].exit() == 0
    assert wait_until(lambda: "waiting for the switch" in successor.text(), 30)
    after = replace(lived, app="kakuhan-2", workers=[successor])
    after.send([*(buy(f"E{n}", str(SMALL)) for n in range(20)), see("C1", "/pricing")])
    after.wait_caught_up()
    assert len(states(after)) == len(shown_states(after)) == 140
    assert {state["segment"] for state in shown_states(after).values()} == {"expand"}
    found = {signal["customer_id"]: signal for signal in signals(after)}
    assert {name for name in found if name.startswith("E")} == {f"E{n}" for n in range(20)}
    assert not any(name.startswith("C") for name in found)  # the past is not told again
    assert not any(found[f"E{n}"]["historical"] for n in range(20))
    assert shown_states(after) == states(after)
    assert len(after.dump("events")) < 200  # intake went on where the old one had stopped: no copies
    after.stop()


def test_records_that_come_while_it_switches_are_decided_by_the_new_one(lived: Site, generous: Path) -> None:
    rebuild(lived, generous)
    lived.stop()  # nobody takes anything in
    lived.send(buy(f"D{n}", str(SMALL)) for n in range(50))
    rebuild(lived, generous, "--switch")
    lived.send(buy(f"E{n}", str(SMALL)) for n in range(50))
    successor = waiting_worker(lived, generous)
    after = replace(lived, app="kakuhan-2", workers=[successor])
    after.wait_caught_up()
    told = {signal["customer_id"] for signal in signals(after)}
    assert told == {f"{letter}{n}" for letter in "DE" for n in range(50)}
    after.stop()


def test_an_app_that_was_replaced_starts_no_more(lived: Site, generous: Path) -> None:
    rebuild(lived, generous, "--switch")
    assert lived.workers[0].exit() == 0
    again = lived.worker()
    assert again.exit() == 1
    assert f"was replaced by {lived.group}-2" in again.text()
    topics = lived.kafka.topics(lived.prefix)
    assert lived.topic(f"{lived.group}-customers-changelog") not in topics
    assert not [topic for topic in topics if "-rebuild-" in topic]


def test_a_rebuild_can_be_given_up(lived: Site, generous: Path) -> None:
    rebuild(lived, generous)
    assert f"{lived.group} is live as before" in lived.ok("rebuild", "--app", f"{lived.group}-2", "--abort")
    topics = lived.kafka.topics(lived.prefix)
    assert not [topic for topic in topics if f"{lived.group}-2" in topic]
    assert lived.workers[0].alive()
    rebuild(lived, generous)  # and begun anew
    lived.stop()


def test_it_is_refused_where_it_would_harm(lived: Site, generous: Path) -> None:
    same = lived.command("rebuild", "--policy", generous)
    assert same.returncode == 1
    assert "give the rebuilt one a new name" in same.stderr
    rebuild(lived, generous)
    other = lived.command("rebuild", "--app", f"{lived.group}-2")
    assert "was begun with the policy" in other.stderr
    lived.stop()


def test_a_further_app_without_a_rebuild_does_not_flood_either(lived: Site, generous: Path) -> None:
    lived.stop()
    lived.ok("topics", "--app", f"{lived.group}-2")
    further = Worker("--policy", str(generous), env=env_of(lived), log=lived.folder / "further.log")
    after = replace(lived, app="kakuhan-2", workers=[further])
    after.wait_caught_up()
    assert {signal["historical"] for signal in signals(after)} == {True}
    after.stop()
    after.worker("--policy", str(generous))  # a restart knows still since when it is live
    after.send([buy("C1", "1"), buy("F1", str(SMALL))])
    after.wait_caught_up()
    assert {s["customer_id"] for s in signals(after) if not s["historical"]} == {"F1"}
    after.stop()


def waiting_worker(site: Site, policy: Path) -> Worker:
    """A worker of the rebuilt app, as a supervisor would have it."""
    return Worker("--policy", str(policy), env=env_of(site), log=site.folder / "successor.log")


def env_of(site: Site) -> dict[str, str]:
    return site.env | {"KAKUHAN_APP": f"{site.group}-2"}
