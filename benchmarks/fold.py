"""(a) The fold alone, from a full log, by every system on the same records of the same broker."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from benchmarks.backlog import Expected, expected, fill
from benchmarks.decisions import ROOT, digest, shipped_plan
from benchmarks.figures import Table, figure
from benchmarks.installation import Installation, Site, make_topic
from benchmarks.peers import kafka_streams
from benchmarks.peers.task import SIGNALS_SUFFIX
from benchmarks.sizes import Sizes

PEER_PYTHON = ROOT / ".kakuhan" / "bench-venv" / "bin" / "python"
PEERS = {
    "Bytewax": [str(PEER_PYTHON), "-W", "ignore", "-m", "benchmarks.peers.bytewax_flow"],
    "Quix Streams": [str(PEER_PYTHON), "-W", "ignore", "-m", "benchmarks.peers.quix_app"],
    "raw aiokafka consume": [sys.executable, "-m", "benchmarks.peers.raw_consumer"],
}
SLOW_PEERS = {"Faust": [sys.executable, "-W", "ignore", "-m", "benchmarks.peers.faust_app"]}
LIGHT = "Kafka Streams, a light aggregate"
DURABILITY = {
    "Kakuhan": "changelog before commit; signals, states and Redis too",
    "Faust": "changelog, not awaited",
    "Quix Streams": "RocksDB, changelog at checkpoints",
    "Bytewax": "none",
    LIGHT: "changelog at commits",
    "raw aiokafka consume": "nothing is decided",
}
PEER_S = 240.0  # ten times what the slowest takes; one that hangs has no figure for that round


@dataclass(frozen=True, slots=True)
class Took:
    """How long a system worked: by the clock, and in CPU time of its processes."""

    wall_s: float
    cpu_s: float


@dataclass
class Speeds:
    """events/s and CPU time an event (µs) of each system, by round."""

    found: dict[str, list[float]] = field(default_factory=dict)
    cpu_us: dict[str, list[float]] = field(default_factory=dict)

    def note(self, system: str, events: int, took: Took) -> None:
        self.found.setdefault(system, []).append(events / took.wall_s)
        self.cpu_us.setdefault(system, []).append(took.cpu_s / events * 1e6)
        said = f"{events / took.wall_s:,.0f} events/s, {took.cpu_s / events * 1e6:.1f} µs of CPU an event"
        print(f"  {system}: {said}", file=sys.stderr, flush=True)

    def note_peer(self, system: str, events: int, take: Callable[[], Took]) -> None:
        """Note a system that is not ours, which may hang."""
        try:
            self.note(system, events, take())
        except subprocess.TimeoutExpired:
            print(f"  {system}: no answer within {PEER_S:.0f} s, no figure", file=sys.stderr, flush=True)


def run(sizes: Sizes, site: Site) -> list[Table]:
    """Events/s of each system; all must come to the same states and signals."""
    speeds = Speeds()
    for turn in range(sizes.broker_rounds):
        _round(sizes, site, turn, speeds)
    columns = ["system", "events/s", "Kakuhan is × as fast", "CPU an event, µs", "Kakuhan takes × the CPU", "durable"]
    table = Table("fold.systems", columns)
    ours, our_cpu = figure(speeds.found["Kakuhan"]), figure(speeds.cpu_us["Kakuhan"])
    for system, values in sorted(speeds.found.items(), key=lambda item: -max(item[1])):
        found, cpu = figure(values), figure(speeds.cpu_us[system])
        times = ours["median"] / found["median"], our_cpu["median"] / cpu["median"]
        table.add(system, found, times[0], cpu, times[1], DURABILITY[system])
    for system in {*PEERS, *SLOW_PEERS, LIGHT} - speeds.found.keys():
        why = "no JDK" if system == LIGHT and kafka_streams.compiler() is None else "it did not end"
        table.add(system, f"no figure: {why}", "", "", "", DURABILITY[system])
    return [table]


def _round(sizes: Sizes, site: Site, turn: int, speeds: Speeds) -> None:
    for name, events, systems in (("fold", sizes.fold_events, PEERS), ("slow", sizes.slow_events, SLOW_PEERS)):
        installation = Installation(site, f"{name}{turn}")
        topic = installation.settings.events
        fill(site.brokers, topic, turn, sizes.fold_customers, events)
        due = expected(site.brokers, topic, shipped_plan())
        make_topic(site.brokers, topic + SIGNALS_SUFFIX)
        for system, command in systems.items():
            speeds.note_peer(system, events, partial(peer, system, command, site.brokers, topic, events, due))
        if name == "fold":
            speeds.note("Kakuhan", events, kakuhan(installation, due, 1))
            if javac := kafka_streams.compiler():
                speeds.note_peer(LIGHT, events, partial(light_aggregate, site, topic, events, due, javac))
        installation.close()


def peer(system: str, command: list[str], brokers: str, topic: str, events: int, due: Expected) -> Took:
    """How long a peer takes; what it comes to must be what is expected."""
    group = f"{topic}-{system.replace(' ', '-')}"
    came = _answer(system, [*command, brokers, topic, group, str(events), str(due.until_ms)])
    assert came["records"] == events, (system, came)
    if "digest" in came:
        assert (came["digest"], came["signals"]) == (due.digest, due.signals), (system, came, due)
    return Took(came["seconds"], came["cpu_s"])


def _answer(system: str, command: list[str]) -> dict[str, Any]:
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    ran = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=PEER_S)
    _, brace, answer = ran.stdout.strip().rpartition("\n")[2].partition("{")  # Faust's spinner leaves escapes before it
    assert brace, f"{system}: {ran.stdout[-1000:]}{ran.stderr[-3000:]}"
    found: dict[str, Any] = json.loads(brace + answer)
    return found


def light_aggregate(site: Site, topic: str, events: int, due: Expected, javac: str) -> Took:
    """Kafka Streams; the sums of its light aggregate must be right."""
    group, store = f"{topic}-kafka-streams", tempfile.mkdtemp(dir=site.folder)
    command = [*kafka_streams.command(site.folder, javac), site.brokers, topic, group, str(events), store]
    came = _answer(LIGHT, command)
    assert (came["records"], came["purchases"], came["micros"]) == (events, due.purchases, due.micros), (came, due)
    return Took(came["seconds"], came["cpu_s"])


def kakuhan(installation: Installation, due: Expected, processes: int) -> Took:
    """How long our workers take until all of it is durable; states and signals must be as expected."""
    for _ in range(processes):
        installation.start("fold")
    reached_s = installation.reached_s(due.ends)
    took = Took(reached_s - installation.begun_s(), installation.cpu_s(reached_s))
    installation.reached_s(due.ends, shown=True)
    installation.stop()
    found = digest(installation.states().items(), due.until_ms, shipped_plan())
    signals = sum(installation.ends(installation.settings.signals).values())
    assert (found, signals) == (due.digest, due.signals), (found, signals, due)
    return took
