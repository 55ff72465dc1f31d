"""Reading signals back: all of them, in order of publication, once, by audience, and as they come."""

from __future__ import annotations

import threading
import time
from dataclasses import replace
from typing import Any

import pytest

from streams.adapters.signal_log import signals
from streams.errors import BrokerError

MIDNIGHT_MS = 1_794_182_400_000


def test_signals_of_all_partitions_come_in_the_order_of_their_publication(
    bench: Any, run: Any, make_signal: Any
) -> None:
    async def work() -> None:
        for n in (0, 2, 4, 6):
            await bench.publish(make_signal("C0", n), partition=0, timestamp_ms=MIDNIGHT_MS + n)
        for n in (1, 3, 5):
            await bench.publish(make_signal("C1", n), partition=1, timestamp_ms=MIDNIGHT_MS + n)

    run(work())
    assert [s["signal_id"] for s in signals(bench.settings)] == [f"C{n % 2}-{n}" for n in range(7)]


def test_repeats_are_left_out_and_audiences_narrow(bench: Any, run: Any, make_signal: Any) -> None:
    async def work() -> None:
        await bench.publish(
            make_signal("C1", 1, audiences=["cs"]),
            make_signal("C1", 2),
            make_signal("C1", 2, detected_at="2026-11-10T00:00:00.000Z"),
            make_signal("C1", 3, audiences=["cs", "sales"]),
        )

    run(work())
    assert [s["signal_id"] for s in signals(bench.settings)] == ["C1-1", "C1-2", "C1-3"]
    assert [s["signal_id"] for s in signals(bench.settings, audience="cs")] == ["C1-1", "C1-3"]


def test_following_gives_what_was_there_and_then_what_comes(bench: Any, run: Any, make_signal: Any) -> None:
    run(bench.publish(make_signal("C1", 1)))
    stop, heard = threading.Event(), []

    def follow() -> None:
        for signal in signals(bench.settings, follow=True, stopped=stop.is_set):
            heard.append(signal["signal_id"])

    follower = threading.Thread(target=follow)
    follower.start()
    try:
        _until(lambda: heard == ["C1-1"])
        run(bench.publish(make_signal("C2", 2), partition=1))
        _until(lambda: heard == ["C1-1", "C2-2"])
    finally:
        stop.set()
        follower.join(30)
    assert heard == ["C1-1", "C2-2"]


def test_without_the_topic_it_is_said_what_to_do(bench: Any) -> None:
    with pytest.raises(BrokerError, match="kakuhan topics"):
        list(signals(replace(bench.settings, topic_prefix="nowhere.")))


def _until(reached: Any, within_s: float = 20.0) -> None:
    limit = time.monotonic() + within_s
    while not reached() and time.monotonic() < limit:
        time.sleep(0.02)
