"""Every private part of Faust, Mode and aiokafka that the engine leans on; an upgrade that changes one fails here."""

from __future__ import annotations

import asyncio
import inspect
from dataclasses import fields
from importlib.metadata import version
from typing import Any

import faust
import mode
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.consumer import fetcher
from aiokafka.consumer.fetcher import Fetcher
from aiokafka.consumer.group_coordinator import GroupCoordinator
from aiokafka.consumer.subscription_state import SubscriptionState, TopicPartitionState
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.producer.sender import Sender
from aiokafka.structs import ConsumerRecord
from faust.app.base import App, BootStrategy
from faust.tables.manager import TableManager
from faust.tables.recovery import Recovery
from faust.transport.consumer import Fetcher as FaustFetcher
from faust.transport.drivers import aiokafka as driver

from streams.engine.records import Record

PINNED = {"faust-streaming": "0.15.3", "mode-streaming": "0.7.1", "aiokafka": "0.14.0"}


@pytest.mark.parametrize("package", PINNED)
def test_the_versions_are_those_that_were_read_and_tried(package: str) -> None:
    assert version(package) == PINNED[package]


def _names(function: Any) -> list[str]:
    return list(inspect.signature(function).parameters)


@pytest.mark.parametrize(
    ("owner", "name", "parameters"),
    [
        (App, "_new_transport", ["self"]),
        (App, "_create_directories", ["self"]),
        (App, "on_rebalance_end", ["self"]),
        (BootStrategy, "kafka_consumer", ["self"]),
        (TableManager, "_update_channels", ["self"]),
        (Recovery, "_resume_streams", ["self", "generation_id"]),
        (Recovery, "_wait", ["self", "coro", "timeout"]),
        (driver.Consumer, "_new_consumer_thread", ["self"]),
        (driver.Consumer, "_drain_messages", ["self", "fetcher"]),
        (driver.Consumer, "_commit", ["self", "offsets"]),
        (driver.Consumer, "force_commit", ["self", "topics", "start_new_transaction"]),
        (driver.Consumer, "wait_empty", ["self"]),
        (driver.Consumer, "close", ["self"]),
        (driver.Consumer, "verify_event_path", ["self", "now", "tp"]),
        (driver.Consumer, "on_partitions_revoked", ["self", "revoked"]),
        (driver.Consumer, "on_partitions_assigned", ["self", "assigned", "generation_id"]),
        (driver.AIOKafkaConsumerThread, "_create_worker_consumer", ["self", "transport"]),
        (driver.AIOKafkaConsumerThread, "_ensure_consumer", ["self"]),
        (driver.AIOKafkaConsumerThread, "call_thread", ["self", "fun", "args", "kwargs"]),
        (driver.ConsumerRebalanceListener, "on_partitions_assigned", ["self", "assigned"]),
        (driver.Producer, "_ensure_producer", ["self"]),
        (driver.Producer, "_new_producer", ["self", "transactional_id"]),
        (driver, "server_list", ["urls", "default_port"]),
        (faust.Worker, "_setproctitle", ["self", "info", "ident"]),
        (faust.Worker, "change_workdir", ["self", "path"]),
        (mode.Worker, "carp", ["self", "msg"]),
        (mode.Worker, "_sentinel_task", ["self"]),
        (mode.Worker, "_schedule_shutdown", ["self", "signal"]),
        (mode.Worker, "on_started", ["self"]),
        (GroupCoordinator, "_do_heartbeat", ["self"]),
        (Fetcher, "_create_fetch_waiter", ["self"]),
        (Fetcher, "_get_actions_per_node", ["self", "assignment"]),
        (AIOKafkaConsumer, "getmany", ["self", "partitions", "timeout_ms", "max_records"]),
        (AIOKafkaProducer, "create_batch", ["self"]),
        (AIOKafkaProducer, "send_batch", ["self", "batch", "topic", "partition"]),
        (BatchBuilder, "append", ["self", "timestamp", "key", "value", "headers"]),
        (BatchBuilder, "record_count", ["self"]),
        (BatchBuilder, "size", ["self"]),
    ],
)
def test_a_method_is_called_as_before(owner: Any, name: str, parameters: list[str]) -> None:
    assert _names(getattr(owner, name)) == parameters


def test_classes_are_chosen_where_the_engine_puts_its_own() -> None:
    assert driver.Transport.Consumer is driver.Consumer
    assert driver.Consumer.RebalanceListener is driver.ConsumerRebalanceListener
    assert App.BootStrategy is BootStrategy
    assert TableManager._recovery is None


def test_a_consumer_that_has_not_started_takes_what_faust_hard_codes() -> None:
    async def attributes() -> dict[str, Any]:
        consumer = AIOKafkaConsumer()
        found = {n: getattr(consumer, n) for n in ("_fetch_max_wait_ms", "_isolation_level")}
        found["assignors"] = len(consumer._partition_assignment_strategy)
        await consumer.stop()
        return found

    assert asyncio.run(attributes()) == {
        "_fetch_max_wait_ms": 500,
        "_isolation_level": "read_uncommitted",
        "assignors": 1,
    }
    source = inspect.getsource(AIOKafkaConsumer.start)
    for name in ("_fetch_max_wait_ms", "_isolation_level", "_partition_assignment_strategy"):
        assert f"self.{name}" in source, "read when it starts, not before"


