"""Gives memory that is no longer used back to the system; it must not know what it was used for.

Reading modules and all customers leaves a heap with holes (some 15 MB after imports alone) that glibc keeps unless it
is asked, see malloc_trim(3).
"""

from __future__ import annotations

import asyncio
import ctypes
import gc

# Costs a few milliseconds each time; what many pages need while they load is then not held for ever.
EVERY_S = 60.0
M_ARENA_MAX = -8  # malloc.h


def one_arena() -> None:
    """Have all threads share one heap; otherwise each keeps one of its own, mostly empty (mallopt(3))."""
    call = getattr(_c_library(), "mallopt", None)
    if call is not None:
        call(M_ARENA_MAX, 1)


def give_back() -> None:
    """Collect garbage and return free memory; where the C library knows no such call, only the former."""
    gc.collect()
    trim()


def trim() -> None:
    """Return free memory, where the C library can."""
    call = getattr(_c_library(), "malloc_trim", None)
    if call is not None:
        call(0)


async def keep_trim() -> None:
    """Return free memory now and then, for ever."""
    while True:
        await asyncio.sleep(EVERY_S)
        trim()


def _c_library() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(None)
    except (OSError, TypeError):  # Windows, or a static build
        return None
