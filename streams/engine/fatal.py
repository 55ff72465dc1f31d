"""The way out when something must never be acknowledged; it must not know what went wrong."""

from __future__ import annotations

import os
import traceback
from pathlib import Path
from typing import NoReturn

EXIT_FATAL = 70  # EX_SOFTWARE of sysexits.h: restart me, nothing unfinished was committed
EXIT_REFUSED = 1  # a restart cannot help: a person has to change something


def describe(error: BaseException) -> str:
    """The error in one line, and where it was raised."""
    frames = traceback.extract_tb(error.__traceback__)
    where = f" ({Path(frames[-1].filename).name}:{frames[-1].lineno} in {frames[-1].name})" if frames else ""
    return f"{type(error).__name__}: {error}{where}".replace("\n", " ")


def die(reason: str, code: int = EXIT_FATAL) -> NoReturn:
    """Leave at once, without a commit and without cleaning up; what is not durable is read again."""
    os.write(2, f"kakuhan: worker {os.getpid()} stops: {reason}\n".encode())
    os._exit(code)
