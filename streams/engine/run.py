"""A worker inside our own process: starts the app, stops on SIGTERM and SIGINT, says how it went.

It must not know the command line.
"""

from __future__ import annotations

import asyncio
import gc
import logging
from typing import Any

import faust
from aiokafka.errors import KafkaError

from streams.engine.app import EngineApp
from streams.engine.fatal import EXIT_FATAL, describe
from streams.errors import BrokerError

# States and records live long and hold no cycles: collecting rarely saves some 2 µs a record.
GC_FIRST = 200_000
QUIET = ("aiokafka", "faust", "mode")  # what they report reaches us as an exception, or is mended by themselves


class Worker(faust.Worker):  # type: ignore[misc]
    """Faust's worker without its banner, its spinner and its hand on our output and process title.

    `told_early` says that it was told to end before all its services had started. One of those may then miss what
    another has put away already, which is no crash: nothing had begun.
    """

    told_early = False
    _is_up = False

    async def on_started(self) -> None:
        """Everything has started."""
        self._is_up = True
        await super().on_started()

    def _schedule_shutdown(self, signal: Any) -> None:
        self.told_early = not self._is_up
        super()._schedule_shutdown(signal)

    def _setproctitle(self, info: str, *, ident: str = "") -> None:
        """Leave the title to whoever starts workers."""

    def carp(self, msg: str) -> None:
        """Say nothing on Ctrl-C."""

    async def _sentinel_task(self) -> None:
        """Mode would sleep for a second after everything has ended."""

    def change_workdir(self, path: Any) -> None:
        """Stay where we are."""


def run(app: EngineApp, loglevel: str = "WARNING") -> int:
    """Run the app until it is told to stop; 0 after a clean stop, 70 after a crash.

    What must never be acknowledged ends the process at once with status 70, after one line on standard error.

    Raises:
        TopicsError: The topics are not as the worker needs them; nothing was started.
        BrokerError: Kafka does not answer; nothing was started.
    """
    logging.basicConfig(level=loglevel, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    if loglevel != "DEBUG":
        for name in QUIET:
            logging.getLogger(name).setLevel(logging.CRITICAL)
    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    try:
        loop.run_until_complete(_checked(app))
    except BaseException:
        loop.close()
        raise
    set_up_collector()
    worker = Worker(app, loop=loop, quiet=True, override_logging=False, redirect_stdouts=False)
    worker.spinner = None
    return _execute(worker)


async def _checked(app: EngineApp) -> None:
    try:
        await app.check()
    except (KafkaError, OSError) as error:
        raise BrokerError(f"Kafka went away while the topics were checked: {describe(error)}") from error


def set_up_collector() -> None:
    """Let the garbage collector of this process leave alone what is there, and look seldom at what comes."""
    gc.freeze()
    gc.set_threshold(GC_FIRST)


def _execute(worker: Worker) -> int:
    try:
        worker.execute_from_commandline()
    except SystemExit as stopped:
        # Mode says 1 for whatever has crashed, also for a broker that went away while services started
        return EXIT_FATAL if stopped.code and not worker.told_early else 0
    except Exception:
        logging.getLogger(__name__).critical("the worker crashed", exc_info=True)
        return EXIT_FATAL
    return 0
