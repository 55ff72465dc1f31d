"""Where a worker's time goes while it folds a full log: py-spy's samples, by part and by function, in µs an event."""

from __future__ import annotations

import signal
import subprocess
import time

from benchmarks.backlog import fill
from benchmarks.figures import Table
from benchmarks.installation import Installation, Site
from benchmarks.machine import PEER_PYTHON
from benchmarks.profile import summed
from benchmarks.sizes import Sizes

SAMPLES_A_SECOND = "200"
FUNCTIONS = 25
PARTS = ["part", "share, %", "µs an event"]
WRITTEN_WITHIN_S = 60.0
LOOK_EVERY_S = 0.01


def run(sizes: Sizes, site: Site) -> list[Table]:
    """CPU µs an event by part, and by function itself."""
    installation, samples = Installation(site, "hot"), site.folder / "samples"
    fill(site.brokers, installation.settings.events, 1, sizes.fold_customers, sizes.profile_events)
    ends = installation.ends(installation.settings.events)
    worker = installation.start("fold")
    while not worker.lines():
        installation.revive()
        time.sleep(LOOK_EVERY_S)
    py_spy = PEER_PYTHON.with_name("py-spy")
    sampling = ["record", "--pid", str(worker.process.pid), "--format", "raw", "--output", str(samples), "--threads"]
    command = [str(py_spy), *sampling, "--rate", SAMPLES_A_SECOND, "--duration", "unlimited"]
    profiler = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    reached_s = installation.reached_s(ends)
    profiler.send_signal(signal.SIGINT)  # it writes what it has
    _, said = profiler.communicate(timeout=WRITTEN_WITHIN_S)
    each_us = installation.cpu_s(reached_s) / sizes.profile_events * 1e6
    installation.stop()
    installation.close()
    assert samples.exists(), f"py-spy gave nothing, as it may where it is not allowed to look into processes: {said}"
    parts, own, _ = summed(samples.read_text())
    by_part, by_function = Table("profile.parts", PARTS), Table("profile.functions", ["function itself", "share, %"])
    total = sum(parts.values())
    for part, count in parts.most_common():
        by_part.add(part, 100 * count / total, each_us * count / total)
    for name, count in own.most_common(FUNCTIONS):
        by_function.add(f"`{name}`", 100 * count / total)
    return [by_part, by_function]
