"""The workers of a run, replaced as a supervisor would replace them; it must not know what is done to them.

`kakuhan worker --processes` is tried by a test of its own; here each process can be given its own environment.
"""

from __future__ import annotations

import random
import signal
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field

import psutil

from tests.integration.system.processes import Worker
from tests.integration.system.site import Site

LOOK_EVERY_S = 0.1
RESTART_AFTER_S = 0.3
WEIGH_EVERY_S = 2.0
SUPERVISED = {"KAKUHAN_PROCESS": "1"}  # tells a worker that it is started again: an outage at its start is no refusal
REFUSED = 1  # a person would have to do something: no fault of these runs may lead there


@dataclass
class Crew:
    """Keeps `size` workers of a site alive until `stop`; `env` is given to each that is started from now on.

    Each of `coming` is given to one of the next only.
    """

    site: Site
    size: int
    env: dict[str, str] = field(default_factory=dict)
    coming: list[dict[str, str]] = field(default_factory=list)
    starts: int = 0
    exits: list[int] = field(default_factory=list)
    resident: dict[int, list[tuple[float, float]]] = field(default_factory=dict)  # by process: (monotonic s, MB)

    def __post_init__(self) -> None:
        self._lock = threading.RLock()
        self._members: list[Worker] = []
        self._leavers: list[Worker] = []
        self._frozen: list[Worker] = []
        self._due: list[float] = []
        self._weighed_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._tend, name="crew")

    def start(self) -> None:
        with self._lock:
            while len(self._members) < self.size:
                self._begin()
        self._thread.start()

    def stop(self) -> None:
        """Replace nobody any more, and end all in order."""
        self.halt()
        for worker in self._members:
            code = worker.stop()
            assert code in (0, 70), worker.told()
        self._members.clear()

    def halt(self) -> None:
        """Replace nobody any more."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    # -- what is done to them

    def alive(self) -> list[Worker]:
        """Those that are there and not frozen."""
        with self._lock:
            return [w for w in self._members if w.alive() and w not in self._frozen]

    def kill(self, worker: Worker) -> None:
        worker.process.send_signal(signal.SIGKILL)

    def freeze(self, worker: Worker) -> None:
        with self._lock:
            self._frozen.append(worker)
        worker.process.send_signal(signal.SIGSTOP)

    def thaw(self, worker: Worker) -> None:
        worker.process.send_signal(signal.SIGCONT)
        with self._lock:
            self._frozen.remove(worker)

    def term(self, worker: Worker) -> None:
        worker.process.send_signal(signal.SIGTERM)

    def join(self) -> None:
        """One more than before."""
        with self._lock:
            self.size += 1
            self._begin()

    def leave(self, rng: random.Random) -> Worker | None:
        """One less, in order."""
        with self._lock:
            able = self.alive()
            if len(able) < 2:
                return None
            worker = rng.choice(able)
            self.size -= 1
            self._members.remove(worker)
            self._leavers.append(worker)
            self.term(worker)
        return worker

    def told(self) -> str:
        return "\n".join(worker.told()[:1_500] for worker in self.site.workers[-6:])

    # -- replacing

    def _begin(self) -> None:
        if not any(worker.alive() for worker in (*self._members, *self._leavers)):
            with suppress(Exception):  # nobody is left: the group may forget its dead at once, if the broker is there
                self.site.kafka.bury(self.site.group)
        own = self.coming.pop(0) if self.coming else {}
        self._members.append(self.site.worker(**SUPERVISED, **self.env, **own))
        self.starts += 1

    def _tend(self) -> None:
        while not self._stop.wait(LOOK_EVERY_S):
            with self._lock:
                self._bury()
                self._replace()
                self._weigh()

    def _bury(self) -> None:
        for worker in [w for w in (*self._members, *self._leavers) if not w.alive()]:
            code = worker.process.returncode
            self.exits.append(code)
            if worker in self._leavers:
                self._leavers.remove(worker)
            else:
                self._members.remove(worker)
                self._due.append(time.monotonic() + RESTART_AFTER_S)

    def _replace(self) -> None:
        now = time.monotonic()
        self._due = [at for at in self._due if at > now]
        while len(self._members) + len(self._due) < self.size:
            self._begin()

    def _weigh(self) -> None:
        """Note the resident memory now and then."""
        now = time.monotonic()
        if now < self._weighed_at + WEIGH_EVERY_S:
            return
        self._weighed_at = now
        for pid in [worker.process.pid for worker in self._members if worker.alive()]:
            self.resident.setdefault(pid, []).append((now, _resident_mb(pid)))


def _resident_mb(pid: int) -> float:
    try:
        return float(psutil.Process(pid).memory_info().rss) / (1 << 20)
    except psutil.Error:
        return 0.0
