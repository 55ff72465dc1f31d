"""Whether what the pages show is fresh, and if not, why; it must not know Redis or sockets.

Ages are judged by this process's own clock: from when a report was last seen to change, not from the time it names.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from streams.dashboard.book import SEGMENTS
from streams.dashboard.delay import Delay

# The worker reports once a second; that many seconds without a change mean that it stopped or is cut off.
WORKER_SILENT_S = 5.0
# Records that wait for longer than that mean that the worker does not keep up.
BEHIND_S = 10.0

Summary = Mapping[str, str]


class Health:
    """What is known of the data's freshness; `now_s` arguments are monotonic seconds."""

    def __init__(self, policy_version: str) -> None:
        self._policy_version = policy_version
        self._summary: dict[str, str] = {}
        self._redis_error: str | None = "not asked yet"
        self._loading: tuple[int, int] | None = (0, 0)
        self._seen_at: str | None = None
        self._seen_changed_s: float | None = None
        self._delay = Delay(BEHIND_S)

    def redis_is_away(self, error: str) -> None:
        """Redis did not answer; the page shows what it last knew."""
        self._redis_error = error

    def redis_is_back(self) -> None:
        """Redis answers and everything is being followed again."""
        self._redis_error = None

    def loading(self, done: int, of: int) -> None:
        """The customers are being read."""
        self._loading = (done, of)

    def loaded(self) -> None:
        """All customers are read."""
        self._loading = None

    def take(self, summary: Summary, now_s: float) -> None:
        """The summary as it stands in Redis now."""
        seen_at = summary.get("seen_at")
        if seen_at != self._seen_at:
            # The first report seen may be an old one: it counts as fresh only once it changes.
            self._seen_changed_s = None if self._seen_at is None and self._seen_changed_s is None else now_s
            self._seen_at = seen_at
        self._delay.take(summary, now_s)
        self._summary = dict(summary)

    def trust(self, age_s: float, now_s: float) -> None:
        """The first report was made that long ago by the wall clock; a young one counts as fresh."""
        if self._seen_changed_s is None and age_s < WORKER_SILENT_S:
            self._seen_changed_s = now_s

    def level(self, now_s: float) -> str:
        """`away`, `loading`, `stopped`, `behind` or `ok`: the gravest that holds."""
        if self._redis_error is not None:
            return "away"
        if self._loading is not None:
            return "loading"
        if self._seen_changed_s is None or now_s - self._seen_changed_s > WORKER_SILENT_S:
            return "stopped"
        if self._delay.too_long:
            return "behind"
        return "ok"

    def report(self, now_s: float) -> dict[str, Any]:
        """Everything that pages show of it."""
        summary = self._summary
        return {
            "t": "health",
            "level": self.level(now_s),
            "error": self._redis_error,
            "loading": self._loading,
            "lag": _number(summary.get("lag")),
            "newest_event": summary.get("newest_event") or None,
            "seen_at": self._seen_at or None,
            "policy_version": summary.get("policy_version"),
            "policy_matches": summary.get("policy_version") in (None, self._policy_version),
            "dead_letters": _number(summary.get("dead_letters")),
            "topics": _by_name(summary, "lag:topic:"),
            "partitions": _by_name(summary, "lag:", numbered=True),
            "segments": {place: _sums(summary, place) for place in (*SEGMENTS, "former")},
        }


def _sums(summary: Summary, place: str) -> dict[str, Any]:
    return {
        "customers": _number(summary.get(f"customers:{place}")) or 0,
        "revenue": summary.get(f"revenue:{place}", "0"),
    }


def _by_name(summary: Summary, prefix: str, numbered: bool = False) -> dict[str, int]:
    """Numbers of the fields with this prefix, by what follows it; with `numbered` only where that is a number."""
    found = {name.removeprefix(prefix): text for name, text in summary.items() if name.startswith(prefix)}
    return {name: int(text) for name, text in sorted(found.items()) if _plain(text) and name.isdecimal() == numbered}


def _number(text: str | None) -> int | None:
    return int(text) if text is not None and _plain(text) else None


def _plain(text: str) -> bool:
    return text.removeprefix("-").isdecimal()
