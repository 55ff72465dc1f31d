"""How aiokafka's fetcher is made to ask: on and on, whatever ends in the same instant."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from aiokafka import TopicPartition
from aiokafka.client import AIOKafkaClient
from aiokafka.consumer.fetcher import Fetcher, FetchResult
from aiokafka.consumer.subscription_state import SubscriptionState

from streams.engine.pace import Pace
from streams.engine.thread import _wait_by_need

NEVER_S = 60.0  # after which the fetcher would look by itself; 0.2 s unless told otherwise
PROMPTLY_S = 1.0
# partition n is led by broker n + 1
CLUSTER = SimpleNamespace(leader_for_partition=lambda tp: tp.partition + 1, broker_metadata=lambda node: object())


def _fetcher(partitions: int = 1) -> Fetcher:
    """One that reads so many partitions from brokers it does not ask."""
    subscriptions, places = SubscriptionState(), [TopicPartition("events", p) for p in range(partitions)]
    subscriptions.assign_from_user(places)
    for place in places:
        subscriptions.subscription.assignment.state_value(place).seek(0)
    client = AIOKafkaClient()  # not started
    client.cluster = CLUSTER
    return Fetcher(client, subscriptions, fetcher_timeout=NEVER_S)


def test_a_request_that_ends_while_records_are_taken_is_followed_by_the_next_at_once() -> None:
    async def asked() -> int:
        fetcher, answers = _fetcher(), asyncio.Queue[asyncio.Future[bool]]()

        async def ask(*_: Any) -> bool:
            answer: asyncio.Future[bool] = asyncio.get_running_loop().create_future()
            answers.put_nowait(answer)
            return await answer

        fetcher._proc_fetch_request = ask
        _wait_by_need(fetcher, Pace())
        count = 0
        try:
            async with asyncio.timeout(PROMPTLY_S):
                while count < 3:
                    answer = await answers.get()
                    await asyncio.sleep(0)  # until it waits
                    fetcher._wait_consume_future.set_result(None)  # as when somebody takes records
                    answer.set_result(False)
                    count += 1
        except TimeoutError:
            pass
        finally:
            await fetcher.close()
        return count

    assert asyncio.run(asked()) == 3


def test_so_is_one_that_ends_while_records_of_another_broker_are_taken() -> None:
    async def asked() -> list[int]:
        fetcher, answers, brokers = _fetcher(2), dict[int, asyncio.Future[bool]](), list[int]()

        async def ask(assignment: Any, broker: int, request: Any) -> bool:
            brokers.append(broker)
            answers[broker] = asyncio.get_running_loop().create_future()
            try:
                return await answers[broker]
            except asyncio.CancelledError:  # the fetcher is closed
                return False

        fetcher._proc_fetch_request = ask
        _wait_by_need(fetcher, Pace())
        await asyncio.sleep(0.01)
        first = TopicPartition("events", 0)
        assignment = fetcher._subscriptions.subscription.assignment
        fetcher._records[first] = FetchResult(first, assignment=assignment, partition_records=object(), backoff=0)
        answers[1].set_result(True)
        await asyncio.sleep(0.01)
        brokers.clear()
        del fetcher._records[first]
        fetcher._wait_consume_future.set_result(None)
        answers[2].set_result(False)
        await asyncio.sleep(0.05)
        await fetcher.close()
        return sorted(brokers)

    assert asyncio.run(asked()) == [1, 2]
