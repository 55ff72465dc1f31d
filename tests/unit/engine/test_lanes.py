"""Partitions of one kind, cut in rounds: sources are handled in one go, each offset its own; others go in step."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

from streams.engine.forward import Append, ForwardTask, SourceRecord
from streams.engine.stats import PartitionStats
from streams.engine.task import CHUNK_RECORDS, MANY_RECORDS, ROUND_S, Lane, Task

PROMPTLY_S = 1.0


def record(offset: int) -> Any:
    return SimpleNamespace(offset=offset, value=b"v")


class Outlet:
    """Notes what is appended, each call by itself."""

    def __init__(self) -> None:
        self.appended: list[tuple[tuple[str, int], list[bytes]]] = []

    async def fence(self, generation: int) -> None:
        assert generation == 7

    async def partitions_of(self, topic: str) -> int:
        return 1

    def append(self, place: tuple[str, int], items: Any) -> asyncio.Future[None]:
        self.appended.append((place, [value for _, value, _ in items]))
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


async def handler(topic: str, partition: int, records: list[SourceRecord]) -> list[Append]:
    return [Append("events", b"k", f"{topic}{partition}@{record.offset}".encode()) for record in records]


def tasks_of(outlet: Any, *places: tuple[str, int]) -> list[ForwardTask]:
    return [ForwardTask(topic, partition, 7, PartitionStats(), handler, outlet) for topic, partition in places]


def test_chunks_of_several_partitions_are_appended_in_one_go_and_each_offset_moves() -> None:
    outlet = Outlet()

    async def work() -> list[ForwardTask]:
        first, second, idle = tasks = tasks_of(outlet, ("a", 0), ("b", 1), ("b", 2))
        lane = Lane(tasks)
        first.feed([record(4), record(5)], 6, 6)
        second.feed([record(9)], 12, 12)  # ends with offsets that nobody reads
        chunks = await lane.next_chunks()
        assert {chunk.task for chunk in chunks} == {first, second}
        await ForwardTask.process(chunks)
        assert not any(task._sending for task in tasks)
        return [first, second, idle]

    first, second, idle = asyncio.run(work())
    assert [place for place, _ in outlet.appended] == [("events", 0)]
    values = outlet.appended[0][1]
    assert sorted(values) == [b"a0@4", b"a0@5", b"b1@9"]
    assert values.index(b"a0@4") < values.index(b"a0@5"), "in source order"
    assert (first.stats.next_offset, second.stats.next_offset, idle.stats.next_offset) == (6, 12, -1)
    assert (first.stats.records, second.stats.records) == (2, 1)


def test_a_busy_partition_holds_up_no_other() -> None:
    async def work() -> tuple[list[list[int]], list[int]]:
        busy, other = tasks = tasks_of(Outlet(), ("a", 0), ("a", 1))
        lane = Lane(tasks)
        busy.feed([record(offset) for offset in range(3 * CHUNK_RECORDS)], 3 * CHUNK_RECORDS, 3 * CHUNK_RECORDS)
        other.feed([record(0)], 1, 1)
        first = await lane.next_chunks()  # as many as fit, of the busy one alone
        second = await lane.next_chunks()  # the busy one's chunk is still in work
        for chunk in second:
            chunk.done.set_result(None)
        other.feed([record(1)], 2, 2)
        third = await lane.next_chunks()
        first[0].done.set_result(None)
        fourth = await lane.next_chunks()
        found = [[chunk.task.partition for chunk in chunks] for chunks in (first, second, third, fourth)]
        return found, [record.offset for record in fourth[0].records[:1]]

    assert asyncio.run(work()) == ([[0], [1], [1], [0]], [CHUNK_RECORDS])


def test_a_source_that_ends_with_what_nobody_reads_is_passed() -> None:
    async def work() -> list[int]:
        (task,) = tasks_of(Outlet(), ("a", 0))
        lane = Lane([task])
        task.feed([record(10)], 11, 11)
        (chunk,) = chunks = await lane.next_chunks()
        await ForwardTask.process(chunks)
        chunk.done.set_result(None)
        waiting = asyncio.ensure_future(lane.next_chunks())
        await asyncio.sleep(0.01)
        assert not waiting.done()
        task.feed([], 14, 14)  # a sender has aborted its transaction
        async with asyncio.timeout(PROMPTLY_S):
            return [chunk.next_offset for chunk in await waiting]

    assert asyncio.run(work()) == [14]


def test_a_lane_ends_when_its_partitions_are_given_up() -> None:
    async def work() -> list[Any]:
        tasks = tasks_of(Outlet(), ("a", 0), ("a", 1))
        waiting = asyncio.ensure_future(Lane(tasks).next_chunks())
        await asyncio.sleep(0)
        for task in tasks:
            task.closed = True
            task.changed.set()
        async with asyncio.timeout(PROMPTLY_S):
            return await waiting

    assert asyncio.run(work()) == []


class InStep(Task):
    """A partition that waits for the others of its round."""

    in_step, idle_s = True, 0.001


class Idle(Task):
    """A partition that notes when it is asked for work without records."""

    idle_s = 60.0

    def __init__(self, partition: int) -> None:
        super().__init__("events", partition, 7, PartitionStats())
        self.asked, self.has_work = 0, False

    def has_idle_work(self) -> bool:
        self.asked += 1
        return self.has_work


def test_partitions_without_records_are_asked_now_and_then_and_after_a_chunk() -> None:
    async def work() -> None:
        tasks, now_s = [Idle(partition) for partition in range(3)], [1000.0]
        lane = Lane(tasks, lambda: now_s[0])
        feed(tasks[0], 0, 1)
        (chunk,) = await lane.next_chunks()
        assert [task.asked for task in tasks] == [0, 1, 1]
        tasks[0].has_work = tasks[1].has_work = True
        chunk.done.set_result(None)
        await asyncio.sleep(0)
        assert [chunk.task.partition for chunk in await lane.next_chunks()] == [0], "more of what it had to do"
        now_s[0] += Idle.idle_s
        assert [chunk.task.partition for chunk in await lane.next_chunks()] == [1]
        assert [task.asked for task in tasks] == [1, 2, 2]

    asyncio.run(work())


def in_step(count: int) -> tuple[list[InStep], Lane, list[float]]:
    """So many partitions, their lane, and the seconds that its clock tells."""
    tasks, now_s = [InStep("events", partition, 7, PartitionStats()) for partition in range(count)], [1000.0]
    return tasks, Lane(tasks, lambda: now_s[0]), now_s


def feed(task: Task, first: int, count: int) -> None:
    task.feed([record(offset) for offset in range(first, first + count)], first + count, first + count)


async def begun(lane: Lane) -> list[int]:
    """Partitions that begin within some looks of the lane."""
    try:
        async with asyncio.timeout(InStep.idle_s * 10):
            return [chunk.task.partition for chunk in await lane.next_chunks()]
    except TimeoutError:
        return []


def test_partitions_in_step_wait_for_the_round_to_end_and_begin_together() -> None:
    async def work() -> tuple[list[int], list[int]]:
        (slow, quick, late), lane, _ = in_step(3)
        feed(slow, 0, 1)
        feed(quick, 0, 1)
        chunks = await lane.next_chunks()
        chunks[1].done.set_result(None)
        feed(quick, 1, 1)
        feed(late, 0, 1)
        meanwhile = await begun(lane)
        chunks[0].done.set_result(None)
        return meanwhile, await begun(lane)

    assert asyncio.run(work()) == ([], [1, 2])


def test_a_partition_with_much_to_do_waits_for_no_round() -> None:
    async def work() -> tuple[list[int], list[int]]:
        (slow, other), lane, _ = in_step(2)
        feed(slow, 0, 1)
        await lane.next_chunks()
        feed(other, 0, MANY_RECORDS - 1)
        before = await begun(lane)
        feed(other, MANY_RECORDS - 1, 1)
        return before, await begun(lane)

    assert asyncio.run(work()) == ([], [1])


def test_a_partition_that_hangs_holds_the_others_up_for_one_round_only() -> None:
    async def work() -> list[list[int]]:
        (hanging, other), lane, now_s = in_step(2)
        feed(hanging, 0, 1)
        await lane.next_chunks()
        feed(other, 0, 1)
        now_s[0] += ROUND_S
        begins = [await begun(lane)]
        now_s[0] += ROUND_S / 10
        begins.append(await begun(lane))
        return begins

    assert asyncio.run(work()) == [[], [1]]


def test_partitions_with_much_to_do_hold_up_none_with_little() -> None:
    async def work() -> list[int]:
        (busy, behind, live), lane, _ = in_step(3)
        feed(busy, 0, MANY_RECORDS)
        feed(behind, 0, MANY_RECORDS)
        assert [chunk.task.partition for chunk in await lane.next_chunks()] == [0, 1]
        feed(live, 0, 1)
        return await begun(lane)

    assert asyncio.run(work()) == [2]


def test_one_that_hangs_is_waited_for_once() -> None:
    async def work() -> list[int]:
        (hanging, other), lane, now_s = in_step(2)
        feed(hanging, 0, 1)
        await lane.next_chunks()
        feed(other, 0, 1)
        now_s[0] += ROUND_S * 1.1
        (chunk,) = await lane.next_chunks()
        chunk.done.set_result(None)
        feed(other, 1, 1)
        return await begun(lane)

    assert asyncio.run(work()) == [1]
