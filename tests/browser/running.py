"""The page as a process, and what a page must never do; it must not know any single test."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from playwright.sync_api import ConsoleMessage, Page, Request

from tests.integration.system.processes import KAKUHAN, wait_until

STARTS_WITHIN_S = 30.0
STOPS_WITHIN_S = 15.0


class PageProcess:
    """`kakuhan dashboard` with these settings; port 0 is any free one."""

    address: str

    def __init__(self, env: dict[str, str], folder: Path, port: int = 0) -> None:
        self._env, self._log = env, folder / "page.log"
        self._command = (str(KAKUHAN), "dashboard", "--port", str(port))

    def __enter__(self) -> Self:
        with self._log.open("wb") as out:
            env = os.environ | self._env | {"PYTHONUNBUFFERED": "1"}
            self.process = subprocess.Popen(self._command, stdout=out, stderr=subprocess.STDOUT, env=env)
        assert wait_until(lambda: b"page: http" in self._log.read_bytes(), STARTS_WITHIN_S), self.told()
        self.address = self._log.read_text().split("page: ")[1].split()[0].rstrip("/")
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.process.terminate()
        try:
            self.process.wait(STOPS_WITHIN_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise AssertionError(f"the page did not end: {self.told()}") from None

    def told(self) -> str:
        return self._log.read_text(errors="replace")[-3_000:]

    @property
    def cpu_s(self) -> float:
        """Processor time used so far."""
        used = psutil.Process(self.process.pid).cpu_times()
        return float(used.user + used.system)

    @property
    def memory_bytes(self) -> int:
        """Resident memory now."""
        return int(psutil.Process(self.process.pid).memory_info().rss)


def watched(page: Page) -> None:
    """Collect what a page must not do: errors, broken policies, requests to anybody else; see `faults`."""
    faults: list[str] = []
    page.kakuhan_faults = faults  # type: ignore[attr-defined]

    def console(message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            faults.append(f"{message.type}: {message.text}")

    def requested(request: Request) -> None:
        own = page.url.split("/")[2] if "//" in page.url else ""
        host = request.url.split("/")[2] if "//" in request.url else ""
        if own and host != own and not request.url.startswith("data:"):
            faults.append(f"request to {request.url}")

    page.on("console", console)
    page.on("pageerror", lambda error: faults.append(f"error: {error}"))
    page.on("request", requested)
    page.on("dialog", lambda dialog: (faults.append(f"dialog: {dialog.message}"), dialog.dismiss()))


def faults(page: Page) -> list[str]:
    """What the page did that it must not."""
    found: list[str] = page.kakuhan_faults  # type: ignore[attr-defined]
    return found


def evaluated(page: Page, script: str, argument: Any = None) -> Any:
    """What a script gives; it runs beside the page's own, under its policy."""
    return page.evaluate(script, argument)
