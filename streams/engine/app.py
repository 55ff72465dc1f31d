"""The Faust app of the engine: which topics it folds and forwards, and who may write.

It must not know what the records mean; that comes in as a fold and as handlers.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import replace
from time import monotonic
from typing import Any

import faust
from faust.app.base import BootStrategy
from faust.transport.drivers.aiokafka import server_list

from streams.engine.appends import Appends
from streams.engine.batches import Item, pack, send
from streams.engine.broker_clock import BrokerClock, DatedProducer
from streams.engine.checks import check_sources, check_topics, partition_counts
from streams.engine.consumer import Transport
from streams.engine.failpoints import switched_off, validate
from streams.engine.fatal import EXIT_REFUSED, describe, die
from streams.engine.fold import CLOCK, Fold
from streams.engine.fold_task import FoldTask, Opened
from streams.engine.forward import ForwardTask, Handler
from streams.engine.headers import log_headers
from streams.engine.opening import Opening
from streams.engine.options import SESSION_TIMEOUT_S, safe_options
from streams.engine.projection import Projection
from streams.engine.records import use_light_records
from streams.engine.spec import FoldSpec, Prepare
from streams.engine.stats import Stats
from streams.engine.task import Chunk, Task
from streams.engine.watchdog import Watchdog
from streams.errors import EngineError, FencedError, TopicsError

logger = logging.getLogger(__name__)

OPENINGS_AT_ONCE = 8  # each has a connection of its own
OWNING_SHARE = 0.5  # of the session timeout: as long as a heartbeat was answered since, nobody else can own it
STALL_S = 120.0  # records waiting and no progress for that long: something is stuck that a restart mends


class Boot(BootStrategy):  # type: ignore[misc]
    """Only what is used: no leader topic, no reply consumer, no web server."""

    def kafka_consumer(self) -> Iterable[Any]:
        """The consumer alone."""
        return [self.app.consumer]


class EngineApp(faust.App):  # type: ignore[misc]
    """A Faust app whose agents are given chunks of records.

    `brokers` is a comma-separated list of host:port, `prefix` what topic names begin with. Register with `fold` and
    `forward`, then start it through `streams.engine.run.run`.
    """

    BootStrategy = Boot

    def __init__(
        self,
        app_id: str,
        *,
        brokers: str,
        prefix: str = "",
        session_timeout_s: float = SESSION_TIMEOUT_S,
        stall_s: float = STALL_S,
        **options: Any,
    ) -> None:
        self.prefix, self.stats, self._clock = prefix, Stats(), BrokerClock()
        self._appends = Appends(self.kafka_producer)
        self._fold: FoldSpec | None = None
        self._forwards: dict[str, Handler] = {}
        self._counts: dict[str, int] = {}
        self._opened: list[Task] = []
        self._kept: dict[int, Opened] = {}
        self._stall_s, self._session_timeout_s = stall_s, session_timeout_s
        self._restores = 0  # running: one that a rebalance cut short may end after the next has begun
        super().__init__(app_id, **(safe_options(brokers, session_timeout_s) | options))

    # -- what is done

    def fold(
        self,
        topic: str,
        fold: Fold[Any],
        *,
        changelog: str,
        outputs_topic: str,
        states_topic: str,
        projection: Projection | None = None,
        decided_by: str = "",
        prepare: Prepare | None = None,
    ) -> None:
        """Fold the log `topic`; all names are full, with prefix, and all four topics have one partition count.

        `decided_by` names what decides (a policy version): a changelog written by another is refused. `prepare` is
        awaited with a chunk's records before they are folded, to fetch what the fold needs to read them.
        """
        spec = FoldSpec(topic, changelog, outputs_topic, states_topic, fold, projection, decided_by, self.prefix)
        self._fold = replace(spec, prepare=prepare)
        self._add_agent(topic)

    def forward(self, topic: str, handler: Handler) -> None:
        """Hand the records of a source topic (full name) to `handler(topic, partition, records)`.

        The appends it returns are acknowledged before the source offset is committed.
        """
        self._forwards[topic] = handler
        self._add_agent(topic)

    def _add_agent(self, topic: str) -> None:
        channel = self.topic(topic, key_serializer="raw", value_serializer="raw", acks=False)

        async def chunks(stream: Any) -> None:
            async for chunks in stream:
                self.submit(chunks)

        self.agent(channel, name=f"chunks:{topic}")(chunks)

    # -- starting

    async def check(self) -> None:
        """Compare the topics with what is registered and with what the state says of them.

        Raises:
            TopicsError: Something a restart cannot mend; the message says what to do.
            BrokerError: Kafka cannot be asked.
            SettingsError: A failpoint or switch for tests is misspelt.
        """
        validate()
        self._counts = await partition_counts(self.servers())
        self._fold = await check_topics(self.servers(), self._counts, self._fold, self._forwards)

    async def on_start(self) -> None:
        """Called by Faust before the services start."""
        if unsafe := switched_off():
            logger.critical("KAKUHAN_UNSAFE: guards are off: %s; results will be WRONG", ", ".join(sorted(unsafe)))
        use_light_records()
        await super().on_start()
        await self.add_runtime_dependency(Watchdog(self, self._stall_s, loop=self.loop, beacon=self.beacon))

    def _create_directories(self) -> None:
        """Nothing is kept on disk."""

    def _new_transport(self) -> Transport:
        return Transport(self.conf.broker_consumer, self)

    # -- taking partitions over

    @property
    def is_restoring(self) -> bool:
        """Whether partitions are being opened; a big state takes its time."""
        return self._restores > 0

    def keep(self, tasks: Iterable[Task]) -> None:
        """Remember closed partitions until the next assignment: most come back, and need not be read again."""
        self._kept = {task.partition: task.kept() for task in tasks if isinstance(task, FoldTask)}

    async def restore(self, generation: int) -> None:
        """Open every partition of the current assignment; called by the recovery, cancelled by a rebalance."""
        self._opened, self._restores = [], self._restores + 1
        self.stats.partitions.clear()
        gate, assignment = asyncio.Semaphore(OPENINGS_AT_ONCE), sorted(self.consumer.assignment())
        ours = {tp.partition for tp in assignment if self._fold and tp.topic == self._fold.topic}
        self._kept = {partition: kept for partition, kept in self._kept.items() if partition in ours}
        tasks = [self._open(tp.topic, tp.partition, generation, gate) for tp in assignment]
        try:
            self._opened = [task for task in await asyncio.gather(*tasks) if task is not None]
        except TopicsError as error:
            die(str(error), EXIT_REFUSED)
        except FencedError as error:
            if self.consumer._thread.generation() == generation:
                die(f"restoring: {error}")
            logger.info("restoring was overtaken by a rebalance: %s", error)
        except Exception as error:
            die(f"restoring: {describe(error)}")
        finally:
            self._restores -= 1

    async def _open(self, topic: str, partition: int, generation: int, gate: asyncio.Semaphore) -> Task | None:
        stats = self.stats.of(topic, partition)
        if topic in self._forwards:
            return ForwardTask(topic, partition, generation, stats, self._forwards[topic], self)
        spec = self._fold
        if spec is None or topic != spec.topic:
            return None
        async with gate:
            kept = self._kept.pop(partition, None)
            opened = await Opening(spec, partition, generation, self, stats, kept=kept).open()
            await check_sources(self.servers(), spec.prefix, self._counts, opened.position.seen)
        return FoldTask(spec, partition, generation, stats, self, opened, self._reopen)

    async def _reopen(self, task: FoldTask) -> Opened:
        spec = self._fold
        assert spec is not None
        epoch = task.shard.epoch
        return await Opening(spec, task.partition, task.generation, self, task.stats, epoch).open()

    def on_rebalance_end(self) -> None:
        """Called by Faust when partitions may be worked on."""
        super().on_rebalance_end()
        self.stats.rebalances += 1
        generation = self.consumer_generation_id
        opened, self._opened = self._opened, []
        # Faust ends a recovery also while its partitions are being given up already, or for an older generation
        if all(task.generation == generation for task in opened):
            self.consumer.open_tasks(opened)

    # -- working

    def submit(self, chunks: Sequence[Chunk]) -> None:
        """Start work on chunks; one at a time per partition, while other partitions wait for the broker."""
        current = [chunk for chunk in chunks if self.consumer.is_current(chunk)]
        together = bool(current) and current[0].task.together
        for part in [current] if together else [[chunk] for chunk in current]:
            work = asyncio.ensure_future(self._process(part))
            for chunk in part:
                self.consumer.begin(chunk, work)

    async def _process(self, chunks: list[Chunk]) -> None:
        task = chunks[0].task
        try:
            if self._fold is not None and self._fold.prepare is not None and task.topic == self._fold.topic:
                await self._fold.prepare(chunks[0].records)
            await task.process(chunks)
        except asyncio.CancelledError:
            if not all(chunk.task.closed and chunk.task.cancellable() for chunk in chunks):
                die(f"{_where(chunks)}: work was cancelled")
            for chunk in chunks:
                self.consumer.drop(chunk)
        except BaseException as error:
            logger.debug("chunk", exc_info=error)
            die(f"{_where(chunks)}: {describe(error)}")
        else:
            for chunk in chunks:
                self.consumer.finish(chunk)

    # -- the way to the broker (Outlet)

    async def fence(self, generation: int) -> None:
        """Return only while this worker surely owns what it was given in that generation.

        Raises:
            FencedError: It does not; it must write nothing more.
        """
        deadline_s = monotonic() + self._session_timeout_s
        while not self.owns(generation):
            current = self.consumer._thread.generation()
            if current != generation or monotonic() > deadline_s:
                silent = f"last heartbeat {self._silent_s():.1f} s ago"
                raise FencedError(f"given in generation {generation}, now in {current}, {silent}")
            await asyncio.sleep(0.05)

    def owns(self, generation: int) -> bool:
        """Whether the group cannot have given our partitions to anybody else yet."""
        if self.consumer._thread.generation() != generation:
            return False
        return self._silent_s() < self._session_timeout_s * OWNING_SHARE

    def _silent_s(self) -> float:
        return monotonic() - float(self.consumer._thread.last_beat_s)

    def kafka_producer(self) -> Any:
        """The running aiokafka producer, whose acknowledgements tell the broker's time."""
        return DatedProducer(self.producer.by_topic, self._clock)

    def append(self, place: tuple[str, int], items: Sequence[Item]) -> asyncio.Future[None]:
        """Append records in order to a topic's partition, perhaps in one batch with those of others."""
        return self._appends.append(place, items)

    def lanes(self) -> list[tuple[str, ...]]:
        """Topics that share a producer of their own: the changelog, and what readers get."""
        spec = self._fold
        return [] if spec is None else [(spec.changelog,), (spec.outputs_topic, spec.states_topic)]

    def broker_ms(self) -> int | None:
        """What time it is on the broker (epoch ms), None while no acknowledgement has told."""
        return self._clock.now_ms()

    async def ask_broker_ms(self, log: str) -> int:
        """The same, asked with a clock record in the log `log` (full name) if nobody has told yet.

        Raises:
            KafkaError: The broker did not answer.
            EngineError: The log is not dated by the broker.
        """
        if self._clock.now_ms() is None:
            producer = self.kafka_producer()
            (batch,) = pack(producer, [(None, b"", log_headers(CLOCK))])
            await send(producer, log, 0, batch)
        if (now_ms := self._clock.now_ms()) is None:
            raise EngineError(f"{log} has no append time: set message.timestamp.type=LogAppendTime")
        return now_ms

    def servers(self) -> list[str]:
        """Addresses of the brokers, as host:port."""
        return list(server_list(self.conf.broker_consumer, 9092))

    async def partitions_of(self, topic: str) -> int:
        """How many partitions a topic has.

        Raises:
            TopicsError: There is no such topic.
        """
        if topic not in self._counts:
            self._counts = await partition_counts(self.servers())
        if topic not in self._counts:
            raise TopicsError(f"topic {topic} is missing: create it with `kakuhan topics`")
        return self._counts[topic]


def _where(chunks: Sequence[Chunk]) -> str:
    return ", ".join(f"{c.task.topic}[{c.task.partition}] before offset {c.next_offset}" for c in chunks)
