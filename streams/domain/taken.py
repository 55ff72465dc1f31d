"""An event as it is taken in by its customer; it must not know what it changes."""

from __future__ import annotations

import msgspec

from schemas.log import LogEvent


class Taken(msgspec.Struct, frozen=True, gc=False):
    """An event, its id, when it counts as having occurred (epoch ms), and how it came.

    `late_by_s` is None in time; `is_first` for the first record of a customer.
    """

    event: LogEvent
    event_id: str
    occurred_ms: int
    late_by_s: int | None
    is_history: bool
    is_first: bool