def test_how_long_a_request_for_records_waits_is_read_when_it_is_made() -> None:
    assert "self._get_actions_per_node(assignment)" in inspect.getsource(Fetcher._fetch_requests_routine)
    source = inspect.getsource(Fetcher._get_actions_per_node)
    assert "if tp in self._records" in source, "partitions whose records it still holds are not asked for"
    assert "backoff=self._prefetch_backoff" in inspect.getsource(Fetcher._proc_fetch_request)
    assert "FetchRequest(\n                self._fetch_max_wait_ms,\n                self._fetch_min_bytes," in source
    routine = inspect.getsource(Fetcher._fetch_requests_routine)
    assert "self._pending_tasks -= done_pending" in routine, "at once"
    assert "task.add_done_callback(on_done)" in routine, "a broker is not busy any more only when callbacks have run"
    assert "resume_futures,\n        )" in source, "five things, the third of them how long to wait"


def test_consumed_records_are_made_in_the_form_that_is_put_in_place_of_theirs() -> None:
    assert {field.name for field in fields(ConsumerRecord)} > set(Record.__struct_fields__)
    assert "partition_records = PartitionRecords(\n" in inspect.getsource(Fetcher._proc_fetch_request)
    unpack = inspect.getsource(fetcher.PartitionRecords._unpack_records)
    assert "consumer_record = self._consumer_record(tp, record)" in unpack
    assert "for msg in self._partition_records:" in inspect.getsource(fetcher.FetchResult.getall)


def test_a_producer_has_one_request_to_a_broker_at_a_time_and_starts_as_faust_starts_it() -> None:
    assert "ignore_nodes=self._in_flight" in inspect.getsource(Sender._sender_routine)
    assert "self._new_producer()" in inspect.getsource(driver.Producer.on_start)


def test_a_coordinator_tells_the_generation_and_minus_one_outside_the_group() -> None:
    source = inspect.getsource(GroupCoordinator)
    assert "self.generation = OffsetCommitRequest.DEFAULT_GENERATION_ID" in source
    assert driver.DEFAULT_GENERATION_ID == -1
    heartbeat = inspect.getsource(GroupCoordinator._do_heartbeat)
    assert heartbeat.count("return True") == 2, "answered well: no error, and a rebalance has begun"
    assert "await self._do_heartbeat()" in inspect.getsource(GroupCoordinator._heartbeat_routine)


def test_positions_and_ends_can_be_taken_together() -> None:
    async def state() -> TopicPartitionState:
        subscription = SubscriptionState()
        tp = TopicPartition("t", 0)
        subscription.assign_from_user([tp])
        assert subscription.reassignment_in_progress in (True, False)
        assert tp in subscription.subscription.assignment.tps
        return subscription.subscription.assignment.state_value(tp)

    found = asyncio.run(state())
    assert found.has_valid_position is False
    assert found.lso is None
    found.seek(7)
    assert found.position == 7


def test_a_recovery_without_tables_resumes_streams_only() -> None:
    source = inspect.getsource(Recovery._restart_recovery.fun)
    before, _, after = source.partition("if not self.tables")
    assert before
    assert "self._resume_streams" in after.split("continue")[0]
    assert "app.on_rebalance_end()" in inspect.getsource(Recovery._resume_streams)


def test_faust_drains_chunks_commits_and_gives_up_partitions_through_our_methods() -> None:
    assert "consumer._drain_messages(self)" in inspect.getsource(FaustFetcher)
    assert "self.force_commit(" in inspect.getsource(driver.Consumer.commit)
    assert "consumer.wait_empty()" in inspect.getsource(App._consumer_wait_empty)
    for place in (App._on_partitions_revoked, App._stop_consumer):
        assert "_consumer_wait_empty" in inspect.getsource(place)
    assert "consumer_generation_id = generation" in inspect.getsource(driver.ConsumerRebalanceListener)


def test_a_consumer_is_closed_in_the_midst_of_a_rebalance_only_and_by_its_thread_at_the_end() -> None:
    assert "self.consumer.close()" in inspect.getsource(App._on_rebalance_when_stopped)
    assert "_closed = True" in inspect.getsource(driver.AIOKafkaConsumerThread.close)
    assert "await self._consumer.stop()" in inspect.getsource(driver.AIOKafkaConsumerThread.on_thread_stop)
    assert "await self._maybe_leave_group()" in inspect.getsource(GroupCoordinator.close)


def test_a_worker_that_crashes_raises_and_one_that_stops_exits_with_zero() -> None:
    source = inspect.getsource(mode.Worker)
    assert "raise self.crash_reason" in source
    assert "raise SystemExit(EX_OK)" in source
