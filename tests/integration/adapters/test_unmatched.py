"""Releases about nobody we know: sent again once, as they were, by whichever worker has them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient

from schemas.releases import Company
from streams.adapters import unmatched
from streams.adapters.unmatched import UnmatchedRetry, unmatched_headers
from streams.settings import Settings


@pytest.fixture
def settings(stack: Any, names: Any, create_topics: Callable[..., None]) -> Settings:
    create_topics("unmatched-companies", "press-releases", partitions=2)
    return Settings(brokers=stack.brokers, app=names.app, topic_prefix=names.prefix)


@pytest.fixture
def put_aside(settings: Settings) -> Callable[..., None]:
    def put(event_id: str, company: str, partition: int = 0, key: bytes | None = b"k") -> None:
        producer = Producer({"bootstrap.servers": settings.brokers})
        value = json.dumps({"event_id": event_id, "company": {"name": company}}).encode()
        headers = unmatched_headers(settings.press_releases, 0, 5, [("ce_id", event_id.encode())])
        producer.produce(settings.unmatched_companies, value, key, partition, headers=headers)
        producer.flush(30)

    return put


class Known:
    """Companies that are somebody."""

    def __init__(self, *names: str) -> None:
        self.names = set(names)

    def __call__(self, company: Company) -> bool:
        return company.name in self.names


def test_a_release_is_sent_again_as_it_was_when_its_company_appears(settings: Any, put_aside: Any, run: Any) -> None:
    put_aside("pr-1", "架空商事")
    put_aside("pr-2", "架空工業", partition=1, key=None)

    async def work() -> None:
        known = Known()
        retry = UnmatchedRetry(settings, known)
        retry.start()
        try:
            await until(lambda: retry.open_releases == 2)
            known.names.add("架空工業")
            retry.look_again()
            await until(lambda: retry.sent_again == 1)
            assert retry.open_releases == 1
        finally:
            await retry.close()

    run(work())
    assert records(settings, settings.press_releases) == [(None, "pr-2", [("ce_id", b"pr-2")])]


def test_a_restart_neither_loses_nor_repeats(settings: Any, put_aside: Any, run: Any) -> None:
    put_aside("pr-1", "架空商事")
    put_aside("pr-2", "架空工業")

    async def one_run(names: list[str], sent: int, still_open: int) -> None:
        retry = UnmatchedRetry(settings, Known(*names))
        retry.start()
        try:
            await until(lambda: retry.sent_again == sent and retry.open_releases == still_open)
            await asyncio.sleep(0.5)
            assert retry.sent_again == sent
        finally:
            await retry.close()

    async def work() -> None:
        await one_run(["架空商事"], 1, 1)
        await one_run(["架空商事"], 0, 1)
        await one_run(["架空商事", "架空工業"], 1, 0)
        await one_run(["架空商事", "架空工業"], 0, 0)

    run(work(), 60.0)
    assert sorted(event_id for _, event_id, _ in records(settings, settings.press_releases)) == ["pr-1", "pr-2"]


def test_a_release_put_aside_after_its_account_came_is_tried_too(settings: Any, put_aside: Any, run: Any) -> None:
    async def work() -> None:
        retry = UnmatchedRetry(settings, Known("架空商事"))
        retry.start()
        try:
            await asyncio.sleep(1.0)
            await asyncio.to_thread(put_aside, "pr-1", "架空商事")
            await until(lambda: retry.sent_again == 1)
        finally:
            await retry.close()

    run(work())


def test_two_workers_share_the_partitions_and_send_each_release_once(settings: Any, put_aside: Any, run: Any) -> None:
    for n in range(20):
        put_aside(f"pr-{n}", "架空商事", partition=n % 2)

    async def work() -> None:
        known = Known()
        workers = [UnmatchedRetry(settings, known) for _ in range(2)]
        for worker in workers:
            worker.start()
        try:
            await until(lambda: [worker.open_releases for worker in workers] == [10, 10])
            known.names.add("架空商事")
            for worker in workers:
                worker.look_again()
            await until(lambda: sum(worker.sent_again for worker in workers) == 20)
        finally:
            await asyncio.gather(*(worker.close() for worker in workers))

    run(work(), 60.0)
    sent = [event_id for _, event_id, _ in records(settings, settings.press_releases)]
    assert sorted(sent) == sorted(f"pr-{n}" for n in range(20))


def test_a_release_with_a_number_beyond_all_machine_numbers_waits_too(settings: Any, run: Any) -> None:
    producer = Producer({"bootstrap.servers": settings.brokers})
    value = b'{"event_id": "pr-1", "company": {"name": "\xe6\x9e\xb6\xe7\xa9\xba", "domain": null, "rank": 1e400}}'
    producer.produce(settings.unmatched_companies, value, partition=0)
    producer.flush(30)

    async def work() -> None:
        retry = UnmatchedRetry(settings, Known("架空"))
        retry.start()
        try:
            await until(lambda: retry.sent_again == 1)
        finally:
            await retry.close()

    run(work())


def test_what_can_never_match_is_not_kept(settings: Any, put_aside: Any, run: Any) -> None:
    producer = Producer({"bootstrap.servers": settings.brokers})
    for value in (b"{", b"{}", b'{"company": {}}', b'{"company": {"corporate_number": "12"}}'):
        producer.produce(settings.unmatched_companies, value, partition=0)
    producer.flush(30)
    put_aside("pr-1", "架空商事")

    async def work() -> None:
        retry = UnmatchedRetry(settings, Known())
        retry.start()
        try:
            await until(lambda: retry.open_releases == 1)
        finally:
            await retry.close()

    run(work())


def test_what_has_expired_is_forgotten(
    settings: Any, put_aside: Any, run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(unmatched, "CUT_EVERY_S", 0.1)
    for number in range(5):
        put_aside(f"pr-{number}", "架空商事")

    async def work() -> None:
        retry = UnmatchedRetry(settings, Known())
        retry.start()
        try:
            await until(lambda: retry.open_releases == 5)
            admin = AdminClient({"bootstrap.servers": settings.brokers})
            for done in admin.delete_records([TopicPartition(settings.unmatched_companies, 0, 3)]).values():
                done.result(30)
            await until(lambda: retry.open_releases == 2)
        finally:
            await retry.close()

    run(work())


async def until(reached: Callable[[], bool], within_s: float = 20.0) -> None:
    async def wait() -> None:
        while not reached():
            await asyncio.sleep(0.02)

    await asyncio.wait_for(wait(), within_s)


def records(settings: Settings, topic: str) -> list[tuple[Any, str, Any]]:
    """(key, event_id, headers) of everything in a topic, read with a client of another make."""
    client = Consumer({"bootstrap.servers": settings.brokers, "group.id": "looking", "enable.auto.commit": "false"})
    try:
        parts = [TopicPartition(topic, p, 0) for p in client.list_topics(topic, 30).topics[topic].partitions]
        left = sum(client.get_watermark_offsets(part, 30)[1] for part in parts)
        client.assign(parts)
        found = [m for m in (client.poll(30) for _ in range(left)) if m is not None]
        return [(m.key(), json.loads(m.value())["event_id"], m.headers() or []) for m in found]
    finally:
        client.close()
