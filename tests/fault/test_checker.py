"""The checker shares nothing with the system that it judges."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.integration.system.processes import ROOT

CHECKER = Path(__file__).with_name("checker")
LOOK = """
import sys
for name in {names}:
    __import__(name)
print(sorted(name for name in sys.modules if name.split(".")[0] in ("streams", "schemas", "faust", "aiokafka")))
"""


def test_the_checker_imports_nothing_of_the_system_not_even_through_others() -> None:
    names = [f"tests.fault.checker.{path.stem}" for path in sorted(CHECKER.glob("*.py"))]
    assert len(names) > 5
    command = [sys.executable, "-W", "ignore", "-c", LOOK.format(names=names)]
    said = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True, timeout=60)
    assert said.stdout.strip() == "[]"
