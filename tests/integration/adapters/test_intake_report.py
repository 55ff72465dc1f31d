"""What readers of Redis learn of intake: how far each source is, and how many dead letters wait."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Producer

from schemas.dead_letters import DeadLetter
from streams.adapters import dead_letter_count
from streams.adapters.dead_letter_count import DeadLetterCount
from streams.adapters.dead_letter_purge import purge
from streams.adapters.dead_letters import Selection, dead_letters, replay
from streams.adapters.intake_report import IntakeReport, SourceProgress
from streams.settings import Settings

WITHIN_S = 20.0


def test_the_lag_of_a_topic_is_the_sum_over_its_partitions(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view() as view:
            await view.reached(0)
        one, another = IntakeReport(bench.settings), IntakeReport(bench.settings)
        await one.tell([SourceProgress("purchases", 0, 7, 10), SourceProgress("accounts", 0, 5, 5)], None)
        await another.tell([SourceProgress("purchases", 11, 0, 4)], 6)
        await one.close()
        await another.close()

    run(work())
    summary = bench.summary()
    assert (summary["lag:topic:purchases"], summary["lag:topic:accounts"]) == ("7", "0")
    assert (summary["read:topic:purchases:11"], summary["end:topic:purchases:11"]) == ("0", "4")
    assert summary["dead_letters"] == "6"


def test_what_waits_in_the_sources_is_part_of_the_whole_lag(bench: Any, run: Any) -> None:
    async def work() -> None:
        report = IntakeReport(bench.settings)
        async with bench.view() as view:
            await view.reached(0)
            await report.tell([SourceProgress("purchases", 0, 7, 10)], 0)
            await view.report([], 1_794_182_401_500)
        await report.close()

    run(work())
    assert bench.summary()["lag"] == "3"


def test_an_application_that_is_not_shown_says_nothing(bench: Any, run: Any) -> None:
    async def work() -> None:
        async with bench.view(app="second") as second:
            await second.reached(0)
        report = IntakeReport(bench.settings)
        await report.tell([SourceProgress("purchases", 0, 7, 10)], 3)
        await report.close()

    run(work())
    assert not {"dead_letters", "lag:topic:purchases"} & bench.summary().keys()


@pytest.fixture
def settings(stack: Any, names: Any, create_topics: Callable[..., None]) -> Settings:
    create_topics("dead-letters", "purchases", partitions=2)
    return Settings(brokers=stack.brokers, app=names.app, topic_prefix=names.prefix)


def refuse(settings: Settings, *offsets: int) -> None:
    producer = Producer({"bootstrap.servers": settings.brokers})
    for offset in offsets:
        letter = DeadLetter(settings.purchases, 0, offset, "invalid_json", f"number {offset}")
        producer.produce(settings.dead_letters, b"{", b"C1", partition=offset % 2, headers=letter.headers([]))
    producer.flush(30)


def test_letters_sent_again_or_purged_do_not_wait_any_more(
    settings: Settings, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dead_letter_count, "BEGINS_EVERY_S", 0.3)
    refuse(settings, *range(8))  # 0:0 to 0:3 and 1:0 to 1:3

    async def becomes(count: DeadLetterCount, number: int) -> None:
        async with asyncio.timeout(WITHIN_S):
            while count.waiting != number:
                await asyncio.sleep(0.05)

    async def work() -> None:
        count = DeadLetterCount(settings)
        assert count.waiting is None
        count.start()
        await becomes(count, 8)
        assert await asyncio.to_thread(replay, settings, Selection(names={"0:1", "1:2"})) == 2
        await becomes(count, 6)
        await asyncio.to_thread(purge, settings, Selection(names={"0:2"}))  # 0:0 moves on, 0:3 stays
        await becomes(count, 5)
        await asyncio.to_thread(refuse, settings, 8)
        await becomes(count, 6)
        await count.close()
        later = DeadLetterCount(settings)
        later.start()
        await becomes(later, 6)
        await later.close()

    run(work())
    assert len(list(dead_letters(settings))) == 6


def test_what_the_broker_has_deleted_is_forgotten() -> None:
    count = DeadLetterCount(Settings(brokers="127.0.0.1:1"))
    for offset in range(5):
        letter = DeadLetter("purchases", 0, offset, "invalid_json", "JSON")
        count.take(Record(0, offset, letter.headers([])))
    count.take(Record(0, 5, [("something", b"else")]))
    count.cut({0: 3, 1: 100})
    assert count._waiting == {(0, 3), (0, 4)}


class Record:
    """As much of a consumed record as is looked at."""

    def __init__(self, partition: int, offset: int, headers: list[tuple[str, bytes]]) -> None:
        self.partition, self.offset, self.headers = partition, offset, headers
