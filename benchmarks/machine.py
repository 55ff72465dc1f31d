"""What was measured on: the machine and the versions of everything that took part."""

from __future__ import annotations

import os
import platform
import re
import subprocess
from importlib.metadata import version
from pathlib import Path

from benchmarks.decisions import ROOT

OURS = ("kakuhan", "aiokafka", "faust-streaming", "msgspec", "pydantic", "redis", "confluent-kafka")
PEERS = ("quixstreams", "bytewax", "confluent-kafka", "pydantic")
PEER_PYTHON = ROOT / ".kakuhan" / "bench-venv" / "bin" / "python"
_LOCK = ROOT / "streams" / "local" / "kafka.lock"


def machine() -> dict[str, str]:
    """Processor, cores, memory, system."""
    cpu = re.search(r"model name\s*: (.+)", Path("/proc/cpuinfo").read_text())
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text())
    return {
        "processor": cpu[1] if cpu else platform.processor(),
        "cores": str(len(os.sched_getaffinity(0))),
        "memory": f"{int(memory[1]) / 2**20:.0f} GiB" if memory else "?",
        "system": f"{platform.system()} {platform.release().split('-')[0]}",
    }


def versions() -> dict[str, str]:
    """Versions of this project, what it runs on and what it is compared with."""
    found = {"Python": platform.python_version()}
    found |= {name: version(name) for name in OURS}
    kafka = re.search(r"Apache Kafka ([0-9.]+)", _LOCK.read_text())
    found["Apache Kafka"] = kafka[1] if kafka else "?"
    script = f"from importlib.metadata import version\nfor n in {PEERS!r}: print(n, version(n))"
    if PEER_PYTHON.exists():
        said = subprocess.run([PEER_PYTHON, "-c", script], capture_output=True, text=True, check=True).stdout
        found |= {f"{name} (peers)": number for name, number in map(str.split, said.splitlines())}
    return found
