"""`kakuhan worker` that also notes in a file how far it is.

`python -m benchmarks.kakuhan_worker FILE [all|intake|fold] [SECONDS]`; it must not change what a worker does.
"""

from __future__ import annotations

import json
import sys
import time
from pathlib import Path
from typing import Any

from mode import Service

from streams.adapters.app_registry import enter
from streams.app import create_app
from streams.engine.fold_task import FoldTask
from streams.engine.run import run
from streams.policy_file import load_policy
from streams.settings import Settings


class Notes(Service):  # type: ignore[misc]
    """One line for each change: the time (ns), and for each partition of the log what is durable and what is shown."""

    def __init__(self, app: Any, file: Path, every_s: float, **kwargs: Any) -> None:
        self._app, self._file, self._last, self._every_s = app, file.open("w", buffering=1), "", every_s
        super().__init__(**kwargs)

    @Service.task  # type: ignore[untyped-decorator]
    async def _note(self) -> None:
        while not self.should_stop:
            self._look()
            await self.sleep(self._every_s)

    def _look(self) -> None:
        tasks = [task for task in self._app.consumer.tasks.values() if isinstance(task, FoldTask)]
        found = json.dumps({task.partition: [task.stats.next_offset, task._committable] for task in tasks})
        if tasks and found != self._last:
            self._last = found
            self._file.write(f'{{"ns": {time.time_ns()}, "cpu_ns": {time.process_time_ns()}, "partitions": {found}}}\n')


def main(file: str, half: str = "all", every_s: str = "0.005") -> int:
    """Run until told to stop; looking costs some 3 % of a core at 200 times a second."""
    settings = Settings.from_env()
    policy = load_policy(settings.policy)
    registered = enter(settings, policy.policy_version)
    app = create_app(settings, policy, intake=half != "fold", fold=half != "intake", go_live_ms=registered.go_live_ms)
    app.beside(Notes(app, Path(file), float(every_s)))
    return run(app)


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
