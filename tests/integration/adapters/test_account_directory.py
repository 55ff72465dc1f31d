"""The account master in memory, from a real topic: caught up first, then followed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from confluent_kafka import Producer

from schemas.releases import Company
from streams.adapters.account_directory import AccountFollower, through_intake
from streams.errors import BrokerError
from streams.intake.companies import Directory, Matches
from streams.intake.intake import Intake, IntakeSettings
from streams.settings import Settings


@pytest.fixture
def settings(stack: Any, names: Any, create_topics: Callable[..., None]) -> Settings:
    create_topics("accounts", partitions=3)
    return Settings(brokers=stack.brokers, app=names.app, topic_prefix=names.prefix)


@pytest.fixture
def put(settings: Settings) -> Callable[..., None]:
    """Write accounts with librdkafka, whose partitioner is not the Java one; None as name is a tombstone."""

    def write(transactional: bool = False, **accounts: str | None) -> None:
        options = {"transactional.id": settings.app} if transactional else {}
        producer = Producer({"bootstrap.servers": settings.brokers} | options)
        if transactional:
            producer.init_transactions(30)
            producer.begin_transaction()
        for customer_id, name in accounts.items():
            value = None if name is None else json.dumps({"customer_id": customer_id, "name": name, "kind": "b2b"})
            producer.produce(settings.accounts, value, customer_id)
        if transactional:
            producer.commit_transaction(30)
        producer.flush(30)

    return write


def follower(settings: Settings, directory: Directory, on_change: Callable[[], None] = lambda: None) -> AccountFollower:
    intake = Intake(IntakeSettings(300, "JPY"), directory)
    return AccountFollower(settings, directory, through_intake(intake), on_change)


def found(directory: Directory, name: str) -> tuple[str, ...]:
    resolution = directory.resolve(Company(name=name))
    return resolution.customer_ids if isinstance(resolution, Matches) else ()


async def read_once(settings: Settings, directory: Directory) -> None:
    """Know the accounts that the topic holds now."""
    accounts = follower(settings, directory)
    await accounts.start()
    await accounts.close()


def test_all_accounts_are_known_when_start_returns(settings: Settings, put: Any, run: Any) -> None:
    put(**{f"C{n}": f"架空{n}商事" for n in range(2_500)})
    put(C1="新架空商事", C2=None)
    put(transactional=True, C9000="後架空商事")
    directory = Directory()

    async def work() -> None:
        accounts = follower(settings, directory)
        await accounts.start()
        try:
            assert len(directory) == 2_500  # one removed, one more from the committed transaction
            assert (found(directory, "架空1商事"), found(directory, "新架空商事")) == ((), ("C1",))
            assert found(directory, "後架空商事") == ("C9000",)
        finally:
            await accounts.close()

    run(work())


def test_what_changes_later_is_followed_and_told(settings: Settings, put: Any, run: Any) -> None:
    put(C1="架空商事")
    directory = Directory()

    async def work() -> None:
        changes = asyncio.Event()
        accounts = follower(settings, directory, changes.set)
        await accounts.start()
        try:
            assert not changes.is_set()
            await asyncio.to_thread(put, C1=None, C2="架空工業")
            await asyncio.wait_for(changes.wait(), 20)
            while len(directory) != 1 or not found(directory, "架空工業"):
                await asyncio.sleep(0.02)
        finally:
            await accounts.close()

    run(work())


def test_a_record_that_intake_refuses_changes_nothing(settings: Settings, put: Any, run: Any) -> None:
    put(C1="架空商事")
    producer = Producer({"bootstrap.servers": settings.brokers})
    for value in (b"{", b'{"customer_id": "C2", "name": "x"}', b"\xff"):
        producer.produce(settings.accounts, value, "C1")
    producer.flush(30)
    directory = Directory()

    run(read_once(settings, directory))
    assert found(directory, "架空商事") == ("C1",)
    assert len(directory) == 1


def test_an_account_whose_sender_s_clock_is_behind_is_known_all_the_same(settings: Settings, run: Any) -> None:
    producer = Producer({"bootstrap.servers": settings.brokers})
    value = {"customer_id": "C1", "name": "架空商事", "kind": "b2b", "occurred_at": "2026-11-01T09:00:00+09:00"}
    producer.produce(settings.accounts, json.dumps(value), "C1", timestamp=1_700_000_000_000)
    producer.flush(30)
    directory = Directory()

    run(read_once(settings, directory))
    assert found(directory, "架空商事") == ("C1",)


def test_a_missing_topic_stops_the_start(settings: Settings, run: Any) -> None:
    async def work() -> None:
        accounts = follower(replace(settings, topic_prefix="nowhere."), Directory())
        try:
            await accounts.start()
        finally:
            await accounts.close()

    with pytest.raises(BrokerError, match=r"there is no topic nowhere\.accounts"):
        run(work())
