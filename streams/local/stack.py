"""Starts and ends the two programs together.

It must not know who uses them.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

from streams.errors import LocalStackError
from streams.local import broker, folders, jars, ports, running, server
from streams.local.program import Program

KAFKA_PORT, REDIS_PORT = 9092, 6379
PORT_ATTEMPTS = 3  # another program may take a port between the look and the start
PORT_TAKEN = "already in use"  # how Kafka and Redis both say it


class LocalStack:
    """A Kafka and a Redis that live as long as this context.

    `with LocalStack() as stack:` keeps its data in `.kakuhan/local` (see `folders.default_folder`). Inside,
    `stack.kafka` and `stack.redis` can be stopped, killed, frozen and started again.

    Args:
        folder: where the data is kept instead.
        temporary: keep the data in a new temporary folder, removed at the end.
        fresh: start with empty data.
        kafka_port: 1-65535, or 0 for any free one.
        redis_port: the same.
        or_any_port: take any free port where one of these is held by somebody else, instead of failing.
        jar_folder: where Kafka's jars are kept, `jars.default_folder` if None.
        adjust_kafka: given the broker's settings, returns those to use.
        progress: called with bytes so far and in all while the jars are downloaded; from several threads.

    Raises:
        LocalStackError: on entering; what is missing, who holds the folder or a port, why a program did not start.
    """

    folder: Path
    kafka: Program
    redis: Program

    def __init__(
        self,
        folder: Path | None = None,
        *,
        temporary: bool = False,
        fresh: bool = False,
        kafka_port: int = KAFKA_PORT,
        redis_port: int = REDIS_PORT,
        or_any_port: bool = False,
        jar_folder: Path | None = None,
        adjust_kafka: broker.Adjust | None = None,
        progress: jars.Progress | None = None,
    ) -> None:
        if temporary and folder is not None:
            raise LocalStackError("a temporary stack makes its own folder")
        self.temporary, self.fresh = temporary, fresh
        self.kafka_port, self.redis_port, self._or_any_port = kafka_port, redis_port, or_any_port
        self._adjust_kafka = adjust_kafka
        self._asked_folder, self._jar_folder, self._progress = folder, jar_folder, progress
        self._jars: list[Path] = []
        self._programs: list[Program] = []
        self._lock: int | None = None

    @property
    def brokers(self) -> str:
        """Kafka's address, `host:port`."""
        return f"{ports.HOST}:{self.kafka_port}"

    @property
    def redis_url(self) -> str:
        """Redis' address, `redis://host:port/0`."""
        return f"redis://{ports.HOST}:{self.redis_port}/0"

    def __enter__(self) -> Self:
        try:
            self._start()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def stop(self) -> None:
        """End both programs, let go of the folder and remove it if it is temporary."""
        if self._lock is None:
            return
        running.forget(self.folder)
        for program in reversed(self._programs):
            program.stop()
        self._programs.clear()
        os.close(self._lock)
        self._lock = None
        if self.temporary:
            shutil.rmtree(self.folder, ignore_errors=True)

    def failed(self) -> Program | None:
        """A program that has ended by itself."""
        return next((program for program in self._programs if program.failed), None)

    def _start(self) -> None:
        asked = self._asked_folder or folders.default_folder()
        self.folder = (folders.new_temporary() if self.temporary else asked).absolute()
        self._lock = folders.take(self.folder)
        if self.fresh:
            self._empty()
        self.kafka_port = self._usable("Kafka", self.kafka_port, "--kafka-port")
        self.redis_port = self._usable("Redis", self.redis_port, "--redis-port")
        self._jars = jars.fetch(self._jar_folder or jars.default_folder(), jars.locked(), self._progress)
        self.redis = self._bring_up("Redis", self.redis_port, self._start_redis)
        self.kafka = self._bring_up("Kafka", self.kafka_port, self._start_kafka)
        running.note(self.folder, self.brokers, self.redis_url, self.kafka.pid, self.redis.pid)

    def _usable(self, name: str, port: int, option: str) -> int:
        if self._or_any_port and 0 < port <= ports.LAST:
            return port if ports.is_free(port) else 0
        ports.require_free(name, port, option)
        return port

    def _bring_up(self, name: str, port: int, start: Callable[[int], Program]) -> Program:
        for _ in range(PORT_ATTEMPTS - 1):
            attempted = port or ports.any_free()
            try:
                return start(attempted)
            except LocalStackError as error:
                self._programs.pop().stop()
                if PORT_TAKEN not in str(error) and ports.is_free(attempted):
                    raise
            port = self._usable(name, port, f"--{name.lower()}-port")
        return start(port or ports.any_free())

    def _start_redis(self, port: int) -> Program:
        self.redis_port = port
        folder = self.folder / "redis"
        return self._run("redis", port, lambda: server.command(folder, port), lambda: server.answers(port))

    def _start_kafka(self, port: int) -> Program:
        self.kafka_port = port
        return self._run(
            "kafka",
            port,
            lambda: broker.command(self.folder, self._jars, port, ports.any_free(), self._adjust_kafka),
            lambda: ports.answers(port),
        )

    def _run(self, name: str, port: int, command: Callable[[], list[str]], answers: Callable[[], bool]) -> Program:
        assert self._lock is not None

        def ready() -> bool:  # somebody else's server may have taken the port meanwhile, and answers
            return answers() and program.listens_on(port)

        program = Program(name, self.folder, command, ready, self._lock)
        self._programs.append(program)
        program.start()
        return program

    def _empty(self) -> None:
        for name in ("kafka", "redis"):
            shutil.rmtree(self.folder / name, ignore_errors=True)
