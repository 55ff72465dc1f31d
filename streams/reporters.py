"""What a worker tells readers of Redis about itself once a second; it must not know who reads it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from mode import Service

from streams.adapters.dead_letter_count import DeadLetterCount
from streams.adapters.intake_report import IntakeReport, SourceProgress
from streams.adapters.redis_view import PartitionProgress, RedisView
from streams.engine.app import EngineApp
from streams.engine.fold_task import FoldTask
from streams.engine.forward import ForwardTask
from streams.errors import ViewError
from streams.settings import Settings

REPORT_EVERY_S = 1.0  # readers call the view stale after a few of these


class ViewReporter(Service):  # type: ignore[misc]
    """Tells how far this worker has decided the log; ends the view with the worker."""

    def __init__(self, app: EngineApp, view: RedisView, now_ms: Callable[[], int], **kwargs: Any) -> None:
        self._app, self._view, self._now_ms = app, view, now_ms
        super().__init__(**kwargs)

    @Service.task  # type: ignore[untyped-decorator]
    async def _report(self) -> None:
        while not self.should_stop:
            await self.sleep(REPORT_EVERY_S)
            with suppress(ViewError):  # an outage shows by itself: the report grows old
                await self._view.report(self._progress(), self._now_ms())

    def _progress(self) -> list[PartitionProgress]:
        return [
            PartitionProgress(
                *(task.partition, task.shard.epoch, task.stats.lag, task.stats.newest_ms or None, task.stats.end)
            )
            for task in self._app.consumer.tasks.values()
            if isinstance(task, FoldTask)
        ]

    async def on_stop(self) -> None:
        """Close the connections."""
        await self._view.close()


class IntakeReporter(Service):  # type: ignore[misc]
    """Tells how far this worker has taken in its sources, and how many records wait among the dead letters."""

    def __init__(self, app: EngineApp, settings: Settings, **kwargs: Any) -> None:
        self._app, self._settings = app, settings
        self._report, self._letters = IntakeReport(settings), DeadLetterCount(settings)
        super().__init__(**kwargs)

    async def on_start(self) -> None:
        """Begin to count; nothing waits for it."""
        self._letters.start()

    @Service.task  # type: ignore[untyped-decorator]
    async def _tell(self) -> None:
        while not self.should_stop:
            await self.sleep(REPORT_EVERY_S)
            with suppress(ViewError):
                await self._report.tell(self._progress(), self._letters.waiting)

    def _progress(self) -> list[SourceProgress]:
        return [
            SourceProgress(
                *(self._settings.without_prefix(task.topic), task.partition, task.stats.next_offset, task.stats.end)
            )
            for task in self._app.consumer.tasks.values()
            if isinstance(task, ForwardTask) and task.stats.next_offset >= 0
        ]

    async def on_stop(self) -> None:
        """End both."""
        await self._letters.close()
        await self._report.close()
