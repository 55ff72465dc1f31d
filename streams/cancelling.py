"""Has a task that was told to end, end; it must not know what the task does.

`asyncio.wait_for` of Python 3.11 gives back the result, and nothing of the cancellation, where both come in one turn
of the loop (bpo-42130; Python 3.12 wrote it anew). A task that goes round for ever would then stay for ever, and with
it whoever waits for its end. This project uses `asyncio.timeout`, which has no such gap; `heed_cancel` is for calls
of libraries that use `wait_for`, as redis-py does in order to send.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def heed_cancel() -> Iterator[None]:
    """Notice a cancellation that something inside passed over; for code of a task.

    Raises:
        asyncio.CancelledError: The task was told to end meanwhile, and what is inside returned or failed all the same.
    """
    task = asyncio.current_task()
    before = task.cancelling() if task is not None else 0
    try:
        yield
    except Exception as error:
        if task is not None and task.cancelling() > before:
            raise asyncio.CancelledError from error
        raise
    if task is not None and task.cancelling() > before:
        raise asyncio.CancelledError
