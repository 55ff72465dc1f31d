"""Instants as the page counts them, in epoch ms; it must not know what happens at them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def epoch_ms(instant: str | None) -> int | None:
    """Epoch ms of an RFC 3339 instant, floored; None for what is missing or none."""
    if not instant:
        return None
    try:
        moment = datetime.fromisoformat(instant)
    except ValueError:
        return None
    return (moment - _EPOCH) // _MS if moment.tzinfo is not None else None
