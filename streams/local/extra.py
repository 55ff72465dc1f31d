"""The packages of the extra `local`, imported when they are needed.

It must not import them itself: the command line lists `local` also where they are not installed, as in a container.
"""

from __future__ import annotations

from importlib import import_module
from typing import Any

from streams.errors import LocalStackError


def need(package: str) -> Any:
    """The imported module of that name.

    Raises:
        LocalStackError: it is not installed.
    """
    try:
        return import_module(package)
    except ImportError as error:
        raise LocalStackError(
            f"the local Kafka and Redis need {package}, which is not installed: pip install 'kakuhan[local]'"
        ) from error
