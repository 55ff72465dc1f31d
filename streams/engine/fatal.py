"""The way out when something must never be acknowledged; it must not know what went wrong."""

from __future__ import annotations

import asyncio
import os
import traceback
from pathlib import Path
from typing import Any, NoReturn

EXIT_FATAL = 70  # EX_SOFTWARE of sysexits.h: restart me, nothing unfinished was committed
EXIT_REFUSED = 1  # a restart cannot help: a person has to change something


def describe(error: BaseException) -> str:
    """The error in one line, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name})" if frames else ""
    return f"{type(error).__name__}: {error}{where}".replace("\n", " ")


def waits_in(work: asyncio.Future[Any] | None) -> str:
    """The innermost place at which a task waits, and who called that."""
    coroutine = work.get_coro() if isinstance(work, asyncio.Task) else None
    places: list[str] = []
    while (frame := getattr(coroutine, "cr_frame", None)) is not None:
        places.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno} in {frame.f_code.co_name}")
        coroutine = getattr(coroutine, "cr_await", None)
    return " < ".join(places[:-4:-1]) or "an unknown place"


def die(reason: str, code: int = EXIT_FATAL) -> NoReturn:
    """Leave at once, without a commit and without cleaning up; what is not durable is read again."""
    os.write(2, f"kakuhan: worker {os.getpid()} stops: {reason}\n".encode())
    os._exit(code)
